"""The fold: which event each status takes, what each does, and that it does not matter where one stops between."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.call_effects import KEEP_APPROVALS
from agents.errors import IllegalEvent
from agents.folded import Session, dump, load
from agents.session import TRANSITIONS, apply, new, replay
from store.events import (
    EVENT,
    ApprovalExpired,
    ApprovalStatus,
    ApprovalVoided,
    CallState,
    OutcomeSettled,
    Status,
    UnknownEvent,
)
from tests.agents.sessions import (
    ASKED,
    ENDED,
    FAILED,
    ONE_OF_EACH,
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
    recorded,
    replied,
    requested,
    started_call,
)

BEGUN = (STARTED, message(), replied())
HELD = (*BEGUN, proposed("1.1", CallState.HELD), requested())
STANDING: dict[Status | None, tuple[Any, ...]] = {
    None: (),
    Status.QUEUED: (STARTED, message()),
    Status.RUNNING: (*HELD, decided()),
    Status.WAITING_APPROVAL: HELD,
    Status.WAITING_INPUT: (*HELD, decided("reject", ApprovalStatus.REJECTED), ASKED),
    Status.PAUSED: (*HELD, PAUSED),
    Status.COMPLETED: (*HELD, decided("reject", ApprovalStatus.REJECTED), ENDED),
    Status.FAILED: (*HELD, decided("reject", ApprovalStatus.REJECTED), FAILED),
    Status.STOPPED: (*HELD, STOPPED),
}
"""How to get a session there, with a call 1.1 and a request A in it where that is possible."""


def test_every_kind_of_event_and_every_status_is_covered() -> None:
    kinds = {type(event).__name__ for event in ONE_OF_EACH}
    assert kinds == {one["$ref"].split("/")[-1] for one in EVENT.json_schema()["oneOf"]}
    assert set(STANDING) == set(TRANSITIONS)
    assert all(folded(*events).status is status for status, events in STANDING.items() if status)


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("status", STANDING, ids=str)
def test_absence_from_the_table_means_illegal(status: Status | None, event: Any) -> None:
    session = folded(*STANDING[status])
    if type(event) in TRANSITIONS[status]:
        try:
            after = apply(session, event, session.seq + 1, T0)
        except IllegalEvent as error:
            assert "never" in str(error)  # about a call or request that this session does not have
        else:
            assert after.seq == session.seq + 1
        return
    with pytest.raises(IllegalEvent) as refused:
        apply(session, event, session.seq + 1, T0)
    assert str(refused.value) == f"A session that is {status or 'not started'} takes no {type(event).__name__}."


def test_nothing_waits_for_input_as_long_as_nothing_asks_for_it() -> None:
    assert type(message()) in TRANSITIONS[Status.WAITING_INPUT]


@pytest.mark.parametrize("seq", [0, 2, 7])
def test_a_gap_or_a_repeat_in_the_numbers_is_refused(seq: int) -> None:
    with pytest.raises(IllegalEvent, match=f"Event {seq} cannot follow event 0"):
        apply(new("S-1"), STARTED, seq, T0)


@pytest.mark.parametrize(
    "event",
    [
        started_call("9.9"),
        finished("9.9"),
        decided(approval_id="none"),
        ApprovalExpired(approval_id="none", because="x"),
        OutcomeSettled(call_id="9.9", happened=True, by="olga"),
    ],
)
def test_an_event_about_something_that_was_never_proposed_is_refused(event: Any) -> None:
    with pytest.raises(IllegalEvent, match="was never"):
        folded(*HELD, decided(), event)


def test_an_event_of_a_newer_program_makes_the_session_readable_only() -> None:
    newer = UnknownEvent(type="Teleported", v=3, data={})
    session = apply(folded(*HELD), newer, 6, T0)
    assert session.foreign
    assert apply(session, STARTED, 7, T0).seq == 7  # what follows is folded as well as it can be


LONG = (
    *HELD,
    proposed("1.2"),
    started_call("1.2"),
    finished("1.2"),
    decided(),
    started_call("1.1", "A"),
    UNKNOWN,
    requested("A.2", kind="unknown_outcome", expires_at=None),
    PAUSED,
    message(1, opens=False),
    RESUMED,
    decided("happened", ApprovalStatus.CANCELLED, approval_id="A.2"),
    OutcomeSettled(call_id="1.1", happened=True, by="olga"),
    replied(2, (3, 14), parent=3),
    ENDED,
    message(2, text="m2"),
    replied(3, (18, 20), parent=17, turn=2),
    proposed("3.1", CallState.HELD),
    requested("C", "3.1"),
    decided("reject", ApprovalStatus.REJECTED, approval_id="C", action_digest="digest-3.1"),
    STOPPED,
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, len(LONG)), max_size=6))
def test_replay_in_pieces_equals_replay_at_once(cuts: list[int]) -> None:
    events = recorded(*LONG)
    session, last = new("S-1"), 0
    for cut in [*sorted(cuts), len(events)]:
        session = load(dump(replay(session, events[last:cut])))
        last = max(last, cut)
    assert session == replay(new("S-1"), events)


@pytest.mark.parametrize("length", range(1, len(LONG) + 1))
def test_a_snapshot_read_back_is_the_same_session(length: int) -> None:
    session = folded(*LONG[:length])
    assert load(dump(session)) == session


def test_a_call_that_runs_while_another_waits_keeps_the_session_running() -> None:
    both = (*HELD, proposed("1.2"), started_call("1.2"))
    assert folded(*both).status is Status.RUNNING
    assert folded(*both, finished("1.2")).status is Status.WAITING_APPROVAL


def test_an_unknown_outcome_keeps_a_session_waiting_even_after_its_turn() -> None:
    lost = (*BEGUN, proposed(), started_call(), UNKNOWN, requested(kind="unknown_outcome", expires_at=None))
    assert folded(*lost, ENDED).status is Status.WAITING_APPROVAL


def test_only_working_time_is_counted() -> None:
    session = folded(*HELD, every_seconds=10)
    assert (session.turn_seconds, session.session_seconds) == (20, 30)  # from the message to the request; and all
    assert folded(*HELD, decided(), every_seconds=10).turn_seconds == 20  # waiting for a person costs none
    session = folded(*HELD, decided("reject", ApprovalStatus.REJECTED), ENDED, message(2), every_seconds=10)
    assert session.turn_seconds == 0
    assert session.session_seconds == 40


def test_a_new_turn_starts_counting_anew() -> None:
    session = folded(*BEGUN, proposed(), started_call(), finished(), ENDED, message(2, text="m2"))
    assert (session.turn_cost_usd, session.stage_steps, session.stage_calls, session.tool_uses) == (0, 0, 0, ())
    assert (session.session_cost_usd, session.step, session.turn) == (0.25, 1, 2)


def test_what_somebody_wrote_while_the_model_was_at_it_comes_behind_its_reply() -> None:
    session = folded(STARTED, message(), message(opens=False, text="also"), replied(1, (2,)))
    assert [(entry.kind, entry.ref) for entry in session.entries] == [
        ("user", "m1"),
        ("reply", "output-1"),
        ("user", "also"),
    ]
    session = folded(replied(2, (4, 3), parent=4), start=session)
    assert [entry.part for entry in session.entries] == ["part-2", "part-4", "part-3", None]
    assert session.prompt is not None
    assert (session.prompt.first, session.prompt.last) == (2, 4)


def test_a_rejection_is_remembered_until_the_next_message_and_then_as_a_repeat() -> None:
    rejected = (*HELD, decided("reject", ApprovalStatus.REJECTED))
    assert folded(*rejected).rejected_now == ("digest-1.1",)
    session = folded(*rejected, ENDED, message(2))
    assert (session.rejected_now, session.rejected_before) == ((), ("digest-1.1",))


def test_old_requests_are_forgotten_but_never_those_that_are_open() -> None:
    session = folded(*HELD)
    for n in range(KEEP_APPROVALS + 20):
        session = folded(requested(f"B{n}"), start=session)
        session = folded(
            ApprovalVoided(approval_id=f"B{n}", status=ApprovalStatus.CANCELLED, because="x"), start=session
        )
    assert len(session.approvals) <= KEEP_APPROVALS + 1
    assert session.approval("A") is not None


def test_a_closing_prompt_is_never_grown_from() -> None:
    assert folded(STARTED, message(), replied(purpose="closing")).prompt is None


def test_a_session_says_what_it_holds() -> None:
    session: Session = folded(*HELD)
    call, approval = session.call("1.1"), session.approval("A")
    assert call is not None
    assert approval is not None
    assert call.approval_id == approval.id
    assert session.call("1.2") is None
