"""The settings of the whole desk: emergency stop, budgets, retention, and the configuration as a file."""

from collections.abc import Mapping
from html import escape
from typing import Any
from zoneinfo import available_timezones

from fastapi import Request
from nicegui import background_tasks, ui

from agents import budgets
from agents.budgets import Standing
from store.configuration import Stored
from store.people import Person, Role

from ..components.buttons import button
from ..components.document_form import Document, DocumentForm
from ..components.document_head import Sort
from ..components.field import OUTLINED, field, number, percent, whole_number
from ..desk import Desk
from ..frame import frame
from ..security import person_of
from .settings_retention import RetentionCard
from .settings_stops import StopCard
from .settings_transfer import TransferCard

NAME = "desk"
KEY = ("settings", NAME)
LEVELS = {"over": "qd-red", "warn": "qd-brass"}


def register(desk: Desk) -> None:
    @ui.page("/settings")
    async def settings(request: Request) -> None:
        person = person_of(request)
        stored = await desk.runtime.configuration.get(*KEY)
        form = SettingsForm(desk, stored, person)
        await form.prepare()
        with frame(desk, person, active="settings", title="Settings"), ui.element("div").classes("qd-page qd-main"):
            form.build()


class SettingsForm(DocumentForm):
    """Admins change all of it; operators see it and may pull the emergency stop; viewers only see it."""

    sort = Sort(kind="settings", plural="settings", make="Settings", only_admins="Admins change the settings")

    def __init__(self, desk: Desk, stored: Stored | None, person: Person) -> None:
        super().__init__(desk, stored, may_act=person.role.rank >= Role.ADMIN.rank)
        self.person = person
        self.document.setdefault("name", NAME)
        self.opened.setdefault(KEY, {"name": NAME})  # where nothing was ever set, that is what was opened

    async def prepare(self) -> None:
        self.standings = await self.desk.runtime.holds.standings()

    def _head(self) -> None:
        with ui.element("header").classes("qd-top"):
            ui.html("<h1>Settings</h1><span class='qd-sp'></span>", sanitize=False).style("display:contents")
            if not self.fixed:
                button("Save", self.save, kind="p")

    def body(self) -> None:
        with ui.element("div").classes("qd-beside qd-settings"):
            with ui.element("div").classes("qd-form"):
                self._budgets()
                self._retention()
            with ui.element("div").classes("qd-side"):
                StopCard(self.desk, self.person)
                if not self.fixed:
                    self.old_texts = RetentionCard(self.desk)
                    background_tasks.create(self.old_texts.show(self._days()), name="old texts")
                    self.days.on_value_change(lambda: self.old_texts.show(self._days()))
                    TransferCard(self.desk)

    def _budgets(self) -> None:
        ui.html("<h2>Budgets</h2>", sanitize=False)
        ui.html(
            "".join(f"<p class='{LEVELS.get(one.level, 'qd-i2')}'>{_said(one)}</p>" for one in self.standings),
            sanitize=False,
        )
        help_text = "USD for all agents together. At the whole of it sessions wait until it is raised or the day ends."
        with self.field("settings/budget_usd_per_day", "Budget per day", help_text):
            self.budget = number("Budget per day", self.document.get("budget_usd_per_day"), fixed=self.fixed)
        given = self.document.get("agent_budgets_usd", {})
        self.agents = {}
        agents = sorted({*self.desk.runtime.administration.documents("agent"), *given})
        with self.field("settings/agent_budgets_usd", "Budget per agent and day", "USD; empty for none of its own."):
            with ui.element("div").classes("qd-twocol"):
                for name in agents:
                    with field(name):
                        self.agents[name] = number(f"Budget of {name}", given.get(name), fixed=self.fixed)
        with self.field("settings/alert_at", "Warn from", "Per cent of a budget, on every page."):
            self.alert = number("Warn from", round(self.document.get("alert_at", 0.8) * 100), fixed=self.fixed)
        with self.field("settings/timezone", "Time zone", "In which a day begins and ends."):
            zone = self.document.get("timezone", "UTC")
            self.timezone = ui.select(sorted({*available_timezones(), zone}), value=zone, with_input=True)
            self.timezone.props(OUTLINED + (" readonly" if self.fixed else ""))
            self.timezone.props["aria-label"] = "Time zone"

    def _retention(self) -> None:
        ui.html("<h2>Retention</h2>", sanitize=False)
        help_text = "Days after which the texts of ended sessions are erased; empty keeps them for good."
        with self.field("settings/retention_days", "Keep texts for", help_text):
            self.days = number("Keep texts for", self.document.get("retention_days"), hint="days", fixed=self.fixed)

    def _days(self) -> int | None:
        value = whole_number(self.days.value)
        return value if isinstance(value, int) and value > 0 else None

    def given_name(self) -> str:
        return NAME

    def missing(self) -> dict[str, str]:
        wrong = percent(self.alert.value or 0)
        return {"settings/alert_at": wrong} if wrong else {}

    def _bad_name(self) -> dict[str, str]:
        """There is one such document, and nobody names it."""
        return {}

    async def _pass_over_stops(self) -> None:
        """A stop pulled or lifted since, here say, is kept as it is, and is nothing to be asked about."""
        now = await self.desk.runtime.configuration.get(*KEY)
        if now is not None and _without_stops(now.document) == _without_stops(self.opened[KEY]):
            self.versions[KEY] = now.version

    async def documents(self) -> list[tuple[str, Document]]:
        await self._pass_over_stops()
        own = {name: one.value for name, one in self.agents.items() if one.value is not None}
        written: dict[str, Any] = {
            "name": NAME,
            "timezone": self.timezone.value or "UTC",
            "retention_days": whole_number(self.days.value),
            "budget_usd_per_day": self.budget.value,
            "agent_budgets_usd": own,
            "alert_at": (self.alert.value or 0) / 100,
        }
        return [("settings", {**self.document, **written})]


def _without_stops(document: Mapping[str, Any]) -> Document:
    return {key: one for key, one in document.items() if key != "halts"}


def _said(one: Standing) -> str:
    return escape(budgets.sentence(one))
