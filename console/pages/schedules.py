"""The schedules: what runs by itself, when next, and what became of it; paused, resumed and run by hand from here."""

from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.config import Schedule
from agents.errors import AgentsError
from agents.scheduling import cron
from store.errors import StoreError
from store.people import Person, Role
from store.schedule_runs import Run

from .. import schedule_words
from ..components.cells import labelled
from ..components.dialogs import on_page
from ..components.empty import empty
from ..components.row_button import row_button
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import acting, person_of
from . import schedule

HEAD = ("Schedule", "When", "Next run", "Last run", "")


def register(desk: Desk) -> None:
    schedule.register(desk)

    @ui.page("/schedules")
    async def schedules(request: Request) -> None:
        person = person_of(request)
        may_act = person.role.rank >= Role.ADMIN.rank
        newest = await desk.runtime.runs.newest()
        with frame(desk, person, active="schedules", title="Schedules"), ui.element("div").classes("qd-page qd-main"):
            add = f'<a class="qd-btn qd-p" href="{base_path()}/schedules/new">{icon("plus", "md")}Add a schedule</a>'
            head = f'<h1>Schedules</h1><span class="qd-sp"></span>{add if may_act else ""}'
            ui.html(head, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                Rows(desk, newest, person)


class Rows:
    """One row per schedule, drawn anew after each action."""

    def __init__(self, desk: Desk, newest: dict[str, Run], person: Person) -> None:
        self.desk = desk
        self.rank = person.role.rank
        self.place = ui.element("div")
        self._draw(newest)

    def _draw(self, newest: dict[str, Run]) -> None:
        known: dict[str, Schedule] = self.desk.runtime.administration.documents("schedule")
        self.place.clear()
        with self.place:
            if not known:
                may_add = self.rank >= Role.ADMIN.rank
                text = "A schedule starts a session with an agent at set times: a nightly report, a check every hour."
                link = (f"{base_path()}/schedules/new", "Add a schedule") if may_add else None
                empty("clock", "Nothing runs by itself yet", text, link)
                return
            with ui.element("div").classes("qd-tblwrap"), ui.element("table").classes("qd-tbl qd-sched"):
                ui.html("".join(f"<th>{one}</th>" for one in HEAD), sanitize=False, tag="tr")
                for name, one in known.items():
                    self._row(one, newest.get(name))

    def _row(self, one: Schedule, last: Run | None) -> None:
        with ui.element("tr").classes("" if one.enabled else "qd-off"):
            for cell, head in zip(_cells(self.desk, one, last), HEAD, strict=False):
                labelled(cell, head)
            with ui.element("td"), ui.element("div").classes("qd-btnrow"):
                if self.rank >= Role.OPERATOR.rank:
                    row_button("Run now", one.name, lambda: self._run(one.name))
                if self.rank >= Role.ADMIN.rank:
                    words = "Pause" if one.enabled else "Resume"
                    row_button(words, one.name, lambda: self._toggle(one.name, not one.enabled))

    async def _run(self, name: str) -> None:
        await run_now(self.desk, name)
        await self._again()

    async def _toggle(self, name: str, enabled: bool) -> None:
        await set_enabled(self.desk, name, enabled)
        await self._again()

    async def _again(self) -> None:
        newest = await self.desk.runtime.runs.newest()
        if not self.place.is_deleted:
            self._draw(newest)


async def run_now(desk: Desk, name: str) -> None:
    @acting(desk, Role.OPERATOR)
    async def run_a_schedule(person: Person) -> None:
        with on_page():
            try:
                run = await desk.runtime.schedules.run_now(name, by=person.name)
            except (AgentsError, StoreError) as error:
                ui.notify(f"It was not started: {error}", type="negative")
                return
            if run.outcome == "started":
                ui.notify(f"{name} runs now, as session {run.session_id}.")
            else:
                ui.notify(f"It was not started: {run.because}", type="warning")

    await run_a_schedule()


async def set_enabled(desk: Desk, name: str, enabled: bool) -> None:
    @acting(desk, Role.ADMIN)
    async def pause_a_schedule(person: Person) -> None:
        def changed(document: dict[str, Any]) -> dict[str, Any]:
            return {**document, "enabled": enabled}

        with on_page():
            stored = await desk.runtime.configuration.get("schedule", name)
            try:
                if stored is None:
                    raise AgentsError("Somebody deleted it meanwhile.")
                expected = {("schedule", name): stored.version}
                await desk.runtime.administration.save(
                    "schedule", changed(dict(stored.document)), by=person.name, expected=expected
                )
            except (AgentsError, StoreError) as error:
                ui.notify(f"Nothing was changed: {error}", type="negative")
                return
            ui.notify(f"{name} runs by itself again." if enabled else f"{name} is paused.")

    await pause_a_schedule()


def _cells(desk: Desk, one: Schedule, last: Run | None) -> list[str]:
    base = base_path()
    name = f'<a class="qd-rowlink" href="{base}/schedules/{quote(one.name)}">{escape(one.name)}</a>'
    agent = f'<div class="qd-s qd-i2">{escape(one.agent)}</div>'
    when = f'{escape(schedule_words.words(one.cron))}<div class="qd-s qd-i3">{escape(one.timezone)}</div>'
    return [
        name + agent,
        when,
        _next(desk, one),
        schedule.outcome(last) if last else "<span class='qd-i3'>never</span>",
    ]


def _next(desk: Desk, one: Schedule) -> str:
    if not one.enabled:
        return '<span class="qd-chip">paused</span>'
    moment = schedule_words.next_run(one.cron, one.timezone, desk.runtime.now())
    if moment is None:
        return "<span class='qd-i3'>never</span>"
    day, time, offset = schedule_words.tick(moment, cron.zone_named(one.timezone))
    return f'<span class="qd-nw">{day}, {time}</span><div class="qd-s qd-i3">{offset}</div>'
