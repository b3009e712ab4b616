"""What each event cost, by purpose: agents' replies, and the guards around them. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .events import (
    BestPicked,
    CallVerified,
    Candidate,
    InputChecked,
    ModelReplied,
    Seat,
    Summarised,
    SummaryFailed,
    Usage,
)

Purpose = Literal["agent", "check", "vote", "judge", "summary", "input"]
_OF_SEAT: dict[str, Purpose] = {"policy_check": "check", "vote": "vote", "judge": "judge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One model call's tokens and price; `cost_usd` is None where it is not known."""

    purpose: Purpose
    profile: str
    model: str
    usage: Usage
    cost_usd: float | None


def spent(event: Any) -> tuple[Spent, ...]:
    """Every model call that this event is the record of, and no other event."""
    price = _PRICED.get(type(event))
    return () if price is None else tuple(price(event))


def _replied(event: ModelReplied) -> Iterable[Spent]:
    yield _paid("agent", event)


def _verified(event: CallVerified) -> Iterable[Spent]:
    for seat in event.seats:
        yield from _seat(seat, _OF_SEAT[seat.kind])


def _picked(event: BestPicked) -> Iterable[Spent]:
    """The one that was taken is priced by the reply that follows."""
    for number, one in enumerate(event.candidates):
        if number != event.picked:
            yield from _answered("agent", one, answered=not one.problems)
    if event.judge is not None:
        yield from _seat(event.judge, "judge")


def _input_checked(event: InputChecked) -> Iterable[Spent]:
    if event.seat is not None:
        yield from _seat(event.seat, "input")


def _summarised(event: Summarised) -> Iterable[Spent]:
    yield _paid("summary", event)


def _summary_failed(event: SummaryFailed) -> Iterable[Spent]:
    yield from _answered("summary", event, answered=False)


def _seat(seat: Seat, purpose: Purpose) -> Iterable[Spent]:
    yield from _answered(purpose, seat, answered=seat.verdict != "failed")


def _answered(purpose: Purpose, asked: Seat | Candidate | SummaryFailed, *, answered: bool) -> Iterable[Spent]:
    """A model that was never reached cost nothing, which is not the same as an unknown cost."""
    if answered or asked.cost_usd is not None or asked.usage != NOTHING:
        yield _paid(purpose, asked)


def _paid(purpose: Purpose, asked: ModelReplied | Summarised | Seat | Candidate | SummaryFailed) -> Spent:
    """A summary that failed does not say which model was asked."""
    profile, model = getattr(asked, "profile", ""), getattr(asked, "model", "")
    return Spent(purpose=purpose, profile=profile, model=model, usage=asked.usage, cost_usd=asked.cost_usd)


NOTHING = Usage()
_PRICED: dict[type, Callable[[Any], Iterable[Spent]]] = {
    ModelReplied: _replied,
    CallVerified: _verified,
    BestPicked: _picked,
    InputChecked: _input_checked,
    Summarised: _summarised,
    SummaryFailed: _summary_failed,
}
PRICED = tuple(kind.__name__ for kind in _PRICED)
"""The types of the events that cost something."""
