// The live timeline. It owns its rows: patches merge into them by key, so the server keeps no element per event.
const TAIL = 400;
const OLDER = 1500;

export default {
  template: `
  <div class="qd-tl" role="log" aria-label="Session timeline">
    <div v-if="loading" class="qd-tl-note">Loading the record…</div>
    <div v-if="trouble" class="qd-tl-note qd-bad">{{ trouble }} <button class="qd-linkbtn" @click="start">Try again</button></div>
    <q-virtual-scroll ref="list" class="qd-tl-list" :items="rows" :virtual-scroll-item-size="52"
        :virtual-scroll-slice-size="30" @virtual-scroll="seen" @wheel="steer" @touchmove="steer" @keydown="steer" tabindex="0" v-slot="{ item }">
      <div v-if="item.kind === 'turn'" class="qd-day" :key="item.key"><span>Turn {{ item.turn }}, <time :datetime="item.at">{{ day(item.at) }}</time></span></div>
      <div v-else :key="item.key" :id="item.key" class="qd-e" :class="{'qd-wait': waits(item), 'qd-here': item.key === here}">
        <time :datetime="item.at" :title="item.at">{{ clock(item.at) }}</time>
        <span class="qd-k" :class="tone(item)" v-html="sign(item)"></span>
        <div class="qd-e-body">
          <template v-if="item.kind === 'user'">
            <div class="qd-hd1"><b>{{ item.who }}</b><span class="qd-meta">{{ item.hint }}</span></div>
            <p class="qd-said">{{ item.text }}</p>
          </template>
          <template v-else-if="item.kind === 'step'">
            <div class="qd-hd1"><b>{{ item.step ? 'Step ' + item.step : 'Step' }}</b>
              <span v-if="item.words != null" class="qd-meta">writing…</span>
              <span v-else class="qd-meta qd-el">{{ asks(item) }}</span><span class="qd-sp"></span>
              <span v-if="item.model" class="qd-meta qd-num qd-wide">{{ numbers(item) }}</span></div>
            <p v-if="item.words" class="qd-said qd-words">{{ item.words }}</p>
            <p v-else-if="item.said" class="qd-said">{{ item.said }}</p>
            <ul v-if="item.attempts && item.attempts.length" class="qd-attempts"><li v-for="one in item.attempts">{{ one }}</li></ul>
          </template>
          <template v-else-if="item.kind === 'call'">
            <div v-if="waits(item)" class="qd-gap">
              <div class="qd-hd1"><b class="qd-el">{{ item.effect }}</b><span class="qd-sp"></span>
                <qd-countdown v-if="item.approval.expires_at" :expires="item.approval.expires_at"></qd-countdown>
                <a class="qd-btn qd-t" :href="base + '/inbox/' + item.approval.id">Open approval</a></div>
              <div class="qd-meta">{{ item.state === 'unknown' ? 'May or may not have happened. ' : '' }}{{ item.because }}</div>
            </div>
            <template v-else>
              <div class="qd-hd1"><code class="qd-tool">{{ name(item) }}</code>
                <span class="qd-risk" :class="'qd-' + item.risk"><i></i></span>
                <span class="qd-chip" :class="chip(item)">{{ state(item) }}</span>
                <span class="qd-meta qd-el">{{ why(item) }}</span><span class="qd-sp"></span>
                <span class="qd-meta qd-num">{{ took(item) }}</span></div>
              <div class="qd-io"><code>{{ item.arguments }}</code>
                <template v-if="item.output != null"><span class="qd-arrow">→</span><code>{{ item.output }}</code></template></div>
              <ul v-if="item.problems && item.problems.length" class="qd-attempts"><li v-for="one in item.problems">{{ one }}</li></ul>
            </template>
            <button v-if="item.reasoning" class="qd-fold" @click="toggle(item)" :aria-expanded="!!open[item.key]">
              <span class="qd-caret" :class="{on: open[item.key]}">›</span> {{ open[item.key] ? "Reasoning" : "Reasoning: " + first(item) }}</button>
            <button v-if="item.output_seq" class="qd-fold" @click="whole(item)">Whole record</button>
            <dl v-if="open[item.key] && item.reasoning" class="qd-rd qd-said-block">
              <dt>Need</dt><dd>{{ item.reasoning.need }}</dd><dt>Source</dt><dd>{{ item.reasoning.source }}</dd>
              <dt>Therefore</dt><dd>{{ item.reasoning.therefore }}</dd>
              <template v-if="item.reasoning.alternatives && item.reasoning.alternatives.length"><dt>Alternatives</dt>
                <dd><div v-for="one in item.reasoning.alternatives"><code>{{ one.tool }}</code>: {{ one.why_not }}</div></dd></template>
            </dl>
          </template>
          <template v-else-if="item.kind === 'answer'">
            <div class="qd-hd1"><b>{{ ended(item) }}</b><span class="qd-meta qd-el">{{ item.result === 'answered' ? 'turn ' + item.turn + ' done' : item.because }}</span></div>
            <div v-if="item.html" class="qd-prose" v-html="item.html"></div>
          </template>
          <template v-else-if="item.kind === 'note'">
            <div class="qd-band" :class="'qd-' + item.tone"><b>{{ item.title }}</b> <span v-if="item.who">{{ item.who }}</span> <span>{{ item.text }}</span></div>
            <ul v-if="item.more && item.more.length" class="qd-attempts"><li v-for="one in item.more">{{ one }}</li></ul>
          </template>
        </div>
      </div>
    </q-virtual-scroll>
    <button v-if="!follow && rows.length" class="qd-btn qd-tolive" @click="toLive">↓ To the newest</button>
  </div>`,
  props: { session: String, base: { type: String, default: "" }, icons: Object, here: String },
  data() {
    return { rows: Vue.markRaw([]), open: {}, follow: true, loading: true, trouble: "" };
  },
  created() {
    this.index = new Map(); // key → position in rows
    this.orphans = new Map(); // patches whose row has not come yet
    this.reached = 0;
    this.early = []; // what was pushed before the first rows were there
  },
  async mounted() {
    await this.start();
  },
  methods: {
    async start() {
      this.loading = true;
      this.trouble = "";
      try {
        const page = await this.fetch(`tail=${TAIL}`);
        this.reached = page.last;
        this.merge(page.rows);
        this.loading = false;
        this.early.splice(0).forEach((batch) => this.push(batch));
        this.$nextTick(() => (this.here ? this.goTo(this.here) : this.toEnd()));
        for (let first = page.first; first > 1; ) {
          const older = await this.fetch(`before=${first}&tail=${OLDER}`);
          this.prepend(older.rows);
          if (older.first >= first) break;
          first = older.first;
        }
      } catch (error) {
        this.loading = false;
        this.trouble = "The record could not be read. Nothing is lost.";
      }
    },
    async fetch(query) {
      const answer = await fetch(`${this.base}/console/sessions/${this.session}/rows?${query}`);
      if (!answer.ok) throw new Error(answer.status);
      return await answer.json();
    },
    // called by the server with a batch of patches
    push(batch) {
      if (this.loading) return void this.early.push(batch);
      const fresh = batch.filter((patch) => patch.seq === undefined || patch.seq > this.reached);
      for (const patch of fresh) if (patch.seq > this.reached) this.reached = patch.seq;
      if (!fresh.length) return;
      this.merge(fresh);
      if (this.follow) this.$nextTick(() => this.toEnd());
    },
    merge(patches) {
      const rows = this.rows.slice();
      for (const patch of patches) this.mergeOne(rows, patch);
      this.rows = Vue.markRaw(rows); // a new array identity: one render per batch
    },
    mergeOne(rows, patch) {
      const at = this.index.get(patch.key);
      if (at !== undefined) {
        const words = patch.words ? (rows[at].words || "") + patch.words : patch.words;
        rows[at] = { ...rows[at], ...patch, at: rows[at].at || patch.at };
        if ("words" in patch) rows[at].words = words;
      } else if (patch.kind || patch.words !== undefined) {
        this.index.set(patch.key, rows.length);
        rows.push(patch.kind ? patch : { kind: "step", step: +patch.key.split("-")[1], at: new Date().toISOString(), ...patch });
        if (this.orphans.has(patch.key)) Object.assign(rows[rows.length - 1], this.orphans.get(patch.key));
      } else {
        this.orphans.set(patch.key, { ...this.orphans.get(patch.key), ...patch });
      }
    },
    prepend(patches) {
      const older = [], keep = this.rows, index = this.index;
      this.index = new Map();
      patches.forEach((patch) => this.mergeOne(older, patch));
      const extra = older.length;
      index.forEach((at, key) => this.index.set(key, at + extra));
      this.rows = Vue.markRaw(older.concat(keep));
      if (this.follow) this.$nextTick(() => this.toEnd());
    },
    toEnd() { if (this.rows.length) this.$refs.list?.scrollTo(this.rows.length - 1, "end-force"); },
    toLive() { this.follow = true; this.toEnd(); },
    goTo(key) {
      const at = this.index.get(key);
      if (at === undefined) return this.toEnd();
      this.follow = false;
      this.$refs.list.scrollTo(at, "center-force");
    },
    // only the reader's own hand decides whether the list follows its tail
    steer() { this.steered = Date.now(); },
    seen(d) {
      const atEnd = d.to >= this.rows.length - 1;
      if (Date.now() - (this.steered || 0) < 800) this.follow = atEnd && this.nearEnd();
    },
    nearEnd() { const el = this.$refs.list.$el; return el.scrollHeight - el.scrollTop - el.clientHeight < 60; },
    toggle(item) { this.open = { ...this.open, [item.key]: !this.open[item.key] }; },
    whole(item) { this.$emit("whole", { call: item.call, seq: item.output_seq }); },
    waits: (item) => !!(item.approval && (item.state === "held" || item.state === "unknown")),
    clock: (at) => (at ? new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }) : ""),
    day: (at) => new Date(at).toLocaleDateString([], { day: "numeric", month: "long" }),
    name: (item) => (item.connector ? item.connector + "." : "") + item.tool,
    first: (item) => (item.reasoning.therefore || item.reasoning.need || "").split(/(?<=[.!?])\s/)[0],
    asks(item) {
      if (item.closing) return "last answer, without tools";
      return item.calls ? `asks for ${item.calls} tool call${item.calls > 1 ? "s" : ""}` : "answers";
    },
    numbers(item) {
      const k = (n) => (n >= 1000 ? (n / 1000).toFixed(1) + "k" : String(n));
      const cost = item.cost_usd == null ? "cost unknown" : "$" + item.cost_usd.toFixed(4);
      const cached = item.tokens_cached ? `, ${k(item.tokens_cached)} cached` : "";
      const first = item.first_token_ms ? ` (first word ${(item.first_token_ms / 1000).toFixed(1)} s)` : "";
      return `${item.model} · ${k(item.tokens_in)} in${cached} · ${k(item.tokens_out)} out · ${cost} · ${(item.latency_ms / 1000).toFixed(1)} s${first}`;
    },
    state(item) {
      if (item.state === "allowed") return "released";
      if (item.state === "executing") return "running";
      if (item.state === "succeeded" && item.decided_by) return `${item.edited_by ? "changed and approved" : "approved"} by ${item.decided_by}`;
      if (item.state === "succeeded") return item.risk === "read" ? "read" : "done";
      if (item.state === "rejected") return `rejected by ${item.decided_by}`;
      return item.state;
    },
    chip: (item) => ({ succeeded: "qd-ok", failed: "qd-bad", invalid: "qd-bad", denied: "qd-bad", rejected: "qd-bad", expired: "qd-warn", cancelled: "qd-warn", unknown: "qd-warn", executing: "qd-sea" })[item.state] || "",
    why(item) {
      if (item.decision_because) return `“${item.decision_because}”`;
      return item.state === "succeeded" ? (item.risk === "read" ? "" : item.because) : item.because;
    },
    took: (item) => (item.latency_ms == null ? "" : item.latency_ms < 1000 ? Math.round(item.latency_ms) + " ms" : (item.latency_ms / 1000).toFixed(1) + " s"),
    ended: (item) => ({ answered: "Answer", limit: "Limit reached", error: "Failed", stopped: "Stopped", fallback: "Fallback answer" })[item.result] || item.result,
    sign(item) { return this.icons[{ user: "user", step: "agent", call: this.waits(item) ? "lock" : "tool", answer: "msg", note: "flag" }[item.kind]] || ""; },
    tone(item) {
      if (item.kind === "user") return "qd-sea";
      if (item.kind === "call") return item.state === "succeeded" ? "qd-star" : ["failed", "invalid", "denied", "rejected"].includes(item.state) ? "qd-port" : this.waits(item) ? "qd-brass" : "";
      return item.kind === "answer" && item.result === "error" ? "qd-port" : "";
    },
  },
};
