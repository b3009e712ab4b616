"""The configuration as typed documents, and what a session may use at this moment: agent, rules, tools, models."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from store.configuration import Change, ConfigurationStore
from store.events import CallState, Risk

from .commands.calls import Cleared
from .config import KINDS, Agent, Document, Model, Policy, ToolEntry, Toolset
from .errors import Missing
from .folded import Call, Session
from .proposals import Offered, Rules, offer
from .tools.definition import ToolDefinition
from .tools.errors import ConnectorDown
from .tools.registry import Registry

D = TypeVar("D", bound=Document)
CONNECT_SECONDS = 60.0
"""How long a step waits for a server that is still starting; one that cannot start says so at once."""
STRICTNESS = (Risk.READ, Risk.WRITE, Risk.UNKNOWN, Risk.DESTRUCTIVE)
PIN = "definition"
"""Kind of the documents that hold accepted tool definitions, named `connector/tool`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that one step of a session depends on besides its own events."""

    agent: Agent
    rules: Rules
    tools: dict[str, Offered]
    tools_text: str
    """JSON recorded with the prompt: the tools as offered, and the definition hash of each."""
    models: tuple[Model, ...]


class World:
    """Current documents in memory (refreshed when they change), pinned versions on demand."""

    def __init__(self, store: ConfigurationStore, registry: Registry) -> None:
        self.store = store
        self.registry = registry
        self.current: dict[str, dict[str, tuple[int, Any]]] = {}
        self._pinned: dict[tuple[str, str, int], Document] = {}
        self._offered: dict[tuple[Any, ...], tuple[dict[str, Offered], str, object]] = {}

    async def refresh(self) -> None:
        documents = await self.store.current()
        self.current = {
            kind: {name: (stored.version, _parsed(kind, stored.document)) for name, stored in named.items()}
            for kind, named in documents.items()
        }

    def find(self, kind: str, name: str, into: type[D]) -> tuple[int, D]:
        """The current version of a document. Raises Missing."""
        found = self.current.get(kind, {}).get(name)
        if found is None or not isinstance(found[1], into):
            raise Missing(f"The {kind} {name!r} does not exist any more. Restore it, then resume the session.")
        return found[0], found[1]

    async def pinned(self, kind: str, name: str, version: int, into: type[D]) -> D:
        """A version a session started with; it stays readable after the document was changed or deleted."""
        now = self.current.get(kind, {}).get(name)
        if now and now[0] == version and isinstance(now[1], into):
            return now[1]
        key = (kind, name, version)
        if key not in self._pinned:
            stored = await self.store.at(kind, name, version)
            if stored is None:
                raise Missing(f"Version {version} of the {kind} {name!r} is missing.")
            self._pinned[key] = _parsed(kind, stored.document)
        document = self._pinned[key]
        if not isinstance(document, into):
            raise Missing(f"Version {version} of the {kind} {name!r} cannot be read.")
        return document

    async def agent_of(self, session: Session) -> Agent:
        return await self.pinned("agent", session.agent, session.pins["agent"], Agent)

    async def rules_of(self, session: Session, agent: Agent) -> Rules:
        version, current = self.find("policy", agent.policy, Policy)
        pinned = await self.pinned("policy", agent.policy, session.pins["policy"], Policy)
        return Rules(pinned=pinned, pinned_version=session.pins["policy"], current=current, current_version=version)

    async def situation(self, session: Session) -> Situation:
        """Everything for the next step. Raises Missing with what to put right."""
        agent = await self.agent_of(session)
        self.find("agent", session.agent, Agent)
        version, current = self.find("toolset", agent.toolset, Toolset)
        pinned = await self.pinned("toolset", agent.toolset, session.pins["toolset"], Toolset)
        versions = (session.pins["toolset"], version)
        tools, text = await self.offered(narrowed(pinned, current), versions, _stage_tools(agent, session))
        models = tuple(self.find("model", name, Model)[1] for name in agent.models.act)
        return Situation(
            agent=agent, rules=await self.rules_of(session, agent), tools=tools, tools_text=text, models=models
        )

    async def offered(
        self, toolset: Toolset, versions: tuple[int, int], only: tuple[str, ...] | None = None
    ) -> tuple[dict[str, Offered], str]:
        """The toolset's tools by offered name; a tool whose definition drifted is left out until an admin accepts it."""
        connectors = dict.fromkeys(entry.connector for entry in toolset.tools)
        listed = {name: await self._definitions(name) for name in connectors}
        key = (toolset.name, versions, only, self._pin_version(), *(id(found) for found in listed.values()))
        if key not in self._offered:
            await self._pin_new(toolset, listed)
            self._offered = dict(list(self._offered.items())[-50:])
            # the pins may just have been written: the key must name the state they are in now
            key = (*key[:3], self._pin_version(), *key[4:])
            # kept beside it, so that no later listing can get the same id
            self._offered[key] = (*self._offer(toolset, listed, only), tuple(listed.values()))
        tools, text, _ = self._offered[key]
        return tools, text

    async def _definitions(self, connector: str) -> tuple[ToolDefinition, ...]:
        known = self.registry.known(connector)
        if known is not None:
            return known
        try:
            await self.registry.first_outcome(connector)
            return await self.registry.definitions(connector, wait_seconds=CONNECT_SECONDS)
        except ConnectorDown as down:
            raise Missing(f"{down} Resume the session when it is back.") from down

    def _offer(
        self, toolset: Toolset, listed: dict[str, tuple[ToolDefinition, ...]], only: tuple[str, ...] | None
    ) -> tuple[dict[str, Offered], str]:
        tools: dict[str, Offered] = {}
        for entry in toolset.tools:
            name = entry.as_ or entry.tool
            definition = next((one for one in listed[entry.connector] if one.name == entry.tool), None)
            if definition is None or not self.accepted(definition) or (only is not None and name not in only):
                continue
            unique = name if name not in tools else f"{entry.connector}_{name}"
            tools[unique] = offer(unique, entry, definition)
        candidates = [
            {"tool": name, "connector": one.entry.connector, "definition_hash": one.definition.hash}
            for name, one in tools.items()
        ]
        return tools, _text({"tools": [dict(one.wire) for one in tools.values()], "candidates": candidates})

    def accepted(self, definition: ToolDefinition) -> bool:
        """Is this the definition an admin accepted, or the first one ever seen?"""
        pin = self.current.get(PIN, {}).get(f"{definition.connector}/{definition.name}")
        return pin is None or pin[1].get("hash") == definition.hash

    def _pin_version(self) -> int:
        return sum(version for version, _ in self.current.get(PIN, {}).values())

    async def _pin_new(self, toolset: Toolset, listed: dict[str, tuple[ToolDefinition, ...]]) -> None:
        """Remember the definition of every picked tool the first time it is offered."""
        picked = {(entry.connector, entry.tool) for entry in toolset.tools}
        pins = self.current.get(PIN, {})
        fresh = [
            one
            for definitions in listed.values()
            for one in definitions
            if (one.connector, one.name) in picked and f"{one.connector}/{one.name}" not in pins
        ]
        if fresh:
            await self.pin(fresh, by="quarterdeck")

    async def pin(self, definitions: list[ToolDefinition], *, by: str) -> None:
        """Accept these definitions from now on."""
        changes = [Change(kind=PIN, name=f"{one.connector}/{one.name}", document=pin_of(one)) for one in definitions]
        await self.store.change(changes, by=by)
        await self.refresh()

    def clear(self, situation: Situation, values: dict[str, dict[str, Any]]) -> Callable[[Call], Cleared]:
        """A synchronous check for one start, asked inside the write transaction with what is in memory then."""
        agent, rules, tools = situation.agent, situation.rules, situation.tools

        def check(call: Call) -> Cleared:
            if refused := self.unrunnable(call):
                return Cleared(refused=refused)
            tool = tools.get(call.tool)
            if tool is None or call.id not in values:
                return Cleared(refused=f"{call.tool} is not offered any more.")
            now = self.current.get("policy", {}).get(agent.policy)
            if now is None:
                return Cleared(refused=f"The policy {agent.policy!r} does not exist any more.")
            fresh = Rules(
                pinned=rules.pinned,
                pinned_version=rules.pinned_version,
                current=now[1],
                current_version=now[0],
            )
            return Cleared(ruling=fresh.judge(tool, values[call.id]))

        return check

    def unrunnable(self, call: Call) -> str | None:
        """Why the call's definition may not be used now: it changed, or is gone."""
        known = self.registry.known(call.connector or "")
        if known is None or (call.state is CallState.UNKNOWN and not known):
            return None  # the connector is down: the call will say so itself
        now = next((one for one in known if one.name == call.own_name), None)
        if now is None:
            return f"{call.connector} does not offer {call.own_name} any more."
        if now.hash != call.definition_hash or not self.accepted(now):
            return f"The definition of {call.own_name} changed; an admin has to accept it first."
        return None


def narrowed(pinned: Toolset, current: Toolset) -> Toolset:
    """The toolset a session started with, less what was taken out since, each tool at the stricter of both risks."""
    if pinned == current:
        return pinned
    now = {(entry.connector, entry.tool): entry for entry in current.tools}
    kept = tuple(_stricter(entry, one) for entry in pinned.tools if (one := now.get((entry.connector, entry.tool))))
    return pinned.model_copy(update={"tools": kept})


def _stricter(pinned: ToolEntry, current: ToolEntry) -> ToolEntry:
    risk = max(pinned.risk, current.risk, key=STRICTNESS.index)
    return pinned.model_copy(update={"risk": risk, "idempotent": pinned.idempotent and current.idempotent})


def pin_of(definition: ToolDefinition) -> dict[str, Any]:
    return {
        "hash": definition.hash,
        "description": definition.description,
        "input_schema": definition.input_schema,
        "output_schema": definition.output_schema,
        "annotations": definition.annotations,
    }


def _parsed(kind: str, document: dict[str, Any]) -> Any:
    return KINDS[kind].model_validate(document) if kind in KINDS else document


def _stage_tools(agent: Agent, session: Session) -> tuple[str, ...] | None:
    if session.stage is None or session.stage >= len(agent.workflow):
        return None
    return agent.workflow[session.stage].tools


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
