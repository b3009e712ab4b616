"""Erases what sessions that ended long ago said: salts and contents go, the chain of digests over them stays whole."""

from datetime import datetime

import sqlalchemy as sa

from .admin_log import record_admin
from .database import Database, run
from .passages import discard_in
from .times import to_text

ERASED_TITLE = "(erased)"
ENDED = """status IN ('completed', 'failed', 'stopped') AND updated_at < :before
    AND NOT EXISTS (SELECT 1 FROM approvals WHERE session_id = sessions.id AND status IN ('pending', 'approved'))
    AND NOT EXISTS (SELECT 1 FROM calls WHERE session_id = sessions.id AND state IN ('executing', 'unknown', 'held'))"""
STILL_THERE = "EXISTS (SELECT 1 FROM payloads WHERE session_id = sessions.id AND content IS NOT NULL)"
OLD = f"SELECT id FROM sessions WHERE {ENDED} AND {STILL_THERE} ORDER BY updated_at, id"
COUNT = f"SELECT COUNT(*) FROM sessions WHERE {ENDED} AND {STILL_THERE}"
STILL_OLD = f"SELECT 1 FROM sessions WHERE id = :id AND {ENDED}"
ERASE = "UPDATE payloads SET salt = NULL, content = NULL WHERE session_id = :id AND content IS NOT NULL"
FORGET_FOLD = "DELETE FROM snapshots WHERE session_id = :id"
FORGET_TITLE = "UPDATE sessions SET title = :title WHERE id = :id"


class Erasing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, before: datetime) -> int:
        """How many sessions `old` would name."""
        row = {"before": to_text(before)}
        return int(await self._database.read(lambda c: run(c, COUNT, row).fetchone()[0]))

    async def old(self, before: datetime) -> list[str]:
        """Ended sessions in which nothing waits and nothing happened since, and of which texts are still there."""
        row = {"before": to_text(before)}
        return [str(id_) for (id_,) in await self._database.read(lambda c: run(c, OLD, row).fetchall())]

    async def erase(self, session_id: str, before: datetime) -> bool:
        """False where it went on meanwhile: looked at once more in the transaction that erases."""
        row = {"id": session_id, "before": to_text(before)}
        return await self._database.write(lambda c: _erase(c, row))

    async def note(self, by: str, subject: str, detail: str) -> None:
        """That it was done, among what admins did."""
        at = to_text(self._database.now())
        await self._database.write(lambda c: record_admin(c, at, by, "old texts erased", subject, detail))


def _erase(connection: sa.Connection, row: dict[str, str]) -> bool:
    if run(connection, STILL_OLD, row).fetchone() is None:
        return False
    this = {"id": row["id"]}
    run(connection, ERASE, this)
    run(connection, FORGET_FOLD, this)
    run(connection, FORGET_TITLE, {**this, "title": ERASED_TITLE})
    discard_in(connection, row["id"])
    return True
