"""Who is watching what: recorded events and words as they stream, delivered in this process after the commit."""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from store.events import Recorded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A piece of a reply that is still being written; never stored."""

    session_id: str
    step: int
    text: str
    reset: bool = False
    """The words so far belong to an attempt that failed: start over."""


Recording = Callable[[str, tuple[Recorded, ...]], None]
Writing = Callable[[Words], None]
Moving = Callable[[], None]


class Hub:
    """Watchers by session, and watchers of everything (inbox, counts)."""

    def __init__(self) -> None:
        self.told = 0
        """News passed on so far. Who reads before it watches notes this first, and so learns whether it missed one."""
        self._recording: dict[str | None, list[Recording]] = defaultdict(list)
        self._writing: dict[str, list[Writing]] = defaultdict(list)
        self._moving: dict[str, list[Moving]] = defaultdict(list)

    def watch(
        self, session_id: str, recorded: Recording, words: Writing | None = None, moved: Moving | None = None
    ) -> Callable[[], None]:
        """Follow one session; call the result to stop."""
        self._recording[session_id].append(recorded)
        if words:
            self._writing[session_id].append(words)
        if moved:
            self._moving[session_id].append(moved)

        def stop() -> None:
            _drop(self._recording, session_id, recorded)
            if words:
                _drop(self._writing, session_id, words)
            if moved:
                _drop(self._moving, session_id, moved)

        return stop

    def watch_all(self, recorded: Recording) -> Callable[[], None]:
        self._recording[None].append(recorded)
        return lambda: _drop(self._recording, None, recorded)

    def is_watched(self, session_id: str) -> bool:
        """Is anybody reading along? Streaming costs several times a plain call, so it needs a reader."""
        return bool(self._writing.get(session_id))

    def recorded(self, session_id: str, events: tuple[Recorded, ...]) -> None:
        self.told += 1
        for listener in (*self._recording.get(session_id, ()), *self._recording.get(None, ())):
            pass_on(listener, session_id, events)

    def moved(self, session_id: str) -> None:
        """The engine is at work on it, or is no longer; nothing is recorded of that."""
        self.told += 1
        for listener in tuple(self._moving.get(session_id, ())):
            pass_on(listener)

    def words(self, words: Words) -> None:
        for listener in tuple(self._writing.get(words.session_id, ())):
            pass_on(listener, words)


def pass_on(listener: Callable[..., object], *news: object) -> None:
    """A watcher's mistake must cost neither the others their news nor the session its work."""
    try:
        listener(*news)
    except Exception:
        log.exception("A watcher failed")


def _drop(table: dict[Any, list[Any]], key: Any, listener: Any) -> None:
    if listener in table.get(key, ()):
        table[key].remove(listener)
    if key in table and not table[key]:
        del table[key]
