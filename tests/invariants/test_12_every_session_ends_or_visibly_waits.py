"""Invariant 12: every session ends, or visibly waits with a reason, also after a restart at any moment."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from store.events import CallState, Status
from tests.fakes.bench import Bench, Gate, ask
from tests.fakes.desk import Desk, configuration, crash_image, open_desk, the_waiting

pytestmark = pytest.mark.asyncio
MOMENTS = ("queued", "asking", "running a tool", "waiting", "paused", "answered")


async def _bring_to(desk: Desk, moment: str) -> str:
    """A session at this moment; whatever it hangs on never comes back."""
    if moment == "queued":
        desk.runtime.engine._closed = True
        return await desk.start()
    if moment == "asking":
        asked, never = asyncio.Event(), asyncio.Event()

        async def say(_: Any) -> str:
            asked.set()
            await never.wait()
            return ""

        desk.models.script = say
        session_id = await desk.start()
        await asked.wait()
        return session_id
    if moment == "running a tool":
        gate = desk.bench.on["refund"] = Gate()
        desk.models.script = lambda _: (ask("refund", order=1, amount=20), ask("look_up", order=1))
        session_id = await desk.start()
        await gate.reached.wait()
        return session_id
    session = await desk.ask_model(ask("refund", order=1, amount=60) if moment != "answered" else "Done.", "Done.")
    if moment == "paused":
        await desk.runtime.pause(session.id, by="olga", because="Wait.")
    return session.id


async def a_restart_leaves_nothing_running(folder: Path, moment: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.engine.CLOSE_SECONDS", 0)
        async with open_desk(folder / "one") as desk:
            session_id = await _bring_to(desk, moment)
            image = crash_image(desk, folder / "two")
    async with open_desk(image, bench=Bench()) as desk:
        session = await desk.until(session_id, lambda s: s.status not in (Status.QUEUED, Status.RUNNING), seconds=3)
        await desk.idle()
        session = await desk.session(session_id)
        assert not [call for call in session.calls if call.state in (CallState.EXECUTING, CallState.ALLOWED)]
        match session.status:
            case Status.WAITING_APPROVAL:
                assert await desk.pending(session_id)
            case Status.PAUSED:
                assert session.because
            case _:
                assert session.result == "answered"


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_restart_leaves_nothing_running(tmp_path: Path, moment: str) -> None:
    await a_restart_leaves_nothing_running(tmp_path, moment)


async def a_defect_of_our_own_ends_the_turn_with_its_words(desk: Desk) -> None:
    def breaks(_: object) -> str:
        raise RuntimeError("a bug")

    desk.models.script = breaks
    session = await desk.until(await desk.start(), lambda s: s.status is Status.FAILED, seconds=3)
    assert "a bug" in session.because
    desk.models.script = lambda _: "Done."
    await desk.runtime.send(session.id, "Again, please.", by="rita")
    assert (await desk.rests(session.id)).result == "answered"


async def test_a_defect_of_our_own_ends_the_turn_with_its_words(desk: Desk) -> None:
    await a_defect_of_our_own_ends_the_turn_with_its_words(desk)


async def test_a_defect_while_a_call_runs_leaves_its_fate_to_a_person(desk: Desk) -> None:
    def breaks(_: object) -> str:
        raise RuntimeError("a bug")

    desk.bench.on["refund"] = breaks
    session = await desk.ask_model(ask("refund", order=1, amount=20), "Done.")
    assert session.calls[0].state is CallState.UNKNOWN
    assert the_waiting(session).kind == "unknown_outcome"


async def test_something_that_was_deleted_pauses_it_with_the_reason(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    document = configuration()
    document["agents"] = []
    await desk.configure(document)
    await desk.runtime.send(session.id, "Go on.", by="rita")
    session = await desk.until(session.id, lambda s: s.status is Status.PAUSED)
    assert "The agent 'Clerk' does not exist any more" in session.because
    await desk.configure(configuration())
    await desk.runtime.resume(session.id, by="olga", because="It is back.")
    assert (await desk.rests(session.id)).result == "answered"


async def test_what_is_missing_does_not_break_off_a_call_that_runs(desk: Desk) -> None:
    gate = desk.bench.on["look_up"] = Gate()
    session = await desk.ask_model("Done.")
    desk.models.script = lambda m: (
        (ask("look_up", order=1), ask("refund", order=1, amount=60)) if m[-1]["role"] == "user" else "Done."
    )
    await desk.runtime.send(session.id, "Both.", by="rita")
    await gate.reached.wait()
    await desk.configure(configuration() | {"agents": []})
    await desk.decide(the_waiting(await desk.session(session.id)))
    await desk.until(session.id, lambda s: s.status is Status.PAUSED)
    gate.opened.set()
    session = await desk.until(session.id, lambda s: s.calls[0].state is not CallState.EXECUTING)
    assert session.calls[0].state is CallState.SUCCEEDED
