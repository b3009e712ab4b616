"""What the last calls of one connector took and what went wrong, in memory: bounded, and lost with the program."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from .definition import ToolOutput
from .errors import ToolFailure
from .health import CALLS_AT_MOST, ERRORS_AT_MOST, Fault, Health, State


class Track:
    """One per connector, whatever its kind; it outlives a reconnection."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._faults: deque[Fault] = deque(maxlen=ERRORS_AT_MOST)
        self._call_ms: deque[float] = deque(maxlen=CALLS_AT_MOST)
        self._state: State | None = None

    def shown_in(self, health: Health) -> Health:
        return replace(health, last_errors=tuple(self._faults), call_ms=tuple(self._call_ms))

    def follow(self, health: Health) -> None:
        """To be told of each change of health: a connection that was lost or could not be made is an error."""
        if health.state == "down" or (self._state == "up" and health.state == "connecting"):
            self._failed(health.because)
        self._state = health.state

    async def call(self, tool: str, work: Awaitable[ToolOutput]) -> ToolOutput:
        """Only that a tool reported an error is kept, not its words: they may hold anybody's data."""
        began = time.monotonic()
        try:
            output = await work
        except ToolFailure as error:
            self._failed(f"{tool}: {error}")
            raise
        self._call_ms.append((time.monotonic() - began) * 1000)
        if output.is_error:
            self._failed(f"{tool} answered with an error.")
        return output

    def _failed(self, because: str) -> None:
        if self._faults and self._faults[-1].because == because:
            self._faults.pop()  # the same again: when it last happened is what counts
        self._faults.append(Fault(self._now(), because))
