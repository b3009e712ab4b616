"""Which sessions the engine is at work on, and who is told: the record says so only from the first reply on."""

import asyncio

import pytest

from store.events import Status
from tests.fakes.bench import Gate
from tests.fakes.desk import Desk

pytestmark = pytest.mark.asyncio


async def test_a_session_is_at_work_while_its_first_model_call_lasts(desk: Desk) -> None:
    gate = Gate()
    desk.models.script = gate
    session_id = await desk.start()
    await gate.reached.wait()
    engine = desk.runtime.engine
    assert engine.is_at_work(session_id)
    assert (await desk.session(session_id)).status is Status.QUEUED  # as the record has it
    gate.opened.set()
    await desk.rests(session_id)
    await desk.idle()
    assert not engine.is_at_work(session_id)


async def test_a_session_that_waits_for_its_slot_is_not_at_work_and_who_watches_it_hears_when_it_is(desk: Desk) -> None:
    gate, engine = Gate(), desk.runtime.engine
    engine._slots = asyncio.Semaphore(1)
    desk.models.script = gate
    first = await desk.start()
    await gate.reached.wait()
    second = await desk.start()
    assert (engine.is_at_work(first), engine.is_at_work(second)) == (True, False)
    heard: list[bool] = []
    told = desk.runtime.hub.told
    leave = desk.runtime.hub.watch(second, lambda *_: None, moved=lambda: heard.append(engine.is_at_work(second)))
    gate.opened.set()
    await desk.rests(second)
    await desk.idle()
    leave()
    assert heard == [True, False] and desk.runtime.hub.told > told
    assert not desk.runtime.hub._moving
