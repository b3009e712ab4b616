"""The home page: what waits, what runs, what was spent and decided, how the connectors and agents are; all live."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from store.people import Role
from store.queries.pages import Page

from .. import format, statuses
from ..components import plots
from ..components.live_rows import LiveRows, Shown, hint
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..pace import Paced
from ..security import person_of
from . import overview_cards as cards
from . import overview_lists as lists
from . import overview_steps
from .overview_facts import WAITING, Facts, Numbers, Source

PERIODS = {1: "Today", 7: "7 days", 30: "30 days"}
ROWS = 6
SESSIONS = 8
TOOLS = 6
TOOL_PX = 26
CALM_ROWS = 6
"""With so few rows on the left there is room for one more card below them."""
SOON_SECONDS = 0.25
COUNTED_SECONDS = 3.0
NOTHING_WAITS = "Nothing waits for you. What could do harm stops and waits here."
NOTHING_RUNS = "No session is at work."
NOT_ASKED = '<p class="qd-i3">Nothing was asked in this time.</p>'


def register(desk: Desk) -> None:
    @ui.page("/overview")
    async def overview(request: Request, days: int = 1) -> None:
        person = person_of(request)
        since = desk.runtime.hub.told
        source = Source(desk, days if days in PERIODS else 1)
        facts = await source.all()
        with frame(desk, person, active="overview", title="Overview"), ui.element("div").classes("qd-page qd-main"):
            _head(source, may_start=person.role.rank >= Role.OPERATOR.rank)
            view = Overview(desk, source, facts)
            view.build(is_admin=person.role.rank >= Role.ADMIN.rank)
        view.follow(since)


def _head(source: Source, *, may_start: bool) -> None:
    base, now = base_path(), source.now()
    tabs = "".join(
        f'<a class="{"qd-on" if days == source.days else ""}" href="{base}/overview?days={days}">{words}</a>'
        for days, words in PERIODS.items()
    )
    date = f"{now:%A} {now.day} {now:%B}"
    start = (
        f'<a class="qd-btn qd-wide" href="{base}/sessions/new">{icon("plus", "md")}New session</a>' if may_start else ""
    )
    words = f'<h1>Overview</h1><span class="qd-hint qd-n qd-wide">{date}</span><span class="qd-sp"></span>'
    ui.html(f'{words}<span class="qd-tabs">{tabs}</span>{start}', sanitize=False).classes("qd-top")


class Overview:
    """Cards that are brought up to date in place: lists at once, sums every few seconds."""

    def __init__(self, desk: Desk, source: Source, facts: Facts) -> None:
        self.desk = desk
        self.source = source
        self.facts = facts
        self.waiting = lists.ordered(facts.waiting)
        self.base = base_path()
        self.plots: dict[str, tuple[Any, ui.echart]] = {}
        self.soon = Paced(SOON_SECONDS, self._running_again)
        self.later = Paced(COUNTED_SECONDS, self._count_again)

    # built once

    def build(self, *, is_admin: bool) -> None:
        with ui.element("div").classes("qd-ov") as self.place:
            with ui.element("div").classes("qd-ovcol"):
                self._first_steps(is_admin=is_admin)
                self._waits()
                self._runs()
                self._decided()
                if is_calm := len(self.waiting) + len(self.facts.running) <= CALM_ROWS:
                    self._asked()
            with ui.element("div").classes("qd-ovcol"):
                self._spent()
                self._connected()
                self._ready()
                if not is_calm:
                    self._asked()
        self._count(self.facts.numbers)

    def _first_steps(self, *, is_admin: bool) -> None:
        left = overview_steps.undone(self.source.documents(), has_sessions=self.facts.has_sessions)
        if left and is_admin:
            ui.html(overview_steps.steps(left, self.base), sanitize=False, tag="section").classes("qd-card")

    def _waits(self) -> None:
        link = f'{self.base}/inbox">Open inbox <kbd>g</kbd><kbd>i</kbd>'
        with self._card("Waits for you", f'<a class="qd-link qd-s" href="{link}</a>') as self.waits_hint:
            self.waits = LiveRows({}, NOTHING_WAITS, "qd-lr-waits")
        self._show_waiting()

    def _runs(self) -> None:
        link = f'<a class="qd-link qd-s" href="{self.base}/sessions">All sessions</a>'
        with self._card("Running now", link) as self.runs_hint:
            self.runs = LiveRows({}, NOTHING_RUNS, "qd-lr-runs")
        self._show_running(self.facts.running)

    def _decided(self) -> None:
        legend = "".join(f'<span class="qd-lg" style="--c:var({colour})">{name}</span>' for name, colour in cards.PARTS)
        with self._card("Decisions", f'<span class="qd-row qd-s qd-i2 qd-legend">{legend}</span>') as self.decided_hint:
            with ui.element("div").classes("qd-in qd-tools3") as self.tools:
                self.tool_names = ui.html("", sanitize=False).classes("qd-toolcol")
                self.tool_bars = ui.element("div")
                self.tool_numbers = ui.html("", sanitize=False).classes("qd-toolcol")
            self.none_decided = ui.html(NOT_ASKED, sanitize=False).classes("qd-in")
            self.advice = ui.html("", sanitize=False).classes("qd-in qd-s qd-i2 qd-row qd-advice")

    def _spent(self) -> None:
        title = "Spend today" if self.source.days == 1 else f"Spend, {PERIODS[self.source.days]}"
        with self._card(title) as self.spent_hint:
            self.spend = ui.html("", sanitize=False).classes("qd-in")
            self.stats = ui.html("", sanitize=False).classes("qd-stat3")

    def _connected(self) -> None:
        with self._card("Connectors") as self.connected_hint:
            self.connectors = LiveRows({}, "Nothing is connected yet.", "qd-lr-conn")
        self._show_connectors()

    def _ready(self) -> None:
        ready = self.facts.ready
        with self._card("Readiness of agents") as at:
            count = sum(cards.is_ready(found) for found in ready.values())
            at.set_content(hint(f"{count} of {len(ready)} ready" if ready else ""))
            order = sorted(ready, key=lambda name: (cards.is_ready(ready[name]), name))
            rows = (cards.ready(name, self.source.version_of(name), ready[name], self.base) for name in order)
            ui.html("".join(rows) or '<div class="qd-in qd-i3">There is no agent yet.</div>', sanitize=False)

    def _asked(self) -> None:
        with self._card("Requests by hour") as self.asked_hint:
            self.hours = ui.element("div").classes("qd-in qd-hours")

    @contextmanager
    def _card(self, title: str, right: str = "") -> Iterator[ui.html]:
        """A titled card; what it yields is the hint beside the title."""
        with ui.element("section").classes("qd-card"):
            with ui.element("header"):
                ui.html(f"<h2>{escape(title)}</h2>", sanitize=False)
                at = ui.html("", sanitize=False)
                ui.element("span").classes("qd-sp")
                ui.html(right, sanitize=False)
            yield at

    # brought up to date

    def follow(self, since: int) -> None:
        client = ui.context.client
        leave = [
            self.desk.waiting.join(self._waiting_changed, since),
            self.desk.counts.join(lambda _: self._recorded(), since),
            self.desk.runtime.registry.subscribe(lambda _: self._connectors_changed()),
            self.soon.stop,
            self.later.stop,
        ]
        for one in leave:
            client.on_delete(one)
        with self.place:  # the page is painted before the library that draws the plots is fetched
            ui.timer(0, lambda: self._draw(self.facts.numbers), once=True)

    def _recorded(self) -> None:
        self.soon.soon()
        self.later.soon()

    def _waiting_changed(self, page: Page) -> None:
        self.waiting = lists.ordered(page.items)
        with self.place:
            self._show_waiting()

    async def _running_again(self) -> None:
        running = await self.desk.queries.at_work()
        with self.place:
            self._show_running(running)

    async def _count_again(self) -> None:
        numbers = await self.source.numbers()
        with self.place:
            self._count(numbers)
            self._draw(numbers)

    def _connectors_changed(self) -> None:
        with self.place:
            self._show_connectors()

    def _show_waiting(self) -> None:
        found = {one["id"]: one for one in self.waiting}
        shown = self.waits.order(list(found), ROWS)
        self.waits.show({key: lists.waiting_row(found[key], self.base) for key in shown})
        self.waits_hint.set_content(lists.waiting_hint(self.waiting, WAITING))

    def _show_running(self, running: list[dict[str, Any]]) -> None:
        at_work = self.desk.runtime.engine.is_at_work
        found = {one["id"]: statuses.shown(one, at_work=at_work(one["id"])) for one in running}
        shown = self.runs.order(list(found), SESSIONS)
        steps = self.source.steps_of
        self.runs.show({key: lists.running_row(found[key], steps(found[key]["agent"]), self.base) for key in shown})
        self.runs_hint.set_content(lists.running_hint(running))

    def _show_connectors(self) -> None:
        registry, names = self.desk.runtime.registry, self.source.documents()["connector"]
        rows: dict[str, Shown] = {}
        for name in names:
            known = registry.known(name)
            html = cards.connector(name, registry.health(name), len(known) if known is not None else None)
            rows[name] = (f"{self.base}/connectors/{quote(name, safe='')}", html)
        self.connectors.show(rows)
        down = sum(registry.health(name).state != "up" for name in names)
        words = f'<span class="qd-hint qd-brass">{down} of {len(names)} not up</span>' if down else ""
        self.connected_hint.set_content(words)

    def _count(self, numbers: Numbers) -> None:
        tools, decisions = numbers.decisions["tools"][:TOOLS], numbers.decisions
        budget = f"budget {format.cost(numbers.budget_usd)}" if numbers.budget_usd else ""
        self.spent_hint.set_content(hint(budget))
        self.spend.set_content(cards.spend(numbers.usage, numbers.budget_usd, numbers.projected_usd, "midnight"))
        self.stats.set_content(cards.stats(numbers.ended))
        self.tools.set_visibility(bool(tools))
        self.none_decided.set_visibility(not tools)
        self.tool_names.set_content(cards.tool_names(tools))
        self.tool_numbers.set_content(cards.tool_numbers(tools))
        asked = sum(one["requests"] for one in decisions["tools"])
        self.decided_hint.set_content(hint(f"{PERIODS[self.source.days].lower()}, {format.plural(asked, 'request')}"))
        advice = cards.advice(decisions["tools"], self.base)
        self.advice.set_content(advice)
        self.advice.set_visibility(bool(advice))
        if (median := decisions["median_seconds"]) is not None:
            waits = f"median wait {format.duration(median)}, p95 {format.duration(decisions['p95_seconds'])}"
            self.asked_hint.set_content(hint(waits))

    # plots

    def _draw(self, numbers: Numbers) -> None:
        tools = numbers.decisions["tools"][:TOOLS]
        if tools:
            parts = [(name, colour, [one[name] for one in tools]) for name, colour in cards.PARTS]
            options = plots.shares([one["tool"] for one in tools], parts)
            self._plot(self.tool_bars, options, "Decisions by tool", TOOL_PX * len(tools))
        hour = self.source.now().hour
        counted = numbers.decisions["hours"][: hour + 1] if self.source.days == 1 else numbers.decisions["hours"]
        labels = [f"{n:02}:00" for n in range(len(counted))]
        options = plots.columns(labels, counted, last_is_open=self.source.days == 1, every=max(1, len(counted) // 5))
        self._plot(self.hours, options, "Requests by hour of the day", 72)

    def _plot(self, place: ui.element, options: plots.Options, label: str, height_px: int) -> None:
        """Drawn when it is first there, changed in place later, and only when it differs."""
        before = self.plots.get(label)
        if before is not None and before[0] == options:
            return
        if before is None:
            with place:
                self.plots[label] = (options, plots.plot(options, label, height_px))
            return
        chart = before[1]
        chart.options.clear()
        chart.options.update(options)
        chart.style(f"height:{height_px}px")
        chart.update()
        self.plots[label] = (options, chart)
