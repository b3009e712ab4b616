// The list of what waits. Rows are updated in place, never rebuilt, so nothing moves under the reader's hand.
export default {
  template: `
  <div class="qd-scroll" role="listbox" aria-label="Waiting for a decision" style="min-height:0">
    <template v-for="group in groups">
      <div class="qd-grp">{{ group.name }}<span class="qd-sp"></span>{{ group.items.length }}</div>
      <div v-for="item in group.items" :key="item.id" class="qd-it" :class="{'qd-on': item.id === picked, 'qd-late': late(item), 'qd-un': !item.seen, 'qd-gone': item.gone}"
          role="option" :aria-selected="item.id === picked" tabindex="0" @click="$emit('pick', item.id)" @keydown.enter="$emit('pick', item.id)">
        <span class="qd-risk" :class="'qd-' + item.risk" :title="item.risk"><i></i></span>
        <div class="qd-t">{{ item.effect }}</div>
        <div class="qd-m2">{{ item.agent }} · <span :class="{'qd-brass': item.kind !== 'call' || item.gone}"><b v-if="late(item)" class="qd-red">nobody has taken it · </b>{{ item.gone || item.hint }}</span></div>
        <div class="qd-w"><qd-countdown v-if="item.expires_at && !item.gone" ring="16" bare :expires="item.expires_at" :from="item.requested_at"></qd-countdown>
          <qd-time :datetime="item.requested_at" data-style="age"></qd-time></div>
      </div>
    </template>
  </div>`,
  props: { start: Array, first: String },
  data() { return { items: [], picked: "", now: Date.now() }; },
  created() { this.items = this.start || []; this.picked = this.first || ""; },
  mounted() {
    document.addEventListener("keydown", this.press);
    this.clock = setInterval(() => { this.now = Date.now(); }, 10000);
  },
  unmounted() {
    document.removeEventListener("keydown", this.press);
    clearInterval(this.clock);
  },
  computed: {
    groups() {
      const order = [
        ["May have happened", (i) => i.kind === "unknown_outcome"],
        ["A system asks", (i) => i.kind === "input"],
        ["Decide first", (i) => i.risk === "destructive" || i.risk === "unknown"],
        ["Waiting for a second person", (i) => i.given > 0],
        ["Waiting", () => true],
      ];
      const left = this.items.slice();
      return order
        .map(([name, test]) => ({ name, items: left.filter((item, at) => item && test(item) && ((left[at] = null), true)) }))
        .filter((group) => group.items.length);
    },
  },
  methods: {
    late(item) {
      const after = item.late_after_seconds;
      return !!after && !item.gone && Date.parse(item.requested_at) + after * 1000 <= this.now;
    },
    // only the inbox's own keys leave the browser, and none that is typed into a field
    press(event) {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      if (["j", "k", "a", "e", "r", "q", "Escape"].includes(event.key)) {
        event.preventDefault();
        this.$emit("key", event.key);
      }
    },
    // replace the list: kept rows stay where they are, new ones come at the end of their group
    show(fresh, picked) {
      const wanted = new Map(fresh.map((item) => [item.id, item]));
      const kept = this.items.filter((item) => wanted.has(item.id) || item.id === picked || (item.gone && item.id === this.settled)).map((item) => {
        const now = wanted.get(item.id);
        wanted.delete(item.id);
        return now ? { ...now, seen: item.seen || now.seen } : item;
      });
      this.items = kept.concat([...wanted.values()]);
      this.pick(picked);
    },
    pick(id) {
      this.picked = id;
      const item = this.items.find((one) => one.id === id);
      if (item) item.seen = true;
    },
    settle(id, words) {
      const item = this.items.find((one) => one.id === id);
      if (item) item.gone = words;
      this.settled = id;
    },
    drop(id) { this.items = this.items.filter((item) => item.id !== id); },
    order() { return this.groups.flatMap((group) => group.items.map((item) => item.id)); },
  },
};
