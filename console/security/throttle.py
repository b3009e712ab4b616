"""Guessing slowed down: a few failures a minute for each key, in a sliding window. Pure; the clock is given."""

import math
from collections import deque
from collections.abc import Callable

FAILURES = 5
WINDOW_SECONDS = 60.0
MOST_KEYS = 10_000
"""Beyond this many names and addresses the idle ones are forgotten."""


class Throttle:
    """An attempt counts as a failure until it is forgiven, so that many at once are no way around it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures: dict[str, deque[float]] = {}

    def begin(self, *keys: str) -> int:
        """0: go ahead, and the attempt is counted. Otherwise the seconds to wait, and nothing is counted."""
        oldest = self._now() - WINDOW_SECONDS
        waits = [self._recent(key, oldest)[-FAILURES] - oldest for key in keys if self._is_full(key, oldest)]
        if waits:
            return math.ceil(max(waits))
        if len(self._failures) > MOST_KEYS:
            self._forget(oldest)
        for key in keys:
            self._failures.setdefault(key, deque(maxlen=FAILURES)).append(self._now())
        return 0

    def forgive(self, *keys: str) -> None:
        """The attempt just begun was right."""
        for key in keys:
            if self._failures.get(key):
                self._failures[key].pop()

    def _is_full(self, key: str, oldest: float) -> bool:
        return len(self._recent(key, oldest)) >= FAILURES

    def _recent(self, key: str, oldest: float) -> deque[float]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= oldest:
            failures.popleft()
        return failures

    def _forget(self, oldest: float) -> None:
        self._failures = {key: times for key, times in self._failures.items() if times and times[-1] > oldest}
