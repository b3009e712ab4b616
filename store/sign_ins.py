"""One-time links, signed-in browsers and API tokens: only digests of them are stored."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from .admin_log import record_admin
from .credentials import API_PREFIX, new_token, token_hash
from .database import Database, run
from .errors import IsDisabled, StoreUnavailable
from .times import from_text, to_text

log = logging.getLogger(__name__)
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
TOUCH = timedelta(minutes=1)
"""`last_seen` is written at most this often: an open page asks every few seconds."""

FORGET_LINKS = "DELETE FROM links WHERE person_id = :person"
INSERT_LINK = "INSERT INTO links (token_hash, person_id, expires_at) VALUES (:hash, :person, :expires_at)"
USE_LINK = "DELETE FROM links WHERE token_hash = :hash RETURNING person_id, expires_at"
INSERT_SIGN_IN = """INSERT INTO sign_ins (token_hash, person_id, agent, created_at, last_seen)
    VALUES (:hash, :person, :agent, :at, :at)"""
SELECT_SIGN_IN = "SELECT person_id, created_at, last_seen FROM sign_ins WHERE token_hash = :hash"
FORGET_OLD = "DELETE FROM sign_ins WHERE created_at < :oldest"
SIGNED_IN = """SELECT s.token_hash, p.name, s.agent, s.created_at, s.last_seen FROM sign_ins AS s
    JOIN people AS p ON p.id = s.person_id WHERE p.disabled = 0 AND s.last_seen >= :idle AND s.created_at >= :oldest
    ORDER BY s.last_seen DESC"""
SIGN_OUT_ONE = """DELETE FROM sign_ins WHERE token_hash = :id
    RETURNING (SELECT name FROM people WHERE id = person_id), agent"""
INSERT_TOKEN = """INSERT INTO tokens (token_hash, name, role, "by", created_at, expires_at, agents)
    VALUES (:hash, :name, :role, :by, :at, :expires_at, :agents)"""
SELECT_TOKEN = """SELECT name, role, agents, last_used_at FROM tokens
    WHERE token_hash = :hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
    AND NOT EXISTS (SELECT 1 FROM people WHERE disabled = 1 AND people.name IN (tokens.name, tokens."by"))"""
SELECT_TOKENS = """SELECT id, name, role, "by", created_at, expires_at, agents, last_used_at FROM tokens
    WHERE revoked_at IS NULL ORDER BY id"""
REVOKE_OF = """UPDATE tokens SET revoked_at = :at WHERE ("by" = :name OR name = :name) AND revoked_at IS NULL
    AND role = :role RETURNING name"""
USED = "UPDATE tokens SET last_used_at = :at WHERE token_hash = :hash"
REVOKE = "UPDATE tokens SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL RETURNING name"
CAN_SIGN_IN = """disabled = 0 AND (password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM sign_ins
    WHERE person_id = people.id AND last_seen >= :idle AND created_at >= :oldest))"""
"""Of a row of people: they have a password, or a browser that would be let in now. An invitation alone is neither."""


class SignIns:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_link(self, person_id: int, hours: float, name: str, by: str) -> str:
        token, now = new_token(), self._database.now()
        expires_at = to_text(now + timedelta(hours=hours))
        row = {"hash": token_hash(token), "person": person_id, "expires_at": expires_at}
        await self._database.write(lambda c: _link(c, row, to_text(now), name, by))
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

    async def who(self, token: str, *, touch: bool = True) -> int | None:
        key = {"hash": token_hash(token)}
        row = await self._database.read(lambda c: run(c, SELECT_SIGN_IN, key).fetchone())
        if row is None:
            return None
        now, last_seen = self._database.now(), from_text(row[2])
        if now - last_seen > IDLE or now - from_text(row[1]) > ABSOLUTE:
            return None
        if touch and now - last_seen > TOUCH:
            sql = "UPDATE sign_ins SET last_seen = :at WHERE token_hash = :hash"
            try:
                await self._run(sql, {**key, "at": to_text(now)})
            except StoreUnavailable:
                log.warning("When somebody was last seen could not be noted; they may go on reading")
        return int(row[0])

    async def sign_out(self, token: str) -> None:
        await self._run("DELETE FROM sign_ins WHERE token_hash = :hash", {"hash": token_hash(token)})

    async def signed_in(self) -> list[tuple[Any, ...]]:
        """Browsers that would be let in now: (id, person's name, browser, since, last seen)."""
        row = let_in_since(self._database.now())
        return await self._database.read(lambda c: run(c, SIGNED_IN, row).fetchall())

    async def sign_out_one(self, id_: str, by: str) -> str | None:
        """The name of the person whose browser it was; None where it was gone already."""
        at = to_text(self._database.now())
        return await self._database.write(lambda c: _sign_out_one(c, id_, by, at))

    async def make_token(
        self, name: str, role: str, by: str, days: float | None = None, agents: tuple[str, ...] = ()
    ) -> str:
        token, now = API_PREFIX + new_token(), self._database.now()
        expires_at = None if days is None else to_text(now + timedelta(days=days))
        row = {"hash": token_hash(token), "name": name, "role": role, "by": by, "at": to_text(now)}
        named = json.dumps(sorted(set(agents)), ensure_ascii=False)
        await self._database.write(lambda c: _issue(c, {**row, "expires_at": expires_at, "agents": named}))
        return token

    async def token_holder(self, token: str) -> tuple[str, str, tuple[str, ...]] | None:
        """Name, role and the agents it is limited to; None when unknown, revoked or expired."""
        key, now = {"hash": token_hash(token)}, self._database.now()
        row = await self._database.read(lambda c: run(c, SELECT_TOKEN, {**key, "now": to_text(now)}).fetchone())
        if row is None:
            return None
        await self._note_use(key, row[3], now)
        return row[0], row[1], tuple(json.loads(row[2]))

    async def _note_use(self, key: dict[str, str], last_used_at: str | None, now: datetime) -> None:
        if last_used_at is not None and now - from_text(last_used_at) <= TOUCH:
            return
        try:
            await self._run(USED, {**key, "at": to_text(now)})
        except StoreUnavailable:
            log.warning("When a token was last used could not be noted; it may go on reading")

    async def tokens(self) -> list[tuple[Any, ...]]:
        return await self._database.read(lambda c: run(c, SELECT_TOKENS).fetchall())

    async def revoke_token(self, token_id: int, by: str) -> None:
        at = to_text(self._database.now())
        await self._database.write(lambda c: _revoke(c, token_id, by, at))

    async def _run(self, sql: str, row: dict[str, Any]) -> None:
        await self._database.write(lambda c: run(c, sql, row).close())


def let_in_since(now: datetime) -> dict[str, str]:
    """Since when a sign-in must have been made, and used, to hold now."""
    return {"idle": to_text(now - IDLE), "oldest": to_text(now - ABSOLUTE)}


def sign_out(connection: sa.Connection, person_id: int) -> None:
    """Out of every browser; and a link that was not used yet lets nobody in either."""
    run(connection, "DELETE FROM sign_ins WHERE person_id = :person", {"person": person_id})
    run(connection, FORGET_LINKS, {"person": person_id})


def revoke_tokens_of(
    connection: sa.Connection, name: str, roles: Sequence[str], *, by: str, at: str, because: str
) -> None:
    """Those of these roles that they made, or that speak in their name."""
    for role in roles:
        for (token,) in run(connection, REVOKE_OF, {"name": name, "role": role, "at": at}).fetchall():
            record_admin(connection, at, by, "token revoked", token, because)


def _issue(connection: sa.Connection, row: dict[str, Any]) -> None:
    run(connection, INSERT_TOKEN, row)
    ends = f"expires {row['expires_at'][:10]}" if row["expires_at"] else "never expires"
    only = json.loads(row["agents"])
    detail = "; ".join([row["role"], ends, *([f"only {', '.join(only)}"] if only else [])])
    record_admin(connection, row["at"], row["by"], "token made", row["name"], detail)


def _link(connection: sa.Connection, row: dict[str, Any], at: str, name: str, by: str) -> None:
    """The only one from now on: one that went astray is ended by a new one."""
    if run(connection, "SELECT disabled FROM people WHERE id = :person", {"person": row["person"]}).fetchone()[0]:
        raise IsDisabled(name)
    run(connection, FORGET_LINKS, {"person": row["person"]})
    run(connection, INSERT_LINK, row)
    record_admin(connection, at, by, "sign-in link made", name)


def _sign_out_one(connection: sa.Connection, id_: str, by: str, at: str) -> str | None:
    found = run(connection, SIGN_OUT_ONE, {"id": id_}).fetchone()
    if found is None:
        return None
    record_admin(connection, at, by, "signed out", found[0], found[1])
    return str(found[0])


def _revoke(connection: sa.Connection, token_id: int, by: str, at: str) -> None:
    found = run(connection, REVOKE, {"id": token_id, "at": at}).fetchone()
    if found is not None:
        record_admin(connection, at, by, "token revoked", found[0])
