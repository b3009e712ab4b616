"""A session's own text as a full-text index: kept outside the chain, and thrown away without losing anything.

Beside database.py the only module with SQL that no other database understands (SQLite's FTS5).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from . import passage_texts
from .database import Database, run
from .passage_texts import MOST_PIECES, Kind, Passage

AT_ONCE = 50
"""Passages written in one go: whoever else wants to write waits no longer than for that."""
PREFIX = 5
"""Letters; as the index has them ready (migration 0002). Words are found by their first ones: inflected ones too."""
MOST_TERMS = 32
LONGEST_TERM = 200
LARGEST_SEQ = (1 << 32) - 1
TURN = re.compile(r"(?:turn|runde)\s+(\d{1,9})", re.IGNORECASE)

HAS_INDEX = "SELECT 1 FROM sqlite_master WHERE name = 'passages'"
NUMBER = "SELECT n, upto FROM indexed_sessions WHERE session_id = :id"
NEW_NUMBER = "INSERT INTO indexed_sessions (session_id, upto) VALUES (:id, 0)"
MOVE_ON = "UPDATE indexed_sessions SET upto = MAX(upto, :upto) WHERE session_id = :id"
REMOVE = "DELETE FROM passages WHERE rowid >= :first AND rowid < :end"
FORGET = "DELETE FROM indexed_sessions WHERE session_id = :id"
INSERT = "INSERT INTO passages (rowid, text, turn, kind) VALUES (:row, :text, :turn, :kind)"
SEARCH = """SELECT rowid, turn, kind, text, -bm25(passages) FROM passages
    WHERE passages MATCH :match AND rowid >= :first AND rowid < :end ORDER BY bm25(passages), rowid DESC LIMIT :count"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage that a search found; the higher the score, the better it fits."""

    seq: int
    turn: int
    kind: Kind
    text: str
    score: float


class Passages:
    """Written by the writer thread, read by the readers, like everything else in the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def texts_between(self, session_id: str, after_seq: int, upto_seq: int) -> list[Passage]:
        """What the events after `after_seq` up to `upto_seq` say, ready to be indexed."""
        return await self._database.read(lambda c: passage_texts.between(c, session_id, after_seq, upto_seq))

    async def whole(self, session_id: str, seq: int) -> list[Passage]:
        """All that event `seq` says, uncut: of a reply that called tools also their results; empty where nothing."""
        if not 0 < seq <= LARGEST_SEQ:
            return []
        return await self._database.read(lambda c: passage_texts.whole(c, session_id, seq))

    async def index(self, session_id: str, passages: Sequence[Passage]) -> None:
        """Makes these findable; those of an event that is in the index already take their place.

        All passages of one event have to be in the same call.
        """
        groups = list(_by_event(passages))
        while groups:
            some: list[list[Passage]] = []
            while groups and sum(map(len, some)) < AT_ONCE:
                some.append(groups.pop(0))
            await self._database.write(partial(_index, session_id=session_id, groups=some))

    async def catch_up(self, session_id: str) -> int:
        """Indexes all that is recorded so far; returns the seq of the message that opened the newest turn, or 0."""
        after = await self.indexed_upto(session_id)
        await self.index(session_id, await self.texts_between(session_id, after, LARGEST_SEQ))
        return await self._database.read(lambda c: passage_texts.newest_turn(c, session_id))

    async def indexed_upto(self, session_id: str) -> int:
        """The last event with a passage in the index; 0 for none."""
        row = await self._database.read(lambda c: run(c, NUMBER, {"id": session_id}).fetchone())
        return 0 if row is None else int(row[1])

    async def search(
        self, session_id: str, query_terms: Sequence[str], limit: int, before_seq: int | None = None
    ) -> list[Found]:
        """The passages that fit any of the terms, best first; `turn 3` finds what was said in that turn."""
        match = matching(query_terms)
        if not match:
            return []
        return await self._database.read(lambda c: _search(c, session_id, match, limit, before_seq))

    async def discard(self, session_id: str) -> None:
        """Takes the session out of the index: its text was erased, or is to be indexed anew."""
        await self._database.write(lambda c: discard_in(c, session_id))


def matching(terms: Sequence[str]) -> str:
    """The terms as an FTS5 query: each in quotes, so that nothing in it is taken for syntax; empty for no term."""
    found = [expression for term in terms[:MOST_TERMS] for expression in _expressions(term[:LONGEST_TERM])]
    return " OR ".join(dict.fromkeys(found))


def _expressions(term: str) -> Iterator[str]:
    if turn := TURN.fullmatch(term.strip()):
        yield f'turn : "{int(turn[1])}"'
        return
    text = "".join(sign if sign.isprintable() and sign != '"' else " " for sign in term).strip()
    if any(sign.isalnum() for sign in text):
        long_word = text.isalpha() and len(text) >= PREFIX
        yield f'text : "{text[:PREFIX]}" *' if long_word else f'text : "{text}"'


def _by_event(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    groups: dict[int, list[Passage]] = {}
    for passage in passages:
        groups.setdefault(passage.seq, []).append(passage)
    for seq in sorted(groups):
        yield groups[seq][:MOST_PIECES]


def _index(connection: sa.Connection, session_id: str, groups: Sequence[Sequence[Passage]]) -> None:
    number = _number(connection, session_id)
    if number is None:
        number = int(run(connection, NEW_NUMBER, {"id": session_id}).lastrowid or 0)
    if _has_index(connection):
        for group in groups:
            first = _row(number, group[0].seq)
            run(connection, REMOVE, {"first": first, "end": first + MOST_PIECES})
            for row, one in enumerate(group, first):
                run(connection, INSERT, {"row": row, "text": one.text, "turn": one.turn, "kind": one.kind})
    run(connection, MOVE_ON, {"id": session_id, "upto": max(group[0].seq for group in groups)})


def _search(connection: sa.Connection, session_id: str, match: str, limit: int, before: int | None) -> list[Found]:
    number = _number(connection, session_id)
    if number is None or not _has_index(connection):
        return []
    end = _row(number + 1, 0) if before is None else _row(number, min(max(before, 0), LARGEST_SEQ))
    within = {"match": match, "first": _row(number, 0), "end": end, "count": max(0, limit)}
    return [
        Found(seq=row // MOST_PIECES & LARGEST_SEQ, turn=int(turn), kind=kind, text=text, score=score)
        for row, turn, kind, text, score in run(connection, SEARCH, within).fetchall()
    ]


def discard_in(connection: sa.Connection, session_id: str) -> None:
    """The same inside a transaction of somebody else."""
    number = _number(connection, session_id)
    if number is None:
        return
    if _has_index(connection):
        run(connection, REMOVE, {"first": _row(number, 0), "end": _row(number + 1, 0)})
    run(connection, FORGET, {"id": session_id})


def _number(connection: sa.Connection, session_id: str) -> int | None:
    row = run(connection, NUMBER, {"id": session_id}).fetchone()
    return None if row is None else int(row[0])


def _row(number: int, seq: int) -> int:
    """Rows of one session lie together, in the order of its events: a search never leaves them."""
    return ((number << 32) + seq) * MOST_PIECES


def _has_index(connection: sa.Connection) -> bool:
    """A SQLite built without FTS5 has none: then nothing is ever found."""
    return run(connection, HAS_INDEX).fetchone() is not None
