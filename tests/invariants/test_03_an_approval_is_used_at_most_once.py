"""Invariant 3: at most one execution per approval; a call that was cut off goes to a person unless repeatable."""

from pathlib import Path
from typing import Any

import pytest

from agents.folded import Session
from agents.perform import calls
from agents.perform.work import Work
from store.events import ApprovalStatus, CallState, OutcomeUnknown, ToolStarted
from tests.fakes.bench import Bench, Gate, ScriptedModels, ask, in_turn
from tests.fakes.desk import TOOLSET, Desk, configuration, crash_image, open_desk, the_waiting

pytestmark = pytest.mark.asyncio


async def a_second_start_finds_the_approval_used_up(desk: Desk) -> None:
    gate = desk.bench.on["refund"] = Gate()
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    await desk.decide(the_waiting(session))
    await gate.reached.wait()
    session = await desk.session(session.id)
    assert session.approvals[0].status is ApprovalStatus.CONSUMED
    work = Work(desk=desk.runtime.desk, session=session)
    assert await calls.start_calls(work, ("1.1",)) == ()
    gate.opened.set()
    await desk.rests(session.id)
    assert len(await desk.events(session.id, ToolStarted)) == len(desk.bench.ledger) == 1


async def test_a_second_start_finds_the_approval_used_up(desk: Desk) -> None:
    await a_second_start_finds_the_approval_used_up(desk)


async def test_using_up_an_approval_and_starting_are_one_commit(desk: Desk) -> None:
    commits: list[list[str]] = []
    desk.runtime.log.subscribe(lambda _, events: commits.append([each.event.type for each in events]))
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    await desk.decide(the_waiting(session))
    await desk.rests(session.id)
    assert ["ToolStarted"] in commits
    (start,) = await desk.events(session.id, ToolStarted)
    rows = await desk.queries.approval(start.approval_id)
    assert rows is not None and rows["status"] == "consumed"


async def cut_off(folder: Path, call: Any, **document: Any) -> tuple[Bench, Session, list[Any]]:
    """A call under way when the program dies, and the session as the next start leaves it."""
    again = Bench()
    async with open_desk(folder / "one", configuration() | document) as desk:
        gate = desk.bench.on[call.name] = Gate()
        desk.models.script = in_turn(call, "Done.")
        session_id = await desk.start()
        if call.name == "refund":
            await desk.decide(the_waiting(await desk.rests(session_id)))
        await gate.reached.wait()
        image = crash_image(desk, folder / "two")
        gate.opened.set()
    async with open_desk(image, bench=again, models=ScriptedModels(in_turn(call, "Done."))) as desk:
        session = await desk.rests(session_id)
        return again, session, await desk.events(session_id)


async def a_change_that_was_cut_off_goes_to_a_person(folder: Path) -> None:
    bench, session, events = await cut_off(folder, ask("refund", order=1, amount=60))
    assert bench.started == []
    assert session.calls[0].state is CallState.UNKNOWN
    assert the_waiting(session).kind == "unknown_outcome"
    assert sum(isinstance(event, OutcomeUnknown) for event in events) == 1


async def test_a_change_that_was_cut_off_goes_to_a_person(tmp_path: Path) -> None:
    await a_change_that_was_cut_off_goes_to_a_person(tmp_path)


async def test_a_look_up_that_was_cut_off_is_simply_repeated(tmp_path: Path) -> None:
    bench, session, _ = await cut_off(tmp_path, ask("look_up", order=1))
    assert bench.started == ["look_up"]
    assert session.result == "answered"


async def test_a_change_the_admin_calls_idempotent_is_repeated_too(tmp_path: Path) -> None:
    entries = [entry | {"idempotent": True} for entry in TOOLSET["tools"]]
    bench, session, _ = await cut_off(
        tmp_path, ask("refund", order=1, amount=60), toolsets=[TOOLSET | {"tools": entries}]
    )
    assert bench.ran("refund") == [{"order": 1, "amount": 60}]
    assert session.result == "answered"


@pytest.mark.parametrize(
    ("decision", "runs", "told"),
    [("happened", 0, "was carried out"), ("not_happened", 0, "was not carried out"), ("run_again", 1, "refund done")],
)
async def test_a_person_settles_what_became_of_it(tmp_path: Path, decision: Any, runs: int, told: str) -> None:
    bench, session, _ = await cut_off(tmp_path, ask("refund", order=1, amount=60))
    async with open_desk(tmp_path / "two", bench=bench) as desk:
        desk.models.script = in_turn("", "Done.")
        await desk.decide(the_waiting(await desk.session(session.id)), decision)
        await desk.until(session.id, lambda s: s.result == "answered")
        assert len(bench.ledger) == runs
        assert told in desk.models.prompts[-1][-1]["content"]


async def test_run_again_that_came_too_late_leaves_the_outcome_unknown(tmp_path: Path) -> None:
    bench, session, _ = await cut_off(tmp_path, ask("refund", order=1, amount=60))
    async with open_desk(tmp_path / "two", bench=bench) as desk:
        await desk.runtime.pause(session.id, by="olga", because="Wait.")
        await desk.decide(the_waiting(await desk.session(session.id)), "run_again")
        desk.clock.passes(3_601)
        await desk.runtime.clock.tick()
        session = await desk.session(session.id)
        assert session.calls[0].state is CallState.UNKNOWN
        assert the_waiting(session).kind == "unknown_outcome"
        assert await desk.queries.inbox_matches_events() == []
        assert bench.ledger == []
