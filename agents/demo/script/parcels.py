"""Where a parcel is: asked once, or as often as the carrier says to ask again if nobody stops it; pure."""

import re
from collections.abc import Generator

from .desk import Desk, track_shipment
from .memory import rows
from .replies import Fields, Outcome, Play, Wish, asked
from .wording import not_run

ASKED_ABOUT = re.compile(
    r"\b(?:parcels?|packages?|shipments?|track(?:ing)?|carrier|in transit|on its way|where is (?:my |the |her |his )?order)\b"
)
_ASK_AGAIN = re.compile(r"\b(?:ask|check|try) again\b", re.IGNORECASE)


def track(desk: Desk) -> Play:
    """One sentence for each parcel of the orders named."""
    told = []
    for number in desk.request.about.orders:
        outcome = yield from _tracked(desk, number)
        told.append(_told(number, outcome))
    return " ".join(told)


def _tracked(desk: Desk, number: int) -> Generator[tuple[Wish, ...], tuple[Outcome, ...], Outcome]:
    (outcome,) = yield from asked(track_shipment(number, "The question is where this order's parcel is."))
    again = 0
    while desk.careless and outcome.happened and _ASK_AGAIN.search(outcome.text):
        again += 1
        why = "The carrier says to ask again, so I ask again."
        (outcome,) = yield from asked(track_shipment(number, why, again))
    return outcome


def _told(number: int, outcome: Outcome) -> str:
    if not outcome.happened:
        return not_run(outcome, f"the tracking of order {number}")
    parcels = rows(outcome, "shipments")
    return " ".join(_parcel(number, one) for one in parcels) or f"Order {number} has no parcel on its way yet."


def _parcel(number: int, row: Fields) -> str:
    known = [f"{row['carrier']} {row.get('tracking', '')}".strip()] if row.get("carrier") else []
    known += [f"shipped on {row['shipped_on']}"] if row.get("shipped_on") else []
    return f"The parcel of order {number} ({', '.join(known)}): {row.get('status', 'unknown')}."
