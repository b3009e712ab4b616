"""Retention: once a day, and when an admin wants it, the texts of sessions that ended long ago are erased."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.erasing import Erasing
from store.errors import StoreError

from .config import Settings

log = logging.getLogger(__name__)
HOUR = time(3, 30)
"""When it runs, in the time zone of the settings: a quiet moment."""
Progress = Callable[[int, int], None]
"""(erased so far, of how many)"""


PROGRAM = "quarterdeck"
"""Who erases every night; a night in which there was nothing to erase is not noted."""


class Retention:
    """An alarm for the clock. Waiting and running sessions are never touched; the record of what happened stays."""

    def __init__(self, erasing: Erasing, settings: Callable[[], Settings], now: Callable[[], datetime]) -> None:
        self.erasing = erasing
        self.settings = settings
        self.now = now
        self.last: tuple[datetime, int] | None = None
        """When it ran last since the start, and how many sessions it erased."""
        self._due: datetime | None = None
        self._task: asyncio.Task[int] | None = None
        self._one_at_a_time = asyncio.Lock()

    def open(self) -> None:
        """At a start it runs at once: a machine that is off every night would never come to it."""
        self._due = self.now() if self.settings().retention_days is not None else None

    async def would_erase(self, days: int) -> int:
        return await self.erasing.count(self.now() - timedelta(days=days))

    async def run(self, days: int, progress: Progress = lambda done, of: None, *, by: str = PROGRAM) -> int:
        """Erase now; returns how many sessions. What was erased stays erased if it is cancelled, and is noted too."""
        async with self._one_at_a_time:
            before = self.now() - timedelta(days=days)
            sessions, done = await self.erasing.old(before), 0
            begun: list[asyncio.Task[bool]] = []
            try:
                for session_id in sessions:
                    begun.append(asyncio.ensure_future(self.erasing.erase(session_id, before)))
                    done += await asyncio.shield(begun[-1])
                    progress(done, len(sessions))
            finally:
                await asyncio.shield(self._note(days, begun, by))
            return done

    async def _note(self, days: int, begun: list[asyncio.Task[bool]], by: str) -> None:
        """A session whose erasing had begun when it was cancelled is still erased, and counts."""
        await asyncio.gather(*begun[-1:], return_exceptions=True)
        done = _done(begun)
        self.last = (self.now(), done)
        if done or by != PROGRAM:
            sessions = "1 session" if done == 1 else f"{done} sessions"
            await self.erasing.note(by, sessions, f"ended more than {days} {'day' if days == 1 else 'days'} ago")

    async def next_due(self) -> datetime | None:
        if self.settings().retention_days is None:
            self._due = None
        elif self._due is None:
            self._due = self._next_hour()
        return self._due

    async def ring(self) -> None:
        due = await self.next_due()
        days = self.settings().retention_days
        if due is None or days is None or due > self.now():
            return
        self._due = self._next_hour()
        self._task = asyncio.get_running_loop().create_task(self._daily(days))  # timers do not wait for it

    async def _daily(self, days: int) -> int:
        try:
            return await self.run(days)
        except StoreError as error:
            log.warning("Old sessions could not be erased; it is tried again tomorrow: %s", error)
            return 0

    def _next_hour(self) -> datetime:
        here = self.now().astimezone(ZoneInfo(self.settings().timezone))
        due = datetime.combine(here.date(), HOUR, tzinfo=here.tzinfo)
        return due if due > here else datetime.combine(here.date() + timedelta(days=1), HOUR, tzinfo=here.tzinfo)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _done(begun: list[asyncio.Task[bool]]) -> int:
    return sum(one.done() and not one.cancelled() and one.exception() is None and one.result() for one in begun)
