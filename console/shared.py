"""A view of recorded facts that many pages show: read once per change in this process, and told to all of them."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from agents.hub import Hub, pass_on
from store.events import Recorded

from .pace import Paced

SECONDS = 0.25
"""Changes in quick succession are read together."""

T = TypeVar("T")


class Shared(Generic[T]):
    """Pages join with a listener; it is called with the fresh view whenever something was recorded."""

    def __init__(self, read: Callable[[], Awaitable[T]], hub: Hub) -> None:
        self.read = read
        self._hub = hub
        self._listeners: list[Callable[[T], None]] = []
        self._telling = Paced(SECONDS, self._tell)
        hub.watch_all(self._recorded)

    def join(self, listener: Callable[[T], None], since: int | None = None) -> Callable[[], None]:
        """Call the result to leave. `since`: `hub.told` before the page read; what came between is told at once."""
        self._listeners.append(listener)
        if since is not None and since != self._hub.told:
            self._telling.soon()

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def _recorded(self, _session_id: str, _events: tuple[Recorded, ...]) -> None:
        if self._listeners:
            self._telling.soon()

    async def _tell(self) -> None:
        view = await self.read()
        for listener in tuple(self._listeners):
            pass_on(listener, view)
