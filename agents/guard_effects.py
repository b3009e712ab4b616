"""What each event of a guard does to the session. Pure."""

from typing import Any, assert_never

from store.events import (
    BestPicked,
    CallState,
    CallVerified,
    HandedOver,
    InputChecked,
    PassagesRecalled,
    ProgressNoted,
    ResultsStubbed,
    Seat,
    Summarised,
    SummaryFailed,
    ToolSuspended,
)

from .call_effects import changed_call, settled
from .folded import Entry, Session, Summary, replace


def guard_effect(session: Session, event: Any, seq: int) -> Session:
    match event:
        case InputChecked():
            return _input_checked(session, event)
        case CallVerified():
            return _verified(session, event)
        case BestPicked():
            others = [one for at, one in enumerate(event.candidates) if at != event.picked]
            return _paid(session, *(one.cost_usd for one in others), _price(event.judge))
        case ProgressNoted():
            return _noted(session, event, seq)
        case ToolSuspended():
            return replace(session, suspended=tuple(dict.fromkeys((*session.suspended, event.tool))))
        case Summarised():
            summary = Summary(ref=event.summary, upto=event.upto, turns=event.turns)
            return _paid(replace(session, summary=summary, summary_failures=0), event.cost_usd)
        case SummaryFailed():
            return _paid(replace(session, summary_failures=session.summary_failures + 1), event.cost_usd)
        case ResultsStubbed():
            return replace(session, stubbed=max(session.stubbed, event.upto))
        case PassagesRecalled():
            return _recalled(session, event, seq)
        case HandedOver():
            return replace(session, awaiting=event.to == "person")
        case _:
            assert_never(event)


def _input_checked(session: Session, event: InputChecked) -> Session:
    """A check that failed is passed over once the person has written again: then they have been asked."""
    asks = event.question is not None
    passed = not session.turn_open or event.verdict == "enough" or (event.verdict == "failed" and asks)
    session = replace(session, input_checked=event.turn if passed else session.input_checked)
    if session.turn_open:
        session = replace(session, awaiting=asks, because=event.because if asks else "")
    return _paid(session, _price(event.seat))


def _verified(session: Session, event: CallVerified) -> Session:
    session = changed_call(
        session,
        event.call_id,
        state=CallState(event.state),
        release=event.release,
        approver=event.approver,
        rule=event.rule,
        because=event.because,
        verified=event.verify,
    )
    if event.state is CallState.DENIED:
        session = settled(session, event.call_id)
    return _paid(session, *(seat.cost_usd for seat in event.seats))


def _noted(session: Session, event: ProgressNoted, seq: int) -> Session:
    stuck = event.because if event.action == "stop" else session.stuck
    session = replace(session, nudged=(*session.nudged, event.key), stuck=stuck)
    if event.note is None:
        return session
    entry = Entry(seq=seq, turn=session.turn, kind="note", ref=event.note)
    return replace(session, entries=(*session.entries, entry))


def _recalled(session: Session, event: PassagesRecalled, seq: int) -> Session:
    session = replace(session, recalled=event.turn)
    if not event.seqs:
        return session
    entry = Entry(seq=seq, turn=event.turn, kind="recall", ref=event.passages)
    return replace(session, entries=(*session.entries, entry))


def _paid(session: Session, *prices_usd: float | None) -> Session:
    """Guards count against the same cost limits as the agent's own calls."""
    paid = sum(price for price in prices_usd if price is not None)
    return replace(
        session,
        turn_cost_usd=session.turn_cost_usd + paid,
        session_cost_usd=session.session_cost_usd + paid,
        cost_unknown=session.cost_unknown or None in prices_usd,
    )


def _price(seat: Seat | None) -> float | None:
    return seat.cost_usd if seat else 0.0  # nobody was asked
