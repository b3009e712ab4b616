"""Where a run is killed: before or after the commit of an event, or around the call of the tool itself."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.tools.registry import Registry
from store.event_log import Appended, EventLog
from store.events import (
    ApprovalDecided,
    CallProposed,
    Recorded,
    SessionStarted,
    ToolFinished,
    ToolStarted,
    TurnEnded,
)

Matches = Callable[[Any, "Point"], bool]

COMMITS: dict[str, Matches] = {
    "start": lambda event, _: isinstance(event, SessionStarted),
    # proposing, requesting an approval and starting what may run at once are one commit
    "propose": lambda event, _: isinstance(event, CallProposed),
    "decide": lambda event, _: isinstance(event, ApprovalDecided),
    "consume": lambda event, _: isinstance(event, ToolStarted) and event.approval_id is not None,
    "result": lambda event, point: isinstance(event, ToolFinished) and event.call_id == point.call_id,
    "answer": lambda event, _: isinstance(event, TurnEnded),
}
CALLS = ("call-before", "call-during", "call-after")
NAMES = (*(f"{name}-{when}" for name in COMMITS for when in ("before", "after")), *CALLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One named point; the seed picks which of several calls, and how far into one."""

    name: str
    seed: int

    @property
    def call_id(self) -> str:
        """The small refund, which runs at once, or the large one, which a person approves, or the look-up."""
        choices = ("1.3", "1.2", "1.1") if self.name.startswith("result") else ("1.3", "1.2")
        return choices[self.seed % len(choices)]

    @property
    def seconds_in(self) -> float:
        return (self.seed * 37 % 80) / 1000


def arm(point: Point) -> None:
    """From now on this process kills itself at the point. It patches what the tests may patch: their own process."""
    if point.name in CALLS:
        _arm_call(point)
        return
    name, _, when = point.name.rpartition("-")
    attribute = "_append" if when == "before" else "_publish"
    original = getattr(EventLog, attribute)

    def before(log: EventLog, connection: Any, session_id: str, command: Any) -> Appended:
        appended: Appended = original(log, connection, session_id, command)
        _die_at(COMMITS[name], point, appended.recorded)  # written, not committed
        return appended

    def after(log: EventLog, session_id: str, recorded: tuple[Recorded, ...]) -> None:
        _die_at(COMMITS[name], point, recorded)  # committed, nobody told
        original(log, session_id, recorded)

    setattr(EventLog, attribute, before if when == "before" else after)


def _die_at(matches: Matches, point: Point, recorded: tuple[Recorded, ...]) -> None:
    if any(matches(each.event, point) for each in recorded):
        die()


def _arm_call(point: Point) -> None:
    original = Registry.call

    async def call(registry: Registry, connector: str, tool: str, text: str, **more: Any) -> Any:
        if tool != "refund_order" or not _meant(point, text):
            return await original(registry, connector, tool, text, **more)
        if point.name == "call-before":
            die()
        sent = asyncio.ensure_future(original(registry, connector, tool, text, **more))
        if point.name == "call-during":
            await asyncio.wait([sent], timeout=point.seconds_in)
            die()
        answer = await sent
        die()
        return answer

    Registry.call = call  # type: ignore[method-assign]


def _meant(point: Point, text: str) -> bool:
    """The large refund is on order 1755, the small one on 1756."""
    return ("1755" if point.call_id == "1.3" else "1756") in text


def die() -> None:
    """As `kill -9` does it: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


__all__ = ["NAMES", "Point", "arm", "die"]
