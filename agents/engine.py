"""The in-process engine: wakes sessions after a commit and advances each in a task of its own."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from store.errors import StoreUnavailable
from store.events import Recorded, Status

from .commands.conversation import EndTheTurn
from .loop import Advance, keep
from .perform.work import Desk

log = logging.getLogger(__name__)
CONCURRENCY = 256
"""Sessions advanced at once; the others wait in their queue without costing anything."""
RETRY_SECONDS = 2.0
CLOSE_SECONDS = 10.0
"""How long closing waits for tools that are running, so that their results are recorded and not lost sight of."""
RUNNABLE = frozenset({Status.QUEUED, Status.RUNNING})


class Engine:
    """At most one Advance per session in this process; no task, timer or poll for a session that waits."""

    def __init__(self, desk: Desk, now: Callable[[], datetime]) -> None:
        self.desk = desk
        self.now = now
        self._running: dict[str, Advance] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_work: set[str] = set()
        """Those of the running that have their slot."""
        self._again: set[str] = set()
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._closed = False
        self._unsubscribe = desk.log.subscribe(self._recorded)

    def _recorded(self, session_id: str, events: tuple[Recorded, ...]) -> None:
        """After the commit: tell whoever advances or watches the session, and wake it if it can move."""
        if advance := self._running.get(session_id):
            advance.heard(events)
        elif events[-1].status in RUNNABLE:
            self.wake(session_id)
        self.desk.hub.recorded(session_id, events)

    def wake(self, session_id: str) -> None:
        if self._closed:
            return
        if session_id in self._running:
            self._again.add(session_id)
            return
        self._running[session_id] = Advance(self.desk, session_id, self.now)
        task = asyncio.create_task(self._run(session_id), name=f"advance {session_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def break_off(self, session_id: str) -> None:
        """Nobody waits for what a model is saying in it now; tools that run are let finish, as after a stop."""
        if advance := self._running.get(session_id):
            advance.break_off_the_model()

    @property
    def busy(self) -> int:
        """Sessions being advanced at this moment."""
        return len(self._running)

    def is_at_work(self, session_id: str) -> bool:
        """Has it a slot here, so that it waits for no other session? The record says so only from its first reply on."""
        return session_id in self._at_work

    @contextmanager
    def _working(self, session_id: str) -> Iterator[None]:
        """Whoever watches it is told when it gets its slot, and when it gives it back."""
        self._at_work.add(session_id)
        self.desk.hub.moved(session_id)
        try:
            yield
        finally:
            self._at_work.discard(session_id)
            self.desk.hub.moved(session_id)

    async def _run(self, session_id: str) -> None:
        advance = self._running[session_id]
        try:
            async with self._slots:
                with self._working(session_id):
                    await advance.run()
                if advance.work:
                    await keep(self.desk, advance.work.session)
        except asyncio.CancelledError:
            raise
        except StoreUnavailable as error:
            log.warning("Session %s waits for the store: %s", session_id, error)
            self._later(session_id)
        except Exception as error:
            log.exception("Session %s failed inside Quarterdeck", session_id)
            await self._give_up(session_id, error)
        finally:
            del self._running[session_id]
        if session_id in self._again or (advance.news and advance.news[-1].status in RUNNABLE):
            self._again.discard(session_id)
            self.wake(session_id)

    async def _give_up(self, session_id: str, error: Exception) -> None:
        """No session stays `running` without anybody running it: the turn ends with the defect's own words."""
        because = f"Quarterdeck itself failed ({type(error).__name__}: {error}). Nothing recorded was lost; write to try again."
        try:
            await self.desk.log.append(session_id, EndTheTurn(None, "error", because[:500]))
        except Exception:
            log.exception("The failure of session %s could not be recorded", session_id)

    def _later(self, session_id: str) -> None:
        if not self._closed:
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.wake, session_id)

    async def recover(self) -> None:
        """Wake every session that was under way when the program ended, however it ended."""
        for session_id, _ in await self.desk.log.unfinished():
            self.wake(session_id)

    async def close(self) -> None:
        """Begin nothing new, wait a little for running tools; what is still not recorded is settled at the next start."""
        self._closed = True
        for advance in self._running.values():
            advance.wind_down()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=CLOSE_SECONDS)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._unsubscribe()
