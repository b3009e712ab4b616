"""What left the house: letters in one SQLite file of the data folder, as text."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = "outbox.db"
PORT_FILE = "mail.port"
"""Where the SMTP server of this data folder listens; it changes with every start."""
TABLE = """CREATE TABLE IF NOT EXISTS letters (n INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    n: int
    at: str
    sender: str
    recipients: str
    subject: str
    body: str


class Outbox:
    """Read by the page and by the tools; written by the SMTP server, which tells whoever listens in its process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._listeners: list[Callable[[], None]] = []

    def add(self, *, at: str, sender: str, recipients: str, subject: str, body: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(TABLE)
            connection.execute(
                "INSERT INTO letters (at, sender, recipients, subject, body) VALUES (?, ?, ?, ?, ?)",
                (at, sender, recipients, subject, body),
            )

    def newest(self, limit: int = 100) -> list[Letter]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(TABLE)
            sql = "SELECT n, at, sender, recipients, subject, body FROM letters ORDER BY n DESC LIMIT ?"
            rows = connection.execute(sql, (limit,)).fetchall()
        return [Letter(n=n, at=at, sender=f, recipients=to, subject=s, body=b) for n, at, f, to, s, b in rows]

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def outbox_in(folder: Path) -> Outbox:
    """One per data folder and process, so that the page hears of what the server takes in."""
    return _outbox_in(folder.resolve())


@cache
def _outbox_in(folder: Path) -> Outbox:
    return Outbox(folder)
