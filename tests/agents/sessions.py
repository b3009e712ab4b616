"""Sessions and events made by hand for tests of the pure rooms."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agents.folded import Session
from agents.session import apply, new
from store.events import (
    AnswerRefused,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    ApprovalVoided,
    BestPicked,
    CallProposed,
    CallRevised,
    CallState,
    CallVerified,
    CallWithdrawn,
    Candidate,
    HandedOver,
    InputChecked,
    InputRequired,
    MessageReceived,
    ModelFailed,
    ModelReplied,
    OutcomeSettled,
    OutcomeUnknown,
    PassagesRecalled,
    ProgressNoted,
    Prompt,
    Recorded,
    Release,
    ResultsStubbed,
    Risk,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StageEntered,
    Summarised,
    SummaryFailed,
    ToolFinished,
    ToolStarted,
    ToolSuspended,
    TurnEnded,
    Usage,
    Verify,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
STARTED = SessionStarted(agent="Clerk", pins={"agent": 1, "toolset": 1, "policy": 1}, title="t", by="rita")


def message(turn: int = 1, opens: bool = True, text: str = "m1") -> MessageReceived:
    return MessageReceived(text=text, turn=turn, opens_turn=opens, by="rita")


def replied(step: int = 1, entries: tuple[int, ...] = (2,), parent: int | None = None, **more: Any) -> ModelReplied:
    parts = (*(() if parent else ("system",)), *(f"part-{entry}" for entry in entries))
    settings: dict[str, Any] = {
        "step": step,
        "turn": 1,
        "profile": "main",
        "model": "m",
        "because": "first choice",
        "prompt": Prompt(parent=parent, parts=parts, tools="tools"),
        "entries": entries,
        "output": f"output-{step}",
        "calls": 0,
        "finish_reason": "stop",
        "usage": Usage(input=10),
        "cost_usd": 0.25,
        "latency_ms": 1.0,
    }
    return ModelReplied(**settings | more)


def proposed(call_id: str = "1.1", state: CallState = CallState.ALLOWED, **more: Any) -> CallProposed:
    settings: dict[str, Any] = {
        "call_id": call_id,
        "provider_id": f"p-{call_id}",
        "step": int(call_id.split(".")[0]),
        "tool": "refund",
        "connector": "bench",
        "own_name": "refund",
        "definition_hash": "h",
        "risk": Risk.WRITE,
        "details": f"details-{call_id}",
        "action_digest": f"digest-{call_id}",
        "state": state,
        "because": "So.",
    }
    return CallProposed(**settings | more)


def requested(approval_id: str = "A", call_id: str = "1.1", **more: Any) -> ApprovalRequested:
    settings: dict[str, Any] = {
        "approval_id": approval_id,
        "kind": "call",
        "call_id": call_id,
        "step": 1,
        "agent": "Clerk",
        "tool": "refund",
        "connector": "bench",
        "own_name": "refund",
        "definition_hash": "h",
        "action_digest": f"digest-{call_id}",
        "details": f"details-{call_id}",
        "risk": Risk.WRITE,
        "verify": Verify.NONE,
        "release": Release.ASK,
        "because": "So.",
        "requested_by": "rita",
        "expires_at": T0 + timedelta(days=1),
        "run_seconds": 60,
    }
    return ApprovalRequested(**settings | more)


def decided(
    decision: Any = "approve", status: ApprovalStatus = ApprovalStatus.APPROVED, **more: Any
) -> ApprovalDecided:
    settings: dict[str, Any] = {
        "approval_id": "A",
        "decision": decision,
        "by": "olga",
        "role": "operator",
        "action_digest": "digest-1.1",
        "status": status,
    }
    return ApprovalDecided(**settings | more)


def started_call(call_id: str = "1.1", approval_id: str | None = None) -> ToolStarted:
    return ToolStarted(call_id=call_id, attempt=1, action_digest=f"digest-{call_id}", approval_id=approval_id)


def finished(call_id: str = "1.1", state: Any = CallState.SUCCEEDED) -> ToolFinished:
    return ToolFinished(call_id=call_id, state=state, output=f"result-{call_id}", output_bytes=1, latency_ms=1.0)


PAUSED = SessionPaused(by="olga", because="Wait.")
RESUMED = SessionResumed(by="olga", because="Go.")
STOPPED = SessionStopped(by="olga", because="Enough.")
ENDED = TurnEnded(turn=1, result="answered", because="Done.")
FAILED = TurnEnded(turn=1, result="error", because="No model.")
ASKED = InputChecked(turn=1, verdict="missing", because="Which order?", question="q")
VERIFIED = CallVerified(
    call_id="1.1",
    verify=Verify.CHECK,
    verdict="allow",
    because="So.",
    seats=(),
    asked="a",
    state=CallState.ALLOWED,
    release=Release.ALLOW,
    latency_ms=1.0,
)
SUMMARISED = Summarised(
    upto=2,
    turns=1,
    summary="s",
    asked="a",
    before_tokens=9,
    after_tokens=1,
    profile="p",
    model="m",
    usage=Usage(),
    cost_usd=0.5,
    latency_ms=1.0,
)
UNKNOWN = OutcomeUnknown(call_id="1.1", because="Cut off.")

ONE_OF_EACH: tuple[Any, ...] = (
    STARTED,
    message(),
    StageEntered(index=0, stage="one", because="So."),
    AnswerRefused(step=1, note="note"),
    PAUSED,
    RESUMED,
    STOPPED,
    ENDED,
    replied(),
    ModelFailed(step=1, turn=1, attempts=(), because="No."),
    proposed("1.9"),
    CallRevised(call_id="1.1", details="d", action_digest="x", by="olga"),
    CallWithdrawn(call_id="1.1", because="So."),
    started_call(),
    finished(),
    InputRequired(call_id="1.1", attempt=1, form="f", request_state="s"),
    UNKNOWN,
    OutcomeSettled(call_id="1.1", happened=True, by="olga"),
    requested("B"),
    decided(),
    ApprovalExpired(approval_id="A", because="Late."),
    ApprovalVoided(approval_id="A", status=ApprovalStatus.CANCELLED, because="So."),
    ASKED,
    VERIFIED,
    BestPicked(
        step=2, candidates=(Candidate(profile="p", model="m", output="o"),), picked=0, because="So.", latency_ms=1
    ),
    ProgressNoted(pattern="same_result", action="nudge", key="k", because="So.", note="n"),
    ToolSuspended(tool="refund", because="So."),
    SUMMARISED,
    SummaryFailed(because="So."),
    ResultsStubbed(upto=2, because="So."),
    PassagesRecalled(turn=1, query="q", passages="p", seqs=(2,), latency_ms=1.0),
    HandedOver(to="person", because="So.", summary="s"),
)


def recorded(*events: Any, start: Session | None = None, every_seconds: float = 1.0) -> list[Recorded]:
    """The events as a log would hold them, one a second."""
    session, held = start or new("S-1"), []
    for event in events:
        at = T0 + timedelta(seconds=session.seq * every_seconds)
        session = apply(session, event, session.seq + 1, at)
        assert session.status is not None
        held.append(Recorded(session_id="S-1", seq=session.seq, at=at, status=session.status, event=event))
    return held


def folded(*events: Any, start: Session | None = None, every_seconds: float = 1.0) -> Session:
    session = start or new("S-1")
    for event in events:
        at = T0 + timedelta(seconds=session.seq * every_seconds)
        session = apply(session, event, session.seq + 1, at)
    return session
