"""Alembic's entry point: runs on the connection the store hands over, all migrations in one transaction."""

from alembic import context
from sqlmodel import SQLModel

from store import tables

connection = context.config.attributes["connection"]
with connection.begin():
    connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata if tables else None,
        render_as_batch=True,  # SQLite alters tables by copying them
    )
    context.run_migrations()
