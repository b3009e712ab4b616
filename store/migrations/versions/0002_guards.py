"""What the guards leave behind: checks of a call, costs by purpose, votes by model, and a session's text as an index."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PASSAGES = """CREATE VIRTUAL TABLE passages
    USING fts5(text, turn, kind UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = 5)"""
REPLIES = "SELECT session_id, data FROM events WHERE type = 'ModelReplied'"


def upgrade() -> None:
    op.add_column("approvals", sa.Column("checks", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("sessions", sa.Column("costs", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("sessions", sa.Column("saved_usd", sa.Float(), nullable=False, server_default="0"))
    op.create_table(
        "votes",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("outvoted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "profile", "model", "session_id", "seq", "seat"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "indexed_sessions",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("session_id"),
    )
    if _has_fts5():
        op.execute(PASSAGES)
    _count_what_was_spent()


def _has_fts5() -> bool:
    """Other databases search in their own way; and a Python without the module goes without the search."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return False
    return bool(connection.execute(sa.text("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")).first())


def _count_what_was_spent() -> None:
    """Until now only agents' own replies cost anything; what their caches saved stands in the events alone."""
    connection = op.get_bind()
    saved: dict[str, float] = defaultdict(float)
    for session_id, data in connection.execute(sa.text(REPLIES)):
        saved[session_id] += json.loads(data).get("cache_saved_usd") or 0.0
    spent = connection.execute(sa.text("SELECT id, cost_usd FROM sessions")).all()
    update = sa.text("UPDATE sessions SET costs = :costs, saved_usd = :saved WHERE id = :id")
    for session_id, cost in spent:
        if cost or saved[session_id]:
            costs = json.dumps({"agent": cost} if cost else {})
            connection.execute(update, {"id": session_id, "costs": costs, "saved": saved[session_id]})


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back to an older program.")
