"""What a preset needs that only the admin knows: a folder, an address, a key. It fills the fields below it."""

import shlex
from typing import Any

from nicegui import ui

from agents.tools.presets import Needed, Preset

from .. import connector_form
from ..components.document_form import DocumentForm
from ..components.field import field, line
from ..components.secret_field import HIDDEN
from .connector_sections import Program, Section

GOES = {
    "args": "",
    "env": "The server reads it as {name}.",
    "header": "Sent as the header {name}.",
}


class Needs:
    def __init__(self, form: DocumentForm, preset: Preset) -> None:
        self.form = form
        self.preset = preset
        self.inputs: dict[str, ui.input] = {}
        self.section: Section | None = None
        """The fields that are filled; None where another kind was chosen."""
        with ui.element("section").classes("qd-card qd-needs"), ui.element("div").classes("qd-in qd-form"):
            mark = "Tried here." if preset.tried else "Written from its maker’s documentation; not tried here yet."
            head = f"<h2>{preset.title}</h2><p class='qd-i2'>{preset.sentence}</p>"
            ui.html(f"{head}<p class='qd-s qd-i2'>{preset.where} <b>{mark}</b></p>", sanitize=False)
            for one in preset.needed:
                self._input(one)

    def _input(self, one: Needed) -> None:
        hint = HIDDEN if one.secret else one.example
        with field(one.what, GOES[one.goes].format(name=one.name), needed=True):
            made = line(one.what, hint=hint, secret=one.secret, mono=not one.secret)
        self.inputs[one.name] = made
        if not one.secret:
            made.on_value_change(self._fill)

    def values(self) -> dict[str, str]:
        return {name: str(one.value or "").strip() for name, one in self.inputs.items()}

    def _fill(self) -> None:
        if not isinstance(self.section, Program):
            return
        document = self.preset.document(self.values())
        self.section.args.set_value(shlex.join(document["args"]))
        try:
            typed = connector_form.pairs(str(self.section.env.value or ""), "=")
        except connector_form.Unreadable:
            return  # said when it is tried; nothing of it is thrown away
        both = typed | (document.get("env") or {})
        self.section.env.set_value(connector_form.unpaired({name: one for name, one in both.items() if one}, "="))

    def _secrets(self) -> list[tuple[Needed, str]]:
        given = self.values()
        found = [(one, given[one.name]) for one in self.preset.needed if one.secret and given[one.name]]
        return [(one, value if value.startswith(one.before) else one.before + value) for one, value in found]

    def _reference(self, one: Needed, name: str) -> str:
        taken = self.form.desk.secrets.names()
        return f"secret:{connector_form.secret_name(name, one.name.lower(), taken)}"

    def add(self, name: str, values: dict[str, Any]) -> None:
        """The references to what was typed, beside what the fields say."""
        for one, _ in self._secrets():
            key = "env" if one.goes == "env" else "headers"
            values[key] = {**values.get(key, {}), one.name: self._reference(one, name)}

    def typed(self, name: str) -> dict[str, str]:
        return {self._reference(one, name): value for one, value in self._secrets()}

    def missing(self, values: dict[str, Any]) -> dict[str, str]:
        """`values`: what the whole form says; a key may also have been written there by hand."""
        wrong = {}
        for one in self.preset.needed:
            if one.goes == "args" and any(f"{{{one.name}}}" in arg for arg in values.get("args", ())):
                wrong["connectors/args"] = f"{one.what}: fill it in above."
            elif one.goes != "args" and not (values.get("env" if one.goes == "env" else "headers") or {}).get(one.name):
                wrong["connectors/env" if one.goes == "env" else "connectors/headers"] = (
                    f"It needs {one.name}: see above."
                )
        return wrong
