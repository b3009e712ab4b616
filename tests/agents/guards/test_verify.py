"""What each level of `verify` comes to: who is asked, what counts, and what is missing goes to a person."""

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.guards.questions import CallToJudge
from agents.guards.verify import Verified, verify
from store.events import Verify
from tests.fakes.room import Room

CALL = CallToJudge(
    request="Please refund 40 for order 1043",
    tool="refund",
    arguments={"order": "1043", "amount": 40},
    policy="Refunds up to 200 are fine.",
    reasoning={"need": "n", "source": "s", "therefore": "t", "alternatives": []},
)


def judge(verdict: str, **more: Any) -> dict[str, Any]:
    blind = {"json": {"clause": "", "because": "As asked.", "path": "", "verdict": verdict}, **more}
    return {"policy_check": [blind], "reasoning_check": [{"json": {"because": "Yes.", "path": "", "supports": True}}]}


def voter(verdict: str, **more: Any) -> dict[str, Any]:
    return {"vote": [{"json": {"because": "Reasons.", "path": "", "verdict": verdict}, **more}]}


SCRIPT: dict[str, Any] = {
    **{f"judge-{verdict}": judge(verdict) for verdict in ("allow", "ask", "deny")},
    "judge-down": {"policy_check": [{"status": 500}]},
    "judge-meets": judge("allow", together=4),
    **{f"meets-{n}": voter("allow", together=4) for n in (1, 2, 3)},
    **{f"yes-{n}": voter("allow") for n in (1, 2, 3)},
    "no-1": voter("deny"),
    "no-2": voter("deny"),
    "no-3": voter("deny"),
}
YES = ("yes-1", "yes-2", "yes-3")


async def run(
    room: Room, level: Verify, judges: tuple[str, ...] = (), voters: tuple[str, ...] = (), call: CallToJudge = CALL
) -> Verified:
    return await verify(room.models, level, call, room.chain(*judges), room.chain(*voters), 30)


@pytest.mark.parametrize(("name", "verdict"), [("allow", "allow"), ("ask", "ask"), ("deny", "deny"), ("down", "ask")])
async def test_check_is_the_judges_word_and_a_judge_that_fails_is_a_doubt(room: Room, name: str, verdict: str) -> None:
    verified = await run(room, Verify.CHECK, (f"judge-{name}",))
    assert (verified.verdict, len(verified.seats), verified.effective_votes) == (verdict, 1, None)
    assert verified.because.startswith(f"judge-{name} ")


async def test_votes_and_policy_check_are_asked_at_the_same_time(room: Room) -> None:
    """The server answers nobody before it has all four requests."""
    verified = await run(room, Verify.CONSENSUS, ("judge-meets",), ("meets-1", "meets-2", "meets-3"))
    assert verified.verdict == "allow"
    assert [seat.kind for seat in verified.seats] == ["vote", "vote", "vote", "policy_check"]
    assert verified.effective_votes == pytest.approx(3 / 2.2)
    assert [len(seat["questions"]) for seat in json.loads(verified.asked)] == [1, 1, 1, 2]


@pytest.mark.parametrize("level", [Verify.CONSENSUS, Verify.UNANIMOUS])
@pytest.mark.parametrize("name", ["ask", "deny", "down"])
async def test_a_policy_check_that_does_not_allow_overrules_every_vote(room: Room, level: Verify, name: str) -> None:
    verified = await run(room, level, (f"judge-{name}",), YES)
    assert verified.verdict == "ask"
    assert f"judge-{name}" in verified.because


async def test_a_policy_check_that_allows_does_not_soften_the_votes(room: Room) -> None:
    assert (await run(room, Verify.UNANIMOUS, ("judge-allow",), ("yes-1", "yes-2", "no-1"))).verdict == "ask"
    assert (await run(room, Verify.CONSENSUS, ("judge-allow",), ("no-1", "no-2", "yes-1"))).verdict == "deny"


async def test_consensus_lets_one_dissent_and_unanimous_does_not(room: Room) -> None:
    voters = ("yes-1", "yes-2", "no-1")
    assert (await run(room, Verify.CONSENSUS, (), voters)).verdict == "allow"
    assert (await run(room, Verify.UNANIMOUS, (), voters)).verdict == "ask"
    assert (await run(room, Verify.UNANIMOUS, (), ("no-1", "no-2", "no-3"))).verdict == "deny"


async def test_without_a_written_policy_there_is_nothing_to_check_beside_the_votes(room: Room) -> None:
    verified = await run(room, Verify.CONSENSUS, ("judge-deny",), YES, replace(CALL, policy=" \n"))
    assert (verified.verdict, len(verified.seats)) == ("allow", 3)


@pytest.mark.parametrize(
    ("level", "role"), [(Verify.CHECK, "judge"), (Verify.CONSENSUS, "vote"), (Verify.UNANIMOUS, "vote")]
)
async def test_without_the_models_it_takes_a_person_decides(room: Room, level: Verify, role: str) -> None:
    others = {"judges": ("judge-allow",)} if role == "vote" else {"voters": YES}
    verified = await run(room, level, **others)
    assert (verified.verdict, verified.seats) == ("ask", ())
    assert verified.because == (
        f"This has to be verified, and the agent has no model for the role {role}: a person decides."
    )


async def test_no_verification_asks_nobody(room: Room) -> None:
    before = len(room.server.requests())
    assert (await run(room, Verify.NONE, ("judge-deny",), YES)).verdict == "allow"
    assert len(room.server.requests()) == before
