"""The database file: its lock, its writer thread, and what happens when the disk fails."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store.database import Database, run
from store.errors import DatabaseInUse, DatabaseTooNew, StoreClosed, StoreUnavailable, UnsupportedDatabase
from store.event_log import EventLog
from store.events import SessionPaused
from store.payloads import seal

from .scenes import record, start

PAUSE = SessionPaused(by="ann", because="lunch")


def test_a_second_process_is_told_which_folder_is_in_use(database: Database) -> None:
    program = (
        "import sys; from pathlib import Path; from store.database import Database; Database.open(Path(sys.argv[1]))"
    )
    other = subprocess.run([sys.executable, "-c", program, database.folder], capture_output=True, text=True)
    assert f"The data folder {database.folder} is already in use" in other.stderr


def test_the_lock_is_free_again_after_closing(tmp_path: Path) -> None:
    first = Database.open(tmp_path)
    with pytest.raises(DatabaseInUse):
        Database.open(tmp_path)
    first.close()
    Database.open(tmp_path).close()


def test_another_kind_of_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedDatabase, match="The postgresql database is not supported yet"):
        Database.open(tmp_path, url="postgresql://somewhere/desk")


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        Database.open(tmp_path / "file" / "data")


def test_a_file_that_is_no_database_is_refused_and_the_lock_let_go(tmp_path: Path) -> None:
    (tmp_path / "quarterdeck.db").write_text("this is a letter, not a database. " * 200)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="not a database"):
            Database.open(tmp_path)


def test_a_database_of_a_newer_program_is_refused_with_a_sentence(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    with database._writer_connection.begin():
        database._writer_connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseTooNew, match="newer Quarterdeck"):
        Database.open(tmp_path)


def test_commits_are_synced_to_the_disk_and_the_log_is_written_ahead(database: Database) -> None:
    pragma = lambda name: run(database._writer_connection, f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


@pytest.mark.asyncio
async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="readonly"):
        await database.read(lambda c: run(c, "DELETE FROM events").rowcount)


@pytest.mark.asyncio
async def test_units_queued_together_are_committed_together(database: Database) -> None:
    batches: list[bool] = []
    database.after_batch(batches.append)
    await asyncio.gather(*(database.write(lambda _: None) for _ in range(100)))
    assert len(batches) < 100
    assert all(batches)


@pytest.mark.asyncio
async def test_a_failing_unit_undoes_only_its_own_writing(database: Database) -> None:
    add = "INSERT INTO timers (key, session_id, kind, due_at) VALUES (:key, 's', 'k', 'never')"

    def fail(connection: sa.Connection) -> None:
        run(connection, add, {"key": "lost"})
        run(connection, add, {"key": "kept"})

    keep = database.write(lambda c: run(c, add, {"key": "kept"}).rowcount)
    results = await asyncio.gather(keep, database.write(fail), return_exceptions=True)
    assert results[0] == 1
    assert isinstance(results[1], Exception)
    assert await database.read(lambda c: run(c, "SELECT key FROM timers").fetchall()) == [("kept",)]


@pytest.mark.asyncio
async def test_a_closed_store_says_so_and_keeps_what_was_queued(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    log = EventLog(database)
    await start(log)
    waiting = asyncio.ensure_future(record(log, "s1", PAUSE))
    await asyncio.sleep(0)
    database.close()
    await waiting
    with pytest.raises(StoreClosed):
        await start(log, "s2")
    database = Database.open(tmp_path)
    assert len(await EventLog(database).read("s1")) == 3
    database.close()


def test_writers_of_two_event_loops_both_get_their_answers(database: Database) -> None:
    for _ in range(2):
        asyncio.run(database.write(lambda c: run(c, "SELECT 1").fetchone()))


@contextmanager
def no_more_pages(database: Database) -> Iterator[None]:
    """SQLite's own way of running out of space: the file may not grow."""
    connection = database._writer_connection
    run(connection, f"PRAGMA max_page_count={run(connection, 'PRAGMA page_count').fetchone()[0]}")
    yield
    run(connection, "PRAGMA max_page_count=1000000")


@contextmanager
def no_larger_files(database: Database) -> Iterator[None]:
    """The kernel's way: no file of this process may grow beyond what the log has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{database.path}-wal").stat().st_size + 4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.asyncio
@pytest.mark.parametrize("shortage", [no_more_pages, no_larger_files])
async def test_a_full_disk_refuses_work_loses_nothing_and_is_survived(
    database: Database, log: EventLog, shortage: Any
) -> None:
    await start(log)
    big = seal("x" * 400_000)
    with shortage(database):
        together = [record(log, "s1", PAUSE), record(log, "s1", PAUSE, payloads=[big]), record(log, "s1", PAUSE)]
        results = await asyncio.gather(*together, return_exceptions=True)
        assert all(isinstance(each, StoreUnavailable) for each in results), results
        assert "disk" in str(results[0])
        assert len(await log.read("s1")) == 2, "reading goes on"
    await record(log, "s1", PAUSE, payloads=[big])
    assert [each.seq for each in await log.read("s1")] == [1, 2, 3]
