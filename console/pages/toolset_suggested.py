"""Beside a toolset: tools that the agent's instructions and past use speak for, and picked ones that nobody calls."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from nicegui import ui

from agents import suggesting
from agents.config import Agent
from agents.suggesting import Suggestion

from .. import format
from ..components.buttons import button
from ..components.field import choice
from ..components.tool_table import ToolTable
from ..components.tool_tokens import tokens_offered
from ..desk import Desk

Use = dict[str, dict[str, int]]
NO_AGENT = "No agent uses this toolset yet. Choose one whose instructions say what is needed."


class Suggested:
    """Nothing is picked by itself: a tick here is a tick in the table."""

    def __init__(self, desk: Desk, table: ToolTable, users: list[str], days: int) -> None:
        self.desk = desk
        self.table = table
        self.days = days
        self.use: Use | None = None
        self.boxes: dict[str, tuple[Suggestion, ui.checkbox]] = {}
        agents = list(desk.runtime.administration.documents("agent"))
        self.place = ui.element("section").classes("qd-ts-blk").props('aria-label="Suggested"')
        with self.place:
            ui.html("<h3><b>Suggested</b><span>from instructions and use</span></h3>", sanitize=False)
            self.agent = choice("Agent", agents, users[0] if users else None)
            self.agent.on_value_change(self._draw)
            self.agent.set_visibility(len(users) != 1)
            self.listed = ui.element("div").classes("qd-ts-sug")
        self.retire = ui.element("section").classes("qd-ts-blk").props('aria-label="Unused tools"')
        self.retire.set_visibility(False)
        self._draw()

    def counted(self, use: Use) -> None:
        self.use = use
        self._draw()
        self._retire()

    def follow(self) -> None:
        """The table was picked in: the ticks here say the same."""
        for key, (one, box) in self.boxes.items():
            done = (key in self.table.picks) == (one.do == "pick")
            if box.value != done:
                box.set_value(done)

    def _draw(self, _event: Any = None) -> None:
        self.boxes = {}
        self.listed.clear()
        with self.listed:
            agent: Agent | None = self.desk.runtime.administration.documents("agent").get(str(self.agent.value))
            if agent is None:
                ui.html(f"<p class='qd-s qd-i3'>{NO_AGENT}</p>", sanitize=False)
                return
            if self.use is None:
                ui.html("<p class='qd-s qd-i3'>Counting what was used…</p>", sanitize=False)
                return
            found = self._found(agent, self.use)
            for one in found:
                self._line(one)
            if not found:
                ui.html("<p class='qd-s qd-i3'>Nothing to add and nothing to drop.</p>", sanitize=False)

    def _found(self, agent: Agent, use: Use) -> list[Suggestion]:
        texts = [agent.instructions, agent.description or "", *(one.given for one in agent.scenarios)]
        return suggesting.suggest(texts, self.desk.runtime.administration.listed(), set(self.table.picks), use)

    def _line(self, one: Suggestion) -> None:
        connector, _, name = one.key.partition("/")
        with ui.element("div").classes("qd-ts-one").classes("qd-ts-drop" if one.do == "drop" else ""):
            box = ui.checkbox(value=False).props("dense size=xs")
            box.props["aria-label"] = f"{'Drop' if one.do == 'drop' else 'Pick'} {name}"
            box.on_value_change(lambda event: self._ticked(one, bool(event.value)))
            tokens = format.tokens(self._tokens(one.key)) if one.do == "pick" else "drop"
            words = f"<code class='qd-b qd-break'>{escape(name)} <small>{escape(connector)}</small></code><span class='qd-n qd-i3'>{tokens}</span>"
            ui.html(f"<div>{words}</div><p>{escape(one.because)}</p>", sanitize=False)
        self.boxes[one.key] = one, box

    def _tokens(self, key: str) -> int | None:
        listed = self.desk.runtime.administration.listed()
        return next((tokens_offered(one) for one in listed if suggesting.key_of(one) == key), None)

    def _ticked(self, one: Suggestion, ticked: bool) -> None:
        picked = ticked == (one.do == "pick")
        if (one.key in self.table.picks) != picked:
            self.table.set([one.key], picked=picked)

    def _retire(self) -> None:
        keys = suggesting.unused(self.table.picks, self.use or {})
        self.retire.set_visibility(bool(keys))
        self.retire.clear()
        with self.retire:
            ui.html("<h3><b>Never called</b></h3>", sanitize=False)
            names = ", ".join(f"<code>{escape(key.partition('/')[2])}</code>" for key in keys)
            most = max((self.use or {})[key]["offered"] for key in keys) if keys else 0
            words = f"Offered up to {most:,} times in {self.days} days, and never called:"
            ui.html(f"<p class='qd-s qd-i2'>{words} {names}.</p>", sanitize=False)
            button(f"Mark {format.plural(len(keys), 'tool')} for removal", self._marked(keys), kind="t")
            ui.html("<p class='qd-s qd-i3'>They leave with the draft, when it is published.</p>", sanitize=False)

    def _marked(self, keys: list[str]) -> Callable[[], None]:
        def mark() -> None:
            self.table.set(keys, picked=False)
            self.retire.set_visibility(False)

        return mark


def by_key(items: Iterable[Mapping[str, Any]]) -> Use:
    names = ("offered", "called", "invalid", "rejected", "failed")
    return {f"{one['connector']}/{one['tool']}": {name: int(one[name]) for name in names} for one in items}
