"""Work that is asked for often and done seldom: at once, then at most every so many seconds, never twice at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from store.errors import StoreClosed, StoreError

log = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


class Paced:
    """`soon()` has the work done once more, with everything that is known by then."""

    def __init__(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._work = work
        self._asked = False
        self._earliest = 0.0
        self._task: asyncio.Task[None] | None = None

    def soon(self) -> None:
        self._asked = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            while self._asked:
                await asyncio.sleep(max(0.0, self._earliest - now()))
                self._earliest = now() + self._seconds
                self._asked = False
                await self._attempt()
        finally:
            self._task = None

    async def _attempt(self) -> None:
        try:
            await self._work()
        except StoreClosed:
            return
        except StoreError as error:
            log.warning("Open pages could not be brought up to date, trying again: %s", error)
            self._asked = True
            self._earliest += RETRY_SECONDS
