"""The part of an agent's form that says what it is for: its name, a sentence about it, and its instructions."""

from typing import Any

from nicegui import ui

from .. import markdown
from ..components.buttons import button
from ..components.document_form import DocumentForm
from ..components.field import line, lines
from .agent_sections import section

HELP = "What it is there for, how it works, when it should ask. Written to the model, in Markdown if you like."
NOTHING = "<p class='qd-i3'>Nothing is written yet.</p>"


class AgentWords:
    def __init__(self, form: DocumentForm) -> None:
        self.form = form
        document, fixed = form.document, form.fixed
        with section("words"):
            with ui.element("div").classes("qd-pair"):
                with form.field("agents/name", "Name", "What people call it.", needed=form.is_new):
                    taken = fixed or not form.is_new
                    self.name = line("Name", document.get("name", ""), hint="Returns clerk", fixed=taken)
                with form.field("agents/description", "What it does", "A sentence for people who choose."):
                    self.description = line("What it does", document.get("description") or "", fixed=fixed)
            with form.field("agents/instructions", "Instructions", HELP, needed=True):
                text = document.get("instructions", "")
                self.instructions = lines("Instructions", text, fixed=fixed, tall=190)
                self.preview = ui.html("", sanitize=False).classes("qd-md qd-preview")
                self.preview.set_visibility(False)
                with ui.element("div").classes("qd-acts"):
                    self.toggle = button("Preview", self._toggle, kind="t", sign="eye")
                    self.toggle.props["aria-pressed"] = "false"

    def _toggle(self) -> None:
        """The text as people read it, in the place of the input."""
        shown = not self.preview.visible
        self.preview.set_content(markdown.render(str(self.instructions.value or "")) or NOTHING)
        self.preview.set_visibility(shown)
        self.instructions.set_visibility(not shown)
        self.toggle.props["aria-pressed"] = "true" if shown else "false"

    def values(self) -> dict[str, Any]:
        return {
            "name": str(self.name.value or "").strip(),
            "description": str(self.description.value or "").strip() or None,
            "instructions": str(self.instructions.value or ""),
        }
