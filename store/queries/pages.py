"""Pages of lists: rows as dicts, and opaque cursors that name the last row seen. Pure but for the reading."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.errors import BadCursor

MOST = 500

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By one column and, where that is equal, by id."""

    column: str
    newest_first: bool


def dicts(connection: sa.Connection, sql: str, parameters: Item) -> list[Item]:
    found = run(connection, sql, parameters)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def read_page(
    connection: sa.Connection,
    table: str,
    where: list[str],
    parameters: Item,
    order: Order,
    limit: int,
    cursor: str | None,
) -> Page:
    """One row more than asked for is read, to know whether there is a next page."""
    limit = max(1, min(limit, MOST))
    column, direction, sign = order.column, *(("DESC", "<") if order.newest_first else ("ASC", ">"))
    if cursor is not None:
        value, id_ = _decoded(cursor, column)
        where = [*where, f"({column}, id) {sign} (:cursor_value, :cursor_id)"]
        parameters = {**parameters, "cursor_value": value, "cursor_id": id_}
    condition = " AND ".join(where) or "1 = 1"
    sql = f"SELECT * FROM {table} WHERE {condition} ORDER BY {column} {direction}, id {direction} LIMIT :count"
    rows = dicts(connection, sql, {**parameters, "count": limit + 1})
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(items=rows, next_cursor=_encoded(column, rows[-1]) if more else None)


def of_agents(agents: tuple[str, ...]) -> tuple[list[str], Item]:
    """A condition and its parameters; none named: no condition."""
    names = {f"agent_{n}": name for n, name in enumerate(agents)}
    return ([f"agent IN ({', '.join(f':{one}' for one in names)})"] if names else []), names


def escaped_like(text: str) -> str:
    """A LIKE pattern (ESCAPE '!') that finds the text itself anywhere, whatever signs it holds."""
    for sign in "!%_":
        text = text.replace(sign, "!" + sign)
    return f"%{text}%"


def _encoded(column: str, row: Item) -> str:
    return base64.urlsafe_b64encode(json.dumps([column, row[column], row["id"]]).encode()).decode().rstrip("=")


def _decoded(cursor: str, column: str) -> tuple[Any, Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, value, id_ = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError):
        raise BadCursor from None
    if name != column or not (_bindable(value) and _bindable(id_)):
        raise BadCursor
    return value, id_


def _bindable(value: Any) -> bool:
    """Made-up cursors may hold what SQLite refuses: integers beyond 64 bits, halves of characters."""
    if isinstance(value, str):
        return value.isprintable() and not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, int) and -(1 << 63) <= value < 1 << 63
