"""The frame around every page: navigation with live counts, who is signed in, keys, and a place for warnings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

from nicegui import background_tasks, ui

from agents.demo.systems import MAIL
from store.people import Person, Role

from .components.banner import banner
from .components.focusing import FOLLOW_FOCUS
from .components.nav_spend import NavSpend
from .components.palette import Palette
from .components.pressing import FOLLOW_PRESS
from .desk import Desk
from .icons import LOGO, icon
from .theme import dress, switch

Item = tuple[str, str, str, str, Role]
"""Key, path, icon, words, and the least role that sees it."""
WORK: tuple[Item, ...] = (
    ("overview", "/overview", "home", "Overview", Role.VIEWER),
    ("inbox", "/inbox", "inbox", "Inbox", Role.VIEWER),
    ("sessions", "/sessions", "pulse", "Sessions", Role.VIEWER),
    ("new", "/sessions/new", "plus", "New session", Role.OPERATOR),
)
BUILD: tuple[Item, ...] = (
    ("agents", "/agents", "agent", "Agents", Role.VIEWER),
    ("toolsets", "/toolsets", "sliders", "Toolsets", Role.VIEWER),
    ("connectors", "/connectors", "plug", "Connectors", Role.VIEWER),
    ("policies", "/policies", "shield", "Policies", Role.VIEWER),
    ("models", "/models", "chip", "Models", Role.VIEWER),
    ("schedules", "/schedules", "clock", "Schedules", Role.VIEWER),
)
HOUSE: tuple[Item, ...] = (
    ("outbox", "/outbox", "msg", "Outbox", Role.VIEWER),
    ("people", "/people", "people", "People", Role.ADMIN),
    ("activity", "/activity", "list", "Activity", Role.ADMIN),
    ("settings", "/settings", "gear", "Settings", Role.OPERATOR),
)
ACTIONS: tuple[tuple[str, str, Role], ...] = (
    ("Start a new session", "/sessions/new", Role.OPERATOR),
    ("Make an agent", "/agents/new", Role.ADMIN),
    ("Connect a system", "/connectors/new", Role.ADMIN),
    ("Add a model", "/models/new", Role.ADMIN),
    ("Look at versions", "/versions", Role.VIEWER),
)
EVERYWHERE = (
    ("Ctrl K", "Find or do"),
    ("g o", "Overview"),
    ("g i", "Inbox"),
    ("g s", "Sessions"),
    ("g n", "New session"),
    ("g a", "Agents"),
    ("?", "This help"),
)
Keys = Sequence[tuple[str, str]]


def base_path() -> str:
    """The sub-path a reverse proxy serves us under; empty without one."""
    request = ui.context.client.request
    return str(request.scope.get("root_path", "")) if request else ""


@contextmanager
def frame(desk: Desk, person: Person, *, active: str, title: str, keys: Keys = ()) -> Iterator[None]:
    """Build the frame; what is created inside goes into its main column."""
    base = base_path()
    choice = dress(base=base, version=desk.version)
    ui.page_title(f"{title} · Quarterdeck")
    with ui.element("div").classes("qd-shell"):
        banner(desk)
        _navigation(desk, person, active, base, choice)
        yield
    help_dialog = _help(keys)
    _keyboard(help_dialog, base)
    Palette(desk, _places(person), base)


def _navigation(desk: Desk, person: Person, active: str, base: str, choice: str) -> None:
    counted: dict[str, ui.html] = {}
    with ui.element("nav").classes("qd-nav").props('aria-label="Main"'):
        ui.html(f'{LOGO}<span class="qd-tx">Quarterdeck</span>', sanitize=False).classes("qd-brand")
        ui.html(FIND, sanitize=False)
        for heading, items in (("", WORK), ("Build", BUILD), ("House", HOUSE)):
            if heading and any(person.role.rank >= least.rank for *_, least in items):
                ui.html(escape(heading), sanitize=False, tag="h6")
            for key, path, sign, words, least in items:
                if person.role.rank >= least.rank and (key != "outbox" or has_mail(desk)):
                    counted[key] = _link(key == active, f"{base}{path}", sign, words)
        ui.element("span").classes("qd-sp")
        NavSpend(desk, base)
        _me(person, base, choice)
    _keep_counted(desk, counted)


def has_mail(desk: Desk) -> bool:
    """Only a desk with the demo's mail system has an outbox."""
    return any(MAIL in one.args for one in desk.runtime.administration.documents("connector").values())


def _places(person: Person) -> list[tuple[str, str, str]]:
    """Where the palette goes without having to ask."""
    rank = person.role.rank
    pages = [(words, "Page", path) for _, path, _, words, least in (*WORK, *BUILD, *HOUSE) if rank >= least.rank]
    return [*pages, *((words, "Do", path) for words, path, least in ACTIONS if rank >= least.rank)]


def _link(on: bool, path: str, sign: str, words: str) -> ui.html:
    link = ui.element("a").props('aria-current="page"' if on else "")
    link.props["href"], link.props["title"] = path, words
    with link.classes("qd-on" if on else ""):
        ui.html(f'{icon(sign)}<span class="qd-tx">{words}</span>', sanitize=False).style("display:contents")
        return ui.html("", sanitize=False, tag="span").style("display:contents")


def _keep_counted(desk: Desk, counted: dict[str, ui.html]) -> None:
    """Inbox: what waits for a decision. Sessions: what is at work now, and what asks a person something."""

    def show(numbers: dict[str, Any]) -> None:
        waiting = numbers["pending"]
        at_work = sum(numbers["sessions"].get(status, 0) for status in ("queued", "running"))
        hot = f'<span class="qd-c qd-hot" aria-label="{waiting} waiting">{waiting}</span>'
        counted["inbox"].set_content(hot if waiting else "")
        working = f'<span class="qd-c" title="{at_work} at work">{at_work}</span>' if at_work else ""
        asking = numbers["sessions"].get("waiting_input", 0)
        words = f"{asks(asking)} something"
        asked = f'<span class="qd-c qd-hot qd-asks" title="{words}" aria-label="{words}">{asking}</span>'
        counted["sessions"].set_content(working + (asked if asking else ""))

    async def first() -> None:
        show(await desk.queries.counts())

    # no timer: a timer waits for the browser, and so has NiceGUI send the page before its builder has come to its end
    background_tasks.create(first(), name="counts of the navigation")
    ui.context.client.on_delete(desk.counts.join(show))


def asks(sessions: int) -> str:
    return "1 session asks" if sessions == 1 else f"{sessions} sessions ask"


def _me(person: Person, base: str, choice: str) -> None:
    initials = "".join(word[0] for word in person.display_name.split()[:2]).upper() or "?"
    name, role = escape(person.display_name), escape(person.role.value)
    with ui.element("div").classes("qd-me"):
        avatar = ui.html(escape(initials), sanitize=False, tag="span").classes("qd-av qd-a")
        avatar.props["title"] = f"{person.display_name}, {person.role}"  # not parsed: people name themselves
        words = f'<b style="font-weight:550">{name}</b><div class="qd-i3 qd-xs">{role}</div>'
        ui.html(words, sanitize=False).classes("qd-el")
        ui.element("span").classes("qd-sp")
        switch(choice)
        ui.html(
            f'<form method="post" action="{base}/signout"><button class="qd-iconbtn" title="Sign out" '
            f'aria-label="Sign out">{icon("out", "md")}</button></form>',
            sanitize=False,
        )


def _help(keys: Keys) -> ui.dialog:
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg"):
        ui.html("<h2>Keys</h2>", sanitize=False)
        rows = "".join(
            f"<span>{' '.join(f'<kbd>{escape(part)}</kbd>' for part in key.split())}</span><span>{escape(words)}</span>"
            for key, words in (*keys, *EVERYWHERE)
        )
        ui.html(rows, sanitize=False).classes("qd-keys")
    return dialog


def _keyboard(help_dialog: ui.dialog, base: str) -> None:
    """`g` then a letter goes places; `?` explains. Keys typed into a field are left alone."""
    ui.add_body_html(GO_KEYS.replace("BASE", base))
    ui.add_body_html(FOLLOW_FOCUS)
    ui.add_body_html(FOLLOW_PRESS)
    ui.on(HELP, help_dialog.open)


HELP = "qd-help"
FIND = (
    '<button type="button" class="qd-find" title="Find or do (Ctrl K)" onclick="dispatchEvent(new Event(\'qd-find\'))">'
    f'{icon("search", "md")}<span>Find or do</span><span class="qd-sp"></span><kbd>Ctrl K</kbd></button>'
)
GO_KEYS = """<script>(() => {
  let pressed = 0;
  const places = { o: "BASE/overview", i: "BASE/inbox", s: "BASE/sessions", n: "BASE/sessions/new", a: "BASE/agents" };
  addEventListener("keydown", (event) => {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") emitEvent("qd-help");
    else if (event.key === "g") pressed = Date.now();
    else if (Date.now() - pressed < 1200 && places[event.key]) {
      pressed = 0;
      event.stopImmediatePropagation();
      location.href = places[event.key];
    }
  }, true);
})();</script>"""
