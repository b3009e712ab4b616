"""What models were used and what that cost, by day, profile, model and purpose: counted on demand from the record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.encoding import decode
from store.spending import PRICED, Spent, spent
from store.times import to_text

from .pages import Item, dicts

RECENT = """FROM sessions AS s CROSS JOIN events AS e ON e.session_id = s.id
    WHERE s.updated_at >= :since AND e.at >= :since"""
"""Sessions first: a session that was not touched since has no event since."""
REPLIES = f"""SELECT day, profile, model, 'agent' AS purpose, COUNT(*) AS calls, SUM(input) AS input,
    SUM(cache_read) AS cache_read, SUM(cache_write) AS cache_write, SUM(output) AS output,
    COALESCE(SUM(cost), 0.0) AS cost_usd, SUM(cost IS NULL) AS unknown, COALESCE(SUM(saved), 0.0) AS saved_usd
    FROM (SELECT date(e.at, :offset) AS day, json_extract(e.data, '$.profile') AS profile,
        json_extract(e.data, '$.model') AS model, json_extract(e.data, '$.usage.input') AS input,
        json_extract(e.data, '$.usage.cache_read') AS cache_read,
        json_extract(e.data, '$.usage.cache_write') AS cache_write, json_extract(e.data, '$.usage.output') AS output,
        json_extract(e.data, '$.cost_usd') AS cost, json_extract(e.data, '$.cache_saved_usd') AS saved
        {RECENT} AND e.type = 'ModelReplied') GROUP BY day, profile, model"""
GUARDS = f"""SELECT e.session_id, e.seq, e.type, e.v, e.at, e.status, e.data
    {RECENT} AND e.type IN {tuple(kind for kind in PRICED if kind != "ModelReplied")}"""
SUMS = ("calls", "input", "cache_read", "cache_write", "output", "cost_usd", "unknown", "saved_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a moment on; its days are those of a clock that is so many minutes ahead of UTC."""

    since: datetime
    offset_minutes: int = 0

    @property
    def parameters(self) -> dict[str, str]:
        return {"since": to_text(self.since), "offset": f"{self.offset_minutes:+d} minutes"}

    def day(self, at: datetime) -> str:
        return (at + timedelta(minutes=self.offset_minutes)).date().isoformat()


def midnight(now: datetime, offset_minutes: int) -> datetime:
    """When the day began, by that clock."""
    shift = timedelta(minutes=offset_minutes)
    return (now + shift).replace(hour=0, minute=0, second=0, microsecond=0) - shift


def usage(connection: sa.Connection, period: Period) -> list[Item]:
    """{day, profile, model, purpose, calls, input, cache_read, cache_write, output, cost_usd, unknown, saved_usd}."""
    rows = {_key(row): row for row in dicts(connection, REPLIES, period.parameters)}
    for row in run(connection, GUARDS, period.parameters):
        recorded = decode(*row)
        day = period.day(recorded.at)
        for one in spent(recorded.event):
            _add(rows, day, one)
    return [rows[key] for key in sorted(rows)]


def spend(connection: sa.Connection, now: datetime, offset_minutes: int) -> dict[str, Any]:
    """Since midnight: {cost_usd, unknown, by: {purpose: USD}, projected_usd}; None: the day is too young to tell."""
    start = midnight(now, offset_minutes)
    rows = usage(connection, Period(since=start, offset_minutes=offset_minutes))
    by: dict[str, float] = {}
    for row in rows:
        by[row["purpose"]] = by.get(row["purpose"], 0.0) + row["cost_usd"]
    cost = sum(by.values())
    unknown = sum(row["unknown"] for row in rows)
    return {"cost_usd": cost, "unknown": unknown, "by": by, "projected_usd": projected(cost, now - start)}


def projected(cost: float, gone: timedelta) -> float | None:
    """What the day will have cost if it goes on like this; nothing is told from its first hour."""
    if gone < timedelta(hours=1):
        return None
    return cost * (timedelta(days=1) / gone)


def _key(row: Item) -> tuple[str, str, str, str]:
    return row["day"], row["profile"], row["model"], row["purpose"]


def _add(rows: dict[tuple[str, str, str, str], Item], day: str, one: Spent) -> None:
    row: Item = {"day": day, "profile": one.profile, "model": one.model, "purpose": one.purpose}
    row = rows.setdefault(_key(row), {**row, **dict.fromkeys(SUMS, 0)})
    row["calls"] += 1
    for name in ("input", "cache_read", "cache_write", "output"):
        row[name] += getattr(one.usage, name)
    row["cost_usd"] += one.cost_usd or 0.0
    row["unknown"] += one.cost_usd is None
