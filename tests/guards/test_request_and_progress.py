"""Input check, best of three, limits and progress, repeats: each with its guard, and without it."""

from pathlib import Path

import pytest

from store.events import BestPicked, InputChecked, ProgressNoted, Status, ToolSuspended, TurnEnded
from tests.fakes.desk import the_waiting
from tests.fakes.processes import OpenAIServer
from tests.guards.scene import ALLOWED, ENOUGH, calls, desk_on, says

pytestmark = pytest.mark.asyncio

WHICH = {"verdict": "missing", "missing": ["order number"], "question": "Which order?", "because": "No order is named."}
SCRIPT = {
    "guesser": [calls("refund", order=1, amount=10), says("Refunded.")],
    "checker": {"input_check": [{"json": WHICH}]},
    "content": {"input_check": [ENOUGH]},
    "broken": {"input_check": [says("I would say that it looks fine to me.")]},
    "both": [
        {
            "calls": [
                *calls("look_up", order=1)["calls"],
                calls("refund", order=1, amount=10)["calls"][0] | {"id": "c2"},
            ]
        },
        says("Done."),
    ],
    "late": {"input_check": [{"json": WHICH, "after_ms": 400}]},
    "late-content": {"input_check": [ENOUGH | {"after_ms": 400}]},
    "writer": {
        "": [says("Dear customer, no.")],
        "@0.7": [says("Dear customer, we have refunded order 7.")],
        "@1.0": [says("Hello.")],
    },
    "picker": {"best_of": [{"json": {"pick": 2, "because": "Only this one says what was done."}}]},
    "circler": [calls("look_up", order=7)],
    "rocker": [calls("look_up", order=number % 2) for number in range(30)],
    "stubborn": [
        calls("refund", order=1755, amount=60),
        calls("mystery", thing="1755"),
        says("I give up."),
    ],
    "insistent": [*(calls("refund", order=number, amount=60) for number in (1, 2, 3, 4)), says("I give up.")],
}


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_incomplete_request_is_asked_about_before_anything_runs(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    roles = {"act": "guesser", "small": "checker"}
    async with desk_on(server, tmp_path, roles, rules=ALLOWED, guards={"input_check": guarded}) as desk:
        session = await desk.rests(await desk.start("Please refund my order."))
        if not guarded:
            assert desk.bench.ledger == [("refund", {"order": 1, "amount": 10})]  # of an order that nobody named
            return
        assert session.status is Status.WAITING_INPUT and desk.bench.ledger == []
        (checked,) = await desk.events(session.id, InputChecked)
        row = await desk.queries.session(session.id)
        assert row is not None and (row["because"], row["answer"]) == ("No order is named.", "Which order?")
        assert checked.seat.model.endswith("checker") and checked.asked


async def test_what_was_missing_is_read_together_with_the_first_message(server: OpenAIServer, tmp_path: Path) -> None:
    roles = {"act": "guesser", "small": "content"}
    async with desk_on(server, tmp_path, roles, rules=ALLOWED, guards={"input_check": True}) as desk:
        session = await desk.rests(await desk.start("Please refund order 1, 10 EUR."))
        assert session.result == "answered" and len(desk.bench.ledger) == 1


async def test_a_check_that_fails_asks_the_person_and_goes_on_with_their_next_message(
    server: OpenAIServer, tmp_path: Path
) -> None:
    roles = {"act": "guesser", "small": "broken"}
    async with desk_on(server, tmp_path, roles, rules=ALLOWED, guards={"input_check": True}) as desk:
        session = await desk.rests(await desk.start("Please refund order 1, 10 EUR."))
        assert session.status is Status.WAITING_INPUT and desk.bench.ledger == []
        await desk.runtime.send(session.id, "Go on.", by="rita")
        session = await desk.until(session.id, lambda s: s.status is Status.COMPLETED)
        assert session.turn == 1 and len(desk.bench.ledger) == 1


@pytest.mark.parametrize(("small", "ran"), [("late", ["look_up"]), ("late-content", ["look_up", "refund"])])
async def test_beside_the_check_only_reading_goes_on(
    server: OpenAIServer, tmp_path: Path, small: str, ran: list[str]
) -> None:
    roles = {"act": "both", "small": small}
    async with desk_on(server, tmp_path, roles, rules=ALLOWED, profile="user_facing") as desk:
        session = await desk.rests(await desk.start("Please refund my order."))
        assert [tool for tool, _ in desk.bench.ledger] == ran
        assert session.status is (Status.WAITING_INPUT if small == "late" else Status.COMPLETED)
        kinds = [type(event).__name__ for event in await desk.events(session.id)]
        assert kinds.index("ToolFinished") < kinds.index("InputChecked")


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_best_of_three_answers_goes_out_and_the_others_are_kept(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    guards = {"best_of": 3 if guarded else 1, "critical": "answers"}
    async with desk_on(server, tmp_path, {"act": "writer", "judge": "picker"}, guards=guards) as desk:
        session = await desk.rests(await desk.start())
        (ended,) = await desk.events(session.id, TurnEnded)
        answer = await desk.text(session.id, ended.answer)
        if not guarded:
            assert answer == "Dear customer, no."
            return
        assert answer == "Dear customer, we have refunded order 7."
        (picked,) = await desk.events(session.id, BestPicked)
        assert picked.picked == 1 and "what was done" in picked.because
        kept = [await desk.text(session.id, one.output) for one in picked.candidates]
        assert len(kept) == 3 and "Dear customer, no." in (kept[0] or "")


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("model", ["circler", "rocker"])
async def test_an_agent_going_round_in_circles_is_told_so_and_then_stopped(
    server: OpenAIServer, tmp_path: Path, model: str, guarded: bool
) -> None:
    async with desk_on(server, tmp_path, {"act": model}, guards={"progress": guarded}) as desk:
        session = await desk.rests(await desk.start())
        if not guarded:
            assert len(desk.bench.ledger) >= 14  # only the cap on steps ends it
            return
        assert len(desk.bench.ledger) <= 8
        noted = await desk.events(session.id, ProgressNoted)
        assert [one.action for one in noted] == ["nudge", "stop"]
        (ended,) = await desk.events(session.id, TurnEnded)
        assert ended.result == "limit" and ended.because == noted[-1].because


async def test_a_turn_that_is_stopped_is_handed_over_with_a_summary(server: OpenAIServer, tmp_path: Path) -> None:
    more = {"guards": {"progress": True}, "fallback": {"hand_over": True}}
    async with desk_on(server, tmp_path, {"act": "circler"}, **more) as desk:
        session = await desk.rests(await desk.start("Where is order 7?"))
        assert session.status is Status.WAITING_INPUT and session.result == "fallback"
        (ended,) = await desk.events(session.id, TurnEnded)
        text = await desk.text(session.id, ended.answer) or ""
        assert "Where is order 7?" in text and "look_up: succeeded, 5 times" in text


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_rejected_intent_that_comes_back_through_another_tool_is_asked_about_as_a_repeat(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    rules = [{"when": {"tool": "mystery"}, "release": "allow", "because": "Trusted."}]
    async with desk_on(server, tmp_path, {"act": "stubborn"}, rules=rules, guards={"progress": guarded}) as desk:
        session = await desk.rests(await desk.start("Refund order 1755, 60 EUR."))
        await desk.decide(the_waiting(session), "reject", because="No.")
        session = await desk.rests(session.id)
        if not guarded:
            assert [tool for tool, _ in desk.bench.ledger] == ["mystery"]
            return
        assert desk.bench.ledger == []
        (item,) = await desk.pending(session.id)
        assert item["tool"] == "mystery" and "repeat" in item["because"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_three_rejections_in_a_row_suspend_the_tool_for_the_session(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    async with desk_on(server, tmp_path, {"act": "insistent"}, guards={"progress": guarded}) as desk:
        session = await desk.rests(await desk.start())
        for _ in range(3):
            await desk.decide(the_waiting(session), "reject", because="No.")
            session = await desk.rests(session.id)
        if not guarded:
            assert len(await desk.pending(session.id)) == 1  # and a fourth time somebody has to say no
            return
        assert await desk.pending(session.id) == [] and session.result == "answered"
        (suspended,) = await desk.events(session.id, ToolSuspended)
        assert suspended.tool == "refund"
