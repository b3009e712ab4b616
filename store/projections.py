"""Events → rows of calls, approvals, decisions and timers, in the transaction that records them.

Every change of an approval is conditional on the state it comes from: an event that contradicts its row is refused
together with the whole append, so that rows and events never disagree.
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from .database import run, run_many
from .errors import IllegalProjection
from .events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    ApprovalVoided,
    CallProposed,
    CallRevised,
    CallState,
    CallVerified,
    CallWithdrawn,
    InputRequired,
    OutcomeSettled,
    OutcomeUnknown,
    Recorded,
    Seat,
    ToolFinished,
    ToolStarted,
)
from .statements import InsertMany, insert
from .tables import ApprovalRow, CallRow, DecisionRow, TimerRow, VoteRow
from .times import optional_text, to_text
from .votes import votes

INSERT_CALL, INSERT_APPROVAL, INSERT_TIMER = insert(CallRow), insert(ApprovalRow), insert(TimerRow)
INSERT_VOTES = InsertMany(VoteRow)
INSERT_DECISION = insert(DecisionRow).replace(
    ":n,", "(SELECT COUNT(*) + 1 FROM decisions WHERE approval_id = :approval_id),"
)
_CALL = "WHERE session_id = :session_id AND call_id = :call_id"
REVISE_CALL = f"UPDATE calls SET details_ref = :details_ref, action_digest = :action_digest {_CALL}"
START_CALL = f"UPDATE calls SET state = 'executing', started_at = :at, approval_id = :approval_id {_CALL}"
FINISH_CALL = f"UPDATE calls SET state = :state, finished_at = :at, latency_ms = :latency_ms {_CALL}"
VERIFY_CALL = f"UPDATE calls SET state = :state {_CALL} AND state = 'proposed'"
MOVE_CALL = f"UPDATE calls SET state = :state {_CALL}"
MOVE_DECIDED_CALL = """UPDATE calls SET state = :state WHERE session_id = :session_id AND call_id =
    (SELECT call_id FROM approvals WHERE id = :id AND (kind <> 'unknown_outcome' OR :state = 'allowed'))"""
DECIDE = """UPDATE approvals SET status = :status, run_by = :run_by, superseded_by = :superseded_by,
    approvals_given = approvals_given + :given, decided_at = :decided_at, decided_by = :decided_by
    WHERE id = :id AND session_id = :session_id AND status = 'pending' AND action_digest = :action_digest"""
END = """UPDATE approvals SET status = :status, ended_because = :because
    WHERE id = :id AND session_id = :session_id AND status IN ('pending', 'approved')"""
CONSUME = """UPDATE approvals SET status = 'consumed' WHERE id = :id AND session_id = :session_id
    AND call_id = :call_id AND action_digest = :action_digest AND status = 'approved'
    AND (run_by IS NULL OR run_by >= :at)"""
DELETE_TIMER = "DELETE FROM timers WHERE key = :key"

_STATE_AFTER = {
    ApprovalStatus.APPROVED: CallState.ALLOWED,
    ApprovalStatus.REJECTED: CallState.REJECTED,
    ApprovalStatus.CANCELLED: CallState.CANCELLED,
    ApprovalStatus.EXPIRED: CallState.EXPIRED,
}
"""What a decision about a call makes of the call; `superseded` leaves it to the request that replaces it."""


def project(connection: sa.Connection, recorded: Recorded) -> None:
    """Carries one event onto the rows; raises IllegalProjection when it contradicts them."""
    carry = _CARRIED.get(type(recorded.event))
    if carry is not None:
        carry(connection, recorded, recorded.event)


def _proposed(connection: sa.Connection, recorded: Recorded, event: CallProposed) -> None:
    row = {
        "session_id": recorded.session_id, "call_id": event.call_id, "step": event.step, "tool": event.tool,
        "connector": event.connector, "own_name": event.own_name, "risk": event.risk.value,
        "state": event.state.value, "started_at": None, "finished_at": None, "latency_ms": None,
        "details_ref": event.details, "action_digest": event.action_digest, "approval_id": None,
    }  # fmt: skip
    run(connection, INSERT_CALL, row)


def _verified(connection: sa.Connection, recorded: Recorded, event: CallVerified) -> None:
    """Only a call that waits to be verified moves on: whatever ended it meanwhile stands."""
    row = {"session_id": recorded.session_id, "call_id": event.call_id, "state": event.state.value}
    if run(connection, VERIFY_CALL, row).rowcount != 1:
        raise IllegalProjection(f"Call {event.call_id} of session {recorded.session_id} does not wait to be verified.")
    run_many(connection, INSERT_VOTES, votes(recorded, event))


def _revised(connection: sa.Connection, recorded: Recorded, event: CallRevised) -> None:
    changes = {"details_ref": event.details, "action_digest": event.action_digest}
    _change_call(connection, REVISE_CALL, recorded, event.call_id, changes)


def _started(connection: sa.Connection, recorded: Recorded, event: ToolStarted) -> None:
    at = to_text(recorded.at)
    if event.approval_id is not None:
        _consume(connection, recorded, event, at)
    _change_call(connection, START_CALL, recorded, event.call_id, {"at": at, "approval_id": event.approval_id})


def _consume(connection: sa.Connection, recorded: Recorded, event: ToolStarted, at: str) -> None:
    """Single use: exactly one start finds the approval approved, for this very call and action, and in time."""
    row = {
        "id": event.approval_id, "session_id": recorded.session_id, "call_id": event.call_id,
        "action_digest": event.action_digest, "at": at,
    }  # fmt: skip
    if run(connection, CONSUME, row).rowcount != 1:
        raise IllegalProjection(f"Approval {event.approval_id} does not allow call {event.call_id} to start.")
    _delete_timer(connection, str(event.approval_id))


def _finished(connection: sa.Connection, recorded: Recorded, event: ToolFinished) -> None:
    changes = {"state": event.state.value, "at": to_text(recorded.at), "latency_ms": event.latency_ms}
    _change_call(connection, FINISH_CALL, recorded, event.call_id, changes)


def _asks(connection: sa.Connection, recorded: Recorded, event: InputRequired) -> None:
    _change_call(connection, MOVE_CALL, recorded, event.call_id, {"state": CallState.HELD.value})


def _unknown(connection: sa.Connection, recorded: Recorded, event: OutcomeUnknown) -> None:
    _change_call(connection, MOVE_CALL, recorded, event.call_id, {"state": CallState.UNKNOWN.value})


def _settled(connection: sa.Connection, recorded: Recorded, event: OutcomeSettled) -> None:
    state = CallState.SUCCEEDED if event.happened else CallState.FAILED
    _change_call(connection, MOVE_CALL, recorded, event.call_id, {"state": state.value})


def _withdrawn(connection: sa.Connection, recorded: Recorded, event: CallWithdrawn) -> None:
    _change_call(connection, MOVE_CALL, recorded, event.call_id, {"state": CallState.CANCELLED.value})


def _change_call(
    connection: sa.Connection, sql: str, recorded: Recorded, call_id: str, changes: dict[str, Any]
) -> None:
    row = {"session_id": recorded.session_id, "call_id": call_id, **changes}
    if run(connection, sql, row).rowcount != 1:
        raise IllegalProjection(f"Session {recorded.session_id} has no call {call_id}.")


def _requested(connection: sa.Connection, recorded: Recorded, event: ApprovalRequested) -> None:
    at, expires_at = to_text(recorded.at), optional_text(event.expires_at)
    row = {
        "id": event.approval_id, "session_id": recorded.session_id, "call_id": event.call_id, "kind": event.kind,
        "agent": event.agent, "tool": event.tool, "connector": event.connector, "own_name": event.own_name,
        "definition_hash": event.definition_hash, "action_digest": event.action_digest,
        "details_ref": event.details, "risk": event.risk.value, "verify": event.verify.value,
        "release": event.release.value, "approver": event.approver,
        "rule": None if event.rule is None else event.rule.model_dump_json(), "because": event.because,
        "requested_by": event.requested_by, "status": ApprovalStatus.PENDING.value, "requested_at": at,
        "expires_at": expires_at, "run_seconds": event.run_seconds, "run_by": None, "required": event.required,
        "approvals_given": 0, "supersedes": event.supersedes, "superseded_by": None, "decided_at": None,
        "decided_by": None, "ended_because": None, "step": event.step, "seq": recorded.seq,
        "checks": json.dumps([_shown(seat) for seat in event.checks], ensure_ascii=False) if event.checks else "[]",
    }  # fmt: skip
    run(connection, INSERT_APPROVAL, row)
    state = CallState.UNKNOWN if event.kind == "unknown_outcome" else CallState.HELD
    _change_call(connection, MOVE_CALL, recorded, event.call_id, {"state": state.value})
    _set_timer(connection, recorded.session_id, event.approval_id, expires_at)


def _shown(seat: Seat) -> dict[str, Any]:
    return seat.model_dump(mode="json", exclude={"usage"})


def _decided(connection: sa.Connection, recorded: Recorded, event: ApprovalDecided) -> None:
    at, pending = to_text(recorded.at), event.status == ApprovalStatus.PENDING
    counts = event.status in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)
    row = {
        "id": event.approval_id, "session_id": recorded.session_id, "status": event.status.value,
        "run_by": optional_text(event.run_by), "superseded_by": event.superseded_by, "given": int(counts),
        "decided_at": None if pending else at, "decided_by": None if pending else event.by,
        "action_digest": event.action_digest,
    }  # fmt: skip
    if run(connection, DECIDE, row).rowcount != 1:
        raise IllegalProjection(f"Approval {event.approval_id} is not waiting for a decision about this action.")
    _record_decision(connection, event, at)
    _move_decided_call(connection, recorded, event.approval_id, event.status)
    if not pending:
        _delete_timer(connection, event.approval_id)
        if event.status == ApprovalStatus.APPROVED:
            _set_timer(connection, recorded.session_id, event.approval_id, optional_text(event.run_by))


def _record_decision(connection: sa.Connection, event: ApprovalDecided, at: str) -> None:
    row = {
        "approval_id": event.approval_id, "decision": event.decision, "by": event.by, "role": event.role,
        "code": event.code, "because_ref": event.because, "at": at, "action_digest": event.action_digest,
        "arguments_ref": event.arguments, "status": event.status.value,
    }  # fmt: skip
    run(connection, INSERT_DECISION, row)


def _expired(connection: sa.Connection, recorded: Recorded, event: ApprovalExpired) -> None:
    _end(connection, recorded, event.approval_id, ApprovalStatus.EXPIRED, event.because)


def _voided(connection: sa.Connection, recorded: Recorded, event: ApprovalVoided) -> None:
    _end(connection, recorded, event.approval_id, event.status, event.because)


def _end(connection: sa.Connection, recorded: Recorded, id_: str, status: ApprovalStatus, because: str) -> None:
    row = {"id": id_, "session_id": recorded.session_id, "status": status.value, "because": because}
    if run(connection, END, row).rowcount != 1:
        raise IllegalProjection(f"Approval {id_} has already been used or ended.")
    _move_decided_call(connection, recorded, id_, status)
    _delete_timer(connection, id_)


def _move_decided_call(connection: sa.Connection, recorded: Recorded, id_: str, status: ApprovalStatus) -> None:
    state = _STATE_AFTER.get(status)
    if state is not None:
        run(connection, MOVE_DECIDED_CALL, {"state": state.value, "session_id": recorded.session_id, "id": id_})


def _set_timer(connection: sa.Connection, session_id: str, approval_id: str, due_at: str | None) -> None:
    if due_at is not None:
        row = {"key": f"approval:{approval_id}", "session_id": session_id, "kind": "approval", "due_at": due_at}
        run(connection, INSERT_TIMER, row)


def _delete_timer(connection: sa.Connection, approval_id: str) -> None:
    run(connection, DELETE_TIMER, {"key": f"approval:{approval_id}"})


_CARRIED: dict[type, Callable[[sa.Connection, Recorded, Any], None]] = {
    CallProposed: _proposed,
    CallVerified: _verified,
    CallRevised: _revised,
    CallWithdrawn: _withdrawn,
    ToolStarted: _started,
    ToolFinished: _finished,
    InputRequired: _asks,
    OutcomeUnknown: _unknown,
    OutcomeSettled: _settled,
    ApprovalRequested: _requested,
    ApprovalDecided: _decided,
    ApprovalExpired: _expired,
    ApprovalVoided: _voided,
}
