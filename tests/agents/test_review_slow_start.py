"""A server that takes its time to start is not one that is down."""

import asyncio

import pytest

from agents.tools.definition import ToolDefinition
from agents.tools.errors import ConnectorDown
from store.events import Status
from tests.fakes.bench import TOOLS, ask, in_turn
from tests.fakes.desk import Desk

pytestmark = pytest.mark.asyncio


async def test_a_session_waits_for_a_server_that_is_still_starting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every session that goes on after a restart on a busy machine would be paused until somebody resumes it."""
    awaited, started = asyncio.Event(), asyncio.Event()

    async def first_outcome() -> None:
        awaited.set()
        await started.wait()
        desk.bench.known = TOOLS

    async def definitions(_: float) -> tuple[ToolDefinition, ...]:
        if desk.bench.known is None:
            raise ConnectorDown("bench is not connected yet.")
        return desk.bench.known

    monkeypatch.setattr(desk.bench, "known", None)
    monkeypatch.setattr(desk.bench, "first_outcome", first_outcome)
    monkeypatch.setattr(desk.bench, "definitions", definitions)
    desk.models.script = in_turn(ask("look_up", order=1), "Done.")
    session_id = await desk.start()
    resting = asyncio.create_task(desk.rests(session_id))
    await asyncio.wait([resting, asyncio.create_task(awaited.wait())], return_when=asyncio.FIRST_COMPLETED)
    started.set()
    session = await resting
    assert session.status is Status.COMPLETED
    assert desk.bench.ran("look_up") == [{"order": 1}]
