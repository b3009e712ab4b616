"""Which versions of a document sessions that have not ended still hold on to: counted on demand."""

import sqlalchemy as sa

from store.database import run
from store.events import Status

OPEN = tuple(
    status.value
    for status in (Status.QUEUED, Status.RUNNING, Status.WAITING_APPROVAL, Status.WAITING_INPUT, Status.PAUSED)
)
KINDS = ("agent", "toolset", "policy")
"""What a session pins when it starts."""


def pinned(connection: sa.Connection, kind: str, agents: list[str]) -> dict[int, int]:
    """Version → open sessions of these agents that started with it."""
    if kind not in KINDS or not agents:
        return {}
    names = {f"a{n}": name for n, name in enumerate(agents)}
    sql = f"""SELECT json_extract(pins, '$.{kind}') AS version, COUNT(*) FROM sessions
        WHERE status IN {OPEN} AND agent IN ({", ".join(f":{key}" for key in names)}) GROUP BY version"""
    return {int(version): count for version, count in run(connection, sql, names).fetchall() if version is not None}
