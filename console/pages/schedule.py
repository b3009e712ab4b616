"""One schedule: agent, message, times with the next five runs, what is made of missed runs, and its history."""

from html import escape
from typing import Any
from zoneinfo import available_timezones

from fastapi import Request
from nicegui import ui

from store.schedule_runs import Run

from .. import format, schedule_words
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort
from ..components.field import OUTLINED, choice, field, line, lines
from ..desk import Desk
from ..frame import base_path
from ..schedule_words import OWN, PRESETS

MISSED = {
    "run_once": "Run once for all of them, as soon as it can",
    "skip": "Leave them out",
}
STATES = {"started": "qd-ok", "refused": "qd-bad", "skipped": "", "claimed": "qd-warn"}
WORDS = {"claimed": "starting"}
NEW = {"cron": "0 2 * * *", "timezone": "UTC", "message": ""}
PLACES = "{date}, {time}, {weekday}, {tick} and {schedule} are filled in, in the schedule's own time zone."


def register(desk: Desk) -> None:
    @ui.page("/schedules/new")
    async def new_schedule(request: Request) -> None:
        await open_form(desk, request, None, ScheduleForm)

    @ui.page("/schedules/{name}")
    async def one_schedule(request: Request, name: str) -> None:
        await open_form(desk, request, name, ScheduleForm)


class ScheduleForm(DocumentForm):
    sort = Sort(kind="schedule", plural="schedules", make="Add a schedule", only_admins="Admins add schedules")

    async def prepare(self) -> None:
        name = self.document.get("name")
        self.history = await self.desk.runtime.runs.history(name) if name else []
        self.zone = self.desk.runtime.world.settings().timezone

    def body(self) -> None:
        shown: dict[str, Any] = NEW | {"timezone": self.zone} | self.document
        with ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self._what(shown)
                self._when(shown)
                self._rest(shown)
            self._ahead()
        if not self.is_new:
            self._past()
        self._show()

    def _what(self, shown: dict[str, Any]) -> None:
        with self.field("schedules/name", "Name", "Sessions are started by it, as “schedule:” and this.", needed=True):
            self.name = line("Name", shown.get("name", ""), fixed=self.fixed or not self.is_new)
        agents = {*self.desk.runtime.administration.documents("agent"), *filter(None, [shown.get("agent")])}
        with self.field("schedules/agent", "Agent", needed=True):
            self.agent = choice("Agent", sorted(agents), shown.get("agent"), fixed=self.fixed)
        with self.field("schedules/message", "Message", PLACES, needed=True):
            self.message = lines("Message", shown["message"], fixed=self.fixed)
        self.message.on_value_change(self._show)
        self.name.on_value_change(self._show)

    def _when(self, shown: dict[str, Any]) -> None:
        preset, at = schedule_words.preset_of(shown["cron"])
        with ui.element("div").classes("qd-pair qd-twocol"):
            with field("How often"):
                self.preset = choice("How often", PRESETS, preset, fixed=self.fixed)
            with field("At"):
                self.at = line("At", at, hint="09:00", fixed=self.fixed)
        with self.field(
            "schedules/cron", "Cron line", "Minute, hour, day of month, month, day of week (1 is Monday).", needed=True
        ):
            self.cron = line("Cron line", shown["cron"], fixed=self.fixed, mono=True)
        with self.field(
            "schedules/timezone", "Time zone", "Whose clocks count; a change of the clocks runs nothing twice."
        ):
            zones = sorted({*available_timezones(), shown["timezone"]})
            self.timezone = ui.select(zones, value=shown["timezone"], with_input=True)
            self.timezone.props(OUTLINED + (" readonly" if self.fixed else ""))
            self.timezone.props["aria-label"] = "Time zone"
        self.follows = False
        """While the choice of how often is set by the line, which is then the one being typed."""
        self.preset.on_value_change(self._from_preset)
        self.at.on_value_change(self._from_preset)
        self.cron.on_value_change(self._from_line)
        self.timezone.on_value_change(self._show)

    def _rest(self, shown: dict[str, Any]) -> None:
        help_text = "Runs that were due while Quarterdeck was not running, or its clock was set forward."
        with self.field("schedules/missed", "Missed runs", help_text):
            self.missed = choice("Missed runs", MISSED, shown.get("missed", "run_once"), fixed=self.fixed)
        with self.field("schedules/enabled", "State"):
            self.enabled = ui.checkbox("Runs by itself", value=shown.get("enabled", True)).props("dense")
            self.enabled.set_enabled(not self.fixed)

    def _ahead(self) -> None:
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            ui.html("<h2>The next five runs</h2>", sanitize=False)
            self.runs = ui.html("", sanitize=False).props('role=status aria-label="The next five runs"')
            ui.html("<h2>What the next one says</h2>", sanitize=False)
            self.said = ui.html("", sanitize=False).props('role=status aria-label="What the next one says"')

    def _past(self) -> None:
        with ui.element("section").classes("qd-runs"):
            ui.html("<h2>Runs so far</h2>", sanitize=False)
            if not self.history:
                ui.html(
                    "<p class='qd-i3'>It has not run yet. The first line appears with its first tick.</p>",
                    sanitize=False,
                )
                return
            head = "<tr><th>For</th><th>What became of it</th><th>Why</th><th class='qd-hide'>By</th></tr>"
            rows = "".join(_row(one) for one in self.history)
            ui.html(f'<table class="qd-tbl">{head}{rows}</table>', sanitize=False).classes("qd-tblwrap")

    def _from_preset(self, _event: Any = None) -> None:
        if self.follows:
            return
        made = schedule_words.line_of(str(self.preset.value), str(self.at.value or ""))
        if made is not None and made != self.cron.value:
            self.cron.value = made

    def _from_line(self, _event: Any = None) -> None:
        """The two above follow what is typed here, and never write back into it."""
        preset, at = schedule_words.preset_of(str(self.cron.value or ""))
        self.follows = True
        try:
            if preset != self.preset.value and (preset != OWN or self._made() != self.cron.value):
                self.preset.value = preset
            if at and self._made() != self.cron.value:
                self.at.value = at
        finally:
            self.follows = False
        self._show()

    def _made(self) -> str | None:
        return schedule_words.line_of(str(self.preset.value), str(self.at.value or ""))

    def _show(self, _event: Any = None) -> None:
        line_, zone, now = str(self.cron.value or ""), str(self.timezone.value or ""), self.desk.runtime.now()
        self.runs.set_content(schedule_words.next_runs(line_, zone, now))
        text = str(self.message.value or "")
        nothing = "<p class='qd-i3'>Nothing yet: write a message.</p>"
        said = schedule_words.message(text, self.given_name(), line_, zone, now) if text.strip() else nothing
        self.said.set_content(said)

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def missing(self) -> dict[str, str]:
        needed = {"agent": self.agent.value, "message": str(self.message.value or "").strip(), "cron": self.cron.value}
        return {f"schedules/{key}": "This is needed." for key, value in needed.items() if not value}

    async def documents(self) -> list[tuple[str, Document]]:
        written = {
            "name": self.given_name(),
            "agent": self.agent.value,
            "message": str(self.message.value),
            "cron": " ".join(str(self.cron.value).split()),
            "timezone": self.timezone.value or "UTC",
            "enabled": bool(self.enabled.value),
            "missed": self.missed.value,
        }
        return [("schedule", {**self.document, **written})]

    def deleting(self) -> str:
        return "Nothing runs by it any more. Its sessions, its history and its versions are kept."


def outcome(run: Run) -> str:
    """HTML: a chip that leads to the session, and when."""
    chip = f'<span class="qd-chip {STATES[run.outcome]}">{WORDS.get(run.outcome, run.outcome)}</span>'
    link = f' <a class="qd-link" href="{base_path()}/sessions/{escape(run.session_id or "")}">session</a>'
    started = link if run.outcome == "started" and run.session_id else ""
    title = f' title="{escape(run.because)}"' if run.because else ""
    return f'<span class="qd-nw"{title}>{chip}{started}</span><div class="qd-s qd-i3">{format.moment(run.at, "date")}</div>'


def _row(run: Run) -> str:
    by = "the clock" if run.by == "clock" else run.by
    late = (
        f'<div class="qd-s qd-i3">{escape(run.tick_at.isoformat(timespec="minutes")[:16].replace("T", " "))} UTC</div>'
    )
    return (
        f'<tr><td class="qd-nw">{format.moment(run.tick_at, "date")}{late}</td><td>{outcome(run)}</td>'
        f'<td class="qd-i2">{escape(run.because)}</td><td class="qd-hide">{escape(by)}</td></tr>'
    )
