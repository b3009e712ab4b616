"""A server that takes its time to start is not one that is down."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.administration import Administration
from agents.engine import Engine
from agents.tools.definition import ToolDefinition
from agents.tools.errors import ConnectorDown
from store.events import Status
from tests.fakes.bench import TOOLS, ScriptedModels, ask, in_turn
from tests.fakes.desk import Desk, open_desk

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


async def test_sessions_go_on_after_a_restart_also_when_the_connectors_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, load = asyncio.Event(), Administration.load

    async def never(_: Any) -> str:
        asked.set()
        await asyncio.Event().wait()
        return ""

    async def fails(administration: Administration) -> None:
        await load(administration)
        raise ValueError("Port out of range 0-65535")

    async with open_desk(tmp_path, models=ScriptedModels(never)) as desk:
        session_id = await desk.start()
        await asked.wait()
    monkeypatch.setattr(Administration, "load", fails)
    async with open_desk(tmp_path, models=ScriptedModels(in_turn("Done."))) as desk:
        assert (await desk.rests(session_id)).status is Status.COMPLETED


async def test_a_program_that_is_closed_while_it_connects_wakes_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting, woken = asyncio.Event(), []

    async def never(_: Administration) -> None:
        connecting.set()
        await asyncio.Event().wait()

    async def recover(_: Engine) -> None:
        woken.append(True)

    async with open_desk(tmp_path) as desk:
        await desk.rests(await desk.start())
    monkeypatch.setattr(Engine, "recover", recover)
    monkeypatch.setattr(Administration, "load", never)
    async with open_desk(tmp_path):
        await connecting.wait()
    assert woken == []
