// The tools an agent may be given. Owns its rows, filters them here, and tells the server only what is picked.
const RISKS = { read: "Read", write: "Write", destructive: "Destructive", unknown: "Unknown" };

export default {
  template: `
  <div class="qd-tt" @keydown="key">
    <div class="qd-tt-meters">
      <div><div class="qd-row"><span class="qd-big">{{ chosen.length }}</span><span class="qd-i2">of {{ rows.length }} tools</span><span class="qd-sp"></span>
        <span class="qd-s" :class="tone">{{ advice }}</span></div>
        <div class="qd-gauge"><span v-for="mark in marks" class="qd-idx" :style="mark.style"></span>
          <div class="qd-bar"><i :style="{'--w': Math.min(100, chosen.length * 2.5) + '%', '--c': 'var(' + colour + ')'}"></i></div><div class="qd-grad" style="--t:40"></div></div>
        <div class="qd-scale"><span>0</span><span>10</span><span>20</span><span>30</span><span>40</span></div></div>
      <div><div class="qd-row"><span class="qd-big">{{ short(tokens) }}</span><span class="qd-i2">tokens in every prompt</span><span class="qd-sp"></span>
        <span class="qd-s qd-i3" v-if="window">{{ share }} of the context</span></div>
        <div class="qd-gauge"><div class="qd-bar"><i :style="{'--w': bar + '%', '--c': 'var(--sea-m)'}"></i></div><div class="qd-grad" style="--t:20"></div></div>
        <div class="qd-scale"><span>0</span><span>{{ short(scale / 4) }}</span><span>{{ short(scale / 2) }}</span><span>{{ short(scale * 3 / 4) }}</span><span>{{ short(scale) }}</span></div></div>
    </div>
    <div class="qd-tt-bar">
      <input ref="search" class="qd-inp qd-search" v-model="words" :placeholder="'Search ' + rows.length + ' tools'" aria-label="Search tools" autocomplete="off">
      <select v-if="servers.length > 1" class="qd-inp" v-model="server" aria-label="Connector"><option value="">Every connector</option><option v-for="one in servers" :value="one">{{ one }}</option></select>
      <select class="qd-inp" v-model="risk" aria-label="Risk"><option value="">Any risk</option><option v-for="(name, key) in risks" :value="key">{{ name }}</option></select>
      <span class="qd-tabs"><button type="button" v-for="tab in tabs" :class="{'qd-on': view === tab.key}" :aria-pressed="view === tab.key" @click="view = tab.key">{{ tab.name }} <span class="qd-n">{{ tab.count }}</span></button></span>
    </div>
    <div class="qd-tt-rows" role="table" aria-label="Tools">
      <div class="qd-tt-row qd-tt-head" role="row"><span></span><span role="columnheader">Tool</span><span role="columnheader">Risk, your word</span><span></span><span role="columnheader" class="qd-r">Tokens</span></div>
      <template v-for="row in rows" :key="row.key">
        <div v-show="shown.has(row.key)" class="qd-tt-row" role="row" :class="{'qd-on': row.picked}">
          <input type="checkbox" :checked="row.picked" :disabled="fixed" :aria-label="'Give ' + row.tool" @change="pick(row, $event.target.checked)">
          <button type="button" class="qd-tt-tool" :aria-expanded="open === row.key" @click="open = open === row.key ? '' : row.key">
            <code>{{ row.tool }}</code><span class="qd-el">{{ row.first }}</span><span v-if="row.note" class="qd-chip qd-warn">{{ row.note }}</span></button>
          <label class="qd-tt-risk" :title="row.why"><span class="qd-risk" :class="'qd-' + row.risk"><i></i></span>
            <select class="qd-inp" :class="{'qd-red': row.risk === 'destructive'}" :value="row.risk" :disabled="fixed" :aria-label="'Risk of ' + row.tool" @change="judge(row, $event.target.value)"><option v-for="(name, key) in risks" :value="key">{{ name }}</option></select></label>
          <span class="qd-bar1"><i :style="{'--w': Math.min(100, 100 * row.tokens / largest) + '%', '--c': row.tokens > 1000 ? 'var(--brass-m)' : row.picked ? 'var(--sea-m)' : 'var(--slate-m)'}"></i></span>
          <span class="qd-r qd-n">{{ row.tokens ? row.tokens.toLocaleString('en') : '–' }}</span>
        </div>
        <div v-if="open === row.key && shown.has(row.key)" class="qd-tt-more">
          <p>{{ row.text || 'The server says nothing about it.' }}</p>
          <p class="qd-i3">{{ row.connector }}<template v-if="row.why"> · suggested: {{ risks[row.suggested] }}. {{ row.why }}</template></p>
          <code v-for="one in row.parameters">{{ one }}</code>
        </div>
      </template>
      <div v-if="!shown.size" class="qd-tt-none">{{ nothing }}</div>
    </div>
  </div>`,
  props: { start: Array, fixed: Boolean, warn: Number, stop: Number, window: Number },
  data() { return { rows: [], words: "", server: "", risk: "", view: "all", open: "", risks: RISKS }; },
  created() {
    this.rows = (this.start || []).map((row) => ({ ...row }));
    if (this.fixed || this.rows.some((row) => row.picked)) this.view = "picked";
  },
  computed: {
    chosen() { return this.rows.filter((row) => row.picked); },
    tokens() { return this.chosen.reduce((sum, row) => sum + row.tokens, 0); },
    largest() { return Math.max(400, ...this.rows.map((row) => row.tokens)); },
    servers() { return [...new Set(this.rows.map((row) => row.connector))]; },
    scale() { return [4000, 8000, 16000, 32000, 64000].find((size) => size >= this.tokens) || 128000; },
    bar() { return Math.min(100, (100 * this.tokens) / this.scale); },
    share() { const part = (100 * this.tokens) / this.window; return (part < 10 ? part.toFixed(1) : Math.round(part)) + "%"; },
    marks() { return [["--x:50%", "--brass-m"], ["--x:75%", "--port-m"]].map(([x, colour]) => ({ style: `${x};--c:var(${colour})` })); },
    colour() { return this.chosen.length > this.stop ? "--port-m" : this.chosen.length > this.warn ? "--brass-m" : "--sea-m"; },
    tone() { return this.chosen.length > this.stop ? "qd-red" : this.chosen.length > this.warn ? "qd-brass" : "qd-i3"; },
    advice() {
      if (this.chosen.length > this.stop) return `more than ${this.stop}: pick fewer`;
      return this.chosen.length > this.warn ? "many: models begin to confuse them" : `warn at ${this.warn}, stop at ${this.stop}`;
    },
    tabs() {
      const noted = this.rows.filter((row) => row.note).length;
      const tabs = [{ key: "all", name: "All", count: this.rows.length }, { key: "picked", name: "Picked", count: this.chosen.length }];
      return noted ? [...tabs, { key: "noted", name: "To look at", count: noted }] : tabs;
    },
    // every row stays in the page and is only hidden: building three hundred anew is what would stutter
    shown() {
      const wanted = this.words.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (row) =>
        (this.view === "all" || (this.view === "picked" ? row.picked || this.leaving.has(row.key) : row.note)) &&
        (!this.server || row.connector === this.server) && (!this.risk || row.risk === this.risk) &&
        wanted.every((word) => row.search.includes(word));
      return new Set(this.rows.filter(fits).map((row) => row.key));
    },
    nothing() {
      if (!this.rows.length) return "No connected system offers tools yet.";
      if (this.words || this.server || this.risk) return "No tool fits. Try fewer words.";
      return this.view === "picked" ? "Nothing is picked yet. Choose under All." : "Nothing here.";
    },
  },
  watch: { view() { this.leaving = new Set(); } },
  beforeCreate() { this.leaving = new Set(); },
  methods: {
    short(count) { return count >= 1000 ? (count / 1000).toFixed(count % 1000 ? 1 : 0) + "k" : String(Math.round(count)); },
    // a row unticked among the picked stays until the view changes, so that nothing moves under the hand
    pick(row, picked) { if (!picked && this.view === "picked") this.leaving.add(row.key); row.picked = picked; this.tell(); },
    judge(row, risk) { row.risk = risk; row.touched = true; this.tell(); },
    tell() { this.$emit("picks", this.chosen.map((row) => ({ key: row.key, risk: row.risk }))); },
    // rows as they are now: what was picked or judged here stays so
    show(fresh) {
      const mine = new Map(this.rows.map((row) => [row.key, row]));
      this.rows = fresh.map((row) => {
        const old = mine.get(row.key);
        return old ? { ...row, picked: old.picked, risk: old.picked || old.touched ? old.risk : row.risk, touched: old.touched } : { ...row };
      });
    },
    key(event) {
      if (event.key !== "Escape" || !this.words) return;
      this.words = "";
      event.stopPropagation();
    },
  },
};
