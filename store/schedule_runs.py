"""What became of each tick of each schedule: the table's key makes sure that a tick is claimed once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .database import Database, run
from .times import from_text, to_text

Outcome = Literal["claimed", "started", "skipped", "refused"]
CLOCK = "clock"
"""Who claims a tick that falls due; a person who runs a schedule by hand gives their name."""
COLUMNS = 'schedule, tick_at, at, outcome, session_id, because, "by"'
INSERT = f"""INSERT INTO schedule_runs ({COLUMNS})
    VALUES (:schedule, :tick_at, :at, :outcome, :session_id, :because, :by) ON CONFLICT DO NOTHING"""
FINISH = """UPDATE schedule_runs SET outcome = :outcome, because = :because
    WHERE schedule = :schedule AND tick_at = :tick_at AND outcome = 'claimed'"""
HISTORY = f"SELECT {COLUMNS} FROM schedule_runs WHERE schedule = :schedule ORDER BY tick_at DESC LIMIT :limit"
CLAIMED = f"SELECT {COLUMNS} FROM schedule_runs WHERE outcome = 'claimed' ORDER BY tick_at, schedule"
NEWEST = f"""SELECT {COLUMNS} FROM schedule_runs AS r WHERE tick_at =
    (SELECT MAX(tick_at) FROM schedule_runs WHERE schedule = r.schedule)"""
SEEN = """SELECT MAX(tick_at) FROM schedule_runs WHERE schedule = :schedule AND "by" = :by AND tick_at <= :now"""
STARTED = "SELECT 1 FROM sessions WHERE id = :id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    schedule: str
    tick_at: datetime
    at: datetime
    outcome: Outcome
    session_id: str | None
    because: str
    by: str


class ScheduleRuns:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, schedule: str, tick: datetime, outcome: Outcome, *, by: str, because: str = "", session: str | None = None
    ) -> bool:
        """False: this tick was seen to before, and nothing changed."""
        row = {
            "schedule": schedule, "tick_at": to_text(tick), "at": to_text(self._database.now()),
            "outcome": outcome, "session_id": session, "because": because, "by": by,
        }  # fmt: skip
        return await self._database.write(lambda c: run(c, INSERT, row).rowcount == 1)

    async def finish(self, schedule: str, tick: datetime, outcome: Outcome, because: str) -> None:
        """What became of a claimed tick."""
        row = {"schedule": schedule, "tick_at": to_text(tick), "outcome": outcome, "because": because}
        await self._database.write(lambda c: run(c, FINISH, row).rowcount)

    async def claimed(self) -> list[Run]:
        """Ticks that were claimed and never finished: the program ended in between."""
        return await self._rows(CLAIMED, {})

    async def history(self, schedule: str, limit: int = 200) -> list[Run]:
        """Newest first."""
        return await self._rows(HISTORY, {"schedule": schedule, "limit": limit})

    async def newest(self) -> dict[str, Run]:
        """The newest run of every schedule."""
        return {one.schedule: one for one in await self._rows(NEWEST, {})}

    async def seen_until(self, schedule: str) -> datetime | None:
        """The last tick up to now that the clock has seen to; runs by hand do not count.

        What lies ahead was seen by a clock that was wrong for a while, and is no reason to wait for it.
        """
        row = {"schedule": schedule, "by": CLOCK, "now": to_text(self._database.now())}
        newest = await self._database.read(lambda c: run(c, SEEN, row).fetchone()[0])
        return None if newest is None else from_text(newest)

    async def has_started(self, session_id: str) -> bool:
        """Whether there is a session of this id, whatever the history says yet."""
        return await self._database.read(lambda c: run(c, STARTED, {"id": session_id}).fetchone()) is not None

    async def _rows(self, sql: str, parameters: dict[str, Any]) -> list[Run]:
        rows = await self._database.read(lambda c: run(c, sql, parameters).fetchall())
        return [
            Run(
                schedule=schedule, tick_at=from_text(tick), at=from_text(at), outcome=outcome,
                session_id=session, because=because, by=by,
            )
            for schedule, tick, at, outcome, session, because, by in rows
        ]  # fmt: skip
