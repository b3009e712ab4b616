"""One tool of a toolset, opened beside the table: what its server says, and what the admin says instead."""

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from nicegui import ui

from agents import reasoning
from agents.tools.definition import ToolDefinition
from agents.tools.suggestion import suggest_risk

from .. import toolset_rows
from ..components.buttons import button
from ..components.field import Field, choice, field, line, lines, number, whole_number
from ..components.tool_list import risk_mark
from ..icons import icon
from ..toolset_draft import Draft

OPEN, PINNED, HIDDEN = "open", "pinned", "hidden"
MODES = {OPEN: "The model decides", PINNED: "Fixed value", HIDDEN: "Hidden"}
NAME_HINT = "Letters, digits, _ and -, 64 at most."
STILL_NEEDED = "needed, so it cannot be hidden"


class Details:
    """Every change goes into the draft at once; `on_change` hears of it. `wrong` holds what cannot be published."""

    def __init__(
        self, draft: Draft, *, fixed: bool, on_change: Callable[[str], Any], on_close: Callable[[], Any]
    ) -> None:
        self.draft = draft
        self.fixed = fixed
        self.on_change = on_change
        self.on_close = on_close
        self.wrong: dict[tuple[str, str], str] = {}
        self.place = ui.element("section").classes("qd-ts-details").props('aria-label="Tool"')
        self.place.on("keydown.esc", on_close)

    def clear(self) -> None:
        self.place.clear()

    def show(self, key: str, one: ToolDefinition | None, use: Mapping[str, int] | None) -> None:
        self.key, self.one = key, one
        self.entry = self.draft.entry(key)
        self.wrong = {
            at: words for at, words in self.wrong.items() if at[0] != key
        }  # what did not fit is not shown again
        self.place.clear()
        with self.place:
            self._head()
            if one is None:
                ui.html("<p class='qd-i2'>Its connector does not offer it now. It stays picked.</p>", sanitize=False)
                return
            self._says(one, use)
            self._names(one)
            self._parameters(one)
            self._limits()

    def _head(self) -> None:
        with ui.element("header"):
            words = f"<code class='qd-b qd-break'>{escape(self.entry['tool'])}</code>"
            system = f"<span class='qd-i3 qd-s'>{escape(self.entry['connector'])}</span>"
            ui.html(words + system, sanitize=False).classes("qd-ts-name")
            close = button("Close", self.on_close, kind="t", sign="x", key="Esc")
            close.props["aria-label"] = f"Close {self.entry['tool']}"

    def _says(self, one: ToolDefinition, use: Mapping[str, int] | None) -> None:
        risk, why = suggest_risk(one)
        said = escape(one.description.strip()) or "It says nothing."
        counts = _counts(use) if use is not None else ""
        html = (
            f"<h3 class='qd-lab'>As the server describes it</h3><div class='qd-ts-said'>{said}</div>"
            f"<p class='qd-s qd-i2'>Suggested risk: {risk_mark(risk.value)} {escape(why)}</p>{counts}"
        )
        ui.html(html, sanitize=False)

    def _names(self, one: ToolDefinition) -> None:
        with field("Name for the model", NAME_HINT) as place:
            made = line("Name for the model", self.entry.get("as") or "", hint=one.name, fixed=self.fixed, mono=True)
            made.on_value_change(lambda event: self._renamed(place, str(event.value or "").strip()))
        with field("Description for the model", "Empty: the server's own words."):
            text = lines("Description for the model", self.entry.get("description") or "", fixed=self.fixed, tall=72)
            text.on_value_change(lambda event: self._say("description", str(event.value or "").strip()))

    def _renamed(self, place: Field, name: str) -> None:
        ok = len(name) <= 64 and all(one.isascii() and (one.isalnum() or one in "_-") for one in name)
        self._complain(place, "as", "" if ok else NAME_HINT)
        if ok:
            self._say("as", name)

    def _parameters(self, one: ToolDefinition) -> None:
        found = reasoning.parameters(one.input_schema)
        ui.html("<h3 class='qd-lab'>Parameters</h3>", sanitize=False)
        if not found:
            ui.html("<p class='qd-s qd-i3'>It takes none.</p>", sanitize=False)
        for name, (schema, needed) in found.items():
            self._parameter(name, schema, needed)

    def _parameter(self, name: str, schema: Any, needed: bool) -> None:
        pinned, hidden = self.entry.get("pinned") or {}, self.entry.get("hidden") or ()
        mode = PINNED if name in pinned else HIDDEN if name in hidden else OPEN
        modes = {key: words for key, words in MODES.items() if key != HIDDEN or not needed or mode == HIDDEN}
        with ui.element("div").classes("qd-ts-param") as place:
            kind = f"{_kind(schema)}{', needed' if needed else ''}"
            said = schema.get("description") if isinstance(schema, dict) else ""
            title = f"<code class='qd-b'>{escape(name)}</code> <span class='qd-i3 qd-s'>{escape(kind)}</span>"
            hint = (
                f"<div class='qd-s qd-i2 qd-clip' title='{escape(str(said))}'>{escape(str(said))}</div>" if said else ""
            )
            ui.html(title + hint, sanitize=False)
            chosen = choice(f"What {name} is", modes, mode, fixed=self.fixed)
            if self.fixed:
                chosen.disable()
            with field("") as value_place:
                typed = line(f"Value of {name}", _typed(pinned.get(name)), fixed=self.fixed, mono=True)
        value_place.set_visibility(mode == PINNED)
        place.props["title"] = STILL_NEEDED if needed and mode == HIDDEN else ""

        def changed(_event: Any = None) -> None:
            value_place.set_visibility(chosen.value == PINNED)
            self._keep(name, schema, str(chosen.value), str(typed.value or ""), value_place)

        chosen.on_value_change(changed)
        typed.on_value_change(changed)

    def _keep(self, name: str, schema: Any, mode: str, text: str, place: Field) -> None:
        value, wrong = self._read(name, schema, text) if mode == PINNED else (None, "")
        self._complain(place, f"parameter/{name}", wrong)
        if wrong:
            return  # what held before holds until this fits
        entry = self.draft.entry(self.key)
        pinned = {key: old for key, old in (entry.get("pinned") or {}).items() if key != name or mode == PINNED}
        hidden = [one for one in entry.get("hidden") or () if one != name]
        self.draft.say(self.key, "pinned", pinned | {name: value} if mode == PINNED else pinned)
        self._say("hidden", [*hidden, name] if mode == HIDDEN else hidden)

    def _read(self, name: str, schema: Any, text: str) -> tuple[Any, str]:
        """The value that was typed, and what is wrong with it."""
        if not text:
            return None, "Type the value it always has."
        value, wrong = toolset_rows.read_value(text, schema)
        return value, wrong or (toolset_rows.misfit(self.one, name, value) if self.one else "")

    def _limits(self) -> None:
        entry = self.entry
        ui.html("<h3 class='qd-lab'>Limits</h3>", sanitize=False)
        with ui.element("div").classes("qd-pair qd-three"):
            calls = (entry.get("limits") or {}).get("calls_per_turn")
            self._number("Calls per turn", calls, "any", self._calls)
            self._number("Seconds a call", entry.get("timeout_seconds"), "server's", self._timeout)
            self._number("Retries", entry.get("retries"), "0", self._retries)
        repeats = ui.checkbox("May safely run twice (idempotent)", value=bool(entry.get("idempotent")))
        repeats.props("dense").on_value_change(lambda event: self._say("idempotent", bool(event.value)))
        with field("Sensitive fields", "Names, with commas: their values never reach an external model."):
            made = line(
                "Sensitive fields", ", ".join(entry.get("sensitive") or ()), hint="iban, phone", fixed=self.fixed
            )
            made.on_value_change(lambda event: self._say("sensitive", _names(str(event.value or ""))))
        if self.fixed:
            repeats.disable()

    def _number(self, label: str, value: Any, hint: str, on_change: Callable[[Field, Any], None]) -> None:
        with field(label) as place:
            made = number(label, value, hint=hint, fixed=self.fixed)
            made.on_value_change(lambda event: on_change(place, whole_number(event.value)))

    def _calls(self, place: Field, value: Any) -> None:
        if self._fits(place, "limits", value, value is None or (isinstance(value, int) and value >= 1), "1 or more."):
            self._say("limits", {"calls_per_turn": value} if value else None)

    def _timeout(self, place: Field, value: Any) -> None:
        if self._fits(place, "timeout_seconds", value, value is None or value > 0, "More than 0."):
            self._say("timeout_seconds", value)

    def _retries(self, place: Field, value: Any) -> None:
        if self._fits(
            place, "retries", value, value is None or (isinstance(value, int) and 0 <= value <= 5), "0 to 5."
        ):
            self._say("retries", value or None)

    def _fits(self, place: Field, what: str, _value: Any, ok: bool, words: str) -> bool:
        self._complain(place, what, "" if ok else words)
        return ok

    def _complain(self, place: Field, what: str, words: str) -> None:
        place.complain(words)
        self.wrong.pop((self.key, what), None)
        if words:
            self.wrong[self.key, what] = words

    def _say(self, what: str, value: Any) -> None:
        self.draft.say(self.key, what, value)
        self.on_change(self.key)


def _kind(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "anything"
    if isinstance(schema.get("enum"), list):
        return "one of " + ", ".join(map(str, schema["enum"][:6]))
    several = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(several, list) and several:
        return " or ".join(dict.fromkeys(map(_kind, several[:6])))
    if isinstance(schema.get("$ref"), str):
        return str(schema["$ref"]).rpartition("/")[2]
    kind = schema.get("type")
    return " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "anything")


def _typed(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _counts(use: Mapping[str, int]) -> str:
    words = ", ".join(f"{name} {use.get(name, 0):,}" for name in ("offered", "called", "invalid", "rejected", "failed"))
    return f"<p class='qd-s qd-i3'>{icon('pulse', 'sm')} {words}</p>"
