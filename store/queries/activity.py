"""What admins did: people, configuration, secrets, tokens, connectors; newest first, filtered, page by page."""

from dataclasses import dataclass

import sqlalchemy as sa

from store.database import run

from .pages import Order, Page, escaped_like, read_page

NEWEST_FIRST = Order(column="at", newest_first=True)
MATCHES = """(LOWER(subject) LIKE LOWER(:q) ESCAPE '!' OR LOWER(detail) LIKE LOWER(:q) ESCAPE '!')"""

BY_ADMINS = """NOT (action = 'configuration' AND subject LIKE 'definition %' AND "by" = 'quarterdeck')"""
"""The program notes how a tool is described when it is first offered; that is nobody's decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Empty fields let everything through; `q` is looked for in what it was done to, and in the detail."""

    by: str = ""
    action: str = ""
    q: str = ""


def activity(connection: sa.Connection, wanted: Filter, limit: int, cursor: str | None) -> Page:
    where = [
        BY_ADMINS,
        *(part for part, value in (('"by" = :by', wanted.by), ("action = :action", wanted.action)) if value),
    ]
    where += [MATCHES] if wanted.q else []
    parameters = {"by": wanted.by, "action": wanted.action, "q": escaped_like(wanted.q)}
    return read_page(connection, "admin_log", where, parameters, NEWEST_FIRST, limit, cursor)


def words(connection: sa.Connection) -> dict[str, list[str]]:
    """What there is to filter by."""
    return {name: _distinct(connection, name) for name in ("by", "action")}


def _distinct(connection: sa.Connection, column: str) -> list[str]:
    return [
        str(row[0])
        for row in run(connection, f'SELECT DISTINCT "{column}" FROM admin_log WHERE {BY_ADMINS} ORDER BY 1').fetchall()
    ]
