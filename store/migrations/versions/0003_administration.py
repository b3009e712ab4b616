"""Runs of schedules, and API tokens that expire, are limited to agents, and say when they were last used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOTHING_IS_MISSED = """INSERT INTO schedule_runs
    SELECT DISTINCT name, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'), strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
        'skipped', NULL, 'Schedules run from this version on.', 'clock' FROM documents WHERE kind = 'schedule'"""
"""Before, schedules could be written and did not run: what they would have run is not made up for."""


def upgrade() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("tick_at", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "tick_at"),
        sqlite_with_rowid=False,
    )
    claimed = sa.text("outcome = 'claimed'")
    op.create_index("schedule_runs_claimed", "schedule_runs", ["tick_at"], unique=False, sqlite_where=claimed)
    op.execute(NOTHING_IS_MISSED)
    op.add_column("tokens", sa.Column("expires_at", sa.String(), nullable=True))
    op.add_column("tokens", sa.Column("agents", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("tokens", sa.Column("last_used_at", sa.String(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back to an older program.")
