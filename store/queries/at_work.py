"""Sessions that have not ended, newest first, and what the ended ones cost."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.times import to_text

from .pages import dicts
from .pinned import OPEN
from .sessions import shown

OPEN_SESSIONS = f"SELECT * FROM sessions WHERE status IN {OPEN} ORDER BY created_at DESC, id DESC LIMIT :most"
ENDED = """SELECT COUNT(*), COALESCE(SUM(result = 'answered'), 0), COALESCE(SUM(cost_usd), 0.0),
    COALESCE(SUM(cost_unknown), 0), COALESCE(SUM(saved_usd), 0.0)
    FROM sessions WHERE status IN ('completed', 'failed', 'stopped') AND updated_at >= :since"""


def at_work(connection: sa.Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    return [shown(row, now) for row in dicts(connection, OPEN_SESSIONS, {"most": most})]


def ended(connection: sa.Connection, since: datetime) -> dict[str, Any]:
    """{done, answered, cost_usd, unknown, saved_usd} of the sessions that ended since."""
    row = run(connection, ENDED, {"since": to_text(since)}).fetchone()
    return dict(zip(("done", "answered", "cost_usd", "unknown", "saved_usd"), row, strict=True))
