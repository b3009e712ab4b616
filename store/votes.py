"""A panel's verdict → one row for each model's word in it, and who was alone with it. Pure."""

from typing import Any

from .events import CallVerified, Recorded, Seat

CAST = ("allow", "ask", "deny")
"""`abstain` and `failed` are no votes: they count for neither side."""


def votes(recorded: Recorded, event: CallVerified) -> list[dict[str, Any]]:
    most = _most(event.seats)
    return [
        {
            "kind": seat.kind, "profile": seat.profile, "model": seat.model, "session_id": recorded.session_id,
            "seq": recorded.seq, "seat": number, "verdict": seat.verdict,
            "agreed": seat.verdict not in CAST or _lets_go(seat) == (event.verdict == "allow"),
            "outvoted": seat.kind == "vote" and seat.verdict in CAST and most is not None and _lets_go(seat) != most,
        }
        for number, seat in enumerate(event.seats)
    ]  # fmt: skip


def _most(seats: tuple[Seat, ...]) -> bool | None:
    """Whether most votes let the call go ahead; None where there are as many on either side."""
    cast = [_lets_go(seat) for seat in seats if seat.kind == "vote" and seat.verdict in CAST]
    return None if 2 * sum(cast) == len(cast) else 2 * sum(cast) > len(cast)


def _lets_go(seat: Seat) -> bool:
    return seat.verdict == "allow"
