"""The measured side: the shipped Runtime on a file database, with one connector whose tools are plain functions."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.runtime import Decider, Runtime
from agents.tools.definition import ToolDefinition, ToolOutput
from agents.tools.health import Health
from store.database import Database
from store.events import ApprovalRequested, Recorded, Status
from store.secrets import Secrets
from tests.benchmarks.work import CONNECTOR, DEFINITIONS, DEPLOY, INSTRUCTIONS, LOOKUP, MESSAGE, MODEL, carry_out

PERSON = Decider(name="olga", role="operator")
ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED, Status.PAUSED})


class InProcess:
    """A connection (agents/tools/connection.py) to functions of this process."""

    def __init__(self) -> None:
        self.known: tuple[ToolDefinition, ...] | None = DEFINITIONS
        self.health = Health(state="up", because="In this process.", since=now())
        self.called: dict[str, float] = {}
        """Monotonic time of the newest call by its arguments."""

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return DEFINITIONS

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return DEFINITIONS

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        if tool == DEPLOY:
            self.called[tool] = asyncio.get_running_loop().time()
        return ToolOutput(text=carry_out(tool, arguments_json))

    async def close(self) -> None:
        pass


def now() -> datetime:
    return datetime.now(UTC)


def configuration(api_base: str, **changes: Any) -> dict[str, Any]:
    read, write = (
        {"connector": CONNECTOR, "tool": tool, "risk": risk} for tool, risk in ((LOOKUP, "read"), (DEPLOY, "write"))
    )
    agent = {"name": "Checker", "instructions": INSTRUCTIONS, "toolset": "shards", "policy": "careful"}
    return {
        "models": [{"name": "fake", "model": MODEL, "api_base": api_base}],
        "connectors": [{"name": CONNECTOR, "kind": "builtin"}],
        "toolsets": [{"name": "shards", "tools": [read, write]}],
        "policies": [{"name": "careful"}],
        "agents": [{**agent, "models": {"act": "fake"}, **changes}],
    }


class Desk:
    """`run(name)` does one session, approving what it asks about."""

    def __init__(self, api_base: str, folder: Path, *, agent: dict[str, Any] | None = None) -> None:
        self.configuration = configuration(api_base, **agent or {})
        self.database = Database.open(folder)
        self.path = self.database.path
        self.runtime = Runtime(self.database, Secrets(self.database), now)
        self.connection = InProcess()
        self.waiting: dict[str, asyncio.Future[Any]] = {}
        self.asked: dict[str, asyncio.Future[Any]] = {}

    async def open(self) -> None:
        await self.runtime.administration.replace(self.configuration, by="benchmark")
        await self.reopen()
        await self.runtime.models.warm()

    async def reopen(self) -> None:
        """With the configuration that is there already, until the runtime is ready."""
        logging.getLogger("LiteLLM").setLevel(logging.ERROR)
        await self.runtime.administration.load()
        self.runtime.registry._connections[CONNECTOR] = self.connection
        self.runtime.log.subscribe(self.heard)
        await self.runtime.open()

    def heard(self, session_id: str, events: tuple[Recorded, ...]) -> None:
        if events[-1].status is Status.WAITING_APPROVAL:
            asked = next((e.event for e in reversed(events) if isinstance(e.event, ApprovalRequested)), None)
            if asked and (future := self.asked.pop(session_id, None)):
                future.set_result(asked)
        elif events[-1].status in ENDED and (future := self.waiting.pop(session_id, None)):
            future.set_result(events[-1])

    async def begin(self) -> str:
        """A new session that has had one turn."""
        asked = await self.paused()
        await self.approve(asked)
        return asked.approval_id.partition(".")[0]

    async def turn(self, session_id: str) -> None:
        """One more turn of a session."""
        future = self.asked[session_id] = asyncio.get_running_loop().create_future()
        await self.runtime.send(session_id, MESSAGE, by="alice")
        await self.approve(await future)

    async def paused(self) -> ApprovalRequested:
        """A new session, brought to the call that waits for a person."""
        session_id, _ = await self.runtime.start("Checker", MESSAGE, by="alice")
        future = self.asked[session_id] = asyncio.get_running_loop().create_future()
        asked: ApprovalRequested = await future
        return asked

    async def approve(self, asked: ApprovalRequested) -> Recorded:
        """Approves, and waits for the end of the turn."""
        session_id = asked.approval_id.partition(".")[0]
        future = self.waiting[session_id] = asyncio.get_running_loop().create_future()
        await self.runtime.decide(asked.approval_id, "approve", by=PERSON, action_digest=asked.action_digest)
        last: Recorded = await future
        return last

    async def run(self, name: str) -> None:
        last = await self.approve(await self.paused())
        assert last.event.result == "answered", last

    async def close(self) -> None:
        await self.runtime.close()
