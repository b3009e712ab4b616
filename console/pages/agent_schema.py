"""The part of an agent's form that says what it is given and what it answers with: rows for people, JSON for the rest."""

import json
from typing import Any

from nicegui import ui

from .. import schema_form
from ..components.document_form import DocumentForm
from ..components.field import choice, line, lines
from ..components.row_list import RowList, kept_in, tick
from .agent_sections import Fold

INPUTS = "Asked of whoever starts a session, beside the message."
ANSWER = "Its last answer is then an object of this shape, for programs to read. Without any it answers in words."


class AgentSchemas:
    def __init__(self, form: DocumentForm) -> None:
        self.form = form
        self.fold = Fold("inputs")
        with self.fold.body:
            self.inputs = _Schema(form, "inputs", "Inputs", INPUTS, "input", self.tell)
            self.answer = _Schema(form, "output_schema", "Shape of the answer", ANSWER, "field", self.tell)
        self.tell()

    def tell(self) -> None:
        inputs, answer = self.inputs.in_words(), self.answer.in_words()
        self.fold.tell(f"{inputs or 'no inputs'} → {answer or 'answers in words'}")

    def values(self) -> dict[str, Any]:
        return {"inputs": self.inputs.value(), "output_schema": self.answer.value()}

    def missing(self) -> dict[str, str]:
        return {**self.inputs.missing(), **self.answer.missing()}


class _Schema:
    def __init__(self, form: DocumentForm, key: str, title: str, help_text: str, what: str, tell: Any) -> None:
        self.key = f"agents/{key}"
        self.what = what
        self.fixed = form.fixed
        self.rows, rest = schema_form.rows_of(form.document.get(key))
        with form.field(self.key, title, help_text):
            RowList(
                self.rows, self._row, schema_form.fresh, what=what, fixed=form.fixed, on_change=tell, kind="qd-flat"
            )
            with ui.element("details").classes("qd-more") as more:
                more.props["open"] = bool(rest)
                ui.html("The rest, as JSON", sanitize=False, tag="summary")
                words = f"{title}: the rest, as JSON"
                text = json.dumps(rest, indent=2, ensure_ascii=False) if rest else ""
                self.rest = lines(words, text, hint='{"additionalProperties": false}', fixed=form.fixed, mono=True)
                self.rest.on("blur", self._check)
        self.field = form.fields[self.key]

    def _row(self, row: dict[str, Any]) -> None:
        what = self.what.capitalize()
        with ui.element("div").classes("qd-schemarow"):
            kept_in(row, "name", line(f"{what}: key", row["name"], hint="order_id", fixed=self.fixed, mono=True))
            kept_in(row, "type", choice(f"{what}: kind", schema_form.TYPES, row["type"], fixed=self.fixed))
            hint = "What it means, for people and for the model"
            kept_in(row, "description", line(f"{what}: meaning", row["description"], hint=hint, fixed=self.fixed))
            kept_in(row, "required", tick("needed", row["required"], fixed=self.fixed), bool)
        if row["kept"]:
            said = ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in row["kept"].items())
            ui.label(said[:200]).classes("qd-help qd-i3")

    def _check(self, _event: Any = None) -> None:
        self.field.complain(self.missing().get(self.key, ""))

    def missing(self) -> dict[str, str]:
        try:
            self._made()
        except schema_form.NotASchema as error:
            return {self.key: str(error)}
        return {}

    def _made(self) -> dict[str, Any] | None:
        return schema_form.schema_of(self.rows, str(self.rest.value or ""))

    def value(self) -> dict[str, Any] | None:
        """What cannot be read is complained about elsewhere, and saves nothing."""
        try:
            return self._made()
        except schema_form.NotASchema:
            return None

    def in_words(self) -> str:
        return schema_form.in_words(self.value())
