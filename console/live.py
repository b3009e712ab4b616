"""Live pages: one feed per watched session, which batches what is recorded and shares it among all who watch."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from agents.hub import Hub, Words
from store.errors import StoreUnavailable
from store.events import Recorded
from store.queries import Queries

from . import rows

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.1
METERS_SECONDS = 0.25
"""At most four redraws of the meters a second: faster than anybody reads."""

Deliver = Callable[[list[rows.Patch]], None]
Measure = Callable[[dict[str, Any]], None]


class Feed:
    """One session as watched in this process. It exists while somebody watches, and polls nothing."""

    def __init__(self, session_id: str, queries: Queries, hub: Hub) -> None:
        self.session_id = session_id
        self._queries = queries
        self._watchers: dict[int, tuple[Deliver, Measure]] = {}
        self._last = 0
        self._head = 0
        self._words: list[rows.Patch] = []
        self._task: asyncio.Task[None] | None = None
        self._measured = 0.0
        self._stop = hub.watch(session_id, self._recorded, self._heard)

    def join(self, deliver: Deliver, measure: Measure) -> Callable[[], None]:
        key = id(deliver)
        self._watchers[key] = (deliver, measure)
        return lambda: self._leave(key)

    def _leave(self, key: int) -> None:
        self._watchers.pop(key, None)

    @property
    def is_idle(self) -> bool:
        return not self._watchers

    def close(self) -> None:
        self._stop()
        if self._task:
            self._task.cancel()

    def _recorded(self, _session_id: str, events: tuple[Recorded, ...]) -> None:
        if self._last == 0:
            self._last = events[0].seq - 1
        self._head = events[-1].seq
        self._flush_soon()

    def _heard(self, words: Words) -> None:
        self._words.append(rows.words(words.step, words.text))
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(FLUSH_SECONDS)
            batch = await self._batch()
            for deliver, _ in tuple(self._watchers.values()):
                deliver(batch)
            await self._measure()
        except StoreUnavailable as error:
            log.warning("A live page could not be brought up to date: %s", error)
        finally:
            self._task = None
        if self._words or self._head > self._last:
            self._flush_soon()

    async def _batch(self) -> list[rows.Patch]:
        words, self._words = self._words, []
        events: list[dict[str, Any]] = []
        if self._head > self._last:
            events = await self._queries.events(self.session_id, after=self._last)
            self._last = events[-1]["seq"] if events else self._head
        return [*_joined(words), *(patch for event in events for patch in rows.patches(event))]

    async def _measure(self) -> None:
        """Redraw the meters, unless they were redrawn just now and more is coming."""
        now = asyncio.get_running_loop().time()
        if now - self._measured < METERS_SECONDS:
            await asyncio.sleep(METERS_SECONDS - (now - self._measured))
        self._measured = asyncio.get_running_loop().time()
        session = await self._queries.session(self.session_id)
        if session is not None:
            for _, measure in tuple(self._watchers.values()):
                measure(session)


def _joined(words: list[rows.Patch]) -> list[rows.Patch]:
    """Many small pieces of the same step → one."""
    joined: dict[str, rows.Patch] = {}
    for piece in words:
        if piece["key"] in joined:
            joined[piece["key"]]["words"] += piece["words"]
        else:
            joined[piece["key"]] = dict(piece)
    return list(joined.values())


class Feeds:
    """All feeds of this process, by session."""

    def __init__(self, queries: Queries, hub: Hub) -> None:
        self._queries = queries
        self._hub = hub
        self._feeds: dict[str, Feed] = {}

    def join(self, session_id: str, deliver: Deliver, measure: Measure) -> Callable[[], None]:
        """Follow a session; call the result when the page is gone."""
        feed = self._feeds.get(session_id)
        if feed is None:
            feed = self._feeds[session_id] = Feed(session_id, self._queries, self._hub)
        leave = feed.join(deliver, measure)

        def left() -> None:
            leave()
            if feed.is_idle and self._feeds.get(session_id) is feed:
                del self._feeds[session_id]
                feed.close()

        return left
