"""What each event about a tool call, or about asking a person for one, does to the session. Pure."""

from typing import Any, assert_never

from store.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    ApprovalVoided,
    CallProposed,
    CallRevised,
    CallState,
    CallWithdrawn,
    InputRequired,
    OutcomeSettled,
    OutcomeUnknown,
    ToolFinished,
    ToolStarted,
)

from .errors import IllegalEvent
from .folded import Approval, Call, Session, replace
from .guards.did import Did

KEEP_APPROVALS = 60
"""Of those that are settled: what is older is in the record, and no decision depends on it."""
KEEP_DECISIONS = 50
KEEP_DONE = 600
"""More than a turn may have calls."""


def call_effect(session: Session, event: Any) -> Session:
    match event:
        case CallProposed():
            return _proposed(session, event)
        case CallRevised():
            return changed_call(
                session, event.call_id, details=event.details, digest=event.action_digest, edited_by=event.by
            )
        case CallWithdrawn():
            return changed_call(session, event.call_id, state=CallState.CANCELLED, because=event.because)
        case ToolStarted():
            session = changed_call(session, event.call_id, state=CallState.EXECUTING, attempt=event.attempt)
            return (
                _approval(session, event.approval_id, status=ApprovalStatus.CONSUMED) if event.approval_id else session
            )
        case ToolFinished():
            masks = (*session.masks, event.masks) if event.masks else session.masks
            session = replace(session, masks=masks)
            state, output = CallState(event.state), event.shown or event.output
            session = changed_call(session, event.call_id, state=state, output=output)
            return settled(session, event.call_id, event.repeats)
        case InputRequired():
            asks = {"form": event.form, "request_state": event.request_state, "answers": None}
            return changed_call(session, event.call_id, state=CallState.HELD, **asks)
        case OutcomeUnknown():
            # whatever it asked meanwhile: if a person has it run again, it runs from its beginning
            anew = {"form": None, "request_state": None, "answers": None}
            return changed_call(session, event.call_id, state=CallState.UNKNOWN, because=event.because, **anew)
        case OutcomeSettled():
            state = CallState.SUCCEEDED if event.happened else CallState.FAILED
            return changed_call(session, event.call_id, state=state, settled_by=event.by, output=None)
        case ApprovalRequested():
            return _requested(session, event)
        case ApprovalDecided():
            return _decided(session, event)
        case ApprovalExpired():
            session = _approval(session, event.approval_id, status=ApprovalStatus.EXPIRED)
            return changed_call(
                session, _call_of(session, event.approval_id), state=CallState.EXPIRED, because=event.because
            )
        case ApprovalVoided():
            return _approval(session, event.approval_id, status=event.status)
        case _:
            assert_never(event)


def _proposed(session: Session, event: CallProposed) -> Session:
    call = Call(
        id=event.call_id,
        provider_id=event.provider_id,
        step=event.step,
        tool=event.tool,
        connector=event.connector,
        own_name=event.own_name,
        definition_hash=event.definition_hash,
        risk=event.risk,
        idempotent=event.idempotent,
        details=event.details,
        digest=event.action_digest,
        state=CallState(event.state),
        verify=event.verify,
        release=event.release,
        rule=event.rule,
        because=event.because,
        approver=event.approver,
    )
    uses = dict(session.tool_uses)
    uses[event.tool] = uses.get(event.tool, 0) + 1
    session = replace(
        session, calls=(*session.calls, call), stage_calls=session.stage_calls + 1, tool_uses=tuple(uses.items())
    )
    return settled(session, call.id) if call.state in (CallState.INVALID, CallState.DENIED) else session


def _requested(session: Session, event: ApprovalRequested) -> Session:
    approval = Approval(
        id=event.approval_id,
        kind=event.kind,
        call_id=event.call_id,
        digest=event.action_digest,
        status=ApprovalStatus.PENDING,
        approver=event.approver,
        requested_by=event.requested_by,
        required=event.required,
        release=event.release,
        expires_at=event.expires_at,
        run_seconds=event.run_seconds,
        requesters=_requesters(session, event),
        released_by=_released_by(session, event) if event.kind == "input" else None,
    )
    old = session.approvals
    if len(old) >= KEEP_APPROVALS:
        live = (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)
        old = tuple(a for i, a in enumerate(old) if a.status in live or i > len(old) - KEEP_APPROVALS)
    session = replace(session, approvals=(*old, approval))
    state = CallState.UNKNOWN if event.kind == "unknown_outcome" else CallState.HELD
    return changed_call(session, event.call_id, state=state, approval_id=event.approval_id)


def _requesters(session: Session, event: ApprovalRequested) -> tuple[str, ...]:
    """A request that replaces another was made by the same people, whoever wrote while it waited."""
    replaced = session.approval(event.supersedes) if event.supersedes else None
    return replaced.requesters if replaced else session.requesters


def _released_by(session: Session, event: ApprovalRequested) -> str | None:
    """However often a server asks, the call runs by the word that released it at first."""
    call = session.call(event.call_id)
    before = session.approval(call.approval_id) if call and call.approval_id else None
    return before.released_by if before and before.kind == "input" else call.approval_id if call else None


def _decided(session: Session, event: ApprovalDecided) -> Session:
    approval = session.approval(event.approval_id)
    if approval is None:
        raise IllegalEvent(f"Approval {event.approval_id} was never requested.")
    agreed = event.decision in ("approve", "edit", "run_again")
    session = _approval(
        session,
        event.approval_id,
        status=event.status,
        run_by=event.run_by,
        decided_by=event.by,
        approved_by=(*approval.approved_by, event.by) if agreed else approval.approved_by,
    )
    call_id = approval.call_id
    if approval.kind == "call" and (agreed or event.decision == "reject"):
        session = _remembered(session, call_id, rejected=not agreed)
    if approval.kind == "input":
        return changed_call(session, call_id, state=CallState.ALLOWED, answers=event.arguments)
    if event.status is ApprovalStatus.APPROVED:
        return changed_call(session, call_id, state=CallState.ALLOWED)
    if event.decision == "reject":
        call = session.call(call_id)
        digests = (*session.rejected_now, call.digest) if call and call.digest else session.rejected_now
        session = replace(session, rejected_now=digests)
        session = changed_call(session, call_id, state=CallState.REJECTED, note=event.because, code=event.code)
        return settled(session, call_id)
    if event.decision == "respond":
        return changed_call(session, call_id, state=CallState.CANCELLED, note=event.because, code="respond")
    return session


def _remembered(session: Session, call_id: str, *, rejected: bool) -> Session:
    """What people decided about a tool, and which intents they turned down."""
    call = session.call(call_id)
    if call is None:
        return session
    outcomes = (*session.outcomes, (call.tool, rejected))[-KEEP_DECISIONS:]
    intents = (*session.rejected, (call.tool, call.details))[-KEEP_DECISIONS:] if rejected else session.rejected
    return replace(session, outcomes=outcomes, rejected=intents)


def settled(session: Session, call_id: str, repeats: int = 1) -> Session:
    """Note what came of a call, for telling whether the turn gets anywhere."""
    call = session.call(call_id)
    if call is None:
        return session
    did = Did(tool=call.tool, digest=call.digest, state=call.state, repeats=repeats, risk=call.risk)
    return replace(session, done=(*session.done, did)[-KEEP_DONE:])


def _call_of(session: Session, approval_id: str) -> str:
    approval = session.approval(approval_id)
    if approval is None:
        raise IllegalEvent(f"Approval {approval_id} was never requested.")
    return approval.call_id


def changed_call(session: Session, call_id: str, **changes: Any) -> Session:
    if session.call(call_id) is None:
        raise IllegalEvent(f"Call {call_id} was never proposed in this step.")
    calls = tuple(replace(call, **changes) if call.id == call_id else call for call in session.calls)
    return replace(session, calls=calls)


def _approval(session: Session, approval_id: str, **changes: Any) -> Session:
    approvals = tuple(replace(old, **changes) if old.id == approval_id else old for old in session.approvals)
    return replace(session, approvals=approvals)
