"""One settled call of a turn, as far as it tells whether the agent gets anywhere. Pure."""

from dataclasses import dataclass

from store.events import CallState, Risk


@dataclass(frozen=True, kw_only=True)
class Did:
    """What was called, and what came of it."""

    tool: str
    digest: str | None
    """Of the very call; None for one that could not be read."""
    state: CallState
    repeats: int
    """How many times in this turn the very same call has given this very result; 1 is the first."""
    risk: Risk
