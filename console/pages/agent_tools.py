"""The tools part of an agent's form: what connected systems offer now, and which of it is picked."""

from html import escape
from typing import Any

from nicegui import ui

from agents.config import Agent
from agents.tools.definition import ToolDefinition

from .. import agent_draft, connector_form
from ..components.tool_table import Row, ToolTable, rows_of
from ..desk import Desk
from ..frame import base_path


def _said(connector: str, because: str) -> str:
    """With a link to its card, which says the rest: what it last wrote, and a way to start it again."""
    link = f'<a class="qd-link" href="{base_path()}/connectors">{escape(connector)}</a>'
    rest = because.removeprefix(connector)
    return f"{link}{'' if rest != because else ': '}{escape(rest)}"


def missing_tools(desk: Desk) -> list[str]:
    """HTML sentences: why tools may be missing."""
    connectors = desk.runtime.administration.documents("connector")
    if not connectors:
        link = f'<a class="qd-link" href="{base_path()}/connect">Add a connector</a>'
        return [f"No system is connected yet, so there are no tools to pick. {link}"]
    return [
        _said(name, connector_form.last_words(health.because)[0])
        for name in connectors
        if (health := desk.runtime.registry.health(name)).state != "up"
    ]


class AgentTools:
    """Follows the connectors: a server that comes up while the page is open brings its tools."""

    def __init__(self, desk: Desk, toolset: dict[str, Any], window: int | None, *, fixed: bool) -> None:
        self.desk = desk
        self.toolset = toolset
        self.is_touched = False
        self.notes = ui.html("", sanitize=False).classes("qd-cards")
        self.table = ToolTable(self._rows(toolset), fixed=fixed, window=window, on_pick=self._touched)
        self._say()
        ui.context.client.on_delete(desk.runtime.registry.subscribe(self._changed))

    @property
    def picks(self) -> dict[str, str]:
        return self.table.picks

    def _touched(self) -> None:
        self.is_touched = True

    def _changed(self, _connector: str) -> None:
        with self.table:  # the registry calls from outside of any page
            seen = agent_draft.picked(self.toolset) | self.picks  # what was unticked keeps its row as well
            self.table.show(self._rows(agent_draft.toolset(self.toolset, "", seen)))
            self._say()

    def _rows(self, toolset: dict[str, Any]) -> list[Row]:
        """What is picked and not offered keeps its row, so that it is still picked when its server is back."""
        registry, administration = self.desk.runtime.registry, self.desk.runtime.administration
        offered: list[ToolDefinition] = []
        for connector in administration.documents("connector"):
            offered += registry.known(connector) or ()
        changed = [definition for definition, _ in administration.drifted()]
        return rows_of(offered, toolset.get("tools", ()), changed)

    def _say(self) -> None:
        """Why tools may be missing, and who else uses this toolset."""
        said = missing_tools(self.desk)
        agents: dict[str, Agent] = self.desk.runtime.administration.documents("agent")
        users = [name for name, one in agents.items() if one.toolset == self.toolset.get("name")]
        if len(users) > 1:
            names = escape(", ".join(users))
            said.append(
                f"The toolset “{escape(self.toolset['name'])}” is shared: what is picked here holds for {names}."
            )
        self.notes.set_content("".join(f"<div class='qd-note'><span>{one}</span></div>" for one in said))
