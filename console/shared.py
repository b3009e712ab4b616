"""A view of recorded facts that many pages show: read once per change in this process, and told to all of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from agents.hub import Hub
from store.errors import StoreError
from store.events import Recorded

log = logging.getLogger(__name__)
SETTLE_SECONDS = 0.25
"""Several changes in a row are read together."""

T = TypeVar("T")


class Shared(Generic[T]):
    """Pages join with a listener; it is called with the fresh view whenever something was recorded."""

    def __init__(self, read: Callable[[], Awaitable[T]], hub: Hub) -> None:
        self.read = read
        self._listeners: list[Callable[[T], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._stale = False
        hub.watch_all(self._recorded)

    def join(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call the result to leave."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def _recorded(self, _session_id: str, _events: tuple[Recorded, ...]) -> None:
        self._stale = True
        if self._listeners and self._task is None:
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            while self._stale and self._listeners:
                await asyncio.sleep(SETTLE_SECONDS)
                self._stale = False
                view = await self.read()
                for listener in tuple(self._listeners):
                    listener(view)
        except StoreError as error:
            log.warning("Open pages could not be brought up to date: %s", error)
        finally:
            self._task = None
