"""Invariant 4: however many people decide at once, one of them wins, and the others hear who."""

import asyncio
import random
from pathlib import Path

import pytest

from agents.errors import AlreadyDecided
from agents.folded import Approval
from agents.runtime import Decided
from store.events import ApprovalDecided
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, configuration, open_desk, person, waiting

pytestmark = pytest.mark.asyncio
RACES_PER_SESSION = 20


async def race(desk: Desk, approval: Approval, chance: random.Random) -> None:
    """Two to eight people decide on one request at once."""
    names = [f"op{n}" for n in range(chance.randint(2, 8))]

    async def one(name: str) -> Decided:
        match chance.choice(["approve", "edit", "reject", "respond"]):
            case "edit":
                return await desk.edit(approval, person(name), order=int(approval.call_id.split(".")[1]), amount=70)
            case "respond":
                return await desk.decide(approval, "respond", person(name), because="Ask the customer.")
            case decision:
                return await desk.decide(approval, decision, person(name))  # type: ignore[arg-type]

    outcomes = await asyncio.gather(*(one(name) for name in names), return_exceptions=True)
    winners = [name for name, outcome in zip(names, outcomes, strict=True) if isinstance(outcome, Decided)]
    losses = [outcome for outcome in outcomes if not isinstance(outcome, Decided)]
    assert len(winners) == 1, outcomes
    assert all(isinstance(loss, AlreadyDecided) and loss.winner == winners[0] for loss in losses), losses


async def races(desk: Desk, sessions: int) -> None:
    chance = random.Random(4)
    for _ in range(sessions):
        calls = [ask("refund", order=n, amount=60) for n in range(1, RACES_PER_SESSION + 1)]
        session = await desk.ask_model(calls, "Done.")
        open_requests = waiting(session)
        assert len(open_requests) == RACES_PER_SESSION
        await asyncio.gather(*(race(desk, approval, chance) for approval in open_requests))
        await desk.rests(session.id)
        decided = await desk.events(session.id, ApprovalDecided)
        released = {one.approval_id for one in decided if one.status == "approved"}
        assert len(desk.bench.ledger) == len(released)
        desk.bench.ledger.clear()


async def test_two_hundred_races_have_one_winner_each(tmp_path: Path) -> None:
    async with open_desk(tmp_path, configuration(limits={"tool_calls": 100})) as desk:
        await races(desk, 200 // RACES_PER_SESSION)
        assert await desk.queries.inbox_matches_events() == []
