"""Three models vote on a call: at once, each by itself, and only what they all saw and said counts."""

import json
from typing import Any

import pytest

from agents.guards.consensus import chairs, consensus, unanimous
from agents.guards.questions import CallToJudge
from agents.guards.verdicts import effective_votes
from tests.fakes.room import Room

CALL = CallToJudge(
    request="Please refund 310 for order 1043",
    tool="refund",
    arguments={"order": "1043", "amount": 310},
    policy="Refunds above 200 need a person.",
    reasoning={"need": "secret thoughts", "source": "", "therefore": "", "alternatives": []},
)


def votes(verdict: str, path: str = "", because: str = "Reasons.", **more: Any) -> Any:
    return {"vote": [{"json": {"because": because, "path": path, "verdict": verdict}, **more}]}


SCRIPT: dict[str, Any] = {
    **{f"yes-{n}": votes("allow") for n in (1, 2, 3)},
    **{f"meets-{n}": votes("allow", together=3) for n in (1, 2, 3)},
    "careful": votes("deny", "/amount", "310 is above 200."),
    "careful-2": votes("deny", "/amount", "It is more than 200."),
    "unsure": votes("ask"),
    "abstains": votes("abstain"),
    "silent": {"vote": [{"hang": True}]},
    "prose": {"vote": [{"text": "Looks good to me, allow!"}]},
    "outside": votes("yes"),
    "down": {"vote": [{"status": 503}]},
}
YES = ("yes-1", "yes-2")


async def test_all_three_are_in_flight_at_the_same_time(room: Room) -> None:
    """The server answers nobody before it has all three requests: asked in turn, the votes would never come."""
    voted = await consensus(room.models, room.chain("meets-1", "meets-2", "meets-3"), CALL, 30)
    assert (voted.verdict.verdict, voted.verdict.because) == ("allow", "3 of 3 allow it")
    assert effective_votes(voted.seats) == pytest.approx(3 / 2.2)


async def test_every_voter_sees_the_same_and_nothing_the_agent_wrote(room: Room) -> None:
    await consensus(room.models, room.chain(*YES, "careful"), CALL, 30)
    shown = {room.asked(name)[-1]["messages"][1]["content"] for name in (*YES, "careful")}
    assert len(shown) == 1
    expected = {"request": CALL.request, "tool": "refund", "arguments": CALL.arguments, "policy": CALL.policy}
    assert json.loads(shown.pop()) == expected


async def test_two_of_three_release_and_the_third_is_named_with_its_argument(room: Room) -> None:
    voted = await consensus(room.models, room.chain(*YES, "careful"), CALL, 30)
    assert voted.verdict.verdict == "allow"
    assert voted.verdict.because == "2 of 3 allow it; careful denies it on /amount: 310 is above 200."
    assert voted.verdict.disputed == ("/amount",)


async def test_the_same_dissent_is_a_veto_where_all_have_to_agree(room: Room) -> None:
    voted = await unanimous(room.models, room.chain(*YES, "careful"), CALL, 30)
    assert voted.verdict.verdict == "ask"
    assert "careful denies it on /amount" in voted.verdict.because


async def test_two_of_three_denials_deny(room: Room) -> None:
    voted = await consensus(room.models, room.chain("yes-1", "careful", "careful-2"), CALL, 30)
    assert voted.verdict.verdict == "deny"


@pytest.mark.parametrize("name", ["unsure", "abstains", "prose", "outside", "down", "silent"])
async def test_no_vote_is_no_consent(room: Room, name: str) -> None:
    voters = [*room.chain("yes-1", "careful"), room.profile(name, timeout_seconds=0.05 if name == "silent" else 20)]
    assert (await consensus(room.models, voters, CALL, 30)).verdict.verdict == "ask"


async def test_a_voter_that_never_answers_is_a_failed_seat_and_the_other_two_still_count(room: Room) -> None:
    await room.models.warm()
    voted = await consensus(room.models, room.chain(*YES, "silent"), CALL, 2)
    silent = voted.seats[2]
    assert (silent.profile, silent.verdict, silent.cost_usd) == ("silent", "failed", None)
    assert silent.because == "There was no answer within 2 s."
    assert voted.verdict.verdict == "allow"
    assert "silent gave no verdict" in voted.verdict.because


async def test_one_that_never_answers_is_a_veto_where_all_have_to_agree(room: Room) -> None:
    voters = [*room.chain(*YES), room.profile("silent", timeout_seconds=0.05)]
    voted = await unanimous(room.models, voters, CALL, 30)
    assert voted.verdict.verdict == "ask"
    assert "silent gave no verdict: openai/silent: it took too long" in voted.verdict.because


async def test_nobody_votes_in_anothers_place(room: Room) -> None:
    voted = await consensus(room.models, room.chain(*YES, "down"), CALL, 30)
    assert [seat.profile for seat in voted.seats] == ["yes-1", "yes-2", "down"]
    assert voted.seats[2].verdict == "failed"


async def test_a_single_voter_is_asked_three_times_which_is_worth_one_vote(room: Room) -> None:
    before = len(room.asked("yes-3"))
    voted = await consensus(room.models, room.chain("yes-3"), CALL, 30)
    assert (voted.verdict.verdict, len(room.asked("yes-3")) - before) == ("allow", 3)
    assert effective_votes(voted.seats) == pytest.approx(1)


async def test_two_voters_make_three_seats_and_more_than_three_are_not_all_asked(room: Room) -> None:
    assert [one.profile for one in chairs(room.models, room.chain("a", "b"), 1)] == ["a", "b", "a"]
    assert [one.profile for one in chairs(room.models, room.chain("a", "b", "c", "d"), 1)] == ["a", "b", "c"]
    assert chairs(room.models, [], 1) == []


async def test_without_voters_nothing_is_released(room: Room) -> None:
    assert (await consensus(room.models, [], CALL, 30)).verdict.verdict == "ask"
