"""Each way of changing history is found."""

import sqlite3
from pathlib import Path

import pytest
import pytest_asyncio

from store.audit import Audit, verify
from store.database import Database
from store.errors import StoreUnavailable
from store.event_log import EventLog
from store.events import SessionPaused

from .scenes import decided, hold, record, started

pytestmark = pytest.mark.asyncio
PAUSE = SessionPaused(by="ann", because="lunch")


@pytest_asyncio.fixture
async def path(log: EventLog, database: Database) -> Path:
    """Two sessions, sealed, and one event after the seal."""
    for session_id, approval_id in (("s1", "a1"), ("s2", "a2")):
        await hold(log, session_id, approval_id)
        await record(log, session_id, decided(approval_id), started(approval_id))
    await Audit(database).seal()
    await record(log, "s2", PAUSE)
    return database.path


def tamper(path: Path, *statements: str) -> list[str]:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
    return verify(path).problems


async def test_an_untouched_record_proves_itself(path: Path) -> None:
    report = verify(path)
    assert report.ok, report.problems
    assert (report.sessions, report.events, report.seals, report.erased) == (2, 15, 1, 0)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE events SET data = REPLACE(data, 'ben', 'bee') WHERE session_id = 's1' AND seq = 6", "event 6 is not"),
        ("UPDATE events SET at = '2026-03-02T13:00:00.000000Z' WHERE session_id = 's1' AND seq = 2", "event 2 is not"),
        ("UPDATE events SET status = 'failed' WHERE session_id = 's1' AND seq = 2", "event 2 is not"),
        ("UPDATE events SET type = 'SessionResumed' WHERE session_id = 's2' AND seq = 8", "event 8 is not"),
        ("UPDATE events SET hash = zeroblob(32) WHERE session_id = 's1' AND seq = 3", "event 3 is not"),
        ("DELETE FROM events WHERE session_id = 's1' AND seq = 4", "event 4 is missing"),
        ("DELETE FROM events WHERE session_id = 's2' AND seq = 8", "its row says 8"),
        ("DELETE FROM events WHERE session_id = 's1'", "its events are gone"),
        ("DELETE FROM sessions WHERE id = 's1'", "its row is gone"),
    ],
)
async def test_a_changed_or_missing_event_is_found(path: Path, statement: str, problem: str) -> None:
    problems = tamper(path, statement)
    assert len(problems) == 1
    assert problem in problems[0]


async def test_events_in_another_order_are_found(path: Path) -> None:
    swap = [
        f"UPDATE events SET seq = {new} WHERE session_id = 's1' AND seq = {old}"
        for old, new in ((3, 99), (4, 3), (99, 4))
    ]
    assert "Session s1: event 3 is not what was recorded." in tamper(path, *swap)


async def test_an_event_moved_to_another_session_is_found(path: Path) -> None:
    assert tamper(path, "UPDATE events SET session_id = 's1' WHERE session_id = 's2' AND seq = 8")


async def test_a_session_cut_off_below_the_seal_is_found_even_when_its_row_agrees(path: Path) -> None:
    problems = tamper(
        path,
        "DELETE FROM events WHERE session_id = 's1' AND seq > 5",
        """UPDATE sessions SET seq = 5, hash = (SELECT hash FROM events WHERE session_id = 's1' AND seq = 5)
           WHERE id = 's1'""",
    )
    assert problems == ["Session s1: it was sealed at event 7, but ends at 5."]


async def test_a_sealed_session_deleted_without_trace_is_found(path: Path) -> None:
    traces = ("events WHERE session_id", "payloads WHERE session_id", "sessions WHERE id")
    problems = tamper(path, *[f"DELETE FROM {trace} = 's1'" for trace in traces])
    assert problems == ["Session s1: its events are gone."]


async def test_a_changed_payload_is_found(path: Path) -> None:
    problems = tamper(path, "UPDATE payloads SET content = 'x' WHERE session_id = 's1' AND content LIKE 'Refund%'")
    assert "was changed" in problems[0]


async def test_a_deleted_payload_is_found(path: Path) -> None:
    problems = tamper(path, "DELETE FROM payloads WHERE session_id = 's1' AND content LIKE 'Refund%'")
    assert "was not erased properly" in problems[0]


async def test_an_erased_payload_does_not_break_the_chain(path: Path) -> None:
    erase = "UPDATE payloads SET content = NULL, salt = NULL WHERE session_id = 's1' AND content LIKE 'Refund%'"
    assert tamper(path, erase) == []
    assert verify(path).erased == 1


async def test_a_changed_seal_is_found(path: Path) -> None:
    assert tamper(path, "UPDATE seals SET at = '2026-01-01T00:00:00.000000Z'") == ["Seal 1 is not what was recorded."]


async def test_seals_are_chained_and_a_cut_off_one_is_found_by_its_export(path: Path, database: Database) -> None:
    audit = Audit(database)
    assert await audit.seal()
    assert not await audit.seal(), "nothing happened since"
    head = await audit.export_head()
    assert head["n"] == 2
    assert verify(path, head).ok
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM seals WHERE n = 2")
    assert verify(path, head).problems == ["The exported seal 2 is not in this record: it was cut off or rewritten."]


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="There is no database at"):
        verify(tmp_path / "missing.db")
