"""People, their roles and passwords, and who may not be taken away. Sign-ins and tokens: store/sign_ins.py."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from .admin_log import record_admin
from .credentials import fits, hashed_password
from .database import Database, run
from .errors import LastAdmin, NameReserved, NameTaken, UnknownPerson
from .sign_ins import CAN_SIGN_IN, SignIns, let_in_since, revoke_tokens_of, sign_out
from .times import to_text

SELECT = "SELECT id, name, display_name, role, disabled FROM people"
INSERT = """INSERT INTO people (name, display_name, role, disabled, password_hash, created_at)
    VALUES (:name, :display_name, :role, 0, :password_hash, :at) ON CONFLICT (name) DO NOTHING"""
UPDATE = "UPDATE people SET display_name = :display_name, role = :role, disabled = :disabled WHERE id = :id"
SET_PASSWORD = "UPDATE people SET password_hash = :hash WHERE id = :id"
ADMINS = f"SELECT COUNT(*), COALESCE(SUM({CAN_SIGN_IN}), 0) FROM people WHERE role = 'admin' AND disabled = 0"
OURS = frozenset({"quarterdeck", "clock", "the clock", "setup", "command line"})
"""Under these names the program itself stands in the record."""


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: int
    name: str
    """The unique name they sign in with."""
    display_name: str
    role: Role
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHolder:
    """Whom an API token speaks for."""

    name: str
    role: Role
    agents: tuple[str, ...] = ()
    """The agents it is limited to; none named: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """An API token as lists show it: never the token itself."""

    id: int
    name: str
    role: Role
    by: str
    created_at: str
    expires_at: str | None
    agents: tuple[str, ...]
    last_used_at: str | None
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """One browser somebody is signed in with now."""

    id: str
    """Names it to `sign_out_one`; it lets nobody in."""
    name: str
    browser: str
    since: str
    last_seen: str


Persons = list[Person]  # inside People, `list` is its method
IssuedTokens = list[IssuedToken]
SignedIns = list[SignedIn]


class People:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._sign_ins = SignIns(database)
        self._revoked: list[Callable[[str], None]] = []

    async def count(self) -> int:
        return int(await self._database.read(lambda c: run(c, "SELECT COUNT(*) FROM people").fetchone()[0]))

    async def list(self) -> Persons:
        rows = await self._database.read(lambda c: run(c, f"{SELECT} ORDER BY name").fetchall())
        return [_person(row) for row in rows]

    async def who_can_sign_in(self) -> Persons:
        """Without those who are disabled, or were invited and never came."""
        sql, row = f"{SELECT} WHERE {CAN_SIGN_IN} ORDER BY name", let_in_since(self._database.now())
        return [_person(one) for one in await self._database.read(lambda c: run(c, sql, row).fetchall())]

    async def get(self, name: str) -> Person | None:
        return await self._database.read(lambda c: _find(c, name))

    async def create(self, name: str, display_name: str, role: Role, password: str | None, by: str) -> Person:
        """Without a password they come in by a link only. Raises NameTaken, NameReserved or WeakPassword."""
        _not_ours(name)
        hash_ = None if password is None else await asyncio.to_thread(hashed_password, password)
        row = {"name": name, "display_name": display_name, "role": Role(role).value, "password_hash": hash_}
        return await self._database.write(lambda c: _create(c, {**row, "at": self._now()}, by))

    async def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        display_name: str | None = None,
        by: str,
    ) -> Person:
        """Raises UnknownPerson, or LastAdmin when no admin who can sign in would be left.

        Tokens that they made, or that speak in their name, end with them; on a demotion those above the new role.
        """
        changes = {"role": role, "disabled": disabled, "display_name": display_name}
        wanted = {key: value for key, value in changes.items() if value is not None}
        before, after = await self._database.write(lambda c: _change(c, name, wanted, by, self._database.now()))
        if (before.role, before.disabled) != (after.role, after.disabled):
            self._tell(name)
        return after

    async def set_password(self, name: str, password: str, by: str) -> None:
        """Signs them out everywhere. Raises UnknownPerson or WeakPassword."""
        hash_ = await asyncio.to_thread(hashed_password, password)
        await self._database.write(lambda c: _set_password(c, name, hash_, by, self._now()))
        self._tell(name)

    async def check_password(self, name: str, password: str) -> Person | None:
        """The person, if the password is theirs and they are not disabled."""
        sql = "SELECT password_hash FROM people WHERE name = :name"
        row = await self._database.read(lambda c: run(c, sql, {"name": name}).fetchone())
        right = await asyncio.to_thread(fits, password, None if row is None else row[0])
        person = await self.get(name) if right else None
        return None if person is None or person.disabled else person

    async def has_password(self, name: str) -> bool:
        """Once set, a password can be changed but not removed."""
        sql = "SELECT 1 FROM people WHERE name = :name AND password_hash IS NOT NULL"
        return await self._database.read(lambda c: run(c, sql, {"name": name}).fetchone()) is not None

    async def somebody_came_in(self) -> bool:
        """False: nobody could sign in without a new link."""
        sql = "SELECT 1 FROM people WHERE password_hash IS NOT NULL UNION SELECT 1 FROM sign_ins"
        return await self._database.read(lambda c: run(c, sql).fetchone()) is not None

    async def make_link(self, name: str, *, hours: float = 24, by: str = "setup") -> str:
        """Ends the links made for them before. Raises UnknownPerson or IsDisabled."""
        person = await self._known(name)
        return await self._sign_ins.make_link(person.id, hours, name, by)

    async def use_link(self, token: str) -> Person | None:
        """Uses a one-time link up, whether or not its person may still come in."""
        return await self._allowed(await self._sign_ins.use_link(token))

    async def sign_in(self, person: Person, *, agent: str) -> str:
        """A new token for this browser; every sign-in gets its own."""
        return await self._sign_ins.sign_in(person.id, agent)

    async def who(self, token: str, *, touch: bool = True) -> Person | None:
        """Whose browser this is: None when unknown, idle or signed in for too long, or disabled.

        `touch=False`: they do not ask themselves, so that it does not count as being here.
        """
        return await self._allowed(await self._sign_ins.who(token, touch=touch))

    async def sign_out(self, token: str) -> None:
        person = await self.who(token)
        await self._sign_ins.sign_out(token)
        if person is not None:
            self._tell(person.name)

    async def sign_out_everywhere(self, name: str, *, by: str = "") -> None:
        """Unused links end too. `by`: the admin who did it to somebody."""
        await self._database.write(lambda c: _sign_out_everywhere(c, name, by, self._now()))
        self._tell(name)

    async def signed_in(self) -> SignedIns:
        """Every browser that would be let in now, the most recently seen first."""
        rows = await self._sign_ins.signed_in()
        return [SignedIn(id=id_, name=n, browser=b, since=at, last_seen=seen) for id_, n, b, at, seen in rows]

    async def sign_out_one(self, id_: str, *, by: str) -> None:
        """Signs one browser out, at once. Nothing happens where it is gone already."""
        name = await self._sign_ins.sign_out_one(id_, by)
        if name is not None:
            self._tell(name)

    async def make_token(
        self, name: str, role: Role, *, by: str, days: float | None = None, agents: tuple[str, ...] = ()
    ) -> str:
        """An API token, shown this once. `name` says what it is for, or whose it is; `days` until it expires.

        Raises NameReserved.
        """
        _not_ours(name)
        return await self._sign_ins.make_token(name, Role(role).value, by, days, agents)

    async def token_holder(self, token: str) -> TokenHolder | None:
        found = await self._sign_ins.token_holder(token)
        return None if found is None else TokenHolder(name=found[0], role=Role(found[1]), agents=found[2])

    async def tokens(self) -> IssuedTokens:
        now = self._now()
        return [_issued(row, now) for row in await self._sign_ins.tokens()]

    async def tokens_of(self, name: str, *, above: Role | None = None) -> IssuedTokens:
        """Those that end when somebody is disabled, or demoted to the role `above` which they are."""
        return [
            one
            for one in await self.tokens()
            if name in (one.by, one.name) and (above is None or one.role.rank > above.rank)
        ]

    async def revoke_token(self, id: int, *, by: str = "") -> None:
        await self._sign_ins.revoke_token(id, by)

    def subscribe_revoked(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Called with the name of somebody whose role changed, or who was disabled or signed out."""
        self._revoked.append(listener)
        return lambda: self._revoked.remove(listener)

    async def _known(self, name: str) -> Person:
        person = await self.get(name)
        if person is None:
            raise UnknownPerson(name)
        return person

    async def _allowed(self, person_id: int | None) -> Person | None:
        if person_id is None:
            return None
        row = await self._database.read(lambda c: run(c, f"{SELECT} WHERE id = :id", {"id": person_id}).fetchone())
        person = None if row is None else _person(row)
        return None if person is None or person.disabled else person

    def _now(self) -> str:
        return to_text(self._database.now())

    def _tell(self, name: str) -> None:
        for listener in tuple(self._revoked):
            listener(name)


def _person(row: tuple[Any, ...]) -> Person:
    return Person(id=row[0], name=row[1], display_name=row[2], role=Role(row[3]), disabled=bool(row[4]))


def _issued(row: tuple[Any, ...], now: str) -> IssuedToken:
    id_, name, role, by, at, expires_at, agents, last_used_at = row
    return IssuedToken(
        id=id_,
        name=name,
        role=Role(role),
        by=by,
        created_at=at,
        expires_at=expires_at,
        agents=tuple(json.loads(agents)),
        last_used_at=last_used_at,
        expired=expires_at is not None and expires_at <= now,
    )


def _find(connection: sa.Connection, name: str) -> Person | None:
    row = run(connection, f"{SELECT} WHERE name = :name", {"name": name}).fetchone()
    return None if row is None else _person(row)


def _must_find(connection: sa.Connection, name: str) -> Person:
    person = _find(connection, name)
    if person is None:
        raise UnknownPerson(name)
    return person


def _not_ours(name: str) -> None:
    if name.strip().casefold() in OURS:
        raise NameReserved(name)


def _create(connection: sa.Connection, row: dict[str, Any], by: str) -> Person:
    if run(connection, INSERT, row).rowcount != 1:
        raise NameTaken(row["name"])
    record_admin(connection, row["at"], by, "person created", row["name"], row["role"])
    return _must_find(connection, row["name"])


def _change(
    connection: sa.Connection, name: str, wanted: dict[str, Any], by: str, now: datetime
) -> tuple[Person, Person]:
    at, before, admins = to_text(now), _must_find(connection, name), _admins(connection, now)
    row = {"display_name": before.display_name, "role": before.role, "disabled": before.disabled, **wanted}
    run(connection, UPDATE, {**row, "role": Role(row["role"]).value, "id": before.id})
    after = _must_find(connection, name)
    if any(had and not has for had, has in zip(admins, _admins(connection, now), strict=True)):
        raise LastAdmin(name)
    if after.disabled:
        sign_out(connection, after.id)
    detail = ", ".join(f"{key}: {value}" for key, value in wanted.items())
    record_admin(connection, at, by, "person changed", name, detail)
    if after.disabled or after.role.rank < before.role.rank:
        ended = [role.value for role in Role if after.disabled or role.rank > after.role.rank]
        because = f"{name} was disabled" if after.disabled else f"{name} is {after.role} now"
        revoke_tokens_of(connection, name, ended, by=by, at=at, because=because)
    return before, after


def _admins(connection: sa.Connection, now: datetime) -> tuple[int, int]:
    """How many are not disabled, and how many of these can sign in."""
    every, able = run(connection, ADMINS, let_in_since(now)).fetchone()
    return int(every), int(able)


def _sign_out_everywhere(connection: sa.Connection, name: str, by: str, at: str) -> None:
    sign_out(connection, _must_find(connection, name).id)
    if by:
        record_admin(connection, at, by, "signed out everywhere", name)


def _set_password(connection: sa.Connection, name: str, hash_: str, by: str, at: str) -> None:
    person = _must_find(connection, name)
    run(connection, SET_PASSWORD, {"hash": hash_, "id": person.id})
    sign_out(connection, person.id)
    record_admin(connection, at, by, "password set", name)
