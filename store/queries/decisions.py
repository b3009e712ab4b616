"""What people decided, by tool and by hour, and how long they were waited for: counted on demand.

Of two who have to agree only the second decides; the first leaves the request pending.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.times import from_text

from .pages import Item, dicts
from .usage import Period

BY_TOOL = """SELECT a.tool, COUNT(*) AS requests,
    SUM(d.decision IN ('approve', 'happened', 'not_happened', 'run_again')) AS approved,
    SUM(d.decision = 'edit') AS edited, SUM(d.decision = 'reject') AS rejected, SUM(d.decision = 'respond') AS answered,
    SUM(d.decision IS NULL AND a.status = 'expired') AS expired, SUM(a.status = 'pending') AS pending
    FROM approvals AS a LEFT JOIN decisions AS d ON d.approval_id = a.id AND d.status <> 'pending'
    WHERE a.requested_at >= :since AND a.supersedes IS NULL GROUP BY a.tool ORDER BY requests DESC, a.tool"""
BY_HOUR = """SELECT CAST(strftime('%H', requested_at, :offset) AS INTEGER), COUNT(*) FROM approvals
    WHERE requested_at >= :since AND supersedes IS NULL GROUP BY 1"""
WAITS = """SELECT a.requested_at, MIN(d.at) FROM approvals AS a JOIN decisions AS d ON d.approval_id = a.id
    WHERE a.requested_at >= :since AND a.supersedes IS NULL GROUP BY a.id"""


def decisions(connection: sa.Connection, period: Period) -> dict[str, Any]:
    """{tools: [{tool, requests, approved, edited, rejected, answered, expired, pending}], hours: 24 counts,
    median_seconds, p95_seconds}; what an edit made anew is no request of its own."""
    waits = sorted(_seconds(*row) for row in run(connection, WAITS, {"since": period.parameters["since"]}))
    return {
        "tools": [_counted(row) for row in dicts(connection, BY_TOOL, {"since": period.parameters["since"]})],
        "hours": _hours(dict(run(connection, BY_HOUR, period.parameters).fetchall())),
        "median_seconds": quantile(waits, 0.5),
        "p95_seconds": quantile(waits, 0.95),
    }


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share does not exceed."""
    if not ordered:
        return None
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _counted(row: Item) -> Item:
    """SQL sums to NULL where no request was decided."""
    return {name: value or 0 for name, value in row.items()}


def _hours(found: dict[int, int]) -> list[int]:
    return [found.get(hour, 0) for hour in range(24)]


def _seconds(asked: str, decided: str) -> float:
    return max(0.0, (from_text(decided) - from_text(asked)).total_seconds())
