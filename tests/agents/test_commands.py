"""Commands on a session made by hand: what they refuse, what they leave alone, and what they ask again."""

from datetime import timedelta
from typing import Any

import pytest

from agents.commands.approvals import Decide, Decider, Expire
from agents.commands.calls import Cleared, FinishCall, LoseSightOf, StartCalls, VoidDrifted
from agents.commands.conversation import EndTheTurn, Pause, ReceiveMessage, Resume, StartSession, Stop
from agents.config import Agent
from agents.errors import AlreadyDecided, NotFound, NotNow
from agents.folded import Session
from agents.policy import Ruling
from store.event_log import History
from store.events import ApprovalStatus, CallState, Release, Risk, Verify
from tests.agents.sessions import (
    PAUSED,
    STARTED,
    STOPPED,
    T0,
    UNKNOWN,
    decided,
    finished,
    folded,
    message,
    proposed,
    recorded,
    replied,
    requested,
    started_call,
)

BEGUN = (STARTED, message(), replied())
HELD = (*BEGUN, proposed("1.1", CallState.HELD), requested())
RUNNING = (*BEGUN, proposed(), started_call())
LOST = (*RUNNING, UNKNOWN, requested("S-1.1.1", kind="unknown_outcome", expires_at=None))
AGAIN = (*LOST, decided("run_again", approval_id="S-1.1.1", run_by=T0 + timedelta(seconds=60)))
NOW = T0 + timedelta(seconds=30)
AGENT = Agent.model_validate(
    {"name": "Clerk", "instructions": "Help.", "toolset": "t", "policy": "p", "models": {"act": "main"}}
)


def after(command: Any, *events: Any, at: Any = NOW) -> tuple[list[str], Session]:
    """The kinds of event a command records after these, and the session as it then stands."""
    held = recorded(*events)
    outcome = command(History(session_id="S-1", head=len(held), snapshot=None, tail=tuple(held)), at)
    return [draft.event.type for draft in outcome.drafts], outcome.value.session


def decide(decision: Any, approval_id: str = "A", **more: Any) -> Decide:
    by = Decider(name="olga", role="operator")
    settings: dict[str, Any] = {"action_digest": "digest-1.1", "agent": AGENT, "by": by}
    return Decide(approval_id=approval_id, decision=decision, **settings | more)


def start(release: Release = Release.ALLOW, refused: str | None = None, approver: str = "anyone") -> StartCalls:
    ruling = Ruling(verify=Verify.NONE, release=release, rule=None, approver=approver, because="So.", matches=())
    return StartCalls(
        known=None, agent=AGENT, call_ids=("1.1",), clear=lambda _: Cleared(ruling=ruling, refused=refused)
    )


def test_a_stop_withdraws_what_waits_and_leaves_unknown_outcomes_to_people() -> None:
    kinds, session = after(Stop(by="olga", because="x"), *HELD)
    assert kinds == ["SessionStopped", "ApprovalVoided", "CallWithdrawn", "TurnEnded"]
    kinds, session = after(Stop(by="olga", because="x"), *LOST)
    assert kinds == ["SessionStopped", "TurnEnded"]
    assert session.calls[0].state is CallState.UNKNOWN


def test_a_stopped_session_takes_nothing_but_the_fate_of_lost_calls() -> None:
    for command in (
        Pause("olga", "x"),
        Resume("olga", "x"),
        ReceiveMessage("x", "rita"),
        decide("run_again", "S-1.1.1"),
    ):
        with pytest.raises(NotNow):
            after(command, *LOST, STOPPED)
    kinds, session = after(decide("happened", "S-1.1.1"), *LOST, STOPPED)
    assert kinds == ["ApprovalDecided", "OutcomeSettled"]
    assert session.calls[0].state is CallState.SUCCEEDED


def test_what_is_so_already_is_not_recorded_twice() -> None:
    assert after(Pause("olga", "x"), *HELD, PAUSED)[0] == []
    assert after(Resume("olga", "x"), *HELD)[0] == []
    assert after(Stop("olga", "x"), *HELD, STOPPED)[0] == []
    assert after(FinishCall(None, "1.1", CallState.FAILED, "x", None, 1.0), *RUNNING, finished())[0] == []
    assert after(LoseSightOf(None, AGENT, ("1.1",), "x"), *RUNNING, finished())[0] == []
    with pytest.raises(NotNow):
        after(StartSession("Clerk", {}, "t", "m", None, "rita"), *HELD)


def test_a_turn_that_ends_takes_back_what_has_not_started() -> None:
    kinds, session = after(EndTheTurn(None, "error", "A defect."), *HELD)
    assert kinds == ["ApprovalVoided", "CallWithdrawn", "TurnEnded"]
    assert session.status == "failed"


def test_nothing_is_released_in_a_turn_that_has_ended() -> None:
    ended = after(EndTheTurn(None, "error", "A defect."), *LOST)[1]
    assert ended.status == "waiting_approval"
    held = recorded(*LOST)
    end = EndTheTurn(None, "error", "A defect.")
    drafts = end(History(session_id="S-1", head=len(held), snapshot=None, tail=tuple(held)), NOW).drafts
    with pytest.raises(NotNow, match="has ended"):
        after(decide("run_again", "S-1.1.1"), *LOST, *(draft.event for draft in drafts))


def test_a_start_is_recorded_with_the_approval_it_uses_up() -> None:
    kinds, session = after(start(), *HELD, decided(run_by=NOW))
    assert kinds == ["ToolStarted"]
    assert session.approvals[0].status is ApprovalStatus.CONSUMED


STARTS: list[tuple[str, StartCalls, tuple[Any, ...], Any, list[str]]] = [
    ("paused", start(), (*HELD, decided(), PAUSED), NOW, []),
    ("stopped", start(), (*HELD, STOPPED), NOW, []),
    ("held", start(), HELD, NOW, []),
    ("refused", start(refused="Drift."), (*HELD, decided()), NOW, ["ApprovalVoided", "CallWithdrawn"]),
    ("denied by now", start(Release.DENY), (*HELD, decided()), NOW, ["ApprovalVoided", "CallWithdrawn"]),
    ("needs two by now", start(Release.ASK_TWO), (*HELD, decided()), NOW, ["ApprovalVoided", "CallWithdrawn"]),
    (
        "needs an admin by now",
        start(Release.ASK, approver="role:admin"),
        (*HELD, decided()),
        NOW,
        ["ApprovalVoided", "CallWithdrawn"],
    ),
    (
        "too late",
        start(),
        (*HELD, decided(run_by=NOW)),
        NOW + timedelta(microseconds=1),
        ["ApprovalExpired"],
    ),
    ("asked about by now", start(Release.ASK), (*BEGUN, proposed()), NOW, ["ApprovalRequested"]),
    ("running already", start(), RUNNING, NOW, []),
    (
        "running already, only reading",
        start(),
        (*BEGUN, proposed(risk=Risk.READ), started_call()),
        NOW,
        ["ToolStarted"],
    ),
]


@pytest.mark.parametrize(
    ("command", "events", "at", "kinds"), [one[1:] for one in STARTS], ids=[one[0] for one in STARTS]
)
def test_what_comes_of_starting_a_call_that_is(
    command: StartCalls, events: tuple[Any, ...], at: Any, kinds: list[str]
) -> None:
    assert after(command, *events, at=at)[0] == kinds


@pytest.mark.parametrize(
    "command",
    [
        Expire(approval_id="S-1.1.1"),
        start(refused="Drift."),
        VoidDrifted(connector="bench", own_name="refund", definition_hash="other"),
        Stop(by="olga", because="x"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_second_run_that_never_came_leaves_the_first_as_unknown_as_before(command: Any) -> None:
    kinds, session = after(command, *AGAIN, at=T0 + timedelta(seconds=61))
    assert session.calls[0].state is CallState.UNKNOWN
    assert session.approvals[-1].status is ApprovalStatus.PENDING
    assert session.approvals[-1].id == "S-1.1.1.2"
    assert "CallWithdrawn" not in kinds


def test_an_expiry_that_comes_too_early_or_too_late_does_nothing() -> None:
    assert after(Expire(approval_id="A"), *HELD)[0] == []
    assert after(Expire(approval_id="none"), *HELD)[0] == []
    assert (
        after(Expire(approval_id="A"), *HELD, decided(), started_call(approval_id="A"), at=T0 + timedelta(days=9))[0]
        == []
    )
    assert after(Expire(approval_id="A"), *HELD, at=T0 + timedelta(days=1))[0] == ["ApprovalExpired"]


def test_only_what_waits_can_be_decided() -> None:
    with pytest.raises(NotFound):
        after(decide("approve", "none"), *HELD)
    with pytest.raises(AlreadyDecided) as late:
        after(decide("reject"), *HELD, decided())
    assert late.value.winner == "olga"


def test_drift_voids_only_calls_of_that_tool_and_an_older_definition() -> None:
    def drift(**about: Any) -> list[str]:
        settings: dict[str, Any] = {"connector": "bench", "own_name": "refund", "definition_hash": "new"} | about
        return after(VoidDrifted(**settings), *HELD)[0]

    assert drift() == drift(definition_hash=None) == ["ApprovalVoided", "CallWithdrawn"]
    assert drift(definition_hash="h") == drift(connector="other") == drift(own_name="other") == []


def test_a_command_folds_only_what_it_does_not_know() -> None:
    known = folded(*HELD)
    tail = recorded(PAUSED, start=known)
    command = StartCalls(known=known, agent=AGENT, call_ids=("1.1",), clear=lambda _: Cleared())
    assert command.after == known.seq
    outcome = command(History(session_id="S-1", head=known.seq + 1, snapshot=None, tail=tuple(tail)), NOW)
    assert outcome.value.session.paused
