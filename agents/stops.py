"""The emergency stop: pulled, lifted, and what it or a budget has paused, let go on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from store.admin_log import record_admin
from store.database import Database
from store.errors import StoreError
from store.event_log import Command
from store.times import to_text

from . import budgets, halting
from .administration import Administration
from .commands.conversation import Pause, Resume
from .config import Halt
from .engine import Engine
from .errors import BadRequest, NotFound, NotNow
from .holding import Holds
from .perform.work import Desk

OURSELVES = "quarterdeck"
"""Who pauses what is held back; only what was paused by it goes on by itself."""


class Stops:
    """Also an alarm for the clock: with a new day, budgets begin anew."""

    def __init__(
        self, desk: Desk, engine: Engine, holds: Holds, administration: Administration, database: Database
    ) -> None:
        self.desk = desk
        self.engine = engine
        self.holds = holds
        self.administration = administration
        self.database = database
        self._ends: datetime | None = None
        self._owed = True
        """Something may have to be let go on. Also at a start: the day may have ended while nothing ran."""

    async def pull(self, what: str, name: str | None, *, by: str, because: str) -> None:
        """Nothing it covers starts from this moment on. If it cannot be recorded, it is in force until a restart.

        After a StoreError `recorded` tells which.
        """
        world = self.desk.world
        halt = self._halt(what, name, by, because)
        world.pulling = (*world.pulling, halt)  # in force before anything is waited for
        self.holds.tell()
        document = halt.model_dump(mode="json")
        try:
            await self._amend(lambda halts: [*_others(halts, halt), document], by=by)
            world.pulling = tuple(one for one in world.pulling if one is not halt)
            await self._record(by, "emergency stop pulled", halting.what(halt), halt.because)
        finally:
            await self.pause_held()

    async def lift(self, what: str, name: str | None, *, by: str) -> None:
        """What it paused goes on; what was withdrawn stays withdrawn. For admins, which the caller checks.

        After a StoreError it may be lifted all the same: `World.halts` tells. What could not go on is tried again.
        """
        world = self.desk.world
        found = next((one for one in world.halts() if halting.key(one) == (what, name)), None)
        if found is None:
            raise NotFound("This emergency stop is not in force any more.")
        await self._amend(lambda halts: _others(halts, found), by=by)
        world.pulling = tuple(one for one in world.pulling if halting.key(one) != (what, name))
        self.holds.tell()
        try:
            await self._record(by, "emergency stop lifted", halting.what(found), found.because)
        finally:
            await self.release()

    def recorded(self, what: str, name: str | None) -> bool:
        """Whether such a stop is in force for good, and not only until a restart."""
        return any(halting.key(one) == (what, name) for one in self.desk.world.settings().halts)

    async def settle(self) -> None:
        """The settings changed: what is held back now waits, and what no longer is goes on."""
        try:
            await self.pause_held()
        finally:
            await self.release()

    async def pause_held(self) -> None:
        """Sessions at work that a stop covers: they wait, with the reason, and nothing new begins.

        Raises StoreError where one of them could not be paused; all are broken off, and the others wait.
        """
        failed: list[StoreError] = []
        for session_id, agent in await self.holds.costs.at_work():
            if because := halting.stops_agent(self.desk.world.halts(), agent):
                failed += await self._told(session_id, Pause(by=OURSELVES, because=because))
                self.engine.break_off(session_id)
        _raise_first(failed)

    async def release(self) -> None:
        """Let go on what a stop or a budget has paused, where nothing holds it back any more.

        Raises StoreError where one of them could not go on; the others do, and at the next ring it is tried again.
        """
        self._owed = True
        failed: list[StoreError] = []
        for mark, because in RELEASED.items():
            for session_id, agent in await self.holds.costs.paused_by(OURSELVES, mark):
                if await self.holds.reason(agent) is None:
                    failed += await self._told(session_id, Resume(by=OURSELVES, because=because))
        _raise_first(failed)
        self._owed = False

    async def _told(self, session_id: str, command: Command) -> list[StoreError]:
        """What kept it from being recorded. A session that somebody stopped meanwhile neither waits nor goes on."""
        try:
            await self.desk.log.append(session_id, command)
        except NotNow:
            return []
        except StoreError as error:
            return [error]
        return []

    async def next_due(self) -> datetime | None:
        """Now, while something is owed."""
        self._note_the_end()
        self._ends = await self.holds.next_due()
        return self.holds.now() if self._owed else self._ends

    async def ring(self) -> None:
        self._note_the_end()
        if self._owed:
            await self.release()
            self.holds.tell()

    def _note_the_end(self) -> None:
        """Of the day; asked in both, for it may end between the two."""
        if self._ends is not None and self._ends <= self.holds.now():
            self._ends, self._owed = None, True

    def _halt(self, what: str, name: str | None, by: str, because: str) -> Halt:
        if what not in ("everything", "agent", "connector", "tool"):
            raise BadRequest(f"{what!r} cannot be stopped; it is everything, an agent, a connector or a tool.")
        system, _, tool = (name or "").partition("/")
        kind, known = ("connector", system) if what == "tool" else (what, name)
        if what != "everything" and known not in self.desk.world.current.get(kind, {}):
            raise BadRequest(f"There is no {kind} {known!r}, so nothing was stopped.")
        if what == "tool" and not tool:
            raise BadRequest("A tool is named connector/tool, so nothing was stopped.")
        words = because.strip()[:2000]
        if not words:
            raise BadRequest("A stop needs a reason: it stays in the record.")
        name = None if what == "everything" else name
        return Halt.model_validate({"what": what, "name": name, "because": words, "by": by, "at": self.holds.now()})

    async def _amend(self, change: Callable[[list[Any]], list[Any]], *, by: str) -> None:
        def changed(document: dict[str, Any]) -> dict[str, Any]:
            return {**document, "halts": change(document.get("halts", []))}

        await self.administration.amend("settings", "desk", changed, by=by)

    async def _record(self, by: str, action: str, subject: str, detail: str) -> None:
        at = to_text(self.holds.now())
        await self.database.write(lambda c: record_admin(c, at, by, action, subject, detail))


def _raise_first(failed: list[StoreError]) -> None:
    if failed:
        raise failed[0]


def _others(halts: list[Any], halt: Halt) -> list[Any]:
    return [one for one in halts if halting.key(one) != halting.key(halt)]


RELEASED = {halting.MARK: "What held it back was lifted.", budgets.MARK: "There is budget for it again."}
"""How the reason of a pause begins → why it goes on."""
