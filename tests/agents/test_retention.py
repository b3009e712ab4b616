"""Retention: the texts of sessions that ended long ago are erased, the record of what happened stays whole."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from store.audit import Audit, verify
from store.events import MessageReceived, Status
from tests.agents.test_schedules import At
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, configuration, open_desk, the_waiting

pytestmark = pytest.mark.asyncio
SECRET = "My name is Saga and I live by the lake."


async def texts(desk: Desk, session_id: str) -> list[str | None]:
    (message,) = await desk.events(session_id, MessageReceived)
    return [await desk.text(session_id, message.text)]


def keeping(days: int | None = 30) -> dict[str, Any]:
    return configuration() | {"settings": [{"name": "desk", "retention_days": days}]}


async def test_ended_sessions_are_erased_by_age_and_the_chain_still_holds(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, keeping(None), clock=clock) as desk:
        audit = Audit(desk.runtime.database)
        old = (await desk.ask_model("Done.", message=SECRET)).id
        await audit.seal()
        clock.passes(31 * 86_400)
        young = (await desk.ask_model("Done.", message=SECRET)).id
        told: list[tuple[int, int]] = []
        assert await desk.runtime.retention.would_erase(30) == 1
        assert await desk.runtime.retention.run(30, lambda done, of: told.append((done, of))) == 1
        assert told == [(1, 1)]
        assert await desk.runtime.retention.would_erase(30) == 0
        assert await texts(desk, old) == [None]
        assert await texts(desk, young) == [SECRET]
        report = verify(desk.runtime.database.path)
        assert report.problems == [] and report.erased > 0
        shown = await desk.queries.session(old)
        assert shown is not None and (shown["title"], shown["status"]) == ("(erased)", "completed")
        assert await desk.queries.events(old)


async def test_a_session_that_waits_is_never_touched_however_old(tmp_path: Path) -> None:
    clock = At()
    rule = configuration(approval={"decide_seconds": 10 * 365 * 86_400})
    async with open_desk(tmp_path, rule, clock=clock) as desk:
        waits = await desk.ask_model(ask("refund", order=1, amount=60), "Done.", message=SECRET)
        assert waits.status is Status.WAITING_APPROVAL
        paused = await desk.ask_model(ask("refund", order=2, amount=60), "Done.", message=SECRET)
        await desk.runtime.pause(paused.id, by="olga", because="Later.")
        clock.passes(400 * 86_400)
        assert await desk.runtime.retention.run(1) == 0
        assert await texts(desk, waits.id) == await texts(desk, paused.id) == [SECRET]
        await desk.decide(the_waiting(waits))
        await desk.rests(waits.id)
        assert await desk.runtime.retention.run(1) == 0, "it went on today"


async def test_the_clock_runs_it_every_day_and_a_start_makes_up_for_it(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, keeping(1), clock=clock) as desk:
        await desk.idle()
        session_id = (await desk.ask_model("Done.", message=SECRET)).id
        assert desk.runtime.clock._next == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)
        clock.set(2026, 3, 29, 3, 30)
        await ran(desk)
        assert await texts(desk, session_id) == [SECRET], "it is not a day old"
        clock.set(2026, 3, 30, 3, 30)
        await ran(desk)
        assert await texts(desk, session_id) == [None]
        other = (await desk.ask_model("Done.", message=SECRET)).id
    clock.set(2026, 4, 2, 12)
    async with open_desk(tmp_path, clock=clock) as desk:
        task = desk.runtime.retention._task
        assert task is not None and await asyncio.wait_for(task, 20) == 1
        assert await texts(desk, other) == [None]


async def ran(desk: Desk) -> None:
    await desk.runtime.clock.tick()
    assert desk.runtime.retention._task is not None
    await asyncio.wait_for(desk.runtime.retention._task, 20)


async def noted(desk: Desk) -> list[tuple[str, str, str]]:
    items = (await desk.queries.admin_log()).items
    return [(one["by"], one["subject"], one["detail"]) for one in items if one["action"] == "old texts erased"]


async def test_who_had_texts_erased_can_be_read_afterwards(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, keeping(None), clock=clock) as desk:
        await desk.ask_model("Done.", message=SECRET)
        clock.passes(31 * 86_400)
        await desk.runtime.retention.run(30, by="ada")
        await desk.runtime.retention.run(1, by="ada")
        await desk.runtime.retention.run(1)
        assert await noted(desk) == [
            ("ada", "0 sessions", "ended more than 1 day ago"),
            ("ada", "1 session", "ended more than 30 days ago"),
        ]
        assert "ada" in [one["by"] for one in (await desk.queries.activity()).items]


async def test_a_run_that_was_cancelled_notes_what_it_erased(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, keeping(None), clock=clock) as desk:
        for _ in range(3):
            await desk.ask_model("Done.", message=SECRET)
        clock.passes(31 * 86_400)
        retention = desk.runtime.retention
        run = asyncio.create_task(retention.run(30, lambda done, of: run.cancel(), by="ada"))
        await asyncio.wait({run}, timeout=20)
        assert run.cancelled()
        left = await retention.would_erase(30)
        assert left in (1, 2), "the second may have been on its way"
        assert await noted(desk) == [("ada", f"{3 - left} session{'s' * (left == 1)}", "ended more than 30 days ago")]


async def test_a_session_whose_texts_are_gone_can_still_be_written_to(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, clock=clock) as desk:
        session_id = (await desk.ask_model("Done.", message=SECRET)).id
        clock.passes(40 * 86_400)
        await desk.runtime.retention.run(30)
        await desk.runtime.send(session_id, "Are you there?", by="rita")
        session = await desk.until(session_id, lambda one: one.turn == 2 and one.result is not None)
        assert session.result == "answered"
        assert SECRET not in str(desk.models.prompts[-1])


async def test_the_recalled_passages_go_with_the_texts(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, clock=clock) as desk:
        session_id = (await desk.ask_model("Done.", message=SECRET)).id
        passages = desk.runtime.desk.passages
        await passages.catch_up(session_id)
        assert await passages.search(session_id, ["lake"], 5)
        clock.passes(40 * 86_400)
        await desk.runtime.retention.run(30)
        assert await passages.search(session_id, ["lake"], 5) == []


async def test_what_was_erased_is_not_to_be_found_in_the_files_either(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, configuration(), clock=clock) as desk:
        await desk.ask_model("Done, by the lake.", message=SECRET)
        clock.passes(40 * 86_400)
        assert await desk.runtime.retention.run(30) == 1
        path = desk.runtime.database.path
    files = list(path.parent.glob(f"{path.name}*"))
    assert files
    assert not [one.name for one in files if b"by the lake" in one.read_bytes()]
