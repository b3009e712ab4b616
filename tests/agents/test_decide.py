"""What happens next, for every situation a session can be in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agents.config import Agent
from agents.decide import AskModel, Busy, EndTurn, EnterStage, LoseSight, Move, RunCalls, Wait, next_move
from store.events import ApprovalStatus, CallState, Risk, StageEntered, UnknownEvent
from tests.agents.sessions import (
    ENDED,
    FAILED,
    PAUSED,
    RESUMED,
    STARTED,
    STOPPED,
    T0,
    UNKNOWN,
    decided,
    finished,
    folded,
    message,
    proposed,
    replied,
    requested,
    started_call,
)

BEGUN = (STARTED, message(), replied())
HELD = (proposed("1.1", CallState.HELD), requested())
RUNNING_READ = (proposed(risk=Risk.READ), started_call())
NOW = T0 + timedelta(seconds=20)
DECIDE = "A person has to decide."
UNDER_WAY = "Work is under way."


def agent(workflow: int = 0, **limits: Any) -> Agent:
    stages = [{"stage": f"stage {n}", "goal": "Go."} for n in range(workflow)]
    document = {"name": "Clerk", "instructions": "Help.", "toolset": "t", "policy": "p", "models": {"act": "main"}}
    return Agent.model_validate(document | {"workflow": stages, "limits": limits})


def move(*events: Any, busy: Busy | None = None, of: Agent | None = None) -> Move:
    return next_move(folded(*events), of or agent(), busy or Busy(), NOW)


MOVES: list[tuple[str, tuple[Any, ...], Busy, Move]] = [
    ("a message is answered", (STARTED, message()), Busy(), AskModel()),
    ("a model that is being asked is waited for", (STARTED, message()), Busy(asking=True), Wait(because=UNDER_WAY)),
    ("a released call runs", (*BEGUN, proposed()), Busy(), RunCalls(call_ids=("1.1",))),
    (
        "all released calls run at once",
        (*BEGUN, proposed(), proposed("1.2")),
        Busy(),
        RunCalls(call_ids=("1.1", "1.2")),
    ),
    ("a held call waits for a person", (*BEGUN, *HELD), Busy(), Wait(because=DECIDE)),
    (
        "what is released runs beside what is held",
        (*BEGUN, *HELD, proposed("1.2")),
        Busy(),
        RunCalls(call_ids=("1.2",)),
    ),
    ("an approved call runs", (*BEGUN, *HELD, decided()), Busy(), RunCalls(call_ids=("1.1",))),
    (
        "a running call is waited for",
        (*BEGUN, proposed(), started_call()),
        Busy(running=frozenset({"1.1"})),
        Wait(because=UNDER_WAY),
    ),
    (
        "a call approved meanwhile runs beside one that is running",
        (*BEGUN, proposed("1.2"), started_call("1.2"), *HELD, decided()),
        Busy(running=frozenset({"1.2"})),
        RunCalls(call_ids=("1.1",)),
    ),
    ("settled calls go back to the model", (*BEGUN, proposed(), started_call(), finished()), Busy(), AskModel()),
    ("an orphan goes to a person", (*BEGUN, proposed(), started_call()), Busy(), LoseSight(call_ids=("1.1",))),
    ("an orphan that only reads runs again", (*BEGUN, *RUNNING_READ), Busy(), RunCalls(call_ids=("1.1",))),
    (
        "an idempotent orphan runs again",
        (*BEGUN, proposed(idempotent=True), started_call()),
        Busy(),
        RunCalls(call_ids=("1.1",)),
    ),
    (
        "of two orphans the unsafe one goes first",
        (*BEGUN, *RUNNING_READ, proposed("1.2"), started_call("1.2")),
        Busy(),
        LoseSight(call_ids=("1.2",)),
    ),
    (
        "what a reply has just started is no orphan",
        (*BEGUN, proposed(), started_call()),
        Busy(asking=True),
        Wait(because=UNDER_WAY),
    ),
    (
        "an unknown outcome waits for a person",
        (*BEGUN, proposed(), started_call(), UNKNOWN, requested(kind="unknown_outcome", expires_at=None)),
        Busy(),
        Wait(because=DECIDE),
    ),
    (
        "a rejected call is told to the model",
        (*BEGUN, *HELD, decided("reject", ApprovalStatus.REJECTED)),
        Busy(),
        AskModel(),
    ),
    ("a paused session rests", (*BEGUN, proposed(), PAUSED), Busy(), Wait(because="The session is paused.")),
    ("a resumed session goes on", (*BEGUN, proposed(), PAUSED, RESUMED), Busy(), RunCalls(call_ids=("1.1",))),
    ("a stopped session rests", (*BEGUN, proposed(), STOPPED), Busy(), Wait(because="The session is stopped.")),
    ("an answered session rests", (*BEGUN, ENDED), Busy(), Wait(because="The session is completed.")),
    ("a failed session rests", (*BEGUN, FAILED), Busy(), Wait(because="The session is failed.")),
    ("a message reopens it", (*BEGUN, ENDED, message(2)), Busy(), AskModel()),
    (
        "even a paused session asks about an orphan",
        (*BEGUN, *RUNNING_READ, PAUSED),
        Busy(),
        LoseSight(call_ids=("1.1",)),
    ),
    (
        "even a stopped session asks about an orphan",
        (*BEGUN, proposed(), started_call(), STOPPED),
        Busy(),
        LoseSight(call_ids=("1.1",)),
    ),
    (
        "nothing runs in a turn that has ended",
        (
            *BEGUN,
            proposed(),
            proposed("1.2"),
            started_call("1.2"),
            UNKNOWN.model_copy(update={"call_id": "1.2"}),
            ENDED,
        ),
        Busy(),
        Wait(because="The session is waiting_approval."),
    ),
]


@pytest.mark.parametrize(("events", "busy", "wanted"), [one[1:] for one in MOVES], ids=[one[0] for one in MOVES])
def test_the_next_move(events: tuple[Any, ...], busy: Busy, wanted: Move) -> None:
    assert move(*events, busy=busy) == wanted


def test_a_session_of_a_newer_program_is_never_advanced() -> None:
    session = folded(STARTED, message())
    newer = folded(UnknownEvent(type="Teleported", v=2, data={}), start=session)
    assert isinstance(next_move(newer, agent(), Busy(), NOW), Wait)


LIMITS: list[tuple[str, dict[str, Any], tuple[Any, ...], Move]] = [
    ("steps", {"steps": 1}, BEGUN, AskModel(closing="The limit of 1 steps per turn was reached.")),
    (
        "tool calls",
        {"tool_calls": 1},
        (*BEGUN, proposed(), started_call(), finished()),
        AskModel(closing="The limit of 1 tool calls per turn was reached."),
    ),
    ("cost of a turn", {"cost_usd": 0.25}, BEGUN, EndTurn(because="The cost limit of $0.25 per turn was reached.")),
    (
        "cost of a session",
        {"session_cost_usd": 0.25},
        (*BEGUN, ENDED, message(2)),
        EndTurn(because="The cost limit of $0.25 per session was reached."),
    ),
    (
        "time of a turn",
        {"seconds": 19},
        BEGUN,
        EndTurn(because="The limit of 19 working seconds per turn was reached."),
    ),
    (
        "time of a session",
        {"session_seconds": 15},
        BEGUN,
        EndTurn(because="The limit of 15 working seconds per session was reached."),
    ),
    ("none of them yet", {"steps": 2, "tool_calls": 2, "cost_usd": 0.26, "seconds": 21}, BEGUN, AskModel()),
    (
        "a limit of one turn does not bind the next",
        {"cost_usd": 0.25, "steps": 1},
        (*BEGUN, ENDED, message(2)),
        AskModel(),
    ),
]


@pytest.mark.parametrize(("limits", "events", "wanted"), [one[1:] for one in LIMITS], ids=[one[0] for one in LIMITS])
def test_at_a_limit(limits: dict[str, Any], events: tuple[Any, ...], wanted: Move) -> None:
    assert move(*events, of=agent(**limits)) == wanted


def test_after_the_closing_call_the_turn_ends_with_the_limit() -> None:
    session = replace(folded(*BEGUN), closing=True)
    ended = next_move(session, agent(steps=1), Busy(), NOW)
    assert ended == EndTurn(because="The limit of 1 steps per turn was reached.")


def test_waiting_for_a_person_costs_no_working_time() -> None:
    later = T0 + timedelta(days=30)
    assert next_move(folded(*BEGUN, *HELD), agent(seconds=20), Busy(), later) == Wait(because=DECIDE)


def test_no_limit_breaks_off_a_call_that_runs_or_waits() -> None:
    running = (*BEGUN, proposed(), started_call())
    busy = Busy(running=frozenset({"1.1"}))
    assert move(*running, busy=busy, of=agent(steps=1, cost_usd=0.01)) == Wait(because=UNDER_WAY)
    assert move(*BEGUN, *HELD, of=agent(steps=1, cost_usd=0.01)) == Wait(because=DECIDE)


ENTERED = StageEntered(index=0, stage="stage 0", because="So.")
LAST = StageEntered(index=1, stage="stage 1", because="So.")


def test_a_turn_begins_with_the_first_stage() -> None:
    assert move(STARTED, message(), of=agent(2)) == EnterStage(index=0, because="The turn begins with the first stage.")


def test_a_limit_of_steps_moves_on_to_the_next_stage() -> None:
    entered = move(STARTED, message(), ENTERED, replied(1, (2, 3)), of=agent(2, steps=1))
    assert entered == EnterStage(index=1, because="The limit of 1 steps per stage was reached. The next stage begins.")


def test_in_the_last_stage_it_closes_the_turn() -> None:
    events = (STARTED, message(), ENTERED, replied(1, (2, 3)), LAST, replied(2, (4, 5), parent=4))
    assert move(*events, of=agent(2, steps=1)) == AskModel(closing="The limit of 1 steps per stage was reached.")


def test_a_stage_counts_anew() -> None:
    assert move(STARTED, message(), ENTERED, replied(1, (2, 3)), LAST, of=agent(2, steps=1)) == AskModel()


def test_cost_ends_the_turn_in_any_stage() -> None:
    ended = move(STARTED, message(), ENTERED, replied(1, (2, 3)), of=agent(2, cost_usd=0.2))
    assert ended == EndTurn(because="The cost limit of $0.2 per turn was reached.")
