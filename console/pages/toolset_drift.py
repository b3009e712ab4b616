"""Beside a toolset: definitions that changed since they were accepted, each as a difference, and the admin's word."""

from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui

from agents.tools.definition import ToolDefinition

from ..components.dialogs import on_page
from ..components.row_button import row_button
from ..desk import Desk
from ..icons import icon
from . import drift


class ToolsetDrift:
    """Shows itself only while there is something to say; `on_accept` draws the table anew."""

    def __init__(self, desk: Desk, *, may_act: bool, on_accept: Callable[[], Any]) -> None:
        self.desk = desk
        self.may_act = may_act
        self.on_accept = on_accept
        self.kept: set[str] = set()
        """Hashes that were looked at, and left as they are for now."""
        self.place = ui.element("div")
        self.look()

    def look(self) -> None:
        self.place.clear()
        with self.place:
            for definition, pin in self.desk.runtime.administration.drifted():
                if definition.hash not in self.kept:
                    self._draw(definition, pin)

    def _draw(self, definition: ToolDefinition, pin: dict[str, Any]) -> None:
        with ui.element("section").classes("qd-ts-blk qd-ts-drift").props('aria-label="Definition changed"'):
            name = escape(definition.name)
            words = f"<code class='qd-break'>{name}</code> of {escape(definition.connector)}. Held back from agents until you say so."
            head = f"<h3>{icon('drift', 'md')}<b>Definition changed</b></h3><p class='qd-s qd-i2'>{words}</p>"
            ui.html(head + drift.changes(definition, pin), sanitize=False)
            if self.may_act:
                with ui.element("div").classes("qd-row"):
                    row_button("Accept new", definition.name, lambda: self._accept(definition))
                    row_button("Keep pinned", definition.name, lambda: self._keep(definition))

    async def _accept(self, definition: ToolDefinition) -> None:
        with on_page():  # this place is drawn anew meanwhile
            await drift.accept(self.desk, definition)
            self.on_accept()

    def _keep(self, definition: ToolDefinition) -> None:
        self.kept.add(definition.hash)
        with on_page():
            self.look()
            ui.notify(f"{definition.name} stays held back; it can be accepted later, here or under Connectors.")
