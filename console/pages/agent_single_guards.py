"""The part of an agent's form that overrules its preset, guard by guard."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ..components.document_form import DocumentForm
from ..components.field import choice, number, whole_number

PRESET = "preset"
ON, OFF = "on", "off"
SWITCH = {PRESET: "As the preset has it", ON: "On", OFF: "Off"}
SWITCHES = (
    ("input_check", "Check of the request", "Asks for what is missing before anything is done."),
    ("policy_check", "Policy check", "A judge checks every call that does more than read."),
    ("consensus", "Vote", "Three models vote on every destructive call."),
    ("progress", "Progress check", "Stops when it goes round in circles."),
)
REPLIES = {PRESET: "As the preset has it", 1: "Off", 2: "2", 3: "3", 4: "4", 5: "5"}
CRITICAL = {
    PRESET: "As the preset has it",
    "answers": "Final answers",
    "writes": "Replies that call more than reading tools",
    "all": "All replies",
}


class SingleGuards:
    def __init__(self, form: DocumentForm, tell: Callable[[], None]) -> None:
        self.form = form
        stored = form.document.get("guards") or {}
        self.switches: dict[str, ui.select] = {}
        with ui.element("div").classes("qd-pair"):
            for key, words, help_text in SWITCHES:
                value = stored.get(key)
                chosen = PRESET if value is None else ON if value else OFF
                self.switches[key] = self._choice(key, words, help_text, SWITCH, chosen)
            help_text = "A judge picks the best of so many."
            self.best_of = self._choice(
                "best_of", "Replies compared", help_text, REPLIES, stored.get("best_of", PRESET)
            )
            chosen = stored.get("critical", PRESET)
            self.critical = self._choice("critical", "Compared for", "Where it is critical.", CRITICAL, chosen)
            with form.field("agents/guards/seconds", "Seconds for a side call", "Then it counts as failed."):
                hint = "as the preset has it"
                self.seconds = number("Seconds for a side call", stored.get("seconds"), hint=hint, fixed=form.fixed)
        for one in (*self.switches.values(), self.best_of, self.critical):
            one.on_value_change(lambda: tell())

    def _choice(self, key: str, words: str, help_text: str, options: Any, chosen: Any) -> ui.select:
        with self.form.field(f"agents/guards/{key}", words, help_text):
            return choice(words, options, PRESET if chosen is None else chosen, fixed=self.form.fixed)

    def values(self) -> dict[str, Any]:
        given = {PRESET: None, ON: True, OFF: False}
        return {
            **{key: given[str(one.value)] for key, one in self.switches.items()},
            "best_of": None if self.best_of.value == PRESET else self.best_of.value,
            "critical": None if self.critical.value == PRESET else self.critical.value,
            "seconds": whole_number(self.seconds.value),
        }
