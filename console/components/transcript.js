// The live timeline. It owns its rows: patches merge into them by key, so the server keeps no element per event.
const TAIL = 200;
const OLDER = 1500;
const DAY = new Intl.DateTimeFormat([], { day: "numeric", month: "long" });
const two = (n) => String(n).padStart(2, "0");

// by hand: toLocaleTimeString costs a tenth of a second for a screen of rows
function clock(text) {
  const at = new Date(text);
  return text ? `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}` : "";
}

export const emptyRecord = () => ({ rows: [], index: new Map(), orphans: new Map() });

// one patch into a record: index is key → position in rows, orphans are patches whose row has not come yet
export function mergeOne(record, patch) {
  const { rows, index, orphans } = record, at = index.get(patch.key);
  if ("words" in patch && !patch.kind) return mergeWords(record, at, patch);
  if (at !== undefined) rows[at] = { ...rows[at], ...patch };
  else if (!patch.kind) orphans.set(patch.key, { ...orphans.get(patch.key), ...patch });
  else {
    index.set(patch.key, rows.length);
    rows.push({ ...patch, ...orphans.get(patch.key) });
    orphans.delete(patch.key);
  }
  if (patch.kind === "answer") cutOff(rows);
}

function mergeWords({ rows, index }, at, patch) {
  if (at === undefined) {
    index.set(patch.key, rows.length);
    rows.push({ kind: "step", step: +patch.key.split("-")[1], at: new Date().toISOString(), ...patch });
  } else if (rows[at].words != null) rows[at] = { ...rows[at], words: (patch.anew ? "" : rows[at].words) + patch.words };
}

// a turn that ended while a reply was being written: nothing more of it will come
function cutOff(rows) {
  for (let at = Math.max(0, rows.length - 12); at < rows.length; at++)
    if (rows[at].words != null && rows[at].seq === undefined) rows[at] = { ...rows[at], cut: true };
}

export function fold(patches) {
  const record = emptyRecord();
  for (const patch of patches) mergeOne(record, patch);
  return record;
}

// an older part of the record before a newer one; what the newer one says of a row of the older counts
export function joined(older, newer) {
  for (const [key, patch] of newer.orphans) {
    const at = older.index.get(key);
    if (at === undefined) older.orphans.set(key, { ...older.orphans.get(key), ...patch });
    else older.rows[at] = { ...older.rows[at], ...patch };
  }
  const record = { rows: older.rows, index: older.index, orphans: older.orphans };
  for (const row of newer.rows) {
    const at = record.index.get(row.key);
    if (at !== undefined) record.rows[at] = { ...record.rows[at], ...row };
    else record.index.set(row.key, record.rows.push({ ...record.orphans.get(row.key), ...row }) - 1);
  }
  return record;
}

const took = (item) => (item.latency_ms == null ? "" : item.latency_ms < 1000 ? Math.round(item.latency_ms) + " ms" : (item.latency_ms / 1000).toFixed(1) + " s");

// what each of several models said, as in the rail of an approval
const Said = {
  template: `
  <div class="qd-vt qd-said-block">
    <div v-for="one in parts"><span class="qd-sign" :class="verdict(one)" v-html="one.word === '' ? '' : icons[{ allow: 'check', deny: 'x' }[one.verdict] || 'warn']"></span>
      <span><b>{{ one.title }}</b> <span class="qd-i3">{{ one.name }}</span></span><span class="qd-row"><span class="qd-i3 qd-n">{{ one.numbers }}</span>
        <span v-if="one.word !== ''" class="qd-chip" :class="verdict(one)">{{ one.word || one.verdict }}</span></span>
      <p><template v-if="one.path">Disputes <code class="qd-red">{{ one.path }}</code>: </template>{{ one.because }}
        <span v-if="one.unsupported" class="qd-red"> The reasoning does not support these values.</span>
        <span v-if="one.clause" class="qd-q">{{ one.clause }}</span></p></div>
    <div v-if="foot" class="qd-i3" style="display:block">{{ foot }}</div>
  </div>`,
  props: { parts: Array, foot: String, icons: Object },
  methods: { verdict },
};

function verdict(one) {
  return { allow: "qd-ok", deny: "qd-bad", ask: "qd-warn", failed: "qd-warn" }[one.verdict] || "";
}

export default {
  components: { "qd-said": Said },
  template: `
  <div class="qd-tl" role="log" aria-label="Session timeline">
    <div v-if="loading" class="qd-tl-note">Loading the record…</div>
    <div v-if="trouble" class="qd-tl-note qd-bad">{{ trouble }} <button class="qd-linkbtn" @click="start">Try again</button></div>
    <q-virtual-scroll ref="list" class="qd-tl-list" :items="rows" :virtual-scroll-item-size="52"
        :virtual-scroll-slice-size="30" @wheel.passive="steer" @touchmove.passive="steer" @pointerdown="steer" @keydown="steer"
        @scroll.passive="scrolled" tabindex="0" v-slot="{ item }">
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
              <span v-if="item.words != null" class="qd-meta">{{ item.cut ? "cut off while writing" : "writing…" }}</span>
              <span v-else class="qd-meta qd-el" :title="item.route">{{ asks(item) }}</span><span class="qd-sp"></span>
              <span v-if="item.model" class="qd-meta qd-num qd-wide">{{ numbers(item) }}</span></div>
            <p v-if="item.words" class="qd-said" :class="{ 'qd-words': !item.cut }">{{ item.words }}</p>
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
                <span class="qd-meta qd-el" :title="why(item)">{{ why(item) }}</span><span class="qd-sp"></span>
                <span class="qd-meta qd-num">{{ took(item) }}</span></div>
              <div class="qd-io"><code>{{ item.arguments }}</code>
                <template v-if="item.output != null"><span class="qd-arrow">→</span><code>{{ item.output }}</code></template></div>
              <ul v-if="item.problems && item.problems.length" class="qd-attempts"><li v-for="one in item.problems">{{ one }}</li></ul>
            </template>
            <div v-if="item.warnings && item.warnings.length" class="qd-doubts"><span v-for="one in item.warnings" class="qd-ev" :class="'qd-' + one.kind">
              <span class="qd-sign" v-html="icons.warn"></span><code>{{ one.path }} {{ one.value }}</code><u>{{ one.words }}</u></span></div>
            <button v-if="item.checked" class="qd-checked" @click="toggle(item.key + '!')" :aria-expanded="!!open[item.key + '!']">
              <span class="qd-sign" v-html="icons.shield"></span><span v-for="one in item.checked.chips" class="qd-chip" :class="verdict(one)">{{ one.words }}</span>
              <span class="qd-meta qd-el" :title="item.checked.dissent">{{ waits(item) ? '' : item.checked.dissent }}</span><span class="qd-sp"></span><span class="qd-meta qd-num qd-wide">{{ item.checked.numbers }}</span></button>
            <qd-said v-if="item.checked && open[item.key + '!']" :parts="item.checked.parts" :foot="item.checked.votes" :icons="icons"></qd-said>
            <button v-if="item.reasoning" class="qd-fold" @click="toggle(item.key)" :aria-expanded="!!open[item.key]">
              <span class="qd-caret" :class="{on: open[item.key]}">›</span> {{ open[item.key] ? "Reasoning" : "Reasoning: " + first(item) }}</button>
            <button class="qd-fold" @click="whole(item)">Whole record</button>
            <dl v-if="open[item.key] && item.reasoning" class="qd-rd qd-said-block">
              <dt>Need</dt><dd>{{ item.reasoning.need }}</dd><dt>Source</dt><dd>{{ item.reasoning.source }}</dd>
              <dt>Therefore</dt><dd>{{ item.reasoning.therefore }}</dd>
              <template v-if="item.reasoning.alternatives && item.reasoning.alternatives.length"><dt>Alternatives</dt>
                <dd><div v-for="one in item.reasoning.alternatives"><code>{{ one.tool }}</code>: {{ one.why_not }}</div></dd></template>
            </dl>
          </template>
          <template v-else-if="item.kind === 'answer'">
            <div class="qd-hd1"><b>{{ ended(item) }}</b><span class="qd-meta qd-el">{{ closed(item) }}</span></div>
            <div v-if="item.html" class="qd-prose" v-html="item.html"></div>
            <button v-if="item.cut" class="qd-fold" @click="whole(item)">It is longer than this: whole answer</button>
          </template>
          <template v-else-if="item.kind === 'note'">
            <div class="qd-band" :class="'qd-' + item.tone"><b>{{ item.title }}</b> <span v-if="item.who">{{ item.who }}</span> <span>{{ item.text }}</span>
              <span v-if="item.numbers" class="qd-band-n qd-wide">{{ item.numbers }}</span></div>
            <ul v-if="item.more && item.more.length" class="qd-attempts"><li v-for="one in item.more">{{ one }}</li></ul>
            <button v-if="item.label" class="qd-fold" @click="toggle(item.key)" :aria-expanded="!!open[item.key]">
              <span class="qd-caret" :class="{on: open[item.key]}">›</span> {{ item.label }}</button>
            <a v-if="item.session" class="qd-fold" :href="base + '/sessions/' + item.session">Open its session</a>
            <div v-if="open[item.key] && item.long" class="qd-said-block qd-long-text">{{ item.long }}</div>
            <qd-said v-if="open[item.key] && item.parts" :parts="item.parts" :icons="icons"></qd-said>
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
    this.record = emptyRecord();
    this.reached = 0; // the newest event whose rows are here
    this.early = []; // what was pushed before the first rows were there
    this.gone = false;
  },
  async mounted() {
    this.onKey = (event) => {
      if (event.key === "End" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) this.toLive();
    };
    this.onConnect = () => this.loading || this.catchUp();
    addEventListener("keydown", this.onKey);
    window.socket?.on("connect", this.onConnect);
    await this.start();
  },
  unmounted() {
    this.gone = true;
    removeEventListener("keydown", this.onKey);
    window.socket?.off("connect", this.onConnect);
  },
  methods: {
    async start() {
      this.loading = true;
      this.trouble = "";
      try {
        const page = await this.fetch(`tail=${TAIL}`, window.qdFirstRows);
        this.reached = page.last;
        this.record = fold(page.rows);
        this.show();
        this.loading = false;
        this.$nextTick(() => this.takeOver());
        this.early.splice(0).forEach((batch) => this.push(batch));
        this.$nextTick(() => (this.here ? this.goTo(this.here) : this.toEnd()));
        for (let first = page.first; first > 1 && !this.gone; ) {
          const older = await this.fetch(`before=${first}&tail=${OLDER}`);
          this.prepend(older.rows);
          if (older.first >= first) break;
          first = older.first;
        }
      } catch (error) {
        this.loading = false;
        document.getElementById("qd-first")?.remove();
        this.trouble = "The record could not be read. Nothing is lost.";
      }
    },
    // the plain first view (first_view.py) goes once the newest row stands here too, so that nothing flickers
    takeOver() {
      const first = document.getElementById("qd-first");
      const stands = () => !this.rows.length || document.getElementById(this.rows[this.rows.length - 1].key);
      if (!first || stands()) return void first?.remove();
      const gone = () => (watch.disconnect(), first.remove());
      const watch = new MutationObserver(() => stands() && gone()); // within the same task: never both to be seen
      watch.observe(this.$el, { childList: true, subtree: true });
      setTimeout(gone, 1000);
    },
    async fetch(query, begun) {
      window.qdFirstRows = null; // good for one use
      const answer = await (begun || fetch(`${this.base}/console/sessions/${this.session}/rows?${query}`));
      if (!answer.ok) throw new Error(answer.status);
      return await answer.json();
    },
    // called by the server with {after, last, rows}: what happened after event `after` up to event `last`
    push(batch) {
      if (this.loading) return void this.early.push(batch);
      const known = batch.rows.filter((patch) => patch.seq === undefined || patch.seq > this.reached);
      if (batch.after > this.reached) {
        this.merge(known.filter((patch) => patch.seq === undefined));
        return void this.catchUp();
      }
      this.reached = Math.max(this.reached, batch.last);
      this.merge(known);
    },
    // something was missed: read on from where we are, until there is nothing newer
    async catchUp() {
      if (this.catching) return void (this.again = true);
      this.catching = true;
      try {
        let page;
        do {
          this.again = false;
          page = await this.fetch(`after=${this.reached}&limit=${OLDER}`);
          this.merge(page.rows.filter((patch) => patch.seq > this.reached));
          this.reached = Math.max(this.reached, page.last);
        } while (page.more || this.again);
      } catch (error) {
        if (!this.gone) setTimeout(() => this.catchUp(), 2000);
      } finally {
        this.catching = false;
      }
    },
    merge(patches) {
      if (!patches.length) return;
      for (const patch of patches) mergeOne(this.record, patch);
      this.show();
      if (this.follow) this.$nextTick(() => this.follow && this.toEnd());
    },
    show() { this.rows = Vue.markRaw(this.record.rows.slice()); }, // a new array identity: one render per batch
    prepend(patches) {
      const before = this.record.rows.length, anchor = this.follow ? null : this.anchor();
      this.record = joined(fold(patches), this.record);
      const extra = this.record.rows.length - before;
      this.show();
      this.$nextTick(() => {
        if (this.follow) this.toEnd();
        else if (anchor) this.keep(anchor, extra);
        else if (this.here && !this.steered) this.goTo(this.here);
      });
    },
    toEnd() {
      if (!this.rows.length || !this.$refs.list) return;
      this.$refs.list.scrollTo(this.rows.length - 1, "end-force");
      // past the newest row there is still the list's own foot
      requestAnimationFrame(() => { const el = this.$refs.list?.$el; if (el && this.follow) el.scrollTop = el.scrollHeight; });
    },
    toLive() { this.follow = true; this.toEnd(); },
    goTo(key) {
      const at = this.record.index.get(key);
      this.follow = false; // it may be in an older part, which comes next
      if (at !== undefined) this.$refs.list.scrollTo(at, "center-force");
      else this.toEnd();
    },
    // the row at the top of what the reader sees, once they have scrolled
    anchor() {
      const list = this.$refs.list.$el, top = list.getBoundingClientRect().top;
      const row = [...list.querySelectorAll(".qd-e")].find((one) => one.getBoundingClientRect().bottom > top);
      return this.steered && row ? { key: row.id, offset: row.getBoundingClientRect().top - top } : null;
    },
    keep(anchor) {
      this.$refs.list.scrollTo(this.record.index.get(anchor.key), "start-force");
      this.$nextTick(() => { this.$refs.list.$el.scrollTop -= anchor.offset; });
    },
    // only the reader's own hand decides whether the list follows its tail
    steer(event) {
      this.steered = Date.now();
      const el = this.$refs.list.$el;
      const up = event.type === "wheel" ? event.deltaY < 0 : ["ArrowUp", "PageUp", "Home"].includes(event.key);
      if (up && el.scrollHeight > el.clientHeight) this.follow = false;
    },
    scrolled() { if (Date.now() - (this.steered || 0) < 800) this.follow = this.nearEnd(); },
    nearEnd() { const el = this.$refs.list.$el; return el.scrollHeight - el.scrollTop - el.clientHeight < 40; },
    toggle(key) { this.open = { ...this.open, [key]: !this.open[key] }; },
    verdict,
    whole(item) { this.$emit("whole", { call: item.call || null, first: item.from_seq || item.seq, last: item.seq }); },
    waits: (item) => !!(item.approval && (item.state === "held" || item.state === "unknown")),
    clock,
    day: (at) => DAY.format(new Date(at)),
    name: (item) => (item.connector ? item.connector + "." : "") + item.tool,
    first: (item) => (item.reasoning.therefore || item.reasoning.need || "").split(/(?<=[.!?])\s/)[0],
    asks(item) {
      if (item.closing) return "last answer, without tools";
      const what = item.calls ? `asks for ${item.calls} tool call${item.calls > 1 ? "s" : ""}` : "answers";
      return item.route ? `${what} · ${item.route}` : what;
    },
    numbers(item) {
      const k = (n) => (n >= 1000 ? (n / 1000).toFixed(1) + "k" : String(n));
      const usd = item.cost_usd;
      const cost = usd == null ? "cost unknown" : usd && usd < 0.00005 ? "< $0.0001" : "$" + usd.toFixed(4);
      const cached = item.tokens_cached ? `, ${k(item.tokens_cached)} cached` : "";
      return `${item.model} · ${k(item.tokens_in)} in${cached} · ${k(item.tokens_out)} out · ${cost} · ${took(item)}`;
    },
    state(item) {
      if (item.state === "allowed") return "released";
      if (item.state === "proposed") return "being checked";
      if (item.state === "executing") return "running";
      if (item.state === "succeeded" && item.decided_by) return `${item.edited_by ? "changed and approved" : "approved"} by ${item.decided_by}`;
      if (item.state === "succeeded") return item.risk === "read" ? "read" : "done";
      if (item.state === "failed" && item.decided_by) return `failed, ${item.edited_by ? "changed and approved" : "approved"} by ${item.decided_by}`;
      if (item.state === "cancelled" && item.decision === "respond") return `answered by ${item.decided_by}`;
      if (item.state === "rejected") return `rejected by ${item.decided_by}`;
      return item.state;
    },
    chip: (item) => ({ succeeded: "qd-ok", failed: "qd-bad", invalid: "qd-bad", denied: "qd-bad", rejected: "qd-bad", expired: "qd-warn", cancelled: "qd-warn", unknown: "qd-warn", executing: "qd-sea", proposed: "qd-sea" })[item.state] || "",
    why(item) {
      if (item.decision_because) return `“${item.decision_because}”`;
      const says = !["failed", "executing"].includes(item.state) && !(item.state === "succeeded" && item.risk === "read");
      return says ? item.because : ""; // why it was let through no longer matters once it failed
    },
    took,
    // a fallback answer gives the reason itself
    closed: (item) => (item.result === "answered" ? `turn ${item.turn} done` : item.result === "fallback" && item.html ? `turn ${item.turn} ended by its fallback` : item.because),
    ended: (item) => ({ answered: "Answer", limit: "Limit reached", error: "Failed", stopped: "Stopped", fallback: "Fallback answer" })[item.result] || item.result,
    sign(item) { return this.icons[item.sign] || this.icons[{ user: "user", step: "agent", call: this.waits(item) ? "lock" : "tool", answer: "msg", note: "flag" }[item.kind]] || ""; },
    tone(item) {
      if (item.kind === "user") return "qd-sea";
      if (item.kind === "call") return item.state === "succeeded" ? "qd-star" : ["failed", "invalid", "denied", "rejected"].includes(item.state) ? "qd-port" : this.waits(item) ? "qd-brass" : "";
      if (item.tone === "plum") return "qd-plum";
      return item.kind === "answer" && item.result === "error" ? "qd-port" : "";
    },
  },
};
