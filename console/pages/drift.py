"""Changed definitions: what a server says of a tool now beside what was accepted, and *accept new*."""

import json
from html import escape
from typing import Any

from nicegui import ui

from agents.errors import AgentsError
from agents.offering import pin_of
from agents.tools.definition import ToolDefinition
from store.errors import StoreError
from store.people import Role

from ..components.buttons import button
from ..components.dialogs import on_page
from ..components.differences import difference
from ..desk import Desk
from ..icons import icon
from ..security import allowed

PARTS = ("description", "annotations", "input_schema", "output_schema")


class Drift:
    """Shows itself only while there is something to accept; follows what servers announce."""

    def __init__(self, desk: Desk, *, may_act: bool) -> None:
        self.desk = desk
        self.may_act = may_act
        self.place = ui.element("div").classes("qd-drifts")
        self.shown: list[tuple[str, str]] = []
        self.look()

    def look(self) -> None:
        """Draw anew when it is not what is shown already."""
        found = self.desk.runtime.administration.drifted()
        now = [(one.hash, str(pin.get("hash"))) for one, pin in found]
        if now == self.shown:
            return
        self.shown = now
        self.place.clear()
        with self.place:
            if found:
                ui.html("<h2 id='changed'>Changed definitions</h2>", sanitize=False)
            for definition, pin in found:
                self._draw(definition, pin)

    def _draw(self, definition: ToolDefinition, pin: dict[str, Any]) -> None:
        with ui.element("section").classes("qd-card qd-drift"):
            with ui.element("header"):
                tool, server = escape(definition.name), escape(definition.connector)
                words = f'<h2 class="qd-el"><code>{tool}</code></h2><span class="qd-hint">{server}</span>'
                ui.html(icon("drift", "md") + words, sanitize=False).classes("qd-row").style("min-width:0")
                ui.element("span").classes("qd-sp")
                if self.may_act:
                    button("Accept new", lambda: self._accept(definition), kind="t", sign="check")
            with ui.element("div").classes("qd-in"):
                text = (
                    "The server describes this tool differently from what was accepted. It is kept from agents until "
                    "an admin accepts the new words; what waited for a decision on it was withdrawn."
                )
                ui.html(f"<p class='qd-i2'>{text}</p>{changes(definition, pin)}", sanitize=False)

    async def _accept(self, definition: ToolDefinition) -> None:
        await accept(self.desk, definition)
        self.look()


def changes(definition: ToolDefinition, pin: dict[str, Any]) -> str:
    """HTML: what was accepted beside what the server says now."""
    return difference(_lines(pin), _lines(pin_of(definition)), "accepted and now")


async def accept(desk: Desk, definition: ToolDefinition) -> None:
    """Accept it as it was shown, and say what came of that."""
    if (person := await allowed(desk, Role.ADMIN, "accept a definition")) is None:
        return
    with on_page():  # accepting draws the place anew that it was asked from
        try:
            await desk.runtime.administration.accept(
                definition.connector, definition.name, definition.hash, by=person.name
            )
        except (AgentsError, StoreError) as error:
            ui.notify(f"Not accepted: {error}", type="negative")
        else:
            ui.notify(f"{definition.name} is offered again, as it is described now.")


def _lines(document: dict[str, Any]) -> list[str]:
    """Descriptions line by line rather than as one JSON string; the rest as pretty JSON."""
    text = [f"description: {line}" for line in str(document.get("description", "")).splitlines()]
    if document.get("wire"):
        text.append(f"request: {document['wire']}")
    for part in PARTS[1:]:
        pretty = json.dumps(document.get(part), indent=2, sort_keys=True, ensure_ascii=False).splitlines()
        text += [f"{part}: {pretty[0]}", *pretty[1:]]
    return text
