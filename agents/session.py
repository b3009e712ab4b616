"""A session as the fold of its events: what it is, which event may follow, and what each event does. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, assert_never

from pydantic import TypeAdapter

from store.events import (
    AnswerRefused,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    ApprovalVoided,
    CallProposed,
    CallRevised,
    CallState,
    CallWithdrawn,
    MessageReceived,
    ModelFailed,
    ModelReplied,
    OutcomeSettled,
    OutcomeUnknown,
    Recorded,
    Release,
    Risk,
    RuleRef,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StageEntered,
    Status,
    ToolFinished,
    ToolStarted,
    TurnEnded,
    UnknownEvent,
    Verify,
)

from .errors import IllegalEvent

FOLD_VERSION = 1
"""Raised whenever a field below changes its meaning: older snapshots are then ignored and the log is folded anew."""
KEEP_TURNS = 50
"""How many turns stay in the fold: the largest window an agent may ask for (agents/config.py)."""
KEEP_APPROVALS = 60


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One request for a decision, as far as the session itself needs to know it."""

    id: str
    kind: Literal["call", "unknown_outcome"]
    call_id: str
    digest: str
    status: ApprovalStatus
    approver: str
    requested_by: str
    required: int
    release: Release
    expires_at: datetime | None
    run_seconds: float
    approved_by: tuple[str, ...] = ()
    run_by: datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One tool call of the newest step."""

    id: str
    provider_id: str
    step: int
    tool: str
    connector: str | None
    own_name: str | None
    definition_hash: str | None
    risk: Risk
    idempotent: bool
    details: str
    digest: str | None
    state: CallState
    verify: Verify
    release: Release
    rule: RuleRef | None
    because: str
    approval_id: str | None = None
    attempt: int = 0
    output: str | None = None
    """What the model is told of the result (payload ref)."""
    note: str | None = None
    """A person's words to the model (payload ref): the reason of a rejection, or an answer instead of running."""
    code: str | None = None
    edited_by: str | None = None
    settled_by: str | None = None

    @property
    def repeatable(self) -> bool:
        """May it be tried again without asking anybody? Only if nothing can happen twice by it."""
        return self.risk is Risk.READ or self.idempotent


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One contribution to the conversation; `part` is its recorded rendering once a prompt has carried it."""

    seq: int
    turn: int
    kind: Literal["user", "reply", "note", "stage"]
    ref: str
    """Payload ref of the text or output; of a stage its index."""
    part: str | None = None
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPrompt:
    """Enough of the newest recorded prompt to tell whether the next one only appends to it."""

    seq: int
    system: str
    tools: str | None
    first: int
    """Seq of the first entry it carried."""
    last: int


@dataclass(frozen=True, kw_only=True)
class Session:
    """Everything a decision about the session can depend on."""

    id: str
    seq: int = 0
    at: datetime | None = None
    status: Status | None = None
    agent: str = ""
    pins: dict[str, int] = field(default_factory=dict)
    inputs: str | None = None
    requester: str = ""
    turn: int = 0
    turn_open: bool = False
    result: str | None = None
    because: str = ""
    paused: bool = False
    stopped: bool = False
    foreign: bool = False
    """Holds an event of a newer program: readable, never advanced."""
    step: int = 0
    """Number of model calls so far, over all turns."""
    stage: int | None = None
    stage_steps: int = 0
    """Steps since the turn, or the workflow stage, began; likewise stage_calls."""
    stage_calls: int = 0
    closing: bool = False
    """The last call without tools has been made for this turn."""
    turn_cost_usd: float = 0.0
    session_cost_usd: float = 0.0
    turn_seconds: float = 0.0
    session_seconds: float = 0.0
    turn_started: datetime | None = None
    context_used: int = 0
    calls: tuple[Call, ...] = ()
    approvals: tuple[Approval, ...] = ()
    entries: tuple[Entry, ...] = ()
    tool_uses: tuple[tuple[str, int], ...] = ()
    """Calls of this turn by tool name, for per-tool limits."""
    rejected_now: tuple[str, ...] = ()
    """Digests rejected since the last message: refused when proposed again."""
    rejected_before: tuple[str, ...] = ()
    """Digests rejected in earlier turns: asked about as a repeat."""
    prompt: LastPrompt | None = None

    def call(self, call_id: str) -> Call | None:
        return next((call for call in self.calls if call.id == call_id), None)

    def approval(self, approval_id: str) -> Approval | None:
        return next((approval for approval in reversed(self.approvals) if approval.id == approval_id), None)


OPEN_CALLS = frozenset({CallState.HELD, CallState.ALLOWED, CallState.EXECUTING, CallState.UNKNOWN})
MOVING_CALLS = frozenset({CallState.ALLOWED, CallState.EXECUTING})
WAITING_CALLS = frozenset({CallState.HELD, CallState.UNKNOWN})

_TALK: frozenset[type] = frozenset({MessageReceived, SessionStopped})
_DECISIONS: frozenset[type] = frozenset(
    {ApprovalRequested, ApprovalDecided, ApprovalExpired, ApprovalVoided, CallRevised, CallWithdrawn, OutcomeSettled}
)
_ENDINGS: frozenset[type] = frozenset({ToolFinished, OutcomeUnknown})
_WORK: frozenset[type] = frozenset(
    {StageEntered, AnswerRefused, ModelReplied, ModelFailed, CallProposed, ToolStarted, TurnEnded}
)
TRANSITIONS: dict[Status | None, frozenset[type]] = {
    None: frozenset({SessionStarted}),
    Status.QUEUED: _TALK | _WORK | _DECISIONS | _ENDINGS | {SessionPaused},
    Status.RUNNING: _TALK | _WORK | _DECISIONS | _ENDINGS | {SessionPaused},
    Status.WAITING_APPROVAL: _TALK | _DECISIONS | _ENDINGS | {SessionPaused, CallProposed, TurnEnded},
    Status.WAITING_INPUT: _TALK | {SessionPaused},
    # A paused session still hears of what was under way, and people still decide; nothing new is started.
    Status.PAUSED: _TALK
    | _DECISIONS
    | _ENDINGS
    | {SessionResumed, ModelReplied, ModelFailed, CallProposed, AnswerRefused, StageEntered, TurnEnded},
    Status.COMPLETED: _TALK | _DECISIONS | _ENDINGS | {SessionPaused},
    Status.FAILED: _TALK | _DECISIONS | _ENDINGS | {SessionPaused},
    # Stopped is final; what was already running may still report, and people may still say what became of it.
    Status.STOPPED: _DECISIONS | _ENDINGS | {TurnEnded},
}
"""Which kinds of event each status takes. What is absent is illegal."""


V = TypeVar("V", Session, Call, Approval, Entry)


def replace(value: V, **changes: Any) -> V:
    """`dataclasses.replace` at a tenth of its price: folding an event copies three values with dozens of fields.

    That is why these classes have no slots.
    """
    if not changes.keys() <= value.__dict__.keys():
        raise TypeError(f"{type(value).__name__} has no {', '.join(changes.keys() - value.__dict__.keys())}.")
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__, **changes)
    return copy


def new(session_id: str) -> Session:
    return Session(id=session_id)


def replay(session: Session, events: Iterable[Recorded]) -> Session:
    """Fold recorded events onto a session; they must follow on from its seq."""
    for recorded in events:
        session = apply(session, recorded.event, recorded.seq, recorded.at)
    return session


def apply(session: Session, event: Any, seq: int, at: datetime) -> Session:
    """The session after one event. Raises IllegalEvent where TRANSITIONS has no such move or seq leaves a gap."""
    if seq != session.seq + 1:
        raise IllegalEvent(f"Event {seq} cannot follow event {session.seq}.")
    if isinstance(event, UnknownEvent):
        return replace(session, seq=seq, at=at, foreign=True)
    if type(event) not in TRANSITIONS[session.status] and not session.foreign:
        raise IllegalEvent(f"A session that is {session.status or 'not started'} takes no {type(event).__name__}.")
    session = _effect(_clock(session, at), event, seq)
    return replace(session, seq=seq, at=at, status=status_of(session))


def status_of(session: Session) -> Status:
    """The status that follows from everything else; the only place that decides it."""
    if session.stopped:
        return Status.STOPPED
    if session.paused:
        return Status.PAUSED
    states = {call.state for call in session.calls}
    if session.turn_open and (states & MOVING_CALLS or not states & WAITING_CALLS):
        if session.status is Status.QUEUED and session.step == 0:
            return Status.QUEUED
        return Status.RUNNING
    if states & WAITING_CALLS:
        return Status.WAITING_APPROVAL
    if session.turn == 0:
        return Status.QUEUED
    return Status.FAILED if session.result == "error" else Status.COMPLETED


def _clock(session: Session, at: datetime) -> Session:
    """Add the time since the last event to the working time, if the session was working."""
    if session.at is None or session.status not in (Status.RUNNING, Status.QUEUED):
        return session
    seconds = max(0.0, (at - session.at).total_seconds())
    return replace(
        session, turn_seconds=session.turn_seconds + seconds, session_seconds=session.session_seconds + seconds
    )


def _effect(session: Session, event: Any, seq: int) -> Session:
    match event:
        case SessionStarted():
            return replace(
                session, agent=event.agent, pins=event.pins, inputs=event.inputs, requester=event.by, status=Status.QUEUED
            )
        case MessageReceived():
            return _message(session, event, seq)
        case StageEntered():
            entry = Entry(seq=seq, turn=session.turn, kind="stage", ref=str(event.index))
            return replace(
                session, stage=event.index, stage_steps=0, stage_calls=0, entries=(*session.entries, entry)
            )
        case AnswerRefused():
            entry = Entry(seq=seq, turn=session.turn, kind="note", ref=event.note)
            return replace(session, entries=(*session.entries, entry))
        case SessionPaused():
            return replace(session, paused=True, because=event.because)
        case SessionResumed():
            return replace(session, paused=False, because=event.because)
        case SessionStopped():
            return replace(session, stopped=True, paused=False, because=event.because)
        case TurnEnded():
            return replace(session, turn_open=False, result=event.result, because=event.because)
        case ModelReplied():
            return _replied(session, event, seq)
        case ModelFailed():
            return replace(session, step=event.step, stage_steps=session.stage_steps + 1)
        case _:
            return _call_effect(session, event)


def _call_effect(session: Session, event: Any) -> Session:
    match event:
        case CallProposed():
            return _proposed(session, event)
        case CallRevised():
            return _call(
                session, event.call_id, details=event.details, digest=event.action_digest, edited_by=event.by
            )
        case CallWithdrawn():
            return _call(session, event.call_id, state=CallState.CANCELLED, because=event.because)
        case ToolStarted():
            session = _call(session, event.call_id, state=CallState.EXECUTING, attempt=event.attempt)
            return _approval(session, event.approval_id, status=ApprovalStatus.CONSUMED) if event.approval_id else session
        case ToolFinished():
            return _call(session, event.call_id, state=CallState(event.state), output=event.shown or event.output)
        case OutcomeUnknown():
            return _call(session, event.call_id, state=CallState.UNKNOWN, because=event.because)
        case OutcomeSettled():
            state = CallState.SUCCEEDED if event.happened else CallState.FAILED
            return _call(session, event.call_id, state=state, settled_by=event.by, output=None)
        case ApprovalRequested():
            return _requested(session, event)
        case ApprovalDecided():
            return _decided(session, event)
        case ApprovalExpired():
            session = _approval(session, event.approval_id, status=ApprovalStatus.EXPIRED)
            return _call(session, _call_of(session, event.approval_id), state=CallState.EXPIRED, because=event.because)
        case ApprovalVoided():
            return _approval(session, event.approval_id, status=event.status)
        case _:
            assert_never(event)


def _message(session: Session, event: MessageReceived, seq: int) -> Session:
    entry = Entry(seq=seq, turn=event.turn, kind="user", ref=event.text)
    if not event.opens_turn:
        return replace(session, entries=(*session.entries, entry), requester=event.by)
    kept = tuple(old for old in session.entries if old.turn > event.turn - KEEP_TURNS)
    return replace(
        session,
        turn=event.turn,
        turn_open=True,
        result=None,
        because="",
        stage=None,
        stage_steps=0,
        stage_calls=0,
        closing=False,
        turn_cost_usd=0.0,
        turn_seconds=0.0,
        turn_started=session.at,
        tool_uses=(),
        entries=(*kept, entry),
        requester=event.by,
        rejected_before=tuple(dict.fromkeys((*session.rejected_before, *session.rejected_now)))[-200:],
        rejected_now=(),
    )


def _replied(session: Session, event: ModelReplied, seq: int) -> Session:
    """The prompt's tail renders every entry so far; the calls of the step before have thereby been told."""
    start = 0 if event.prompt.parent is not None else 1
    rendered = dict(zip(event.entries, event.prompt.parts[start : start + len(event.entries)], strict=True))
    entries = tuple(
        replace(entry, part=rendered[entry.seq]) if entry.seq in rendered else entry for entry in session.entries
    )
    reply = Entry(seq=seq, turn=event.turn, kind="reply", ref=event.output, step=event.step)
    # what somebody wrote while the model was at it comes behind its reply: the model has not read it yet
    told = len(entries)
    while told and entries[told - 1].part is None and entries[told - 1].kind == "user":
        told -= 1
    cost = event.cost_usd or 0.0
    return replace(
        session,
        step=event.step,
        stage_steps=session.stage_steps + 1,
        closing=session.closing or event.purpose == "closing",
        turn_cost_usd=session.turn_cost_usd + cost,
        session_cost_usd=session.session_cost_usd + cost,
        context_used=event.usage.context,
        calls=tuple(call for call in session.calls if call.state in OPEN_CALLS),
        entries=(*entries[:told], reply, *entries[told:]),
        prompt=_last_prompt(session, event, seq),
    )


def _last_prompt(session: Session, event: ModelReplied, seq: int) -> LastPrompt | None:
    prompt, old = event.prompt, session.prompt
    if event.purpose == "closing":
        return None  # it ended with a note that is no entry, so no later prompt can grow from it
    last = max(event.entries, default=old.last if old else 0)
    if prompt.parent is not None and old is not None:
        return LastPrompt(seq=seq, system=old.system, tools=prompt.tools, first=old.first, last=last)
    first = next((entry.seq for entry in session.entries if entry.seq in event.entries), last)
    return LastPrompt(seq=seq, system=prompt.parts[0], tools=prompt.tools, first=first, last=last)


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
    )
    uses = dict(session.tool_uses)
    uses[event.tool] = uses.get(event.tool, 0) + 1
    return replace(
        session, calls=(*session.calls, call), stage_calls=session.stage_calls + 1, tool_uses=tuple(uses.items())
    )


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
    )
    old = session.approvals
    if len(old) >= KEEP_APPROVALS:
        live = (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)
        old = tuple(a for i, a in enumerate(old) if a.status in live or i > len(old) - KEEP_APPROVALS)
    session = replace(session, approvals=(*old, approval))
    state = CallState.HELD if event.kind == "call" else CallState.UNKNOWN
    return _call(session, event.call_id, state=state, approval_id=event.approval_id)


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
    if event.status is ApprovalStatus.APPROVED:
        return _call(session, call_id, state=CallState.ALLOWED)
    if event.decision == "reject":
        call = session.call(call_id)
        digests = (*session.rejected_now, call.digest) if call and call.digest else session.rejected_now
        session = replace(session, rejected_now=digests)
        return _call(session, call_id, state=CallState.REJECTED, note=event.because, code=event.code)
    if event.decision == "respond":
        return _call(session, call_id, state=CallState.CANCELLED, note=event.because, code="respond")
    return session


def _call_of(session: Session, approval_id: str) -> str:
    approval = session.approval(approval_id)
    if approval is None:
        raise IllegalEvent(f"Approval {approval_id} was never requested.")
    return approval.call_id


def _call(session: Session, call_id: str, **changes: Any) -> Session:
    if session.call(call_id) is None:
        raise IllegalEvent(f"Call {call_id} was never proposed in this step.")
    calls = tuple(replace(call, **changes) if call.id == call_id else call for call in session.calls)
    return replace(session, calls=calls)


def _approval(session: Session, approval_id: str, **changes: Any) -> Session:
    approvals = tuple(replace(old, **changes) if old.id == approval_id else old for old in session.approvals)
    return replace(session, approvals=approvals)


_SNAPSHOT: TypeAdapter[Session] = TypeAdapter(Session)


def dump(session: Session) -> bytes:
    """A snapshot: discardable, read back by `load` as long as FOLD_VERSION stands."""
    return _SNAPSHOT.dump_json(session)


def load(data: bytes) -> Session:
    return _SNAPSHOT.validate_json(data)
