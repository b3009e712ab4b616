"""A real database file per test, with a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.event_log import EventLog
from store.queries import Queries

from .scenes import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    database = Database.open(tmp_path, now=clock)
    yield database
    database.close()


@pytest.fixture
def log(database: Database) -> EventLog:
    return EventLog(database)


@pytest.fixture
def queries(database: Database) -> Queries:
    return Queries(database)
