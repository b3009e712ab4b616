"""Versioned configuration documents: every change is a new version, so history and rollback come for free.

The store does not know what is inside a document; the layer above checks that before it changes anything.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from .admin_log import record_admin
from .database import Database, run
from .errors import ConfigurationChanged
from .statements import insert
from .tables import DocumentRow
from .times import to_text

NOTED = "definition"
"""Tool definitions as accepted: written by the program as tools are first seen, so no change of an admin's."""
INSERT_DOCUMENT = insert(DocumentRow)
SELECT_NEWEST = """SELECT kind, name, version, document, deleted, "by", at FROM documents AS d
    WHERE version = (SELECT MAX(version) FROM documents WHERE kind = d.kind AND name = d.name) ORDER BY kind, name"""
SELECT_VERSIONS = """SELECT kind, name, version, document, deleted, "by", at FROM documents
    WHERE kind = :kind AND name = :name ORDER BY version"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    version: int
    document: Any
    """None: this version deleted it."""
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    name: str
    document: Any | None
    """The new content; None deletes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    kind: str
    name: str
    from_version: int | None
    """None: it did not exist."""
    to_version: int | None
    """None: it is deleted."""


Current = Mapping[str, Mapping[str, Stored]]
Newest = dict[tuple[str, str], Stored]


class ConfigurationStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: Newest | None = None
        self._listeners: list[Callable[[list[Changed]], None]] = []

    async def current(self) -> Current:
        """What is in force now, by kind and name, without deleted documents."""
        kinds: dict[str, dict[str, Stored]] = {}
        for (kind, name), stored in sorted((await self._known()).items(), key=lambda one: one[0]):
            if stored.document is not None:
                kinds.setdefault(kind, {})[name] = stored
        return kinds

    async def deleted(self) -> dict[tuple[str, str], Stored]:
        """(kind, name) → its last version, which says who deleted it and when; accepted tool definitions left out."""
        return {key: one for key, one in (await self._known()).items() if one.document is None and key[0] != NOTED}

    async def is_untouched(self) -> bool:
        """Nothing was ever configured here; what was deleted again counts as touched."""
        return not await self._known()

    async def get(self, kind: str, name: str) -> Stored | None:
        stored = (await self._known()).get((kind, name))
        return None if stored is None or stored.document is None else stored

    async def at(self, kind: str, name: str, version: int) -> Stored | None:
        return next((each for each in await self.history(kind, name) if each.version == version), None)

    async def history(self, kind: str, name: str) -> list[Stored]:
        """Every version, oldest first."""
        rows = await self._database.read(lambda c: run(c, SELECT_VERSIONS, {"kind": kind, "name": name}).fetchall())
        return [_stored(row) for row in rows]

    async def note(self, by: str, action: str, subject: str, detail: str = "") -> None:
        """For the activity: something an admin did that changes no document, such as reconnecting."""
        at = to_text(self._database.now())
        await self._database.write(lambda c: record_admin(c, at, by, action, subject, detail))

    async def etag(self) -> str:
        """Changes with every change of anything."""
        return _etag(await self._known())

    async def change(self, changes: Sequence[Change], *, by: str, if_match: str | None = None) -> list[Changed]:
        """Stores all of them or none. What does not differ gets no new version. Raises ConfigurationChanged."""
        done, _ = await self._database.write(lambda c: self._change(c, changes, by, if_match), then=self._changed)
        return done

    def subscribe(self, listener: Callable[[list[Changed]], None]) -> Callable[[], None]:
        """Called on the event loop after each change."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def _known(self) -> Newest:
        if self._newest is None:
            newest = await self._database.read(_newest)
            self._newest = self._newest or newest  # a change may have come in while reading
        return self._newest

    def _change(
        self, connection: sa.Connection, changes: Sequence[Change], by: str, if_match: str | None
    ) -> tuple[list[Changed], Newest]:
        newest = _newest(connection)
        if if_match is not None and if_match != _etag(newest):
            raise ConfigurationChanged(ConfigurationChanged.__doc__)
        at, done = to_text(self._database.now()), []
        for change in changes:
            changed = _store(connection, newest, change, by, at)
            if changed is not None:
                done.append(changed)
        return done, newest

    def _changed(self, result: tuple[list[Changed], Newest]) -> None:
        done, self._newest = result
        for listener in tuple(self._listeners) if done else ():
            listener(done)


def _store(connection: sa.Connection, newest: Newest, change: Change, by: str, at: str) -> Changed | None:
    before = newest.get((change.kind, change.name))
    if _text(None if before is None else before.document) == _text(change.document):
        return None
    version = 1 if before is None else before.version + 1
    row = {
        "kind": change.kind, "name": change.name, "version": version, "document": _text(change.document),
        "deleted": change.document is None, "by": by, "at": at,
    }  # fmt: skip
    run(connection, INSERT_DOCUMENT, row)
    newest[change.kind, change.name] = _stored(tuple(row.values()))
    detail = f"version {version}" if change.document is not None else f"version {version}, deleted"
    record_admin(connection, at, by, "configuration", f"{change.kind} {change.name}", detail)
    return Changed(
        kind=change.kind,
        name=change.name,
        from_version=None if before is None or before.document is None else before.version,
        to_version=None if change.document is None else version,
    )


def _newest(connection: sa.Connection) -> Newest:
    return {(row[0], row[1]): _stored(row) for row in run(connection, SELECT_NEWEST).fetchall()}


def _stored(row: tuple[Any, ...]) -> Stored:
    return Stored(version=row[2], document=json.loads(row[3]), by=row[5], at=row[6])


def _text(document: Any) -> str:
    """Key order is kept as the admin wrote it, so only a real difference or a new order makes a version."""
    return json.dumps(document, ensure_ascii=False)


def _etag(newest: Newest) -> str:
    versions = sorted((kind, name, stored.version) for (kind, name), stored in newest.items() if kind != NOTED)
    return hashlib.sha256(json.dumps(versions).encode()).hexdigest()[:32]
