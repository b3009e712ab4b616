"""What a rule may ask about besides the call itself: whose it is, when, and what the session has cost. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """None is unknown: a condition on it cannot be evaluated, so it restricts and never allows."""

    agent: str | None = None
    at: datetime | None = None
    """Aware, of the moment the call is judged."""
    session_cost_usd: float | None = None
    """So far; None as soon as the price of any part of it is unknown."""


UNKNOWN = Circumstances()
