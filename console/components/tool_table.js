// The tools an agent may be given. Owns its rows, filters them here, and tells the server only what is picked.
// `full` is the page of a toolset: evidence from real use beside each tool, and the server shows what is opened.
const RISKS = { read: "Read", write: "Write", destructive: "Destructive", unknown: "Unknown" };
const USED = ["Offered", "Called", "Invalid", "Rejected", "Failed"];
const FIRST = 40; // rows that are there at the first paint: more than a screen shows
const ABSENT = "not offered now";
const TYPED = /^(INPUT|TEXTAREA|SELECT)$/;

export default {
  template: `
  <div class="qd-tt" :class="{'qd-tt-full': full}" @keydown="key" @keyup.space="upOfSpace">
    <div class="qd-tt-meters">
      <div><div class="qd-row"><span class="qd-big">{{ chosen.length }}</span><span class="qd-i2">of {{ offered }} tools</span><span class="qd-sp"></span>
        <span class="qd-s" :class="tone">{{ advice }}</span></div>
        <div class="qd-gauge"><span v-for="mark in marks" class="qd-idx" :style="mark.style"></span>
          <div class="qd-bar"><i :style="{'--w': Math.min(100, chosen.length * 2.5) + '%', '--c': 'var(' + colour + ')'}"></i></div><div class="qd-grad" style="--t:40"></div></div>
        <div class="qd-scale"><span>0</span><span>10</span><span>20</span><span>30</span><span>40</span></div></div>
      <div><div class="qd-row"><span class="qd-big">{{ short(tokens) }}</span><span class="qd-i2 qd-nw">{{ full ? 'of ' + short(total) + ' tokens' : 'tokens in every prompt' }}</span><span class="qd-sp"></span>
        <span class="qd-s qd-nw" :class="full ? 'qd-green' : 'qd-i3'" v-if="window">{{ part(tokens) }} of the context<template v-if="full">, not {{ part(total) }}</template></span></div>
        <div class="qd-gauge"><div class="qd-bar"><i :style="{'--w': bar + '%', '--c': 'var(--sea-m)'}"></i></div><div class="qd-grad" :style="full ? '--t:32' : '--t:20'"></div></div>
        <div class="qd-scale"><span>0</span><span>{{ short(scale / 4) }}</span><span>{{ short(scale / 2) }}</span><span>{{ short(scale * 3 / 4) }}</span><span>{{ short(scale) }}</span></div></div>
      <div v-if="full" class="qd-tt-saved"><b class="qd-n">{{ saved }}</b><span class="qd-i3 qd-xs">{{ savedWords }}</span></div>
    </div>
    <div class="qd-tt-bar">
      <span class="qd-tt-find"><input ref="search" class="qd-inp qd-search" v-model="words" :placeholder="'Search ' + rows.length + ' tools'" aria-label="Search tools" autocomplete="off"><kbd v-if="full && !words">/</kbd></span>
      <select v-if="servers.length > 1" class="qd-inp" v-model="server" aria-label="Connector"><option value="">Every connector</option><option v-for="one in servers" :value="one">{{ one }}</option></select>
      <select class="qd-inp" v-model="risk" aria-label="Risk"><option value="">Any risk</option><option v-for="(name, key) in risks" :value="key">{{ name }}</option></select>
      <select v-if="full" class="qd-inp" v-model="hint" aria-label="Annotations"><option value="">Any annotation</option><option value="none">No annotations</option><option value="disagrees">Hint disagrees</option></select>
      <span class="qd-tabs"><button type="button" v-for="tab in tabs" :class="{'qd-on': view === tab.key}" :aria-pressed="view === tab.key" @click="view = tab.key">{{ tab.name }} <span class="qd-n">{{ tab.count }}</span></button></span>
      <template v-if="full"><span class="qd-sp"></span><span class="qd-s qd-i3 qd-nw qd-tt-days">last {{ days }} days</span></template>
    </div>
    <div class="qd-tt-rows" role="table" aria-label="Tools">
      <div class="qd-tt-row qd-tt-head" role="row"><span></span><span role="columnheader">Tool</span><span role="columnheader">Risk, your word</span><span></span><span role="columnheader" class="qd-r">Tokens</span>
        <template v-if="full"><span v-for="name in used" role="columnheader" class="qd-r qd-tt-use" :title="'In the last ' + days + ' days'">{{ name }}</span></template></div>
      <div v-for="row in built" :key="row.key" v-show="shown.has(row.key)" class="qd-tt-item" v-memo="[row, row.picked, row.risk, row.tokens, row.use, row.tags, row.note, shown.has(row.key), open === row.key, largest, servers.length > 1]">
        <div class="qd-tt-row" role="row" :class="{'qd-on': row.picked, 'qd-tt-open': open === row.key}">
          <input type="checkbox" tabindex="-1" :checked="row.picked" :disabled="fixed" :aria-label="'Give ' + row.tool" @change="pick(row, $event.target.checked)">
          <button type="button" class="qd-tt-tool" :data-key="row.key" :aria-expanded="open === row.key" @click="toggle(row)">
            <code>{{ row.tool }}</code><span class="qd-el">{{ row.first }}</span><span v-if="servers.length > 1" class="qd-s qd-i3 qd-nw">{{ row.connector }}</span><span v-for="tag in tagsOf(row)" class="qd-chip" :class="'qd-' + tag[0]">{{ tag[1] }}</span></button>
          <label class="qd-tt-risk" :title="row.why"><span class="qd-risk" :class="'qd-' + row.risk"><i></i></span>
            <select class="qd-inp" tabindex="-1" :class="{'qd-red': row.risk === 'destructive'}" :value="row.risk" :disabled="fixed" :aria-label="'Risk of ' + row.tool" @change="judge(row, $event.target.value)"><option v-for="(name, key) in risks" :value="key">{{ name }}</option></select></label>
          <span class="qd-bar1"><i :style="{'--w': Math.min(100, 100 * row.tokens / largest) + '%', '--c': row.tokens > 1000 ? 'var(--brass-m)' : row.picked ? 'var(--sea-m)' : 'var(--slate-m)'}"></i></span>
          <span class="qd-r qd-n">{{ row.tokens ? row.tokens.toLocaleString('en') : '–' }}</span>
          <template v-if="full"><span v-for="cell in cellsOf(row)" class="qd-r qd-n qd-tt-use" :class="cell[1]">{{ cell[0] }}</span></template>
        </div>
        <div v-if="!full && open === row.key" class="qd-tt-more">
          <p>{{ row.text || 'The server says nothing about it.' }}</p>
          <p class="qd-i3">{{ row.connector }}<template v-if="row.why"> · suggested: {{ risks[row.suggested] }}. {{ row.why }}</template></p>
          <code v-for="one in row.parameters">{{ one }}</code>
        </div>
      </div>
      <div v-if="!shown.size" class="qd-tt-none">{{ nothing }}</div>
    </div>
  </div>`,
  props: { start: Array, fixed: Boolean, warn: Number, stop: Number, window: Number, full: Boolean, price: Number, days: Number },
  data() {
    return { rows: [], words: "", server: "", risk: "", hint: "", view: "all", open: "", isCounted: false, isWhole: false, risks: RISKS, used: USED };
  },
  created() {
    this.rows = (this.start || []).map((row) => ({ ...row }));
    if (!this.full && (this.fixed || this.rows.some((row) => row.picked))) this.view = "picked";
    this.slash = (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || TYPED.test(event.target.tagName)) return;
      event.preventDefault();
      this.$refs.search.focus();
    };
    if (this.full) addEventListener("keydown", this.slash);
  },
  mounted() { requestAnimationFrame(() => setTimeout(() => { this.isWhole = true; })); },
  unmounted() { removeEventListener("keydown", this.slash); },
  computed: {
    built() {
      if (this.isWhole) return this.rows;
      return this.rows.filter((row) => this.shown.has(row.key)).slice(0, FIRST);
    },
    chosen() { return this.rows.filter((row) => row.picked); },
    offered() { return this.full ? this.rows.filter((row) => row.tokens).length : this.rows.length; },
    tokens() { return this.chosen.reduce((sum, row) => sum + row.tokens, 0); },
    total() { return this.rows.reduce((sum, row) => sum + (row.whole || row.tokens), 0); },
    largest() { return Math.max(400, ...this.rows.map((row) => row.tokens)); },
    servers() { return [...new Set(this.rows.map((row) => row.connector))]; },
    scale() {
      const most = this.full ? this.total : this.tokens;
      return [4000, 8000, 16000, 32000, 64000, 128000].find((size) => size >= most) || 256000;
    },
    bar() { return Math.min(100, (100 * this.tokens) / this.scale); },
    saved() {
      const less = this.total - this.tokens;
      if (!this.price) return this.total ? Math.round((100 * less) / this.total) + "%" : "–";
      const usd = (less * this.price) / 1e6;
      return "$" + (usd >= 0.1 ? usd.toFixed(2) : usd.toFixed(4));
    },
    savedWords() { return this.price ? "less per step, uncached" : "fewer tokens in every step"; },
    marks() { return [["--x:50%", "--brass-m"], ["--x:75%", "--port-m"]].map(([x, colour]) => ({ style: `${x};--c:var(${colour})` })); },
    colour() { return this.chosen.length > this.stop ? "--port-m" : this.chosen.length > this.warn ? "--brass-m" : "--sea-m"; },
    tone() { return this.chosen.length > this.stop ? "qd-red" : this.chosen.length > this.warn ? "qd-brass" : "qd-i3"; },
    advice() {
      if (this.chosen.length > this.stop) return `more than ${this.stop}: ${this.full ? "needs a reason" : "pick fewer"}`;
      return this.chosen.length > this.warn ? "many: models begin to confuse them" : `warn at ${this.warn}, stop at ${this.stop}`;
    },
    tabs() {
      const count = (fits) => this.rows.filter(fits).length;
      const tabs = [{ key: "all", name: "All", count: this.rows.length }, { key: "picked", name: "Picked", count: this.chosen.length }];
      if (this.full && this.isCounted) {
        tabs.push({ key: "used", name: "Used", count: count((row) => row.use?.[1]) });
        tabs.push({ key: "unused", name: "Never used", count: count((row) => !row.use?.[1]) });
      }
      const noted = count((row) => row.note);
      if (noted) tabs.push({ key: "noted", name: this.full ? "Changed" : "To look at", count: noted });
      return tabs;
    },
    // every row stays in the page and is only hidden: building three hundred anew is what would stutter
    shown() {
      const wanted = this.words.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (row) =>
        this.isIn(row) && (!this.server || row.connector === this.server) && (!this.risk || row.risk === this.risk) &&
        (!this.hint || row.hint === this.hint) && wanted.every((word) => row.search.includes(word));
      return new Set(this.rows.filter(fits).map((row) => row.key));
    },
    nothing() {
      if (!this.rows.length) return "No connected system offers tools yet.";
      if (this.words || this.server || this.risk || this.hint) return "No tool fits. Try fewer words.";
      return this.view === "picked" ? "Nothing is picked yet. Choose under All." : "Nothing here.";
    },
  },
  watch: { view() { this.leaving = new Set(); } },
  beforeCreate() { this.leaving = new Set(); },
  methods: {
    isIn(row) {
      if (this.view === "all") return true;
      if (this.view === "picked") return row.picked || this.leaving.has(row.key);
      if (this.view === "noted") return Boolean(row.note);
      return this.view === "used" ? Boolean(row.use?.[1]) : !row.use?.[1];
    },
    short(count) {
      if (count < 1000) return String(Math.round(count));
      return (count / 1000).toFixed(count % 1000 && count < 100000 ? 1 : 0).replace(/\.0$/, "") + "k";
    },
    part(tokens) { const share = (100 * tokens) / this.window; return (share < 10 ? share.toFixed(1) : Math.round(share)) + "%"; },
    tagsOf(row) {
      const tags = [...(row.note ? [["warn", row.note]] : []), ...(row.tags || [])];
      const [, called, invalid] = row.use || [];
      if (called >= 5 && invalid * 2 >= called) tags.unshift(["warn", "mostly invalid"]);
      return tags.slice(0, 2);
    },
    cellsOf(row) {
      if (!this.isCounted) return USED.map(() => ["", ""]);
      const use = row.use || [0, 0, 0, 0, 0], [, called, invalid] = use;
      return use.map((count, n) => {
        if (!count) return [n > 2 ? "–" : "0", "qd-i3"];
        return [count.toLocaleString("en"), n === 2 && called >= 5 && invalid / called >= 0.05 ? "qd-brass qd-b" : ""];
      });
    },
    // a row unticked among the picked stays until the view changes, so that nothing moves under the hand
    pick(row, picked) {
      if (this.fixed) return;
      if (!picked && this.view === "picked") this.leaving.add(row.key);
      row.picked = picked;
      this.tell();
    },
    judge(row, risk) { row.risk = risk; row.touched = true; this.tell(); },
    toggle(row) {
      this.open = this.open === row.key ? "" : row.key;
      if (this.full) this.$emit("opened", this.open);
    },
    tell() {
      if (this.full) globalThis.qdTouched = true;
      this.$emit("picks", this.chosen.map((row) => ({ key: row.key, risk: row.risk })));
    },
    // from the server
    set(keys, picked) {
      const wanted = new Set(keys);
      for (const row of this.rows) if (wanted.has(row.key)) row.picked = picked;
      this.tell();
    },
    patch(key, fields) { const row = this.rows.find((one) => one.key === key); if (row) Object.assign(row, fields); },
    count(use) { for (const row of this.rows) row.use = use[row.key] || null; this.isCounted = true; },
    close() {
      const key = this.open;
      this.open = "";
      this.$nextTick(() => this.$el.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus());
    },
    // rows as they are now: what was picked or judged here stays so, even where the server has not heard of it yet
    show(fresh) {
      const mine = new Map(this.rows.map((row) => [row.key, row]));
      const rows = fresh.map((row) => {
        const old = mine.get(row.key);
        mine.delete(row.key);
        if (!old) return { ...row };
        return { ...row, picked: old.picked, risk: old.picked || old.touched ? old.risk : row.risk, touched: old.touched, use: old.use };
      });
      const left = [...mine.values()].filter((row) => row.picked);
      this.rows = [...rows, ...left.map((row) => ({ ...row, tokens: 0, note: ABSENT }))];
    },
    key(event) {
      const isSearch = event.target === this.$refs.search, tool = event.target.closest(".qd-tt-tool");
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (isSearch || tool)) return this.move(event, tool);
      if (event.key === " " && tool) {
        event.preventDefault();
        const row = this.rows.find((one) => one.key === tool.dataset.key);
        return this.pick(row, !row.picked);
      }
      if (event.key !== "Escape") return undefined;
      if (this.full && this.open) this.toggle({ key: this.open });
      else if (this.words) this.words = "";
      else if (tool) this.$refs.search.focus();
      else return undefined;
      event.stopPropagation();
      return undefined;
    },
    upOfSpace(event) { if (event.target.closest(".qd-tt-tool")) event.preventDefault(); }, // else it would open, too
    move(event, tool) {
      const keys = this.rows.map((row) => row.key).filter((key) => this.shown.has(key));
      const at = tool ? keys.indexOf(tool.dataset.key) : -1, to = at + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      if (to < 0) return this.$refs.search.focus();
      return this.$el.querySelector(`[data-key="${CSS.escape(keys[Math.min(to, keys.length - 1)] ?? "")}"]`)?.focus();
    },
  },
};
