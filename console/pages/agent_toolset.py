"""The part of an agent's form that chooses its toolset: one that is there already, or tools picked here."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from nicegui import ui

from agents.offering import MOST_TOOLS

from .. import agent_draft
from ..components.document_form import Document, DocumentForm
from ..components.field import choice
from ..components.tool_table import Picks
from ..frame import base_path
from .agent_tools import AgentTools

OWN = ""
HELP = "Few and fitting ones: an agent sees only what is picked here."


class AgentToolset:
    """`stored` is its toolset when the page was opened; choosing another one shows what that picks."""

    def __init__(self, form: DocumentForm, stored: Document, window: Callable[[], int | None]) -> None:
        self.form = form
        self.stored = stored
        self.window = window
        self.before = stored.get("name", OWN)
        self.left: dict[str, tuple[Picks, Picks]] = {}
        """Toolset → what it picked and what was ticked here when another one was chosen."""
        known = form.desk.runtime.administration.documents("toolset")
        options = {OWN: "A new one of its own: what is picked here", **{name: name for name in known}}
        with form.field("agents/toolset", "Toolset", "Several agents may share one."):
            self.chosen = choice("Toolset", options, self.before, fixed=form.fixed)
            self.chosen.on_value_change(self._choose)
            self.link = ui.html("", sanitize=False)
        with form.field("toolsets/tools", "Tools", HELP):
            self.place = ui.element("div")
        self._show()

    async def _choose(self, event: Any) -> None:
        self.left[self.stored.get("name", OWN)] = (self.picked, dict(self.tools.picks))
        name = str(event.value or OWN)
        stored = await self.form.desk.runtime.configuration.get("toolset", name) if name else None
        self.stored = dict(stored.document) if stored else {}
        if stored is not None:
            self.form.has_opened("toolset", name, stored)
        if not self.place.is_deleted:
            self._show()

    def _show(self) -> None:
        name = self.stored.get("name", OWN)
        self.picked = agent_draft.picked(self.stored)
        before, mine = self.left.get(name, (self.picked, self.picked))
        picks = agent_draft.picks(before, mine, self.picked)
        is_touched = picks != self.picked
        shown = agent_draft.toolset(self.stored, name, picks) if is_touched else self.stored
        self.place.clear()
        with self.place:
            self.tools = AgentTools(self.form.desk, shown, self.window(), fixed=self.form.fixed)
        self.tools.is_touched = is_touched
        path = f"{base_path()}/toolsets/{quote(name)}"
        words = f'<a class="qd-link qd-s" href="{path}">Rename, pin and describe its tools</a>' if name else ""
        self.link.set_content(words)

    def name(self) -> str:
        """Of the chosen toolset; empty for a new one."""
        return str(self.chosen.value or OWN)

    def written(self, known: Document, new_name: str) -> Document | None:
        """The toolset as it is to be saved; None where it stays as it is."""
        name = self.name() or new_name
        if self.name() and not self.tools.is_touched:
            return None
        mine = known.get(name, {})
        picks = agent_draft.picks(self.picked, self.tools.picks, agent_draft.picked(mine))
        return agent_draft.toolset(mine, name, picks)

    def offered(self) -> list[str]:
        """The names under which the picked tools are offered."""
        named = {f"{one['connector']}/{one['tool']}": one.get("as") for one in self.stored.get("tools", ())}
        return [named.get(key) or key.partition("/")[2] for key in self.tools.picks]

    def is_emptied(self) -> bool:
        """It has none, and not because it never had any."""
        return not self.tools.picks and bool(self.picked or self.form.is_new)

    def missing(self) -> dict[str, str]:
        count = len(self.tools.picks)
        if self.tools.is_touched and count > MOST_TOOLS and not self.stored.get("over_limit_because"):
            said = (
                f"{count} tools are too many to choose well from; {MOST_TOOLS} at most, or give the toolset a reason."
            )
            return {"toolsets/tools": said}
        return {}
