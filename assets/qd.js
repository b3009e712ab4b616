// Small parts that run in the browser alone: times in the reader's zone, ages, countdowns. No server ticks.
const two = (n) => String(n).padStart(2, "0");

function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
  return `${Math.floor(minutes / 1440)} d`;
}

const ticking = new Set();
setInterval(() => ticking.forEach((element) => element.draw()), 1000);

class Ticking extends HTMLElement {
  connectedCallback() { this.draw(); if (this.ticks()) ticking.add(this); }
  disconnectedCallback() { ticking.delete(this); }
  attributeChangedCallback() { this.draw(); }
}

const day = (at) =>
  at.toDateString() === new Date().toDateString() ? "" : at.toLocaleDateString([], { day: "numeric", month: "short" }) + " ";

class Time extends Ticking {
  ticks() { return this.dataset.style === "age"; }
  draw() {
    const at = new Date(this.getAttribute("datetime"));
    if (isNaN(at)) return;
    this.title = at.toLocaleString();
    const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
    if (this.dataset.style === "age") this.textContent = duration((Date.now() - at) / 1000);
    else this.textContent = this.dataset.style === "date" ? day(at) + time.slice(0, 5) : time;
  }
}

// <qd-countdown expires="ISO" from="ISO" ring="38">: time left as words, with a ring when asked for
class Countdown extends Ticking {
  static observedAttributes = ["expires"];
  ticks() { return true; }
  draw() {
    const end = new Date(this.getAttribute("expires"));
    if (isNaN(end)) { this.textContent = ""; return; }
    const left = Math.max(0, (end - Date.now()) / 1000);
    const words = left === 0 ? "expired" : left < 600 ? `${Math.floor(left / 60)}:${two(Math.floor(left % 60))}` : duration(left);
    const urgent = left < 300;
    const size = this.getAttribute("ring");
    this.classList.toggle("qd-red", urgent);
    if (!size) { this.textContent = this.hasAttribute("bare") ? words : `${words} left`; return; }
    const from = new Date(this.getAttribute("from"));
    const share = Math.max(0, Math.min(100, (100 * left) / Math.max(1, (end - from) / 1000)));
    const colour = urgent ? "--port-m" : "--slate-m";
    const ring = `<svg class="qd-ring" width="${size}" height="${size}" viewBox="0 0 36 36" style="--c:var(${colour});--p:${share}" aria-hidden="true">` +
      `<circle cx="18" cy="18" r="14" pathLength="100" style="stroke-width:4"/><circle class="qd-v" cx="18" cy="18" r="14" pathLength="100" style="stroke-width:4"/></svg>`;
    if (this.hasAttribute("bare")) this.innerHTML = ring;
    else this.innerHTML = `${ring}<span><b>${words}</b><span class="qd-i3 qd-xs">${left ? "expires " + day(end) + two(end.getHours()) + ":" + two(end.getMinutes()) : ""}</span></span>`;
  }
}

customElements.define("qd-time", Time);
customElements.define("qd-countdown", Countdown);

// theme: the server wrote the choice into the page; "auto" follows the system
window.qdTheme = (choice) => {
  document.cookie = `qd_theme=${choice}; path=/; max-age=31536000; samesite=lax`;
  const dark = choice === "dark" || (choice === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  Quasar.Dark.set(dark);
};
