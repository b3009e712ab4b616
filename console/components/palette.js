// “Find or do”: Ctrl-K, a few letters, Enter. Pages and actions are here already; documents and sessions are fetched.
export default {
  template: `
  <div v-if="open" class="qd-pal" @click.self="close">
    <div role="dialog" aria-modal="true" aria-label="Find or do" class="qd-pal-box">
      <input ref="words" class="qd-pal-in" type="text" role="combobox" aria-expanded="true" aria-controls="qd-pal-list" aria-autocomplete="list"
          :aria-activedescendant="shown.length ? 'qd-pal-' + at : null" aria-label="Find or do" placeholder="A page, an agent, a session, something to do"
          autocomplete="off" spellcheck="false" v-model="words" @input="typed" @keydown="key">
      <div id="qd-pal-list" role="listbox" aria-label="Found" class="qd-pal-list">
        <a v-for="(item, n) in shown" :key="item.href + item.words" :id="'qd-pal-' + n" role="option" tabindex="-1" :aria-selected="n === at"
            :class="{'qd-on': n === at}" :href="item.href" @mousemove="at = n">
          <span class="qd-el">{{ item.words }}</span><span class="qd-i3 qd-s">{{ item.sort }}</span></a>
        <div v-if="!shown.length" class="qd-i3 qd-in">Nothing fits. Try fewer letters.</div>
      </div>
      <div class="qd-pal-foot qd-i3 qd-xs"><kbd>↑</kbd><kbd>↓</kbd> choose <kbd>Enter</kbd> go <kbd>Esc</kbd> close</div>
    </div>
  </div>`,
  props: { places: Array },
  data() { return { open: false, words: "", at: 0, documents: [], sessions: [] }; },
  mounted() { addEventListener("keydown", this.shortcut, true); addEventListener("qd-find", this.show); },
  unmounted() { removeEventListener("keydown", this.shortcut, true); removeEventListener("qd-find", this.show); },
  computed: {
    shown() {
      const parts = this.words.toLowerCase().split(/\s+/).filter(Boolean);
      const rank = (item) => {
        const words = item.words.toLowerCase();
        const whole = `${words} ${item.sort.toLowerCase()} ${(item.id || "").toLowerCase()}`;
        if (!parts.every((part) => whole.includes(part))) return -1;
        if (!parts.length) return 1;
        return words.startsWith(parts[0]) ? 3 : words.includes(parts[0]) ? 2 : 1;
      };
      return [...this.places, ...this.documents, ...this.sessions]
        .map((item, n) => [rank(item), n, item])
        .filter(([score]) => score > 0)
        .sort((a, b) => b[0] - a[0] || a[1] - b[1])
        .slice(0, 12)
        .map(([, , item]) => item);
    },
  },
  methods: {
    shortcut(event) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        event.stopImmediatePropagation();
        this.open ? this.close() : this.show();
      }
    },
    show() {
      this.back = document.activeElement;
      Object.assign(this, { open: true, words: "", at: 0 });
      this.$nextTick(() => this.$refs.words.focus());
      this.$emit("search", "");
    },
    close() { this.open = false; this.back?.focus?.(); },
    typed() {
      this.at = 0;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$emit("search", this.words.trim()), 150);
    },
    key(event) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      event.stopPropagation();
      if (by) {
        this.at = Math.max(0, Math.min(this.shown.length - 1, this.at + by));
        this.$nextTick(() => document.getElementById(`qd-pal-${this.at}`)?.scrollIntoView({ block: "nearest" }));
      } else if (event.key === "Enter") {
        if (this.shown[this.at]) location.href = this.shown[this.at].href;
      } else if (event.key === "Escape") this.close();
      else if (event.key !== "Tab") return;
      event.preventDefault();
    },
    // what the desk found; sessions only when they belong to what is typed by now
    found(words, documents, sessions) {
      this.documents = documents;
      if (words === this.words.trim()) this.sessions = sessions;
    },
  },
};
