"""What admins do: read and replace the configuration, save one document, try a model, list and accept tools."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from store.configuration import Change, Changed, ConfigurationStore, Stored
from store.errors import ConfigurationChanged
from store.events import Evidence, Risk
from store.queries import Queries

from . import configure, playground
from .config import KINDS, PLURAL, Agent, Configuration, Connector, Model, Policy, Toolset
from .errors import BadRequest, NotFound
from .model_calls import ModelInfo, TestResult, Trait
from .models import Models
from .residency import external, kept_local
from .tools.definition import ToolDefinition
from .tools.registry import Registry
from .trying import Progress, Tried, Trying
from .what_if import RecordedCall, WhatIf
from .world import PIN, World

Expected = Mapping[tuple[str, str], int | None]
"""(kind, name) → the version a change was made from; None where there was no such document."""


class Overtaken(ConfigurationChanged):
    """Somebody saved or deleted the same document after it was opened; `now` is what they left."""

    def __init__(self, kind: str, name: str, now: Stored, kept: str = "Nothing was saved.") -> None:
        did = "deleted" if now.document is None else "changed"
        super().__init__(f"{now.by} {did} the {kind.replace('_', ' ')} “{name}” after you opened it. {kept}")
        self.kind = kind
        self.name = name
        self.now = now


@dataclass(frozen=True, slots=True)
class Replaced:
    """One document that a replacement would add (`before` is None), change or delete (`after` is None)."""

    kind: str
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Administration:
    """Every change is validated as part of the whole configuration, then stored as new versions, atomically."""

    def __init__(
        self,
        store: ConfigurationStore,
        world: World,
        registry: Registry,
        models: Models,
        queries: Queries | None = None,
    ) -> None:
        self.store = store
        self._trying = Trying(queries, world) if queries else None
        self.world = world
        self.registry = registry
        self.models = models
        self._one_at_a_time = asyncio.Lock()
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Take the stored configuration into use: documents in memory, connectors connecting."""
        async with self._loading:
            await self.world.refresh()
            connectors = self.world.current.get("connector", {}).values()
            await self.registry.apply([document for _, document in connectors])

    async def whole(self) -> dict[str, Any]:
        """The configuration as one document, as GET /configuration returns it."""
        current = await self.store.current()
        documents = {kind: {name: one.document for name, one in named.items()} for kind, named in current.items()}
        return configure.whole(documents)

    async def replace(self, document: Any, *, by: str, if_match: str | None = None) -> list[Changed]:
        """Make this the whole configuration. Raises BadRequest naming every bad path, with nothing changed."""
        async with self._one_at_a_time:
            return await self._replace(await self._wanted(document), by=by, if_match=if_match)

    async def preview(self, document: Any) -> tuple[str, list[Replaced]]:
        """What `replace` would change, and the etag to hand it; nothing is changed. Raises BadRequest as it does."""
        etag = await self.store.etag()
        documents, current = configure.documents(await self._wanted(document)), await self.store.current()
        before = {(kind, name): one.document for kind in PLURAL for name, one in current.get(kind, {}).items()}
        keys = sorted({*before, *documents})
        pairs = [Replaced(*key, before.get(key), documents.get(key)) for key in keys]
        return etag, [one for one in pairs if one.before != one.after]

    async def _wanted(self, document: Any) -> Configuration:
        """What is asked for, whole: settings and standing approvals it does not mention stay as they are."""
        if isinstance(document, dict):
            kept = await self.whole()
            document = {**{plural: kept[plural] for plural in configure.OPTIONAL if plural in kept}, **document}
        wanted = configure.parse(document)
        lifted = configure.lifted(self.world.halts(), wanted)
        if lifted:
            raise BadRequest("The configuration was not changed: it would lift an emergency stop.", lifted)
        return wanted

    async def amend(
        self, kind: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]], *, by: str
    ) -> list[Changed]:
        """Change one document by itself, from what it is now, whatever the state of the others: for emergencies."""
        async with self._one_at_a_time:
            stored = await self.store.get(kind, name)
            document = change(dict(stored.document) if stored else {"name": name})
            KINDS[kind].model_validate(document)
            changed = await self.store.change([Change(kind=kind, name=name, document=document)], by=by)
            await self.world.refresh()
            return changed

    async def _replace(self, wanted: Configuration, *, by: str, if_match: str | None = None) -> list[Changed]:
        documents = configure.documents(wanted)
        current = await self.store.current()
        gone = configure.differences(current, documents)
        changes = [Change(kind=kind, name=name, document=one) for (kind, name), one in documents.items()]
        changes += [Change(kind=kind, name=name, document=None) for kind, name in gone]
        changed = await self.store.change(changes, by=by, if_match=if_match)
        await self.load()
        for one in changed:
            if one.kind == "toolset" and (toolset := self.documents("toolset").get(one.name)) is not None:
                await self.world.pin_picked(toolset, by=by)
        return changed

    async def save(
        self, kind: str, document: dict[str, Any], *, by: str, expected: Expected | None = None
    ) -> list[Changed]:
        """Add or change one document; the rest stays as it is."""
        return await self.save_all([(kind, document)], by=by, expected=expected)

    async def save_all(
        self, documents: Iterable[tuple[str, dict[str, Any]]], *, by: str, expected: Expected | None = None
    ) -> list[Changed]:
        """Several documents at once, all or none: an agent together with its toolset and policy, say.

        Raises Overtaken, with nothing changed, where a document of `expected` has another version by now.
        """
        async with self._one_at_a_time:
            await self._still(expected or {})
            before, whole, written = await self.whole(), await self.whole(), []
            for kind, document in documents:
                written.append((kind, str(document.get("name"))))
                plural = PLURAL[kind]
                others = [one for one in whole.get(plural, []) if one["name"] != document.get("name")]
                whole[plural] = [*others, document]
            return await self._replace(configure.parse_change(before, whole, written), by=by)

    async def _still(self, expected: Expected, kept: str = "Nothing was saved.") -> None:
        for (kind, name), version in expected.items():
            now = await self.store.get(kind, name)
            if (None if now is None else now.version) == version:
                continue
            versions = [now] if now else await self.store.history(kind, name)
            if not versions:
                raise NotFound(f"There is no {kind} {name!r}.")
            raise Overtaken(kind, name, versions[-1], kept)

    async def delete(self, kind: str, name: str, *, by: str, expected: Expected | None = None) -> list[Changed]:
        """Remove one document. Raises BadRequest naming what still uses it, and Overtaken as `save_all` does."""
        async with self._one_at_a_time:
            await self._still(expected or {}, "Nothing was deleted.")
            before, whole = await self.whole(), await self.whole()
            plural = PLURAL[kind]
            if all(one["name"] != name for one in whole.get(plural, [])):
                raise NotFound(f"There is no {kind} {name!r}.")
            whole[plural] = [one for one in whole.get(plural, []) if one["name"] != name]
            return await self._replace(configure.parse_change(before, whole, ()), by=by)

    def documents(self, kind: str) -> dict[str, Any]:
        """Current documents of one kind by name, typed."""
        return {name: document for name, (_, document) in sorted(self.world.current.get(kind, {}).items())}

    # models

    async def test_model(
        self, document: dict[str, Any], on_trait: Callable[[Trait], None] = lambda trait: None
    ) -> TestResult:
        return await self.models.test(_one("model", Model, document), on_trait)

    def known_of(self, document: dict[str, Any]) -> ModelInfo:
        """What litellm's list says of a model that is being written down; its own numbers are left out."""
        return self.models.info(Model(name="draft", model=document.get("model") or "unknown"))

    # connectors

    async def probe(self, document: dict[str, Any]) -> tuple[ToolDefinition, ...]:
        """Connect to a server that is not saved yet, list its tools, and close it again."""
        return await self.registry.probe(_one("connector", Connector, document))

    async def note_definitions(self, connector: str, known: Iterable[ToolDefinition]) -> None:
        """Called when a connector was listed; a tool's first definition is pinned when picked, or first offered."""

    def listed(self) -> list[ToolDefinition]:
        """Every tool of every connector, as last listed."""
        connectors = self.world.current.get("connector", {})
        return [one for name in sorted(connectors) for one in self.registry.known(name) or ()]

    async def try_request(
        self,
        request: str,
        toolset: dict[str, Any] | None,
        *,
        model: str,
        runs: int,
        agent: str | None = None,
        on_choice: Callable[[playground.Choice], None] = lambda choice: None,
    ) -> list[playground.Choice]:
        """Which tool a model would choose, of a draft of a toolset, or of everything (None). Nothing is executed.

        Raises BadRequest where an emergency stop or a budget holds it back, or the agent may not be told to that model.
        """
        if toolset is None:
            tools = playground.everything(self.listed())
        else:
            try:
                draft = Toolset.model_validate(toolset | {"name": toolset.get("name") or "draft"})
            except ValidationError as error:
                raise BadRequest(f"The draft cannot be used: {error.errors()[0]['msg']}") from error
            tools = playground.curated(draft, self.listed())
        _, asked = self.world.find("model", model, Model)
        as_agent = self.world.find("agent", agent, Agent)[1] if agent else None
        if as_agent is not None:
            self._stays_inside(as_agent, asked)
        watched = self._watched(agent or "")
        await watched.check()
        return await playground.choose(watched, asked, tools, request, agent=as_agent, runs=runs, on_choice=on_choice)

    def _stays_inside(self, agent: Agent, model: Model) -> None:
        """What an agent is told goes along with what is tried: it leaves the house no more than a conversation would."""
        toolset = self.world.find("toolset", agent.toolset, Toolset)[1]
        because = kept_local(agent, toolset, self.documents("connector"))
        if because and (outside := external([model])):
            raise BadRequest(
                f"No model was asked. {outside[0]} is an external model, but {because} Choose a local one."
            )

    def _watched(self, agent: str) -> playground.Watched:
        async def reason() -> str | None:
            return await self.world.held_back(agent) if self.world.held_back else None

        def spent(cost_usd: float | None) -> None:
            if self.world.count_unrecorded:
                self.world.count_unrecorded(agent, cost_usd)

        return playground.Watched(models=self.models, reason=reason, spent=spent)

    # policies

    @property
    def trying(self) -> Trying:
        if self._trying is None:
            raise BadRequest("There is no record to try a policy against here.")
        return self._trying

    async def what_if(
        self, draft_document: dict[str, Any], *, days: int = 30, progress: Progress | None = None
    ) -> WhatIf:
        """What this draft would have made of the calls of the last days. Raises BadRequest naming each bad field."""
        return await self.trying.what_if(_one("policy", Policy, draft_document), days=days, progress=progress)

    async def recorded_calls(self, policy: str | None = None, *, days: int = 30) -> list[RecordedCall]:
        """The judged calls of the agents that use this policy; of all agents where none does. Kept for a minute."""
        return await self.trying.recorded(policy, days=days)

    def try_call(
        self,
        draft_document: dict[str, Any],
        *,
        connector: str,
        tool: str,
        arguments: dict[str, Any],
        agent: str | None = None,
        evidence: tuple[Evidence, ...] | None = None,
        risk: Risk | None = None,
    ) -> Tried:
        """One made-up call under this draft and under what is saved. Raises BadRequest naming each bad field."""
        draft = _one("policy", Policy, draft_document)
        return self.trying.try_call(
            draft, connector=connector, tool=tool, arguments=arguments, agent=agent, evidence=evidence, risk=risk
        )

    # definitions

    def drifted(self) -> list[tuple[ToolDefinition, dict[str, Any]]]:
        """Tools whose definition differs from the accepted one: (as it is now, the accepted document)."""
        found = []
        for connector in self.world.current.get("connector", {}):
            for definition in self.registry.known(connector) or ():
                if not self.world.accepted(definition):
                    pin = self.world.current[PIN][f"{definition.connector}/{definition.name}"][1]
                    found.append((definition, pin))
        return found

    async def accept(self, connector: str, tool: str, definition_hash: str, *, by: str) -> None:
        """Accept a changed definition, as it was shown (its hash); from then on it is offered again."""
        found = next((d for d in self.registry.known(connector) or () if d.name == tool), None)
        if found is None or found.hash != definition_hash:
            raise BadRequest(f"{tool} changed again meanwhile, or is gone. Look at it once more.")
        await self.world.pin([found], by=by)


def _one(kind: str, into: Any, document: dict[str, Any]) -> Any:
    """A draft of one document, validated by itself. Raises BadRequest naming each bad field."""
    if KINDS[kind] is not into:
        raise BadRequest(f"{kind} is no {into.__name__}.")
    plural = PLURAL[kind]
    return getattr(configure.parse({plural: [document]}), plural)[0]
