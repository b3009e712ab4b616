"""The ledger: one row for every change that really happened, for tests that judge from the CRM's own file."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One committed change; `arguments` holds defaults too but no nulls, `at` is real UTC time."""

    id: int
    at: str
    tool: str
    arguments: dict[str, Any]
    effect: str


def read_ledger(path: Path | str) -> list[LedgerRow]:
    """Every row, oldest first; opens the file read-only, so a judge can never change what it judges."""
    try:
        return rows_of(path, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
    # A writer was killed halfway: SQLite must first undo what never was committed, as any next writer would.
    return rows_of(path, "rw")


def rows_of(path: Path | str, mode: str) -> list[LedgerRow]:
    address = f"{Path(path).absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=30)) as db:
        rows = db.execute("select id, at, tool, arguments, effect from ledger order by id").fetchall()
    return [
        LedgerRow(id=id, at=at, tool=tool, arguments=json.loads(arguments), effect=effect)
        for id, at, tool, arguments, effect in rows
    ]


def write_row(db: sqlite3.Connection, tool: str, arguments: dict[str, Any], effect: str) -> None:
    """Belongs inside the transaction of the change itself: either both are in the file or neither."""
    given = {name: value for name, value in arguments.items() if value is not None}
    text = json.dumps(given, ensure_ascii=False, default=as_json)
    db.execute(
        "insert into ledger (at, tool, arguments, effect) values (?, ?, ?, ?)",
        (datetime.now(UTC).isoformat(), tool, text, effect),
    )


def as_json(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    return str(value)
