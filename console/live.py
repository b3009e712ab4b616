"""Live pages: one feed per watched session, which batches what is recorded and shares it among all who watch."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.hub import Hub, Words, pass_on
from store.events import Recorded
from store.queries import Queries

from . import rows
from .pace import Paced

FLUSH_SECONDS = 0.1
METERS_SECONDS = 0.25
"""At most four redraws of the meters a second: faster than anybody reads."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened after event `after` up to event `last`, and what was written meanwhile."""

    after: int
    last: int
    patches: list[rows.Patch]
    text: str
    """The same as JSON, written once for all who watch."""


Deliver = Callable[[Batch], None]
Measure = Callable[[dict[str, Any]], None]


class Feed:
    """One session as watched in this process. It exists while somebody watches, and polls nothing."""

    def __init__(self, session_id: str, queries: Queries, hub: Hub) -> None:
        self.session_id = session_id
        self._queries = queries
        self._hub = hub
        self._watchers: dict[int, tuple[Deliver, Measure]] = {}
        self._last = 0
        self._head = 0
        self._heard: list[tuple[int, Words]] = []
        """With the newest event when they were heard: they are told after it, never before."""
        self._written: dict[str, str] = {}
        """The replies under way, as far as they were delivered, for those who join in the middle."""
        self._rows = Paced(FLUSH_SECONDS, self._flush)
        self._meters = Paced(METERS_SECONDS, self._measure)
        self._stop = hub.watch(session_id, self._recorded, self._hear, self._meters.soon)

    def join(self, deliver: Deliver, measure: Measure, since: int | None) -> Callable[[], None]:
        key = id(deliver)
        self._watchers[key] = (deliver, measure)
        if since is not None and since != self._hub.told:
            self._meters.soon()
        if self._written:
            deliver(batch(0, 0, [{**rows.words(key, text), "anew": True} for key, text in self._written.items()]))
        return lambda: self._leave(key)

    def _leave(self, key: int) -> None:
        self._watchers.pop(key, None)

    @property
    def is_idle(self) -> bool:
        return not self._watchers

    def close(self) -> None:
        self._stop()
        self._rows.stop()
        self._meters.stop()

    def _recorded(self, _session_id: str, events: tuple[Recorded, ...]) -> None:
        if self._last == 0:
            self._last = events[0].seq - 1
        self._head = events[-1].seq
        self._rows.soon()
        self._meters.soon()

    def _hear(self, words: Words) -> None:
        self._heard.append((self._head, words))
        self._rows.soon()

    async def _flush(self) -> None:
        after = self._last
        patches: list[rows.Patch] = []
        if self._head > after:
            events = await self._queries.events(self.session_id, after=after)
            self._last = events[-1]["seq"] if events else self._head
            patches = [patch for event in events for patch in rows.patches(event)]
        # taken only now: whatever belongs to a reply that is among these events was heard before it, and is in it
        whole = {patch["key"] for patch in patches if "kind" in patch}
        written = [words for words in self._take_words() if words["key"] not in whole]
        for patch in patches:
            if patch.get("kind") == "answer":
                self._written.clear()  # a reply that was cut off will never be recorded
            elif "kind" in patch:
                self._written.pop(patch["key"], None)
        if written or self._last > after:
            fresh = batch(after, self._last, [*patches, *written])
            for deliver, _ in tuple(self._watchers.values()):
                pass_on(deliver, fresh)

    def _take_words(self) -> list[rows.Patch]:
        """Many small pieces of the same reply become one."""
        heard = [words for head, words in self._heard if head <= self._last]
        self._heard = self._heard[len(heard) :]
        joined: dict[str, rows.Patch] = {}
        for words in heard:
            key = rows.step_key(words.step)
            if words.reset:
                self._written[key] = ""
                joined[key] = {**rows.words(key, ""), "anew": True}
            self._written[key] = self._written.get(key, "") + words.text
            joined.setdefault(key, rows.words(key, ""))["words"] += words.text
        return list(joined.values())

    async def _measure(self) -> None:
        session = await self._queries.session(self.session_id)
        if session is not None:
            for _, measure in tuple(self._watchers.values()):
                pass_on(measure, session)


def batch(after: int, last: int, patches: list[rows.Patch]) -> Batch:
    """ASCII, so that whatever a model may write (lone surrogates too) can travel."""
    message = {"after": after, "last": last, "rows": patches}
    return Batch(after, last, patches, json.dumps(message, separators=(",", ":")))


class Feeds:
    """All feeds of this process, by session."""

    def __init__(self, queries: Queries, hub: Hub) -> None:
        self._queries = queries
        self._hub = hub
        self._feeds: dict[str, Feed] = {}

    def join(self, session_id: str, deliver: Deliver, measure: Measure, since: int | None = None) -> Callable[[], None]:
        """Follow a session; call the result when the page is gone.

        `since`: `hub.told` before the page read the session. What came between is measured at once; its rows the
        browser asks for itself, only after this.
        """
        feed = self._feeds.get(session_id)
        if feed is None:
            feed = self._feeds[session_id] = Feed(session_id, self._queries, self._hub)
        leave = feed.join(deliver, measure, since)

        def left() -> None:
            leave()
            if feed.is_idle and self._feeds.get(session_id) is feed:
                del self._feeds[session_id]
                feed.close()

        return left
