"""One-time links, signed-in browsers and API tokens: only digests of them are stored."""

import logging
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from .admin_log import record_admin
from .credentials import API_PREFIX, new_token, token_hash
from .database import Database, run
from .errors import StoreUnavailable
from .times import from_text, to_text

log = logging.getLogger(__name__)
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
TOUCH = timedelta(minutes=1)
"""`last_seen` is written at most this often: an open page asks every few seconds."""

INSERT_LINK = "INSERT INTO links (token_hash, person_id, expires_at) VALUES (:hash, :person, :expires_at)"
USE_LINK = "DELETE FROM links WHERE token_hash = :hash RETURNING person_id, expires_at"
INSERT_SIGN_IN = """INSERT INTO sign_ins (token_hash, person_id, agent, created_at, last_seen)
    VALUES (:hash, :person, :agent, :at, :at)"""
SELECT_SIGN_IN = "SELECT person_id, created_at, last_seen FROM sign_ins WHERE token_hash = :hash"
FORGET_OLD = "DELETE FROM sign_ins WHERE created_at < :oldest"
INSERT_TOKEN = """INSERT INTO tokens (token_hash, name, role, "by", created_at)
    VALUES (:hash, :name, :role, :by, :at)"""
SELECT_TOKEN = "SELECT name, role FROM tokens WHERE token_hash = :hash AND revoked_at IS NULL"
SELECT_TOKENS = """SELECT id, name, role, "by", created_at FROM tokens WHERE revoked_at IS NULL ORDER BY id"""
REVOKE = "UPDATE tokens SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL RETURNING name"


class SignIns:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_link(self, person_id: int, hours: float) -> str:
        token = new_token()
        expires_at = to_text(self._database.now() + timedelta(hours=hours))
        await self._run(INSERT_LINK, {"hash": token_hash(token), "person": person_id, "expires_at": expires_at})
        return token

    async def use_link(self, token: str) -> int | None:
        """The person's id; the deletion is what decides between two who click at once."""
        row = await self._database.write(lambda c: run(c, USE_LINK, {"hash": token_hash(token)}).fetchone())
        return None if row is None or row[1] < to_text(self._database.now()) else int(row[0])

    async def sign_in(self, person_id: int, agent: str) -> str:
        token, now = new_token(), self._database.now()
        await self._run(FORGET_OLD, {"oldest": to_text(now - ABSOLUTE)})
        row = {"hash": token_hash(token), "person": person_id, "agent": agent[:200], "at": to_text(now)}
        await self._run(INSERT_SIGN_IN, row)
        return token

    async def who(self, token: str) -> int | None:
        key = {"hash": token_hash(token)}
        row = await self._database.read(lambda c: run(c, SELECT_SIGN_IN, key).fetchone())
        if row is None:
            return None
        now, last_seen = self._database.now(), from_text(row[2])
        if now - last_seen > IDLE or now - from_text(row[1]) > ABSOLUTE:
            return None
        if now - last_seen > TOUCH:
            sql = "UPDATE sign_ins SET last_seen = :at WHERE token_hash = :hash"
            try:
                await self._run(sql, {**key, "at": to_text(now)})
            except StoreUnavailable:
                log.warning("When somebody was last seen could not be noted; they may go on reading")
        return int(row[0])

    async def sign_out(self, token: str) -> None:
        await self._run("DELETE FROM sign_ins WHERE token_hash = :hash", {"hash": token_hash(token)})

    async def sign_out_everywhere(self, person_id: int) -> None:
        await self._run("DELETE FROM sign_ins WHERE person_id = :id", {"id": person_id})

    async def make_token(self, name: str, role: str, by: str) -> str:
        token, at = API_PREFIX + new_token(), to_text(self._database.now())
        row = {"hash": token_hash(token), "name": name, "role": role, "by": by, "at": at}
        await self._database.write(lambda c: _issue(c, row))
        return token

    async def token_holder(self, token: str) -> tuple[str, str] | None:
        key = {"hash": token_hash(token)}
        return await self._database.read(lambda c: run(c, SELECT_TOKEN, key).fetchone())

    async def tokens(self) -> list[tuple[Any, ...]]:
        return await self._database.read(lambda c: run(c, SELECT_TOKENS).fetchall())

    async def revoke_token(self, token_id: int, by: str) -> None:
        at = to_text(self._database.now())
        await self._database.write(lambda c: _revoke(c, token_id, by, at))

    async def _run(self, sql: str, row: dict[str, Any]) -> None:
        await self._database.write(lambda c: run(c, sql, row).close())


def _issue(connection: sa.Connection, row: dict[str, Any]) -> None:
    run(connection, INSERT_TOKEN, row)
    record_admin(connection, row["at"], row["by"], "token made", row["name"], row["role"])


def _revoke(connection: sa.Connection, token_id: int, by: str, at: str) -> None:
    found = run(connection, REVOKE, {"id": token_id, "at": at}).fetchone()
    if found is not None:
        record_admin(connection, at, by, "token revoked", found[0])
