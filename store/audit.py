"""The proof that history was not changed: one hash chain per session, and seals over the heads of all of them.

What is cut off after the last seal that somebody exported cannot be found; export heads to narrow that gap.
"""

import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .database import Database, read_only, run
from .encoding import FIRST_HASH, chain
from .payloads import matches
from .references import all_refs
from .times import to_text

LAST_SEAL = "SELECT n, at, heads, hash FROM seals ORDER BY n DESC LIMIT 1"
SEALS = "SELECT n, at, heads, hash FROM seals ORDER BY n"
HEADS = "SELECT id, seq, hash FROM sessions ORDER BY id"
EVENTS = "SELECT session_id, seq, type, v, at, status, data, hash FROM events WHERE session_id = ? ORDER BY seq"
PAYLOADS = "SELECT ref, salt, content FROM payloads WHERE session_id = ?"
IDS = "SELECT DISTINCT session_id FROM events UNION SELECT DISTINCT session_id FROM payloads"

Marks = dict[str, dict[int, str]]
"""Sealed hashes (hex) by session and seq."""


@dataclass(slots=True)
class Report:
    sessions: int = 0
    events: int = 0
    seals: int = 0
    erased: int = 0
    """Payloads whose content was erased: the chain holds without it."""
    problems: list[str] = field(default_factory=list)
    """One sentence per place where the record does not prove itself; empty when all is well."""

    @property
    def ok(self) -> bool:
        return not self.problems


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def seal(self) -> bool:
        """Seals the heads that moved since the last seal; False when none did."""
        return await self._database.write(lambda c: _seal(c, to_text(self._database.now())))

    async def export_head(self) -> dict[str, Any]:
        """What to keep elsewhere: the newest seal. A later record must still contain it."""
        row = await self._database.read(lambda c: run(c, LAST_SEAL).fetchone())
        return {} if row is None else {"n": row[0], "at": row[1], "hash": row[3].hex()}


def verify(path: Path, exported: dict[str, Any] | None = None) -> Report:
    """Checks the whole record, reading only; with an exported head also that the record still contains it."""
    report = Report()
    with read_only(path) as connection:
        seals = connection.execute(SEALS).fetchall()
        marks = _marks(seals)
        heads = {id_: (seq, hash_) for id_, seq, hash_ in connection.execute(HEADS)}
        found = {row[0] for row in connection.execute(IDS)}
        for session_id in sorted(found | set(heads) | set(marks)):
            report.sessions += 1
            _check_session(connection, report, session_id, heads.get(session_id), marks.get(session_id, {}))
    _check_seals(report, seals, exported or {})
    return report


def _seal(connection: sa.Connection, at: str) -> bool:
    seals = run(connection, SEALS).fetchall()
    known = _marks(seals)
    rows = run(connection, HEADS).fetchall()
    moved = {id_: [seq, hash_.hex()] for id_, seq, hash_ in rows if known.get(id_, {}).get(seq) != hash_.hex()}
    if not moved:
        return False
    n, previous = (seals[-1][0] + 1, seals[-1][3]) if seals else (1, FIRST_HASH)
    text = json.dumps(moved, separators=(",", ":"))
    row = {"n": n, "at": at, "heads": text, "hash": _seal_hash(previous, n, at, text)}
    run(connection, "INSERT INTO seals (n, at, heads, hash) VALUES (:n, :at, :heads, :hash)", row)
    return True


def _seal_hash(previous: bytes, n: int, at: str, heads: str) -> bytes:
    return hashlib.sha256(previous + f"{n}\n{at}\n{heads}".encode()).digest()


def _marks(seals: list[Any]) -> Marks:
    marks: Marks = {}
    for _, _, heads, _ in seals:
        for session_id, (seq, hash_) in json.loads(heads).items():
            marks.setdefault(session_id, {})[seq] = hash_
    return marks


def _check_session(
    connection: sqlite3.Connection,
    report: Report,
    session_id: str,
    head: tuple[int, bytes] | None,
    sealed: dict[int, str],
) -> None:
    events = connection.execute(EVENTS, (session_id,)).fetchall()
    report.events += len(events)
    problem = _chain_problem(events) or _head_problem(events, head) or _seal_problem(events, sealed)
    if problem:  # everything after it is doubtful; one sentence per session is enough
        report.problems.append(f"Session {session_id}: {problem}.")
    else:
        _check_payloads(connection, report, session_id, events)


def _chain_problem(events: list[Any]) -> str | None:
    previous = FIRST_HASH
    for expected, row in enumerate(events, 1):
        if row[1] != expected:
            return f"event {expected} is missing"
        if chain(previous, *row[:7]) != row[7] or any("\n" in str(part) for part in row[:6]):
            return f"event {expected} is not what was recorded"
        previous = row[7]
    return None


def _head_problem(events: list[Any], head: tuple[int, bytes] | None) -> str | None:
    last = (events[-1][1], events[-1][7]) if events else (0, FIRST_HASH)
    if not events:
        return "its events are gone"
    if head is None:
        return "its row is gone"
    return None if last == head else f"it ends at event {last[0]}, but its row says {head[0]}"


def _seal_problem(events: list[Any], sealed: dict[int, str]) -> str | None:
    for seq, hash_ in sealed.items():
        if seq > len(events):
            return f"it was sealed at event {seq}, but ends at {len(events)}"
        if events[seq - 1][7].hex() != hash_:
            return f"event {seq} is not the one that was sealed"
    return None


def _check_payloads(connection: sqlite3.Connection, report: Report, session_id: str, events: list[Any]) -> None:
    missing = set().union(*(all_refs(row[2], json.loads(row[6])) for row in events))
    for ref, salt, content in connection.execute(PAYLOADS, (session_id,)):
        missing.discard(ref)
        if salt is None and content is None:
            report.erased += 1
        elif salt is None or content is None or not matches(ref, salt, content):
            report.problems.append(f"Session {session_id}: the content of payload {ref[:12]} was changed.")
    for ref in sorted(missing):
        report.problems.append(f"Session {session_id}: payload {ref[:12]} is gone, and was not erased properly.")


def _check_seals(report: Report, seals: list[Any], exported: dict[str, Any]) -> None:
    previous = FIRST_HASH
    report.seals = len(seals)
    for expected, (n, at, heads, hash_) in enumerate(seals, 1):
        if n != expected or _seal_hash(previous, n, at, heads) != hash_:
            report.problems.append(f"Seal {expected} is not what was recorded.")
            break
        previous = hash_
    hashes = {n: hash_.hex() for n, _, _, hash_ in seals}
    if exported and hashes.get(exported["n"]) != exported["hash"]:
        report.problems.append(f"The exported seal {exported['n']} is not in this record: it was cut off or rewritten.")
