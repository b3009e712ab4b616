"""The form of a server's question: its own words as plain text, and a field for each thing it wants to know."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element

from agents.forms import begins_with, options

from .field import Field, choice, field, line, lines

Schema = dict[str, Any]
NEVER_SECRETS = "Never type a password, a key or a card number here: servers may not ask for secrets."
VISIT = "It wants you to visit this address. Read where it leads first; nothing here opens it."
LONG_TEXT = 200


class InputForm:
    """Draws the questions and gathers the answers. What fits them is judged on the server once more."""

    def __init__(self, approval: dict[str, Any], *, may_answer: bool) -> None:
        self.form: dict[str, Any] = approval["form"] or {"questions": [], "refused": None}
        self.connector = str(approval["connector"])
        self.gone = approval["form"] is None
        self.fixed = not may_answer or approval["status"] != "pending"
        self.fields: dict[str, dict[str, _Answer]] = {}

    @property
    def refused(self) -> bool:
        return self.gone or bool(self.form["refused"])

    def build(self) -> None:
        with ui.element("div").classes("qd-sec qd-question"):
            hint = '<span class="qd-chip qd-o">the server’s own words</span>'
            ui.html(f"<header><h2>{escape(self.connector)} asks</h2>{hint}</header>", sanitize=False)
            if self.gone:
                ui.html("What it asked was erased from the record. It can only be declined.", sanitize=False)
            for question in self.form["questions"]:
                self._question(question)
            if self.form["refused"]:
                ui.html(escape(self.form["refused"]), sanitize=False).classes("qd-note qd-warn").mark("refused")
            elif not self.fixed:
                ui.html(escape(NEVER_SECRETS), sanitize=False).classes("qd-i3 qd-s")
            self.problems = ui.html("", sanitize=False).classes("qd-err").props("role=alert")

    def _question(self, question: dict[str, Any]) -> None:
        words = (
            f"<p class='qd-said' style='white-space:pre-wrap;overflow-wrap:anywhere'>{escape(question['message'])}</p>"
        )
        ui.html(words, sanitize=False)
        if question["url"] is not None:
            code = f"<code style='overflow-wrap:anywhere;user-select:all'>{escape(question['url'])}</code>"
            ui.html(f"<p class='qd-i3 qd-s'>{VISIT}</p>{code}", sanitize=False)
        made: dict[str, _Answer] = {}
        self.fields[question["key"]] = made
        if self.form["refused"]:
            return
        schema = question["fields"] or {}
        needed = schema.get("required") or []
        with ui.element("div").classes("qd-form"):
            for name, one in (schema.get("properties") or {}).items():
                made[name] = _Answer(name, one, needed=name in needed, fixed=self.fixed)

    def answers(self) -> str | None:
        """The answers as JSON; None, with what is wrong beside each field, where one is missing or no number."""
        self.problems.set_content("")
        fine = [one.check() for each in self.fields.values() for one in each.values()]
        if not all(fine):
            return None
        said = {key: {name: one.value for name, one in each.items() if one.given} for key, each in self.fields.items()}
        return json.dumps(next(iter(said.values()), {}) if len(said) == 1 else said, ensure_ascii=False)

    def complain(self, problems: tuple[str, ...]) -> None:
        """Each sentence beside its field, where it has one."""
        left = [one for one in problems if not self._placed(one.removeprefix("/arguments"))]
        self.problems.set_content("<br>".join(escape(one.removeprefix("/arguments")) for one in left))

    def _placed(self, problem: str) -> bool:
        path, _, words = problem.partition(":")
        for key, each in self.fields.items():
            for name, one in each.items():
                if path in (f"/{name}", f"/{key}/{name}"):
                    one.place.complain(words.strip())
                    return True
        return False


class _Answer:
    """One field of a form, by the schema a server gave for it."""

    def __init__(self, name: str, schema: Schema, *, needed: bool, fixed: bool) -> None:
        self.schema = schema
        self.needed = needed
        self.kind = "text" if schema.get("format") != "date" else "date"
        label = str(schema.get("title") or name)
        described = str(schema.get("description") or "")
        self.place: Field = field(
            label, "; ".join([*([described] if described else []), *_hints(schema)]), needed=needed
        )
        with self.place:
            self.input: Any = self._input(label, fixed)

    def _input(self, label: str, fixed: bool) -> Element:
        schema, begin = self.schema, begins_with(self.schema)
        if schema.get("type") == "array":
            return choice(label, options(schema["items"]), begin, fixed=fixed, several=True)
        if found := options(schema):
            return choice(label, found, begin, fixed=fixed)
        if schema.get("type") == "boolean":
            made = ui.select({True: "Yes", False: "No"}, value=begin)
            made.props("outlined dense options-dense" + (" readonly" if fixed else ""))
            made.props["aria-label"] = label
            return made
        text = str(begin)
        if schema.get("type") == "string" and schema.get("maxLength", 0) > LONG_TEXT:
            return lines(label, text, fixed=fixed)
        made_line = line(label, text, fixed=fixed, hint=_EXAMPLES.get(str(schema.get("format")), ""))
        return made_line.props("type=date") if self.kind == "date" else made_line

    @property
    def _typed(self) -> Any:
        return self.input.value

    @property
    def given(self) -> bool:
        return self._typed not in (None, "", [])

    @property
    def value(self) -> Any:
        return json.loads(self._typed) if self._is_number else self._typed

    @property
    def _is_number(self) -> bool:
        return self.schema.get("type") in ("number", "integer")

    def check(self) -> bool:
        words = ""
        if self.needed and not self.given:
            words = "This is needed."
        elif self.given and self._is_number and not _is_number(self._typed):
            words = "This has to be a number, such as 12 or 12.5."
        self.place.complain(words)
        return not words


_EXAMPLES = {"email": "ada@example.com", "uri": "https://example.com", "date-time": "2026-05-31T14:30:00Z"}


def _hints(schema: Schema) -> Iterator[str]:
    """The bounds it has to keep, in words."""
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if lowest is not None and highest is not None:
        yield f"{lowest} to {highest}"
    elif lowest is not None or highest is not None:
        yield f"at least {lowest}" if highest is None else f"at most {highest}"
    if schema.get("type") == "integer":
        yield "a whole number"
    if (most := schema.get("maxLength")) is not None:
        yield f"at most {most} characters"


def _is_number(typed: str) -> bool:
    try:
        return type(json.loads(typed)) in (int, float)
    except ValueError:
        return False
