"""What is made of the ticks that have passed: run now, or not at all, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LATE_SECONDS = 60.0
"""A tick that is found later than this counts as missed: the program was not running, or its clock was changed."""
RECORDED = 50
"""Missed ticks that get a line of their own in the history; older ones are counted in the oldest of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    tick: datetime
    run: bool
    because: str


def plan(passed: Sequence[datetime], now: datetime, missed: Literal["run_once", "skip"]) -> list[Planned]:
    """For each tick that passed since the last one seen to, in order."""
    late = [tick for tick in passed if now - tick > timedelta(seconds=LATE_SECONDS)]
    on_time = [Planned(tick=tick, run=True, because="") for tick in passed[len(late) :]]
    older, told = max(0, len(late) - RECORDED), late[-RECORDED:]
    before = f" So were {older} before it." if older else ""
    planned = []
    for at, tick in enumerate(told):
        newest = at == len(told) - 1
        run = newest and missed == "run_once" and not on_time
        because = _because(run, missed, len(late), has_run=bool(on_time))
        planned.append(Planned(tick=tick, run=run, because=because + (before if at == 0 else "")))
    return [*planned, *on_time]


def _because(run: bool, missed: str, count: int, *, has_run: bool) -> str:
    if run:
        return "It was missed, and is made up for." if count == 1 else f"One run for {count} that were missed."
    if missed == "skip":
        return "Nothing was running to start it, and what is missed is left out."
    return "It was missed; the run on time stands for it." if has_run else "It was missed; one later run stands for it."
