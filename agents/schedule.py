"""The clock: APScheduler wakes up for the next due timer row, or alarm; what is stored is the truth."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from store.errors import StoreUnavailable
from store.event_log import EventLog, Timer

log = logging.getLogger(__name__)
JOB = "next due timer"
RETRY_SECONDS = 5
LONGEST_SLEEP_SECONDS = 600
"""For while we sleep the machine's clock may be set, and a laptop may sleep longer than we do."""


class Alarm(Protocol):
    """Something else that falls due: it sees to all that is due when it rings, and to nothing when nothing is."""

    async def next_due(self) -> datetime | None: ...

    async def ring(self) -> None: ...


class Clock:
    """Fires every due timer once; between two timers there is one sleeping job and no poll."""

    def __init__(
        self,
        events: EventLog,
        now: Callable[[], datetime],
        fire: Callable[[Timer], Awaitable[None]],
        alarms: Sequence[Alarm] = (),
    ) -> None:
        self.events = events
        self.alarms = alarms
        self.now = now
        self.fire = fire
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._next: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        self._scheduler.start()
        await self.tick()

    def expect(self, due: datetime) -> None:
        """A timer was set for this moment: make sure to be awake."""
        if self._next is None or due < self._next:
            self._sleep_until(due)

    async def tick(self) -> None:
        """Fire what is due, then sleep until the next one. A wake-up during another tick follows after it."""
        async with self._one_at_a_time:
            self._next = None
            try:
                all_fired = all([await self._fired(timer) for timer in await self.events.due_timers(self.now())])
                all_fired = all([all_fired, *[await self._rung(alarm) for alarm in self.alarms]])
                moments = [await self.events.next_due(), *[await alarm.next_due() for alarm in self.alarms]]
                due = min((moment for moment in moments if moment is not None), default=None)
            except StoreUnavailable as error:
                log.warning("The clock could not read its timers: %s", error)
                all_fired, due = False, self.now()
            if due is not None:
                self.expect(due if all_fired else max(due, self.now() + timedelta(seconds=RETRY_SECONDS)))

    async def _fired(self, timer: Timer) -> bool:
        """One timer that cannot be fired must not keep back the others."""
        try:
            await self.fire(timer)
        except StoreUnavailable as error:
            log.warning("A timer could not be fired; it is tried again: %s", error)
            return False
        except Exception:
            log.exception("A timer could not be fired; it is tried again")
            return False
        return True

    async def _rung(self, alarm: Alarm) -> bool:
        try:
            await alarm.ring()
        except StoreUnavailable as error:
            log.warning("What fell due could not be seen to; it is tried again: %s", error)
            return False
        except Exception:
            log.exception("What fell due could not be seen to; it is tried again")
            return False
        return True

    def _sleep_until(self, due: datetime) -> None:
        self._next = due
        wait = min(max(0.0, (due - self.now()).total_seconds()), LONGEST_SLEEP_SECONDS)
        trigger = DateTrigger(datetime.now(UTC) + timedelta(seconds=wait))
        # a late wake-up (a laptop that slept, say) still has to fire, and so has one that comes during another tick:
        # beyond `max_instances` APScheduler would drop it for good
        self._scheduler.add_job(
            self.tick, trigger, id=JOB, replace_existing=True, misfire_grace_time=None, max_instances=sys.maxsize
        )

    def close(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
