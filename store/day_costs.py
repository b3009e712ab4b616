"""What model calls cost since a moment, by session and agent; and sessions that were paused for a given reason."""

from datetime import datetime

from .database import Database, run
from .encoding import decode
from .spending import PRICED, spent
from .times import to_text

KINDS = ", ".join(f"'{kind}'" for kind in PRICED)
SINCE = f"""SELECT s.agent, e.session_id, e.seq, e.type, e.v, e.at, e.status, e.data
    FROM sessions AS s CROSS JOIN events AS e ON e.session_id = s.id
    WHERE s.updated_at >= :since AND e.at >= :since AND e.type IN ({KINDS})"""
PAUSED = """SELECT id, agent FROM sessions AS s WHERE status = 'paused' AND substr(because, 1, :length) = :mark
    AND (SELECT json_extract(data, '$.by') FROM events WHERE session_id = s.id AND type = 'SessionPaused'
        ORDER BY seq DESC LIMIT 1) = :by ORDER BY updated_at, id"""
AT_WORK = "SELECT id, agent FROM sessions WHERE status IN ('queued', 'running') ORDER BY updated_at, id"


class DayCosts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, moment: datetime) -> list[tuple[str, str, int, float | None]]:
        """(session id, agent, seq, USD or None where the price is unknown) of every model call since then."""
        rows = await self._database.read(lambda c: run(c, SINCE, {"since": to_text(moment)}).fetchall())
        return [
            (each.session_id, str(agent), each.seq, one.cost_usd)
            for agent, *row in rows
            for each in [decode(*row)]
            for one in spent(each.event)
        ]

    async def agent_of(self, session_id: str) -> str | None:
        sql = "SELECT agent FROM sessions WHERE id = :id"
        row = await self._database.read(lambda c: run(c, sql, {"id": session_id}).fetchone())
        return None if row is None else str(row[0])

    async def paused_by(self, by: str, mark: str) -> list[tuple[str, str]]:
        """(session id, agent) of the sessions that `by` paused for a reason that begins with `mark`."""
        row = {"by": by, "mark": mark, "length": len(mark)}
        found = await self._database.read(lambda c: run(c, PAUSED, row).fetchall())
        return [(str(id_), str(agent)) for id_, agent in found]

    async def at_work(self) -> list[tuple[str, str]]:
        """(session id, agent) of the sessions that are queued or running."""
        found = await self._database.read(lambda c: run(c, AT_WORK).fetchall())
        return [(str(id_), str(agent)) for id_, agent in found]
