"""Timers that fall due while others are being fired."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from agents.schedule import JOB, Clock
from store.event_log import Timer

pytestmark = pytest.mark.asyncio


class Timers:
    """Rows of timers, as the event log has them."""

    def __init__(self) -> None:
        self.rows: dict[str, Timer] = {}
        self.fired: list[str] = []
        self.all_fired = asyncio.Event()
        self.meanwhile: Callable[[str], Awaitable[None]] | None = None

    def add(self, key: str) -> datetime:
        self.rows[key] = Timer(key=key, session_id="S-1", kind="approval", due_at=now())
        return self.rows[key].due_at

    async def due_timers(self, at: datetime) -> list[Timer]:
        return [timer for timer in self.rows.values() if timer.due_at <= at]

    async def next_due(self) -> datetime | None:
        return min((timer.due_at for timer in self.rows.values()), default=None)

    async def fire(self, timer: Timer) -> None:
        if self.meanwhile:
            await self.meanwhile(timer.key)
        self.fired.append(timer.key)
        del self.rows[timer.key]
        if not self.rows:
            self.all_fired.set()


def now() -> datetime:
    return datetime.now(UTC)


async def fired(timers: Timers, clock: Clock) -> list[str]:
    await clock.start()
    clock.expect(timers.add("first"))
    try:
        async with asyncio.timeout(10):
            await timers.all_fired.wait()
    except TimeoutError:
        pass  # the caller says what is missing
    finally:
        clock.close()
    return timers.fired


async def test_a_timer_that_falls_due_while_another_is_fired_is_fired_next() -> None:
    timers = Timers()
    clock = Clock(timers, now, timers.fire)  # type: ignore[arg-type]

    async def meanwhile(key: str) -> None:
        if key == "first":
            timers.add("second")

    timers.meanwhile = meanwhile
    assert await fired(timers, clock) == ["first", "second"]


async def test_a_wake_up_that_comes_while_timers_are_fired_is_not_lost() -> None:
    timers = Timers()
    clock = Clock(timers, now, timers.fire)  # type: ignore[arg-type]

    async def meanwhile(key: str) -> None:
        if key == "first":
            clock.expect(timers.add("second"))
            while clock._scheduler.get_job(JOB):
                await asyncio.sleep(0)

    timers.meanwhile = meanwhile
    assert await fired(timers, clock) == ["first", "second"]
