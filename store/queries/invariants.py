"""Whether the inbox holds exactly what the events leave undecided: folded from history, apart from the projections."""

import sqlalchemy as sa

from store.database import run
from store.encoding import decode
from store.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    ApprovalVoided,
    CallProposed,
    CallState,
    CallVerified,
    CallWithdrawn,
    InputRequired,
    OutcomeSettled,
    OutcomeUnknown,
    Recorded,
    ToolStarted,
)

EVENTS = "SELECT session_id, seq, type, v, at, status, data FROM events ORDER BY session_id, seq"
PENDING = "SELECT session_id, call_id, kind FROM approvals WHERE status = 'pending'"

Waiting = set[tuple[str, str, str]]
"""Session, call, and kind of what a person still has to say."""


def inbox_differences(connection: sa.Connection) -> list[str]:
    rows: Waiting = set(run(connection, PENDING).fetchall())
    waiting: Waiting = set()
    asked: dict[str, tuple[str, str, str]] = {}
    for row in run(connection, EVENTS):
        _fold(waiting, asked, decode(*row))
    forgotten = [
        f"{kind} {call} of session {id_} waits, but is not in the inbox." for id_, call, kind in waiting - rows
    ]
    made_up = [
        f"{kind} {call} of session {id_} is in the inbox, but does not wait." for id_, call, kind in rows - waiting
    ]
    return sorted(forgotten + made_up)


def _fold(waiting: Waiting, asked: dict[str, tuple[str, str, str]], recorded: Recorded) -> None:
    session_id = recorded.session_id
    match recorded.event:
        case CallProposed(state=CallState.HELD, call_id=call_id) | CallVerified(state=CallState.HELD, call_id=call_id):
            waiting.add((session_id, call_id, "call"))
        case OutcomeUnknown(call_id=call_id):
            waiting.add((session_id, call_id, "unknown_outcome"))
        case InputRequired(call_id=call_id):
            waiting.add((session_id, call_id, "input"))
        case ApprovalRequested(approval_id=approval_id, call_id=call_id, kind=kind):
            asked[approval_id] = (session_id, call_id, kind)
            waiting.add(asked[approval_id])
        case ToolStarted(call_id=call_id) | CallWithdrawn(call_id=call_id) | OutcomeSettled(call_id=call_id):
            waiting -= {(session_id, call_id, kind) for kind in ("call", "unknown_outcome", "input")}
        case ApprovalDecided(approval_id=id_, status=status) | ApprovalVoided(approval_id=id_, status=status):
            if status not in (ApprovalStatus.PENDING, ApprovalStatus.SUPERSEDED):
                waiting.discard(asked[id_])
        case ApprovalExpired(approval_id=id_):
            waiting.discard(asked[id_])
        case _:
            pass
