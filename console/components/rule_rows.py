"""The conditions of one rule, a row each: what it is about, and what has to be so."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui

from .buttons import button
from .field import OUTLINED, choice, line
from .focusing import focus_in, focus_on
from .row_button import row_button
from .row_list import TOUCHED, Row, kept_in
from .rule_draft import ABOUT, fresh_row
from .rule_words import DAYS, EVIDENCE, OPS, RISKS

HINTS = {
    "tool": "its own name, or part of it with *",
    "connector": "its name, or part of it with *",
    "agent": "its name, or part of it with *",
    "cost": "US dollars, 2.50 say",
}
LISTS = {"tool": "qd-known-tools", "connector": "qd-known-connectors", "agent": "qd-known-agents"}
VALUES = {"in": "EUR, USD", "not_in": "EUR, USD", "gt": "8000", "ge": "8000", "lt": "8000", "le": "8000"}


def known_names(named: dict[str, Sequence[str]]) -> None:
    """Once on a page: what the browser offers while a tool, connector or agent is typed."""
    for about, names in named.items():
        options = "".join(f'<option value="{escape(name)}"></option>' for name in names)
        ui.html(f'<datalist id="{LISTS[about]}">{options}</datalist>', sanitize=False).style("display:none")


class RuleRows:
    """`rows` is changed in place; `changed` is told of every key."""

    def __init__(self, rows: list[Row], changed: Callable[[], None], *, only: Sequence[str] = tuple(ABOUT)) -> None:
        self.rows = rows
        self.changed = changed
        self.only = only
        self.place = ui.element("div").classes("qd-conds")
        self.add = button("Condition", self._add, kind="t g", sign="plus")
        self.draw()

    def draw(self) -> None:
        self.place.clear()
        with self.place:
            if not self.rows:
                ui.html("<p class='qd-i3 qd-s'>It is about every call.</p>", sanitize=False)
            for at, row in enumerate(self.rows):
                self._row(at, row)

    def _row(self, at: int, row: Row) -> None:
        with ui.element("div").classes("qd-cond").props("role=group") as group:
            group.props["aria-label"] = f"Condition {at + 1}"
            ui.html("and" if at else "When", sanitize=False, tag="span").classes("qd-condword")
            with ui.element("div").classes("qd-condin"):
                if len(self.only) > 1:
                    abouts = {one: ABOUT[one] for one in self.only}
                    about = choice(f"Condition {at + 1} is about", abouts, row["about"])
                    about.on_value_change(lambda event: self._about(row, event.value))
                self._inputs(at, row)
            row_button("Remove", f"condition {at + 1}", lambda: self._remove(at), kind="g").classes("qd-condx")

    def _inputs(self, at: int, row: Row) -> None:
        name = f"{ABOUT[row['about']]} of condition {at + 1}"
        match row["about"]:
            case "argument":
                self._argument(at, row)
            case "hours":
                self._hours(at, row)
            case "risk" | "evidence":
                words = RISKS if row["about"] == "risk" else EVIDENCE
                self._keep(row, "value", choice(name, words, row["value"] or None)).classes("qd-grow")
            case about:
                made = line(name, str(row["value"]), hint=HINTS[about], mono=about in ("tool", "connector"))
                if about in LISTS:
                    made.props["list"] = LISTS[about]
                self._keep(row, "value", made).classes("qd-grow")

    def _argument(self, at: int, row: Row) -> None:
        path = line(f"Argument of condition {at + 1}", row["path"].removeprefix("/"), hint="amount", mono=True)
        self._keep(row, "path", path)
        words = OPS | {"missing": "is missing"}
        shown = "missing" if row["op"] == "exists" and row.get("missing") else row["op"]
        op = choice(f"Comparison of condition {at + 1}", words, shown)
        op.on_value_change(lambda event: self._op(row, event.value))
        if row["op"] != "exists":
            value = line(f"Value of condition {at + 1}", str(row["value"]), hint=VALUES.get(row["op"], ""))
            self._keep(row, "value", value).classes("qd-grow")

    def _hours(self, at: int, row: Row) -> None:
        for key, words in (("start", "From"), ("end", "To")):
            made = line(f"{words}, condition {at + 1}", row[key], hint="22:00")
            self._keep(row, key, made).classes("qd-hour")
        zones = sorted({*available_timezones(), row["timezone"]})
        zone = ui.select(zones, value=row["timezone"], with_input=True).props(OUTLINED)
        zone.props["aria-label"] = f"Time zone of condition {at + 1}"
        self._keep(row, "timezone", zone)
        days = choice(f"Days of condition {at + 1}", DAYS, row["days"], several=True).classes("qd-grow")
        days.props["placeholder"] = ""
        if not row["days"]:
            days.props["label"] = "every day"
        self._keep(row, "days", days)

    def _keep(self, row: Row, key: str, made: Any) -> Any:
        kept_in(row, key, made)
        made.on_value_change(lambda _: self.changed())
        return made

    def _about(self, row: Row, about: str) -> None:
        row.clear()
        row.update(fresh_row(about))
        self._again()

    def _op(self, row: Row, op: str) -> None:
        was = row["op"]
        row["op"], row["missing"] = ("exists", True) if op == "missing" else (op, False)
        self.changed()
        if "exists" in (was, row["op"]):
            self._again()

    def _add(self) -> None:
        about = next((one for one in self.only if one not in {row["about"] for row in self.rows}), "argument")
        self.rows.append(fresh_row("argument" if about not in self.only else about))
        self._again()
        focus_in(self.place, f".qd-cond:nth-child({len(self.rows)}) input")

    def _remove(self, at: int) -> None:
        del self.rows[at]
        self._again()
        focus_on(self.add)

    def _again(self) -> None:
        with self.place:
            ui.run_javascript(TOUCHED)
        self.draw()
        self.changed()
