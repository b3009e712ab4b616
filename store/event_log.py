"""The only writer of history: append within the writer's transaction, read, subscribe."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from .database import Database, run, run_many
from .encoding import chain, decode
from .errors import IllegalProjection
from .events import Event, Recorded, SessionStarted, Status
from .heads import Heads
from .payloads import Payload
from .projections import project
from .session_rows import Row, count_time, fold, new_row
from .statements import InsertMany, insert, update
from .tables import EventRow, PayloadRow, SessionRow
from .times import from_text, to_text

INSERT_SESSION, INSERT_EVENTS = insert(SessionRow), InsertMany(EventRow)
INSERT_PAYLOADS = InsertMany(PayloadRow, leave_existing=True)
FIXED = ("agent", "title", "started_by", "pins", "created_at")
MOVE_SESSION = update(SessionRow, fixed=FIXED)
KEEP_STATUS = update(SessionRow, fixed=(*FIXED, "status"))
"""For an append that leaves the status as it was: naming the column would rewrite its index entry all the same."""
SELECT_EVENTS = """SELECT session_id, seq, type, v, at, status, data FROM events
    WHERE session_id = :id AND seq > :after AND seq < :before ORDER BY seq"""
SELECT_PAYLOAD = "SELECT content FROM payloads WHERE session_id = :id AND ref = :ref"
SELECT_SNAPSHOT = "SELECT seq, version, data FROM snapshots WHERE session_id = :id"
KEEP_SNAPSHOT = """INSERT INTO snapshots (session_id, seq, version, data) VALUES (:id, :seq, :version, :data)
    ON CONFLICT (session_id) DO UPDATE SET seq = excluded.seq, version = excluded.version, data = excluded.data
    WHERE excluded.seq >= snapshots.seq"""
NO_LIMIT = 1 << 62

Listener = Callable[[str, tuple[Recorded, ...]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    seq: int
    version: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a command may fold: the snapshot, if one was asked for and exists, and every event after it."""

    session_id: str
    head: int
    snapshot: Snapshot | None
    tail: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    event: Event
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command wants recorded. Without drafts nothing is recorded, and the caller only gets the value."""

    drafts: tuple[Draft, ...] = ()
    payloads: tuple[Payload, ...] = ()
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    recorded: tuple[Recorded, ...]
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    key: str
    session_id: str
    kind: str
    due_at: datetime


class Command(Protocol):
    """Decides, inside the write transaction, what to record. Raises to refuse: then nothing is recorded."""

    @property
    def after(self) -> int:
        """The caller has folded events up to here. 0: it needs the newest snapshot and the tail after that."""

    def __call__(self, history: History, at: datetime) -> Outcome: ...


class EventLog:
    """One per database: it knows the newest state of each session without looking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heads = Heads()
        self._listeners: list[Listener] = []
        database.after_batch(self._heads.settle)

    async def append(self, session_id: str, command: Command) -> Appended:
        """Runs the command on the newest history and records its events; returns once they are on the disk.

        Raises whatever the command raises, IllegalProjection, or StoreUnavailable.
        """
        return await self._database.write(
            lambda connection: self._append(connection, session_id, command),
            then=lambda appended: self._publish(session_id, appended.recorded),
        )

    async def read(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        tail: int | None = None,
        limit: int | None = None,
    ) -> list[Recorded]:
        """Events in order: those between `after` and `before`, of these the last `tail` or the first `limit`."""
        return await self._database.read(lambda c: select_events(c, session_id, after, before, tail, limit))

    async def history(self, session_id: str, after: int = 0) -> History:
        return await self._database.read(lambda c: _history(c, session_id, after, _head_of(c, session_id)))

    async def payloads(self, session_id: str, refs: Collection[str]) -> dict[str, str | None]:
        """The contents by ref; None where a payload was erased. Unknown refs are left out."""
        return await self._database.read(lambda c: contents(c, session_id, refs))

    async def keep_snapshot(self, session_id: str, seq: int, version: int, data: bytes) -> None:
        row = {"id": session_id, "seq": seq, "version": version, "data": data}
        await self._database.write(lambda connection: _discard(run(connection, KEEP_SNAPSHOT, row)))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """The listener is called on the event loop after each commit, in commit order, before the appender goes on."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def due_timers(self, now: datetime) -> list[Timer]:
        sql = "SELECT key, session_id, kind, due_at FROM timers WHERE due_at <= :now ORDER BY due_at, key"
        rows = await self._database.read(lambda c: run(c, sql, {"now": to_text(now)}).fetchall())
        return [Timer(key=key, session_id=id_, kind=kind, due_at=from_text(due)) for key, id_, kind, due in rows]

    async def next_due(self) -> datetime | None:
        due = await self._database.read(lambda c: run(c, "SELECT MIN(due_at) FROM timers").fetchone()[0])
        return None if due is None else from_text(due)

    async def unfinished(self) -> list[tuple[str, Status]]:
        """Sessions to wake at start-up: queued or running ones, and any with a call that was cut off."""
        sql = """SELECT id, status FROM sessions WHERE status IN ('queued', 'running')
            OR id IN (SELECT session_id FROM calls WHERE state = 'executing') ORDER BY updated_at, id"""
        rows = await self._database.read(lambda c: run(c, sql).fetchall())
        return [(id_, Status(status)) for id_, status in rows]

    async def open_calls(self, connector: str) -> list[tuple[str, str, str]]:
        """(session id, tool, definition hash) of every call on this connector that waits for a person or to run."""
        sql = """SELECT c.session_id, c.own_name, a.definition_hash FROM calls AS c
            JOIN approvals AS a ON a.session_id = c.session_id AND a.call_id = c.call_id
            WHERE c.connector = :connector AND c.state IN ('held', 'allowed') AND a.status IN ('pending', 'approved')"""
        rows = await self._database.read(lambda c: run(c, sql, {"connector": connector}).fetchall())
        return [(str(session), str(tool), str(hash_)) for session, tool, hash_ in rows]

    async def session_of_approval(self, approval_id: str) -> str | None:
        sql = "SELECT session_id FROM approvals WHERE id = :id"
        row = await self._database.read(lambda c: run(c, sql, {"id": approval_id}).fetchone())
        return None if row is None else str(row[0])

    def _append(self, connection: sa.Connection, session_id: str, command: Command) -> Appended:
        before = self._heads.get(connection, session_id)
        row = new_row(session_id) if before is None else dict(before)
        at = self._database.now()
        outcome = command(_history(connection, session_id, command.after, row["seq"]), at)
        if not outcome.drafts:
            return Appended(recorded=(), value=outcome.value)
        recorded = _record(connection, row, outcome, at)
        run(connection, _session_statement(before, row), row)
        self._heads.put(session_id, row)
        return Appended(recorded=recorded, value=outcome.value)

    def _publish(self, session_id: str, recorded: tuple[Recorded, ...]) -> None:
        if recorded:
            for listener in tuple(self._listeners):
                listener(session_id, recorded)


def _record(connection: sa.Connection, row: Row, outcome: Outcome, at: datetime) -> tuple[Recorded, ...]:
    """Writes events and payloads, and carries them onto every row; changes `row` in place."""
    if row["seq"] == 0 and not isinstance(outcome.drafts[0].event, SessionStarted):
        raise IllegalProjection(f"There is no session {row['id']}.")
    at_text = to_text(at)
    count_time(row, at)
    payloads = {payload.ref: payload for payload in outcome.payloads}
    recorded = tuple(
        Recorded(session_id=row["id"], seq=seq, at=at, status=draft.status, event=draft.event)
        for seq, draft in enumerate(outcome.drafts, row["seq"] + 1)
    )
    events = []
    for each in recorded:
        events.append(_event_row(row, each, at_text))
        fold(row, each, payloads)
        project(connection, each)
    row["updated_at"] = at_text
    run_many(connection, INSERT_EVENTS, events)
    if payloads:
        run_many(connection, INSERT_PAYLOADS, [_payload_row(row["id"], payload) for payload in payloads.values()])
    return recorded


def _session_statement(before: Row | None, row: Row) -> str:
    if before is None:
        return INSERT_SESSION
    return KEEP_STATUS if before["status"] == row["status"] else MOVE_SESSION


def _event_row(row: Row, recorded: Recorded, at: str) -> dict[str, Any]:
    """The event as it will be stored; moves the chain's head in `row` on to it."""
    event, status = recorded.event, recorded.status.value
    data = event.model_dump_json()
    row["hash"] = chain(row["hash"], row["id"], recorded.seq, event.type, event.v, at, status, data)
    return {
        "session_id": row["id"], "seq": recorded.seq, "type": event.type, "v": event.v, "at": at,
        "status": status, "data": data, "hash": row["hash"],
    }  # fmt: skip


def _payload_row(session_id: str, payload: Payload) -> dict[str, Any]:
    return {"session_id": session_id, "ref": payload.ref, "salt": payload.salt, "content": payload.content}


def _history(connection: sa.Connection, session_id: str, after: int, head: int) -> History:
    if after == head:
        return History(session_id=session_id, head=head, snapshot=None, tail=())
    snapshot = _snapshot(connection, session_id) if after == 0 or after > head else None
    folded = after if snapshot is None else snapshot.seq
    tail = select_events(connection, session_id, 0 if folded > head else folded)
    return History(session_id=session_id, head=head, snapshot=snapshot, tail=tuple(tail))


def _snapshot(connection: sa.Connection, session_id: str) -> Snapshot | None:
    row = run(connection, SELECT_SNAPSHOT, {"id": session_id}).fetchone()
    return None if row is None else Snapshot(seq=row[0], version=row[1], data=row[2])


def _head_of(connection: sa.Connection, session_id: str) -> int:
    row = run(connection, "SELECT seq FROM sessions WHERE id = :id", {"id": session_id}).fetchone()
    return 0 if row is None else int(row[0])


def select_events(
    connection: sa.Connection,
    session_id: str,
    after: int = 0,
    before: int | None = None,
    tail: int | None = None,
    limit: int | None = None,
) -> list[Recorded]:
    return [decode(*row) for row in select_rows(connection, session_id, after, before, tail, limit)]


def select_rows(
    connection: sa.Connection, session_id: str, after: int, before: int | None, tail: int | None, limit: int | None
) -> list[Any]:
    """Events as stored: session_id, seq, type, v, at, status, data."""
    bounds = {"id": session_id, "after": after, "before": NO_LIMIT if before is None else before}
    if tail is not None:
        return run(connection, SELECT_EVENTS + " DESC LIMIT :count", {**bounds, "count": tail}).fetchall()[::-1]
    count = NO_LIMIT if limit is None else limit
    return run(connection, SELECT_EVENTS + " LIMIT :count", {**bounds, "count": count}).fetchall()


def contents(connection: sa.Connection, session_id: str, refs: Iterable[str]) -> dict[str, str | None]:
    found = {ref: run(connection, SELECT_PAYLOAD, {"id": session_id, "ref": ref}).fetchone() for ref in refs}
    return {ref: row[0] for ref, row in found.items() if row is not None}


def _discard(_: object) -> None:
    """Units return nothing they do not mean to: a cursor must not leave its thread."""
