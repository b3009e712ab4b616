"""The session page as plain HTML, read before any script has run; the timeline takes its place. Pure: values in, HTML out."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from store.people import Role

from ..frame import BUILD, WORK
from ..icons import LOGO, icon
from ..rows import Patch
from .timeline_rows import Row, row_html

ID = "qd-first"
"""By this id `transcript.js` finds it, and takes it away when its own rows are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstView:
    """What stands where when the page opens. `head` and `rail` are HTML already, made by what draws them later too."""

    base: str
    role: Role
    head: str
    rail: str
    rows: list[Row]
    whole: bool
    """Whether these are all rows there are: then they begin at the top, else they end at the foot."""

    def html(self) -> str:
        say = f'<div class="qd-say"><span class="qd-ghost">{SAY}</span></div>' if self._may_act else ""
        rows = "".join(row_html(row) for row in self.rows)
        return (
            f"{DARK}"
            f'<div id="{ID}"><div class="qd-shell">{_navigation(self.base, self.role)}'
            f'<div class="qd-ss qd-page"><header class="qd-top">{self.head}</header><div class="qd-sb">'
            f'<div class="qd-tl" style="{TIMELINE}"><div class="qd-tl"><div class="qd-tl-list qd-at-{self._at}">'
            f"<div>{rows}</div></div></div>{say}</div>"
            f'<aside class="qd-rail qd-scroll">{self.rail}</aside></div></div></div></div>{LOCAL_TIMES}'
        )

    @property
    def _at(self) -> str:
        return "top" if self.whole else "foot"

    @property
    def _may_act(self) -> bool:
        return self.role.rank >= Role.OPERATOR.rank


def merged(patches: Iterable[Patch]) -> list[Row]:
    """Patches by key, as `mergeOne` of transcript.js merges them; what belongs to rows further back is left out."""
    rows: dict[str, Row] = {}
    early: dict[str, Patch] = {}
    for patch in patches:
        key = patch["key"]
        if key in rows:
            rows[key] |= patch
        elif "kind" in patch:
            rows[key] = {**patch, **early.pop(key, {})}
        else:
            early[key] = {**early.get(key, {}), **patch}
    return list(rows.values())


def _navigation(base: str, role: Role) -> str:
    """The same places as in the frame; numbers and the person's own corner come with it."""
    links = [LOGO_LINE]
    for heading, items in (("", WORK), ("Build", BUILD)):
        links += [f"<h6>{escape(heading)}</h6>"] if heading else []
        links += [
            f'<a class="{"qd-on" if key == "sessions" else ""}" href="{base}{path}">{icon(sign)}'
            f'<span class="qd-tx">{escape(words)}</span></a>'
            for key, path, sign, words, least in items
            if role.rank >= least.rank
        ]
    return f'<nav class="qd-nav">{"".join(links)}</nav>'


LOGO_LINE = f'<div class="qd-brand">{LOGO}<span class="qd-tx">Quarterdeck</span></div>'
SAY = "Message the agent."
TIMELINE = "display:grid;grid-template-rows:minmax(0,1fr) auto"
DARK = r"""<script>(() => {
  const choice = /(?:^|; )qd_theme=(\w+)/.exec(document.cookie)?.[1] ?? "auto";
  if (choice === "dark" || (choice === "auto" && matchMedia("(prefers-color-scheme: dark)").matches))
    document.body.classList.add("body--dark");
})();</script>"""
"""NiceGUI sets this class too, but only once it runs: without it a dark page would first be a light one."""
LOCAL_TIMES = f"""<script>for (const time of document.querySelectorAll("#{ID} .qd-e>time")) {{
  const at = new Date(time.dateTime);
  time.textContent = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}}</script>"""
"""Times in the reader's zone, which the server does not know, before they are seen. Written out by hand: the browser's
own way with a language costs 0.1 s for the first row, all of it before the first frame."""
