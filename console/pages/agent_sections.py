"""The parts of an agent's form, each under its own heading, with an index beside them; rarer ones are folded."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from nicegui import ui

INDEX = (
    ("words", "What it is for"),
    ("models", "Model"),
    ("policy", "Policy"),
    ("tools", "Tools"),
    ("scenarios", "Scenarios"),
    ("guards", "Guards"),
    ("inputs", "Inputs and answer"),
    ("workflow", "Workflow"),
    ("approvals", "Approvals"),
    ("limits", "Limits and fallback"),
    ("context", "Memory"),
)
"""The anchor of each section, as links of the readiness strip name it, and its title."""
TITLES = dict(INDEX)


def index() -> None:
    """Follows a link by opening what is folded."""
    links = "".join(f'<a href="#{key}">{escape(title)}</a>' for key, title in INDEX)
    ui.html(links, sanitize=False, tag="nav").classes("qd-index").props('aria-label="Parts of this form"')
    ui.add_body_html(OPEN_WHAT_IS_LINKED)


@contextmanager
def section(key: str) -> Iterator[None]:
    with ui.element("section").classes("qd-part") as made:
        made.props["id"] = key
        ui.html(f"<h2>{escape(TITLES[key])}</h2>", sanitize=False)
        yield


class Fold:
    """A folded part: its head says in a few words how things stand. `with fold.body:` fills it."""

    def __init__(self, key: str, kind: str = "") -> None:
        self.title = TITLES[key]
        with ui.element("details").classes(f"qd-more qd-fold {kind}") as self.details:
            self.details.props["id"] = key
            with ui.element("summary"):
                self.head = ui.html("", sanitize=False)
            self.body = ui.element("div").classes("qd-form")
        self.tell("")

    def tell(self, words: str) -> None:
        said = f" <span class='qd-help'>{escape(words)}</span>" if words else ""
        self.head.set_content(f"<span class='qd-lab'>{escape(self.title)}</span>{said}")


OPEN_WHAT_IS_LINKED = """<script>(() => {
  let tries = 0;
  const show = () => {
    const key = decodeURIComponent(location.hash.slice(1));
    const part = /^[a-z]+$/.test(key) && document.querySelector(`.qd-agent #${key}`);
    if (!part) return key && tries++ < 50 ? setTimeout(show, 100) : undefined;
    if (part.tagName === "DETAILS") part.setAttribute("open", "");
    if (document.activeElement?.matches("input, textarea, select")) return;  // what is typed there must not land here
    part.scrollIntoView({ block: "start" });
    (part.querySelector("summary") || part.querySelector("input, textarea"))?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", show);
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".qd-index a");
    if (link && link.hash === location.hash) setTimeout(show);
  });
  show();
})();</script>"""
