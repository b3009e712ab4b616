"""A stop, or the end of the program, in the very moment in which a reply is recorded."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.commands.conversation import Stop
from agents.commands.replies import RecordReply
from store.events import CallState, Status
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import Desk

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def writer_held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[type, asyncio.Event]]:
    """Until the block is left nothing is written; the events say which commands are queued by then."""
    held, taken, loop = threading.Event(), asyncio.Event(), asyncio.get_running_loop()
    queued = {RecordReply: asyncio.Event(), Stop: asyncio.Event()}
    append = desk.runtime.log.append

    async def noting(session_id: str, command: Any) -> Any:
        if type(command) in queued:
            loop.call_soon(queued[type(command)].set)
        return await append(session_id, command)

    def hold(_: Any) -> None:
        loop.call_soon_threadsafe(taken.set)
        held.wait(20)

    monkeypatch.setattr(desk.runtime.log, "append", noting)
    holding = asyncio.create_task(desk.runtime.database.write(hold))
    await taken.wait()
    try:
        yield queued
    finally:
        held.set()
        await holding


async def asked(desk: Desk) -> tuple[str, asyncio.Event]:
    """A session whose model is about to ask for a small refund, which runs by itself, once the event is set."""
    await desk.ask_model("Done.")  # a first session, so that the tools are known
    go, script = asyncio.Event(), in_turn(ask("refund", order=1, amount=20), "Done.")
    reached = asyncio.Event()

    async def waiting(messages: list[dict[str, Any]]) -> Any:
        reached.set()
        await go.wait()
        return script(messages)

    desk.models.script = waiting
    session_id = await desk.start()
    await reached.wait()
    return session_id, go


async def test_a_call_started_in_the_commit_before_a_stop_runs_and_reports(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, go = await asked(desk)
    async with writer_held(desk, monkeypatch) as queued:
        go.set()
        await queued[RecordReply].wait()
        stopping = asyncio.create_task(desk.runtime.stop(session_id, by="olga", because="Enough."))
        await queued[Stop].wait()
    await stopping
    await desk.idle()
    session = await desk.session(session_id)
    assert session.status is Status.STOPPED
    assert session.calls[0].state is CallState.SUCCEEDED
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 20}]
    assert await desk.pending() == []


async def test_a_call_started_while_the_program_ends_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id, go = await asked(desk)
    async with writer_held(desk, monkeypatch) as queued:
        go.set()
        await queued[RecordReply].wait()
        (advance,) = desk.runtime.engine._running.values()
        advance.wind_down()
    await desk.idle()
    session = await desk.session(session_id)
    assert session.calls[0].state is CallState.SUCCEEDED


async def test_a_model_that_answers_after_the_stop_starts_nothing(desk: Desk) -> None:
    session_id, go = await asked(desk)
    await desk.runtime.stop(session_id, by="olga", because="Enough.")
    go.set()
    await desk.idle()
    assert desk.bench.started == []
    assert (await desk.session(session_id)).status is Status.STOPPED
