"""The configuration as typed documents, and what a session may use at this moment: agent, rules, tools, models."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any, TypeVar

from store.configuration import Change, ConfigurationStore
from store.events import CallState, Risk, Verify

from . import halting
from .circumstances import Circumstances
from .commands.calls import Checked, Cleared
from .config import KINDS, Agent, Document, Halt, Model, Policy, Settings, Toolset
from .errors import Missing
from .folded import Call, Session
from .offering import Offers, narrowed, offer_all, pin_of, without
from .presets import Effective, guards_of
from .proposals import Offered, Rules
from .residency import external, handed_outside, kept_local
from .routing import Route, route
from .standing import Standing
from .tools.definition import ToolDefinition
from .tools.errors import ConnectorDown
from .tools.registry import Registry

D = TypeVar("D", bound=Document)
CONNECT_SECONDS = 60.0
"""How long a step waits for a server that is still starting; one that cannot start says so at once."""
WENT_WRONG = frozenset({CallState.FAILED, CallState.INVALID, CallState.DENIED, CallState.REJECTED})
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
    route: Route
    models: tuple[Model, ...]
    """The chain of the route's role: the first is asked first."""
    guards: Effective
    judge: tuple[Model, ...]
    """These and the following are empty where no model may be asked in that role: then a person is."""
    vote: tuple[Model, ...]
    small: tuple[Model, ...]
    summarize: tuple[Model, ...]
    masks: bool
    """May the conversation reach a model outside, if not today then by a change, or by another agent that takes over?
    Then sensitive values must not reach the conversation."""


class World:
    """Current documents in memory (refreshed when they change), pinned versions on demand."""

    def __init__(
        self,
        store: ConfigurationStore,
        registry: Registry,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.now = now
        self.store = store
        self.registry = registry
        self.current: dict[str, dict[str, tuple[int, Any]]] = {}
        self._pinned: dict[tuple[str, str, int], Document] = {}
        self._offered: dict[tuple[Any, ...], tuple[dict[str, Offered], str, object]] = {}
        self.pulling: tuple[Halt, ...] = ()
        """Emergency stops that are in force already and not on the disk yet."""
        self.held_back: Callable[[str], Awaitable[str | None]] | None = None
        """Why no new model step of an agent may start: see agents/holding.py."""
        self.count_unrecorded: Callable[[str, float | None], None] | None = None
        """Told what an agent's model was asked outside of every session, and what that cost."""

    async def refresh(self) -> None:
        documents = await self.store.current()
        self.current = {
            kind: {name: (stored.version, _parsed(kind, stored.document)) for name, stored in named.items()}
            for kind, named in documents.items()
        }

    def settings(self) -> Settings:
        _, found = self.current.get("settings", {}).get("desk", (0, None))
        return found if isinstance(found, Settings) else Settings()

    def halts(self) -> tuple[Halt, ...]:
        known = {halting.key(one) for one in self.settings().halts}
        return (*self.settings().halts, *(one for one in self.pulling if halting.key(one) not in known))

    def halted(self, agent: str, call: Call) -> str | None:
        """Why an emergency stop keeps this call from running; None if none does."""
        return halting.stops_call(self.halts(), agent=agent, connector=call.connector, tool=call.own_name)

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
        return Rules(
            pinned=pinned,
            pinned_version=session.pins["policy"],
            current=current,
            current_version=version,
            guards=verification(agent),
            people=agent.approval.people,
            standing=self.standing_now(),
            circumstances=Circumstances(
                agent=session.agent,
                at=self.now(),
                session_cost_usd=None if session.cost_unknown else session.session_cost_usd,
            ),
        )

    async def toolsets_of(self, session: Session) -> tuple[Toolset, ...]:
        """The one it started with, whose tools may have run, and the one that has its name now, if there is one."""
        name = (await self.agent_of(session)).toolset
        pinned = await self.pinned("toolset", name, session.pins["toolset"], Toolset)
        now = self.documents("toolset").get(name)
        return (pinned, now) if isinstance(now, Toolset) else (pinned,)

    def pins_of(self, agent: str) -> dict[str, int]:
        """The versions a session of this agent would start with now. Raises Missing."""
        version, document = self.find("agent", agent, Agent)
        return {
            "agent": version,
            "toolset": self.find("toolset", document.toolset, Toolset)[0],
            "policy": self.find("policy", document.policy, Policy)[0],
        }

    async def situation(self, session: Session) -> Situation:
        """Everything for the next step. Raises Missing with what to put right."""
        agent = await self.agent_of(session)
        _, now = self.find("agent", session.agent, Agent)
        version, current = self.find("toolset", agent.toolset, Toolset)
        pinned, _ = toolsets = await self.toolsets_of(session)
        versions = (session.pins["toolset"], version)
        toolset = narrowed(pinned, current)
        offers = Offers(only=_stage_tools(agent, session), recall=agent.context.recall)
        tools, text = await self.offered(toolset, versions, offers)
        if session.suspended:
            tools, text = without(tools, session.suspended)
        way = route(session, agent, recovering=recovering(session))
        inside = self._kept_local((agent, now), toolsets)
        guards = guards_of(agent)
        return Situation(
            agent=agent,
            rules=await self.rules_of(session, agent),
            tools=tools,
            tools_text=text,
            route=way,
            models=self._chain(way.chain, inside),
            guards=guards,
            judge=self._aside(agent.models.judge, inside),
            vote=self._aside(agent.models.vote, inside),
            small=self._aside(agent.models.small, inside),
            summarize=self._aside(agent.models.summarize or agent.models.small, inside),
            masks=inside is None,
        )

    def _kept_local(self, agents: Iterable[Agent], toolsets: Iterable[Toolset]) -> str | None:
        """Why nothing of this conversation may reach an external model, by the agent as it was or as it is now.

        By the tools it began with, too: what those that were taken out since have told it is still in there.
        """
        connectors, both = self.documents("connector"), tuple(product(agents, toolsets))
        return next((because for agent, tools in both if (because := kept_local(agent, tools, connectors))), None)

    async def outside_if_handed_over(self, session: Session) -> str | None:
        """Why the agent that would take over may not be told of this conversation; None if it may. A sentence."""
        agent, agents = await self.agent_of(session), self.documents("agent")
        now = agents.get(session.agent)
        inside = self._kept_local((agent, now) if now else (agent,), await self.toolsets_of(session))
        outside = next(handed_outside(agent, self.documents("model"), agents), None) if inside else None
        return f"{outside[0]} asks {outside[1]}, which is an external model, but {inside}" if outside else None

    def documents(self, kind: str) -> dict[str, Any]:
        return {name: document for name, (_, document) in self.current.get(kind, {}).items()}

    def _chain(self, names: Iterable[str], inside: str | None) -> tuple[Model, ...]:
        """The models the agent itself runs on. Raises Missing where one of them may not be asked."""
        models = tuple(self.find("model", name, Model)[1] for name in names)
        if inside and (outside := external(models)):
            raise Missing(f"{', '.join(outside)} is an external model, and {inside} Name a local one, then resume.")
        return models

    def _aside(self, names: Iterable[str], inside: str | None) -> tuple[Model, ...]:
        """The models of a guard: one that is gone, or may not be asked, is left out, and a person decides instead."""
        known = self.documents("model")
        found = tuple(known[name] for name in names if isinstance(known.get(name), Model))
        return tuple(model for model in found if not (inside and external([model])))

    async def offered(
        self, toolset: Toolset, versions: tuple[int, int], offers: Offers | None = None
    ) -> tuple[dict[str, Offered], str]:
        """The toolset's tools by offered name; a tool whose definition drifted is left out until an admin accepts it."""
        connectors = dict.fromkeys(entry.connector for entry in toolset.tools)
        listed = {name: await self._definitions(name) for name in connectors}
        offers = offers or Offers()
        key = (toolset.name, versions, offers, self._pin_version(), *(id(found) for found in listed.values()))
        if key not in self._offered:
            await self._pin_new(toolset, listed)
            self._offered = dict(list(self._offered.items())[-50:])
            # the pins may just have been written: the key must name the state they are in now
            key = (*key[:3], self._pin_version(), *key[4:])
            # kept beside it, so that no later listing can get the same id
            self._offered[key] = (*offer_all(toolset, listed, self.accepted, offers), tuple(listed.values()))
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

    def accepted(self, definition: ToolDefinition) -> bool:
        """Is this the definition an admin accepted, or the first one ever seen?"""
        pin = self.current.get(PIN, {}).get(f"{definition.connector}/{definition.name}")
        return pin is None or pin[1].get("hash") == definition.hash

    def accepted_hash(self, connector: str, tool: str) -> str | None:
        """Of the definition that was accepted, or first seen; None where it was never offered."""
        pin = self.current.get(PIN, {}).get(f"{connector}/{tool}")
        return pin[1].get("hash") if pin else None

    def _pin_version(self) -> int:
        return sum(version for version, _ in self.current.get(PIN, {}).values())

    async def pin_picked(self, toolset: Toolset, *, by: str) -> None:
        """Remember what an admin saw when picking: what changes before the first session is looked at again."""
        connectors = dict.fromkeys(entry.connector for entry in toolset.tools)
        await self._pin_new(toolset, {name: self.registry.known(name) or () for name in connectors}, by=by)

    async def _pin_new(
        self, toolset: Toolset, listed: dict[str, tuple[ToolDefinition, ...]], *, by: str = "quarterdeck"
    ) -> None:
        """Remember the definition of every picked tool, at the latest when it is first offered."""
        picked = {(entry.connector, entry.tool) for entry in toolset.tools}
        pins = self.current.get(PIN, {})
        fresh = [
            one
            for definitions in listed.values()
            for one in definitions
            if (one.connector, one.name) in picked and f"{one.connector}/{one.name}" not in pins
        ]
        if fresh:
            await self.pin(fresh, by=by)

    async def pin(self, definitions: list[ToolDefinition], *, by: str) -> None:
        """Accept these definitions from now on."""
        changes = [Change(kind=PIN, name=f"{one.connector}/{one.name}", document=pin_of(one)) for one in definitions]
        await self.store.change(changes, by=by)
        await self.refresh()

    def standing_now(self) -> Standing:
        """The standing approvals of this moment, whichever held when the step began."""
        return self.current.get("standing_approval", {})

    def clear(self, situation: Situation, calls: dict[str, Checked]) -> Callable[[Call], Cleared]:
        """A synchronous check for one start, asked inside the write transaction with what is in memory then."""
        agent, rules, tools = situation.agent, situation.rules, situation.tools

        def check(call: Call) -> Cleared:
            if refused := self.halted(agent.name, call) or self.unrunnable(call):
                return Cleared(refused=refused)
            tool = tools.get(call.tool)
            if tool is None or call.id not in calls:
                return Cleared(refused=f"{call.tool} is not offered any more.")
            now = self.current.get("policy", {}).get(agent.policy)
            if now is None:
                return Cleared(refused=f"The policy {agent.policy!r} does not exist any more.")
            in_force = self.standing_now()
            fresh = replace(rules, current=now[1], current_version=now[0], standing=in_force).at(self.now())
            return Cleared(ruling=fresh.judge(tool, calls[call.id].values, calls[call.id].evidence))

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


def _parsed(kind: str, document: dict[str, Any]) -> Any:
    return KINDS[kind].model_validate(document) if kind in KINDS else document


def verification(agent: Agent) -> dict[Risk, Verify]:
    """What the agent's own guards want verified, whatever the rules say."""
    guards = guards_of(agent)
    least: dict[Risk, Verify] = {}
    if guards.policy_check:
        least |= dict.fromkeys((Risk.WRITE, Risk.DESTRUCTIVE, Risk.UNKNOWN), Verify.CHECK)
    if guards.consensus:
        least |= dict.fromkeys((Risk.DESTRUCTIVE,), Verify.CONSENSUS)
    return least


def recovering(session: Session) -> bool:
    """Did the last thing go wrong, or was the model told that it did, so that it has to find another way?"""
    told = bool(session.entries) and session.entries[-1].kind == "note"
    return told or bool(session.done and session.done[-1].state in WENT_WRONG)


def _stage_tools(agent: Agent, session: Session) -> tuple[str, ...] | None:
    if session.stage is None or session.stage >= len(agent.workflow):
        return None
    return agent.workflow[session.stage].tools
