"""Answers to POSTs that carry an Idempotency-Key: reserved before the work, remembered after it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from .database import Database, run
from .times import to_text

KEPT = timedelta(hours=24)
RESERVE = """INSERT INTO answers (actor, key, body_hash, owner, at) VALUES (:actor, :key, :body_hash, :owner, :at)
    ON CONFLICT (actor, key) DO NOTHING"""
SELECT = "SELECT body_hash, owner, status, body FROM answers WHERE actor = :actor AND key = :key"
REMEMBER = """UPDATE answers SET status = :status, body = :body
    WHERE actor = :actor AND key = :key AND body_hash = :body_hash"""
FORGET = "DELETE FROM answers WHERE actor = :actor AND key = :key AND status IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The key cannot be used for this request: the HTTP status to answer with, and why."""

    status: int
    because: str


OTHER_BODY = Conflict(status=422, because="This Idempotency-Key was used with another body; take a new key.")
IN_PROGRESS = Conflict(status=409, because="The same request is still being worked on; ask again in a moment.")
CUT_OFF = Conflict(
    status=409,
    because="Quarterdeck was restarted while it worked on this request; look whether it happened, then take a new key.",
)


class Idempotency:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = uuid.uuid4().hex
        """This run of the program: what an earlier one reserved and did not finish was cut off."""

    async def recall(self, key: str, actor: str, body_hash: str) -> Answer | Conflict | None:
        """The answer given before, or why there is none. None: the key is now yours; call `remember` or `forget`."""
        row = {"key": key, "actor": actor, "body_hash": body_hash, "owner": self._owner}
        return await self._database.write(lambda c: self._recall(c, row))

    async def remember(self, key: str, actor: str, body_hash: str, status: int, body: str) -> None:
        row = {"key": key, "actor": actor, "body_hash": body_hash, "status": status, "body": body}
        await self._database.write(lambda c: run(c, REMEMBER, row).close())

    async def forget(self, key: str, actor: str) -> None:
        """Gives a reserved key back after work that failed without doing anything."""
        await self._database.write(lambda c: run(c, FORGET, {"key": key, "actor": actor}).close())

    def _recall(self, connection: sa.Connection, row: dict[str, Any]) -> Answer | Conflict | None:
        now = self._database.now()
        run(connection, "DELETE FROM answers WHERE at < :oldest", {"oldest": to_text(now - KEPT)})
        if run(connection, RESERVE, {**row, "at": to_text(now)}).rowcount == 1:
            return None
        body_hash, owner, status, body = run(connection, SELECT, row).fetchone()
        if body_hash != row["body_hash"]:
            return OTHER_BODY
        if status is not None:
            return Answer(status=status, body=body)
        return IN_PROGRESS if owner == self._owner else CUT_OFF
