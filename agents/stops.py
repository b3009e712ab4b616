"""The emergency stop: pulled, lifted, and what it or a budget has paused, let go on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from store.admin_log import record_admin
from store.database import Database
from store.times import to_text

from . import budgets, halting
from .administration import Administration
from .commands.conversation import Pause, Resume
from .config import Halt
from .engine import Engine
from .errors import BadRequest, NotFound
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
        self._has_begun = False

    async def pull(self, what: str, name: str | None, *, by: str, because: str) -> None:
        """Nothing it covers starts from this moment on. If it cannot be recorded, it is in force until a restart."""
        world = self.desk.world
        halt = self._halt(what, name, by, because)
        world.pulling = (*world.pulling, halt)  # in force before anything is waited for
        self.holds.tell()
        document = halt.model_dump(mode="json")
        await self._amend(lambda halts: [*_others(halts, halt), document], by=by)
        world.pulling = tuple(one for one in world.pulling if one is not halt)
        await self._record(by, "emergency stop pulled", halting.what(halt), halt.because)
        await self.pause_held()

    async def lift(self, what: str, name: str | None, *, by: str) -> None:
        """What it paused goes on; what was withdrawn stays withdrawn. For admins, which the caller checks."""
        world = self.desk.world
        found = next((one for one in world.halts() if halting.key(one) == (what, name)), None)
        if found is None:
            raise NotFound("This emergency stop is not in force any more.")
        await self._amend(lambda halts: _others(halts, found), by=by)
        world.pulling = tuple(one for one in world.pulling if halting.key(one) != (what, name))
        await self._record(by, "emergency stop lifted", halting.what(found), found.because)
        self.holds.tell()
        await self.release()

    async def pause_held(self) -> None:
        """Sessions at work that a stop covers: they wait, with the reason, and nothing new begins."""
        for session_id, agent in await self.holds.costs.at_work():
            if because := halting.stops_agent(self.desk.world.halts(), agent):
                await self.desk.log.append(session_id, Pause(by=OURSELVES, because=because))
                self.engine.break_off(session_id)

    async def release(self) -> None:
        """Let go on what a stop or a budget has paused, where nothing holds it back any more."""
        for mark, because in RELEASED.items():
            for session_id, agent in await self.holds.costs.paused_by(OURSELVES, mark):
                if await self.holds.reason(agent) is None:
                    await self.desk.log.append(session_id, Resume(by=OURSELVES, because=because))

    async def next_due(self) -> datetime | None:
        self._ends = await self.holds.next_due()
        return self._ends

    async def ring(self) -> None:
        """Also at a start: the day may have ended while nothing ran."""
        if not self._has_begun or (self._ends is not None and self._ends <= self.holds.now()):
            self._has_begun = True
            await self.release()
            self.holds.tell()

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


def _others(halts: list[Any], halt: Halt) -> list[Any]:
    return [one for one in halts if halting.key(one) != halting.key(halt)]


RELEASED = {halting.MARK: "What held it back was lifted.", budgets.MARK: "There is budget for it again."}
"""How the reason of a pause begins → why it goes on."""
