"""A desk for tests: the shipped Runtime on a folder with a real database, and what a person would do at it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agents.folded import Approval, Session
from agents.loop import load
from agents.runtime import Decided, Decider, Runtime
from store.database import Database
from store.events import ApprovalStatus, CallState, Decision, ModelReplied, Status
from store.queries import Queries
from store.secrets import Secrets
from tests.fakes.bench import Bench, BenchRegistry, ScriptedModels, in_turn

SECONDS = 20.0
"""Long enough for a loaded machine; nothing waits this long when it works."""
BUSY = frozenset({Status.QUEUED, Status.RUNNING})


def person(name: str = "olga", role: str = "operator") -> Decider:
    return Decider(name=name, role=role)


@dataclass
class Clock:
    """Real time plus whatever a test lets pass."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def passes(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


POLICY: dict[str, Any] = {
    "name": "rules",
    "rules": [
        {
            "when": {"tool": "refund", "arguments": [{"path": "/amount", "op": "le", "value": 50}]},
            "release": "allow",
            "because": "Small refunds run.",
        },
        {
            "when": {"tool": "refund", "arguments": [{"path": "/amount", "op": "gt", "value": 50}]},
            "release": "ask",
            "because": "Larger refunds are decided by a person.",
        },
        {
            "when": {"tool": "refund", "arguments": [{"path": "/amount", "op": "gt", "value": 500}]},
            "release": "ask_two",
            "because": "Very large refunds need two people.",
        },
        {
            "when": {"tool": "refund", "arguments": [{"path": "/amount", "op": "gt", "value": 1000}]},
            "release": "deny",
            "because": "Nobody refunds more than a thousand.",
        },
    ],
}
TOOLSET: dict[str, Any] = {
    "name": "bench-tools",
    "tools": [
        {"connector": "bench", "tool": "look_up", "risk": "read"},
        {"connector": "bench", "tool": "refund", "risk": "write"},
        {"connector": "bench", "tool": "wipe", "risk": "destructive"},
        {"connector": "bench", "tool": "mystery"},
    ],
}


def configuration(**agent: Any) -> dict[str, Any]:
    """One agent, *Clerk*, on the bench; keyword arguments change its document."""
    clerk = {
        "name": "Clerk",
        "instructions": "Help.",
        "toolset": "bench-tools",
        "policy": "rules",
        "models": {"act": ["main"]},
    }
    return {
        "models": [{"name": "main", "model": "openai/scripted"}],
        "connectors": [{"name": "bench", "kind": "builtin"}],
        "toolsets": [TOOLSET],
        "policies": [POLICY],
        "agents": [clerk | agent],
    }


@dataclass
class Desk:
    """A running Runtime and its surroundings."""

    runtime: Runtime
    clock: Clock
    bench: Bench
    models: ScriptedModels
    queries: Queries = field(init=False)

    def __post_init__(self) -> None:
        self.queries = Queries(self.runtime.database)

    @property
    def registry(self) -> BenchRegistry:
        assert isinstance(self.runtime.registry, BenchRegistry)
        return self.runtime.registry

    async def start(self, message: str = "Please help.", *, agent: str = "Clerk", by: str = "rita") -> str:
        session_id, _ = await self.runtime.start(agent, message, by=by)
        return session_id

    async def ask_model(self, *replies: Any, message: str = "Please help.", by: str = "rita") -> Session:
        """A new session with these replies, as it stands when nothing moves any more."""
        self.models.script = in_turn(*replies)
        return await self.rests(await self.start(message, by=by))

    async def session(self, session_id: str) -> Session:
        return await load(self.runtime.desk, session_id)

    async def until(self, session_id: str, holds: Callable[[Session], bool], seconds: float = SECONDS) -> Session:
        """Waits, by the log's own word of every commit, until `holds`."""
        news = asyncio.Event()
        leave = self.runtime.log.subscribe(lambda id_, _: news.set() if id_ == session_id else None)
        session: Session | None = None
        try:
            async with asyncio.timeout(seconds):
                while not holds(session := await self.session(session_id)):
                    await news.wait()
                    news.clear()
        except TimeoutError:
            raise AssertionError(f"It never came to that; the session stands at {session}") from None
        finally:
            leave()
        assert session is not None
        return session

    async def rests(self, session_id: str) -> Session:
        return await self.until(session_id, resting)

    async def idle(self, seconds: float = SECONDS) -> None:
        """Until no session is being advanced: everything that follows from the past has happened."""
        async with asyncio.timeout(seconds):
            while tasks := (*self.runtime.engine._tasks, *self.runtime._tasks):
                await asyncio.wait(tasks)
                await asyncio.sleep(0)

    async def events(self, session_id: str, *kinds: type) -> list[Any]:
        recorded = await self.runtime.log.read(session_id)
        return [each.event for each in recorded if not kinds or isinstance(each.event, kinds)]

    async def pending(self, session_id: str | None = None) -> list[dict[str, Any]]:
        """The inbox, oldest first, whole."""
        items = (await self.queries.inbox(limit=1000)).items
        return [item for item in items if session_id in (None, item["session_id"])]

    async def decide(
        self,
        approval: Approval | dict[str, Any],
        decision: Decision = "approve",
        by: Decider | None = None,
        **more: Any,
    ) -> Decided:
        shown = approval if isinstance(approval, dict) else {"id": approval.id, "action_digest": approval.digest}
        settings = {"by": by or person(), "action_digest": shown["action_digest"]} | more
        return await self.runtime.decide(shown["id"], decision, **settings)

    async def edit(self, approval: Approval, by: Decider | None = None, **arguments: Any) -> Decided:
        return await self.decide(approval, "edit", by, new_arguments=json.dumps(arguments))

    async def configure(self, document: dict[str, Any]) -> None:
        await self.runtime.administration.replace(document, by="ada")

    async def change_policy(self, *rules: dict[str, Any], keep: bool = True) -> None:
        old = POLICY["rules"] if keep else []
        await self.runtime.administration.save("policy", {"name": "rules", "rules": [*old, *rules]}, by="ada")

    async def text(self, session_id: str, ref: str) -> str | None:
        return (await self.runtime.log.payloads(session_id, [ref]))[ref]


async def rebuilt(desk: Desk, session_id: str) -> list[tuple[list[Any], list[Any]]]:
    """Messages and tools of every model call, from events and payloads alone: parent and appended parts."""
    chains: dict[int, tuple[str, ...]] = {}
    prompts = []
    for each in await desk.runtime.log.read(session_id):
        if not isinstance(each.event, ModelReplied):
            continue
        sent = each.event.prompt
        refs = chains[each.seq] = (*(chains[sent.parent] if sent.parent else ()), *sent.parts)
        texts = await desk.runtime.log.payloads(session_id, [*refs, *([sent.tools] if sent.tools else [])])
        messages = [message for ref in refs for message in json.loads(texts[ref] or "[]")]
        tools = json.loads(texts[sent.tools] or "{}")["tools"] if sent.tools else []
        prompts.append((messages, tools))
    return prompts


def as_bytes(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def crash_image(desk: Desk, to: Path) -> Path:
    """What a second start would find if this process died now: a copy of the files, nothing closed or flushed."""
    to.mkdir()
    for file in desk.runtime.database.folder.iterdir():
        if file.is_file() and file.suffix != ".lock":
            (to / file.name).write_bytes(file.read_bytes())
    return to


def resting(session: Session) -> bool:
    executing = any(call.state in (CallState.EXECUTING, CallState.ALLOWED) for call in session.calls)
    return session.status not in BUSY and not (executing and session.status is Status.WAITING_APPROVAL)


def waiting(session: Session) -> tuple[Approval, ...]:
    return tuple(one for one in session.approvals if one.status is ApprovalStatus.PENDING)


def the_waiting(session: Session) -> Approval:
    """The one request that waits."""
    approvals = waiting(session)
    assert len(approvals) == 1, approvals
    return approvals[0]


@asynccontextmanager
async def open_desk(
    folder: Path,
    document: dict[str, Any] | None = None,
    *,
    bench: Bench | None = None,
    models: Any = None,
    clock: Clock | None = None,
) -> AsyncIterator[Desk]:
    """`models=False` keeps the shipped Models; `document=None` takes what the folder holds, or the usual one."""
    clock, bench = clock or Clock(), bench or Bench()
    scripted = models or ScriptedModels(in_turn("Done."))
    runtime = _runtime(folder, clock, bench, None if models is False else scripted)
    try:
        if document is not None or not await runtime.configuration.current():
            await runtime.administration.replace(document or configuration(), by="ada")
        await runtime.models.warm()  # seconds, and no part of what a test waits for
        await runtime.open()
        yield Desk(runtime=runtime, clock=clock, bench=bench, models=scripted)
    finally:
        await runtime.close()


def _runtime(folder: Path, clock: Clock, bench: Bench, models: Any) -> Runtime:
    database = Database.open(folder, now=clock)
    with patch("agents.runtime.Registry", lambda resolve: BenchRegistry(resolve, bench)):
        if models is None:
            return Runtime(database, Secrets(database), clock)
        with patch("agents.runtime.Models", lambda _: models):
            return Runtime(database, Secrets(database), clock)
