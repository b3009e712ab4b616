"""The one SQLite file: its lock, its pragmas, a writer thread that commits in groups, and a few readers.

The only module with SQL that no other database understands.
"""

import asyncio
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from .errors import StoreClosed, StoreUnavailable, UnsupportedDatabase
from .folder_lock import FolderLock
from .statements import InsertMany
from .times import utc_now
from .units import Unit, deliver

FILE_NAME = "quarterdeck.db"
READERS = 4
ROWS_AT_ONCE = 32
"""Of one INSERT: few enough that its statement stays prepared, and below every limit of SQLite."""
WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL can lose a committed `ToolStarted` after the tool has run
    "foreign_keys=ON",
    "wal_autocheckpoint=2000",
    "cache_size=-32768",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what retention erases is not to be read in free pages either; not every SQLite does it unasked
)
READER_PRAGMAS = ("query_only=ON", "foreign_keys=ON", "busy_timeout=5000", "temp_store=MEMORY")
FULL = ("SQLITE_FULL",)
BROKEN = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB")
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")

T = TypeVar("T")
log = logging.getLogger(__name__)


class Database:
    """`await write(unit)` runs it in the writer's transaction; `await read(query)` in a reader's."""

    def __init__(self, folder: Path, lock: FolderLock, *, now: Callable[[], datetime]) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self.now = now
        self._lock = lock
        self._closed = False
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._after_batch: list[Callable[[bool], None]] = []
        self._local = threading.local()
        self._reader_connections: list[sa.Connection] = []
        self._writer_connection = _connect(self.path, WRITER_PRAGMAS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._writer = threading.Thread(target=self._write_for_ever, name="store-writer", daemon=True)

    @classmethod
    def open(cls, folder: Path, *, now: Callable[[], datetime] = utc_now, url: str | None = None) -> "Database":
        """Opens, or creates, the database in this folder, brought up to the newest schema.

        Raises DatabaseInUse, UnsupportedDatabase, DatabaseTooNew or StoreUnavailable.
        """
        if url is not None:
            raise UnsupportedDatabase(url)
        lock = FolderLock.take(folder)
        try:
            database = cls(folder, lock, now=now)
            database._migrate()
        except BaseException as error:
            lock.release()
            raise translated(error) or error from error
        database._writer.start()
        return database

    async def write(self, work: Callable[[sa.Connection], T], *, then: Callable[[T], object] | None = None) -> T:
        """Runs `work` in the writer thread; returns after the commit. `then` is called on the loop, in commit order.

        What `work` raises undoes its own writing only. A caller that is cancelled does not undo it.
        """
        if self._closed:
            raise StoreClosed(StoreClosed.__doc__)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._units.put(Unit(work, then, loop, future))
        return await future

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Runs `query` on one consistent view of everything acknowledged so far."""
        if self._closed:
            raise StoreClosed(StoreClosed.__doc__)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)

    def read_now(self, query: Callable[[sa.Connection], T]) -> T:
        """The same, blocking: for start-up and the command line."""
        return self._readers.submit(self._read, query).result()

    def after_batch(self, listener: Callable[[bool], None]) -> None:
        """Called in the writer thread after each batch: True when committed, False when rolled back."""
        self._after_batch.append(listener)

    def close(self) -> None:
        """Finishes what is queued, then lets go of the file."""
        if self._closed:
            return
        self._closed = True
        self._units.put(None)
        self._writer.join()
        self._readers.shutdown()
        for connection in [*self._reader_connections, self._writer_connection]:
            connection.close()
            connection.engine.dispose()
        self._lock.release()

    def _read(self, query: Callable[[sa.Connection], T]) -> T:
        try:
            connection = self._reader_connection()
            run(connection, "BEGIN")
            try:
                return query(connection)
            finally:
                if driver_of(connection).in_transaction:
                    run(connection, "ROLLBACK")
        except Exception as error:
            if translated(error) is None:
                raise
            raise StoreUnavailable(f"The database cannot be read just now ({error}); check its disk.") from error

    def _reader_connection(self) -> sa.Connection:
        connection: sa.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _connect(self.path, READER_PRAGMAS)
            self._reader_connections.append(connection)
        return connection

    def _migrate(self) -> None:
        from .migrations import upgrade  # importing Alembic takes longer than opening the file

        upgrade(self._writer_connection, self.folder)

    def _write_for_ever(self) -> None:
        while (first := self._units.get()) is not None:
            batch = [first, *self._queued()]
            try:
                self._write_batch(batch)
            except Exception as error:  # the thread must survive whatever happens to one batch
                self._fail(batch, error)
            deliver(batch)

    def _queued(self) -> list[Unit]:
        units: list[Unit] = []
        while True:
            try:
                unit = self._units.get_nowait()
            except queue.Empty:
                return units
            if unit is None:
                self._units.put(None)
                return units
            units.append(unit)

    def _write_batch(self, batch: Sequence[Unit]) -> None:
        driver = driver_of(self._writer_connection)
        driver.execute("BEGIN IMMEDIATE")
        alone = len(batch) == 1  # then the transaction is all that would have to be undone
        for unit in batch:
            if not alone:
                driver.execute("SAVEPOINT unit")
            try:
                unit.result = unit.work(self._writer_connection)
            except Exception as error:
                unit.error = error
                if translated(error) is not None or not driver.in_transaction:
                    raise  # the disk failed, not the unit: nothing of this batch can be promised
                driver.execute("ROLLBACK" if alone else "ROLLBACK TO unit")
            if not alone:
                driver.execute("RELEASE unit")
        if not alone or batch[0].error is None:
            driver.execute("COMMIT")
        self._tell(committed=True)

    def _fail(self, batch: Sequence[Unit], error: Exception) -> None:
        log.warning("a batch of %d could not be written: %s", len(batch), error)
        failure = translated(error) or StoreUnavailable(f"Nothing was recorded, because of an unexpected {error!r}.")
        try:
            if driver_of(self._writer_connection).in_transaction:
                driver_of(self._writer_connection).execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("rolling back failed")
        self._tell(committed=False)
        for unit in batch:
            unit.error = type(failure)(*failure.args)  # its own: each caller adds a traceback

    def _tell(self, *, committed: bool) -> None:
        for listener in self._after_batch:
            listener(committed)


def driver_of(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection: the append path runs prepared text on it, at a fifth of Core's price."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def run(connection: sa.Connection, sql: str, parameters: dict[str, Any] | None = None) -> sqlite3.Cursor:
    """Runs prepared text with `:name` parameters, without SQLAlchemy's bookkeeping."""
    return driver_of(connection).execute(sql, parameters or {})


def run_many(connection: sa.Connection, insert: InsertMany, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        driver_of(connection).execute(insert.text(len(some)), insert.values(some))


def translated(error: BaseException) -> StoreUnavailable | None:
    """The sentence for an error of the disk; None for every other error."""
    original = getattr(error, "orig", None) or error
    name = getattr(original, "sqlite_errorname", "") if isinstance(original, sqlite3.Error) else ""
    if name in FULL:
        return StoreUnavailable("The disk is full, so nothing was recorded; free some space and try again.")
    if name.startswith(BROKEN):
        return StoreUnavailable(f"The disk cannot be written ({original}), so nothing was recorded; check it.")
    if name.startswith(BUSY):
        return StoreUnavailable("Another program holds the database, so nothing was recorded; stop it and try again.")
    return None


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """One consistent view of the file for a program that never writes to it, with or without a running Quarterdeck."""
    if not path.exists():
        raise StoreUnavailable(f"There is no database at {path}.")
    # without a log beside it, and no way to make one, the file can only be opened as one that nobody changes
    frozen = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if frozen else ''}"
    driver = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        driver.execute("BEGIN")
        yield driver
    finally:
        driver.close()


def _connect(path: Path, pragmas: Sequence[str]) -> sa.Connection:
    def create() -> sqlite3.Connection:
        driver = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        for pragma in pragmas:
            driver.execute(f"PRAGMA {pragma}")
        return driver

    return sa.create_engine("sqlite://", creator=create, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()
