"""Sessions as lists and pages show them, and the numbers over all of them."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.encoding import decode
from store.event_log import contents
from store.events import Status
from store.session_rows import count_time
from store.spending import PRICED, spent
from store.times import to_text

from .pages import Item, Order, Page, dicts, escaped_like, of_agents, read_page

NEWEST_FIRST = Order(column="created_at", newest_first=True)
MATCHES = """(LOWER(title) LIKE LOWER(:q) ESCAPE '!' OR LOWER(id) LIKE LOWER(:q) ESCAPE '!'
    OR LOWER(agent) LIKE LOWER(:q) ESCAPE '!')"""
APPROVALS = "SELECT id, status FROM approvals WHERE session_id = :id ORDER BY seq"
SPENT_BY_NEW = (
    "SELECT COALESCE(SUM(cost_usd), 0), COALESCE(SUM(cost_unknown), 0) FROM sessions WHERE created_at >= :day"
)
PAID_BY_OLD = f"""SELECT e.session_id, e.seq, e.type, e.v, e.at, e.status, e.data
    FROM sessions AS s JOIN events AS e ON e.session_id = s.id
    WHERE s.created_at < :day AND s.updated_at >= :day AND e.at >= :day AND e.type IN {PRICED}"""


def sessions(
    connection: sa.Connection,
    now: datetime,
    status: str | None,
    agent: str | None,
    q: str | None,
    limit: int,
    cursor: str | None,
    agents: tuple[str, ...] = (),
) -> Page:
    where = [f"{name} = :{name}" for name, value in (("status", status), ("agent", agent)) if value]
    where += [MATCHES] if q else []
    theirs, names = of_agents(agents)
    where += theirs
    parameters = {"status": status, "agent": agent, "q": escaped_like(q or ""), **names}
    page = read_page(connection, "sessions", where, parameters, NEWEST_FIRST, limit, cursor)
    return Page(items=[shown(row, now) for row in page.items], next_cursor=page.next_cursor)


def session(connection: sa.Connection, now: datetime, session_id: str) -> Item | None:
    rows = dicts(connection, "SELECT * FROM sessions WHERE id = :id", {"id": session_id})
    if not rows:
        return None
    ref = rows[0]["answer_ref"]
    answer = contents(connection, session_id, [ref]).get(ref) if ref else None
    approvals = run(connection, APPROVALS, {"id": session_id}).fetchall()
    return {
        **shown(rows[0], now),
        "answer": answer,
        "approvals": [id_ for id_, _ in approvals],
        "pending_approvals": [id_ for id_, status in approvals if status == "pending"],
    }


def counts(connection: sa.Connection) -> dict[str, Any]:
    pending = run(connection, "SELECT COUNT(*) FROM approvals WHERE status = 'pending'").fetchone()[0]
    by_status = dict(run(connection, "SELECT status, COUNT(*) FROM sessions GROUP BY status").fetchall())
    return {"pending": pending, "sessions": {status.value: by_status.get(status.value, 0) for status in Status}}


def spend_today(connection: sa.Connection, now: datetime) -> dict[str, Any]:
    """Sessions that began today count as a whole; of older ones, today's model calls."""
    day = {"day": to_text(now)[:10]}
    cost, unknown = run(connection, SPENT_BY_NEW, day).fetchone()
    for row in run(connection, PAID_BY_OLD, day):
        for one in spent(decode(*row).event):
            cost, unknown = cost + (one.cost_usd or 0.0), unknown + (one.cost_usd is None)
    return {"cost_usd": cost, "unknown": unknown}


def shown(row: Item, now: datetime) -> Item:
    """The row in the API's words, its clocks running up to now."""
    count_time(row, now)
    taken = ("hash", "answer_ref", "segments", "pins", *_USAGE.values(), "context_used", "context_limit")
    return {
        **{name: value for name, value in row.items() if name not in taken},
        "pins": json.loads(row["pins"]),
        "costs": json.loads(row["costs"]),
        "cache_hit_rate": _cache_hit_rate(row),
        "usage": {name: row[column] for name, column in _USAGE.items()},
        "context": {
            "used": row["context_used"],
            "limit": row["context_limit"],
            "segments": json.loads(row["segments"]),
        },
    }


def _cache_hit_rate(row: Item) -> float | None:
    """The share of all that went into models that they had in their caches; None before anything went in."""
    sent = row["input_tokens"] + row["cache_read_tokens"] + row["cache_write_tokens"]
    return row["cache_read_tokens"] / sent if sent else None


_USAGE = {
    "input": "input_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "output": "output_tokens",
}
