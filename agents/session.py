"""The state machine of a session: which event may follow, what it does, and the status that comes of it. Pure.

The values it works on are in folded.py; what events do to a single call is in call_effects.py.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from store.events import (
    AnswerRefused,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalVoided,
    BestPicked,
    CallProposed,
    CallRevised,
    CallVerified,
    CallWithdrawn,
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
    Recorded,
    ResultsStubbed,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StageEntered,
    Status,
    Summarised,
    SummaryFailed,
    ToolFinished,
    ToolStarted,
    ToolSuspended,
    TurnEnded,
    UnknownEvent,
)

from .call_effects import call_effect
from .errors import IllegalEvent
from .folded import MOVING_CALLS, OPEN_CALLS, WAITING_CALLS, Entry, LastPrompt, Session, replace
from .guard_effects import guard_effect

FRESH: dict[str, Any] = {"done": (), "refusals": 0, "nudged": (), "stuck": ""}
"""A person wrote, or a stage began: what led nowhere before does not count any more."""
KEEP_TURNS = 50
"""How many turns stay in the fold: the largest window an agent may ask for (agents/config.py)."""

_TALK: frozenset[type] = frozenset({MessageReceived, SessionStopped})
_DECISIONS: frozenset[type] = frozenset(
    {ApprovalRequested, ApprovalDecided, ApprovalExpired, ApprovalVoided, CallRevised, CallWithdrawn, OutcomeSettled}
)
_ENDINGS: frozenset[type] = frozenset({ToolFinished, InputRequired, OutcomeUnknown})
_WORK: frozenset[type] = frozenset(
    {StageEntered, AnswerRefused, ModelReplied, ModelFailed, CallProposed, ToolStarted, TurnEnded}
)
_CHECKS: frozenset[type] = frozenset(
    {InputChecked, CallVerified, BestPicked, ProgressNoted, PassagesRecalled, HandedOver}
)
# what goes on beside the work, and what follows from decisions, whenever they come
_ASIDE: frozenset[type] = frozenset({Summarised, SummaryFailed, ResultsStubbed, ToolSuspended})
_GUARDS = _CHECKS | _ASIDE
_REPLIES: frozenset[type] = frozenset(
    {ModelReplied, ModelFailed, CallProposed, AnswerRefused, StageEntered, TurnEnded, BestPicked}
)
TRANSITIONS: dict[Status | None, frozenset[type]] = {
    None: frozenset({SessionStarted}),
    Status.QUEUED: _TALK | _WORK | _DECISIONS | _ENDINGS | _GUARDS | {SessionPaused},
    Status.RUNNING: _TALK | _WORK | _DECISIONS | _ENDINGS | _GUARDS | {SessionPaused},
    # The check of the request goes on beside a call that already waits.
    Status.WAITING_APPROVAL: _TALK
    | _DECISIONS
    | _ENDINGS
    | _ASIDE
    | {SessionPaused, CallProposed, TurnEnded, InputChecked},
    # A person has been asked what is missing; what was under way is still heard of, and people still decide.
    Status.WAITING_INPUT: _TALK | _DECISIONS | _ENDINGS | _ASIDE | _REPLIES | {SessionPaused},
    # A paused session still hears of what was under way, and people still decide; nothing new is started.
    Status.PAUSED: _TALK | _DECISIONS | _ENDINGS | _GUARDS | _REPLIES | {SessionResumed},
    Status.COMPLETED: _TALK | _DECISIONS | _ENDINGS | _ASIDE | {SessionPaused, InputChecked},
    Status.FAILED: _TALK | _DECISIONS | _ENDINGS | _ASIDE | {SessionPaused, InputChecked},
    # Stopped is final; what was already running may still report, and people may still say what became of it.
    Status.STOPPED: _DECISIONS | _ENDINGS | {TurnEnded},
}
"""Which kinds of event each status takes. What is absent is illegal."""


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
    if session.awaiting and not states & MOVING_CALLS:
        return Status.WAITING_INPUT
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
                session,
                agent=event.agent,
                pins=event.pins,
                inputs=event.inputs,
                requester=event.by,
                status=Status.QUEUED,
            )
        case MessageReceived():
            return _message(session, event, seq)
        case StageEntered():
            entry = Entry(seq=seq, turn=session.turn, kind="stage", ref=str(event.index))
            entries = (*session.entries, entry)
            return replace(session, stage=event.index, stage_steps=0, stage_calls=0, entries=entries, **FRESH)
        case AnswerRefused():
            entry = Entry(seq=seq, turn=session.turn, kind="note", ref=event.note)
            return replace(session, entries=(*session.entries, entry), refusals=session.refusals + 1)
        case SessionPaused():
            return replace(session, paused=True, because=event.because)
        case SessionResumed():
            return replace(session, paused=False, because=event.because)
        case SessionStopped():
            return replace(session, stopped=True, paused=False, because=event.because)
        case TurnEnded():
            handed_over = session.awaiting and event.result == "fallback"
            return replace(session, turn_open=False, result=event.result, because=event.because, awaiting=handed_over)
        case ModelReplied():
            return _replied(session, event, seq)
        case ModelFailed():
            return replace(session, step=event.step, stage_steps=session.stage_steps + 1)
        case _ if type(event) in _GUARDS:
            return guard_effect(session, event, seq)
        case _:
            return call_effect(session, event)


def _message(session: Session, event: MessageReceived, seq: int) -> Session:
    entry = Entry(seq=seq, turn=event.turn, kind="user", ref=event.text)
    session = replace(session, awaiting=False, **FRESH)
    if not event.opens_turn:
        together = tuple(dict.fromkeys((*session.requesters, event.by)))
        return replace(session, entries=(*session.entries, entry), requester=event.by, requesters=together)
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
        requesters=(event.by,),
        rejected_before=tuple(dict.fromkeys((*session.rejected_before, *session.rejected_now)))[-200:],
        rejected_now=(),
    )


def _replied(session: Session, event: ModelReplied, seq: int) -> Session:
    """The prompt's tail renders every entry so far; the calls of the step before have thereby been told."""
    start = 0 if event.prompt.parent is not None else event.leading
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
        refusals=0 if event.calls else session.refusals,
        closing=session.closing or event.purpose == "closing",
        turn_cost_usd=session.turn_cost_usd + cost,
        session_cost_usd=session.session_cost_usd + cost,
        cost_unknown=session.cost_unknown or event.cost_usd is None,
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
        return LastPrompt(
            seq=seq, system=old.system, summary=old.summary, tools=prompt.tools, first=old.first, last=last
        )
    first = next((entry.seq for entry in session.entries if entry.seq in event.entries), last)
    summary = prompt.parts[1] if event.leading > 1 else None
    return LastPrompt(seq=seq, system=prompt.parts[0], summary=summary, tools=prompt.tools, first=first, last=last)
