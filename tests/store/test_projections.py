"""Rows follow events: approvals, calls, timers and the session's own numbers."""

from datetime import timedelta
from typing import Any

import pytest

from store.errors import IllegalProjection
from store.event_log import EventLog
from store.events import (
    ApprovalExpired,
    ApprovalStatus,
    ApprovalVoided,
    CallRevised,
    CallState,
    MessageReceived,
    OutcomeSettled,
    OutcomeUnknown,
    SessionPaused,
    SessionResumed,
    SessionStopped,
    Status,
    TurnEnded,
)
from store.payloads import seal
from store.queries import Queries

from .scenes import DETAILS, NOON, Clock, decided, finished, hold, proposed, record, replied, requested, start, started

pytestmark = pytest.mark.asyncio


async def approval(queries: Queries, id_: str = "a1") -> dict[str, Any]:
    found = await queries.approval(id_)
    assert found is not None
    return found


async def session(queries: Queries, id_: str = "s1") -> dict[str, Any]:
    found = await queries.session(id_)
    assert found is not None
    return found


async def test_an_approval_goes_from_pending_to_approved_to_consumed(log: EventLog, queries: Queries) -> None:
    await hold(log)
    assert (await approval(queries))["status"] == "pending"
    await record(log, "s1", decided())
    row = await approval(queries)
    assert (row["status"], row["approvals_given"], row["decided_by"]) == ("approved", 1, "ben")
    await record(log, "s1", started())
    assert (await approval(queries))["status"] == "consumed"


async def test_an_approval_starts_one_execution_and_never_a_second(log: EventLog) -> None:
    await hold(log)
    await record(log, "s1", decided())
    await record(log, "s1", started())
    with pytest.raises(IllegalProjection, match=r"does not allow call 1\.0 to start"):
        await record(log, "s1", started())
    assert len(await log.read("s1")) == 7


@pytest.mark.parametrize("change", [{"call_id": "2.0"}, {"action_digest": "0" * 64}, {"approval_id": "a2"}])
async def test_an_approval_starts_nothing_but_what_was_approved(log: EventLog, change: dict[str, str]) -> None:
    await hold(log)
    await record(log, "s1", proposed(seal(DETAILS), "2.0"), decided())
    with pytest.raises(IllegalProjection):
        await record(log, "s1", started(**change))


async def test_an_approval_of_another_session_starts_nothing(log: EventLog) -> None:
    await hold(log)
    await record(log, "s1", decided())
    await hold(log, "s2", "a2")
    with pytest.raises(IllegalProjection):
        await record(log, "s2", started("a1"))


async def test_an_approval_that_ran_out_of_time_to_run_starts_nothing(log: EventLog, clock: Clock) -> None:
    await hold(log)
    await record(log, "s1", decided())
    clock.advance(minutes=10, seconds=1)
    with pytest.raises(IllegalProjection):
        await record(log, "s1", started())


@pytest.mark.parametrize(
    "ending",
    [
        decided(decision="reject", status=ApprovalStatus.REJECTED, run_by=None, code="wrong"),
        ApprovalExpired(approval_id="a1", because="nobody decided"),
        ApprovalVoided(approval_id="a1", status=ApprovalStatus.CANCELLED, because="stopped"),
    ],
)
async def test_an_ended_approval_starts_nothing_and_is_not_decided_again(log: EventLog, ending: Any) -> None:
    await hold(log)
    await record(log, "s1", ending)
    for too_late in (started(), decided(), ApprovalExpired(approval_id="a1", because="again")):
        with pytest.raises(IllegalProjection):
            await record(log, "s1", too_late)


async def test_a_second_decision_is_refused(log: EventLog, queries: Queries) -> None:
    await hold(log)
    await record(log, "s1", decided())
    with pytest.raises(IllegalProjection, match="not waiting"):
        await record(log, "s1", decided(by="cem"))
    assert [each["by"] for each in (await approval(queries))["decisions"]] == ["ben"]


async def test_a_decision_about_other_arguments_is_refused(log: EventLog) -> None:
    await hold(log)
    with pytest.raises(IllegalProjection, match="about this action"):
        await record(log, "s1", decided(action_digest="0" * 64))


async def test_four_eyes_need_two_decisions_in_order(log: EventLog, queries: Queries) -> None:
    await hold(log, required=2)
    await record(log, "s1", decided(status=ApprovalStatus.PENDING, run_by=None))
    row = await approval(queries)
    assert (row["status"], row["approvals_given"], row["decided_by"]) == ("pending", 1, None)
    await record(log, "s1", decided(by="cem"))
    row = await approval(queries)
    assert (row["status"], row["approvals_given"], row["decided_by"]) == ("approved", 2, "cem")
    assert [(each["n"], each["by"]) for each in row["decisions"]] == [(1, "ben"), (2, "cem")]


async def test_an_edit_supersedes_the_request_and_approves_the_new_one(log: EventLog, queries: Queries) -> None:
    await hold(log)
    details, other = seal(DETAILS.replace("412", "50")), "f" * 64
    await record(
        log,
        "s1",
        decided(decision="edit", status=ApprovalStatus.SUPERSEDED, superseded_by="a2", run_by=None),
        CallRevised(call_id="1.0", details=details.ref, action_digest=other, by="ben"),
        requested(details, "a2", action_digest=other, supersedes="a1"),
        decided("a2", decision="edit", action_digest=other),
        payloads=[details],
    )
    old, new = await approval(queries), await approval(queries, "a2")
    assert (old["status"], old["superseded_by"]) == ("superseded", "a2")
    assert (new["status"], new["supersedes"], new["arguments"]) == ("approved", "a1", {"amount": 50.0, "order": 1043})
    await record(log, "s1", started("a2", action_digest=other))


async def test_a_timer_waits_for_the_decision_then_for_the_run_then_is_gone(log: EventLog) -> None:
    await hold(log)
    assert await log.next_due() == NOON + timedelta(hours=1)
    await record(log, "s1", decided())
    assert await log.next_due() == NOON + timedelta(minutes=10)
    assert await log.due_timers(NOON) == []
    due = await log.due_timers(NOON + timedelta(minutes=10))
    assert [(each.key, each.session_id, each.kind) for each in due] == [("approval:a1", "s1", "approval")]
    await record(log, "s1", started())
    assert await log.next_due() is None


async def test_an_unknown_outcome_waits_for_ever(log: EventLog, queries: Queries) -> None:
    await hold(log)
    await record(log, "s1", decided())
    await record(log, "s1", started())
    details = seal(DETAILS)
    asked = requested(details, "u1", kind="unknown_outcome", expires_at=None)
    await record(log, "s1", OutcomeUnknown(call_id="1.0", because="cut off"), asked, payloads=[details])
    assert await log.next_due() is None
    assert await queries.inbox_matches_events() == []
    settled = OutcomeSettled(call_id="1.0", happened=True, by="ben")
    happened = decided("u1", decision="happened", status=ApprovalStatus.CONSUMED, run_by=None)
    await record(log, "s1", happened, settled)
    assert await queries.inbox_matches_events() == []
    assert (await queries.inbox()).items == []


async def test_the_inbox_matches_the_events_at_every_step_of_a_call(log: EventLog, queries: Queries) -> None:
    await hold(log)
    output = seal("refunded")
    for events in ([decided()], [started()], [finished(output)]):
        assert await queries.inbox_matches_events() == []
        await record(log, "s1", *events, payloads=[output])
    assert await queries.inbox_matches_events() == []


async def test_a_held_call_without_a_request_is_noticed(log: EventLog, queries: Queries) -> None:
    await start(log)
    details = seal(DETAILS)
    await record(log, "s1", proposed(details), payloads=[details])
    assert await queries.inbox_matches_events() == ["call 1.0 of session s1 waits, but is not in the inbox."]


async def test_a_call_that_was_never_proposed_cannot_start(log: EventLog) -> None:
    await start(log)
    with pytest.raises(IllegalProjection, match=r"no call 9\.9"):
        await record(log, "s1", started(None, "9.9"))


async def test_working_and_waiting_time_are_counted_apart(log: EventLog, queries: Queries, clock: Clock) -> None:
    await start(log)
    clock.advance(seconds=3)
    await record(log, "s1", SessionPaused(by="ann", because="lunch"), status=Status.PAUSED)
    clock.advance(seconds=50)
    await record(log, "s1", SessionResumed(by="ann", because="back"), status=Status.RUNNING)
    clock.advance(seconds=4)
    await record(log, "s1", TurnEnded(turn=1, result="answered", because="done"), status=Status.COMPLETED)
    clock.advance(hours=9)
    row = await session(queries)
    assert (row["working_seconds"], row["waiting_seconds"]) == (7.0, 50.0)


async def test_a_running_sessions_clock_runs_on_between_events(log: EventLog, queries: Queries, clock: Clock) -> None:
    await start(log)
    clock.advance(seconds=8)
    assert (await session(queries))["working_seconds"] == 8.0


async def test_a_clock_set_back_takes_no_time_away(log: EventLog, queries: Queries, clock: Clock) -> None:
    await start(log)
    clock.advance(seconds=-60)
    await record(log, "s1", SessionPaused(by="ann", because="lunch"), status=Status.PAUSED)
    assert (await session(queries))["working_seconds"] == 0


async def test_costs_tokens_and_steps_add_up_and_unknown_is_never_zero(log: EventLog, queries: Queries) -> None:
    await start(log)
    output, part = seal("{}"), seal("{}")
    closing = replied(3, output, part, cost_usd=0.5, purpose="closing")
    steps = [replied(1, output, part), replied(2, output, part, cost_usd=None), closing]
    await record(log, "s1", *steps, payloads=[output, part])
    row = await session(queries)
    assert (row["steps"], row["cost_usd"], row["cost_unknown"]) == (2, 0.75, 1)
    assert row["usage"] == {"input": 2700, "cache_read": 300, "cache_write": 60, "output": 120}
    segments = [{"name": "system", "tokens": 300}]
    assert row["context"] == {"used": 1020, "limit": 32_000, "segments": segments}
    assert await queries.spend_today() == {"cost_usd": 0.75, "unknown": 1}


async def test_yesterdays_calls_are_not_todays_spending(log: EventLog, queries: Queries, clock: Clock) -> None:
    await hold(log)
    clock.advance(days=1)
    output, part = seal("{}"), seal("{}")
    await record(log, "s1", replied(2, output, part, cost_usd=2.0), payloads=[output, part])
    assert await queries.spend_today() == {"cost_usd": 2.0, "unknown": 0}


async def test_a_new_turn_starts_its_own_count_and_forgets_the_old_result(log: EventLog, queries: Queries) -> None:
    await hold(log)
    answer, text = seal("Done."), seal("And order 1044?")
    ended = TurnEnded(turn=1, result="answered", because="answered", answer=answer.ref)
    await record(log, "s1", ended, status=Status.COMPLETED, payloads=[answer])
    row = await session(queries)
    assert (row["result"], row["answer"], row["turn_steps"], row["turn_tool_calls"]) == ("answered", "Done.", 1, 1)
    message = MessageReceived(text=text.ref, turn=2, opens_turn=True, by="ann")
    await record(log, "s1", message, status=Status.QUEUED, payloads=[text])
    row = await session(queries)
    assert (row["turn"], row["result"], row["answer"], row["turn_steps"], row["steps"]) == (2, None, None, 0, 1)


async def test_a_stop_says_so(log: EventLog, queries: Queries) -> None:
    await start(log)
    await record(log, "s1", SessionStopped(by="ann", because="wrong customer"), status=Status.STOPPED)
    row = await session(queries)
    assert (row["status"], row["result"], row["because"]) == ("stopped", "stopped", "wrong customer")


async def test_invalid_calls_are_counted_beside_all_calls(log: EventLog, queries: Queries) -> None:
    await start(log)
    details = seal(DETAILS)
    await record(log, "s1", proposed(details, state=CallState.INVALID), payloads=[details])
    row = await session(queries)
    assert (row["tool_calls"], row["invalid_calls"]) == (1, 1)
