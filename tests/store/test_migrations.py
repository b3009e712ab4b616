"""The migrated schema is the one the tables describe."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from store import tables
from store.database import Database


def test_the_migrated_schema_equals_the_tables(database: Database) -> None:
    context = MigrationContext.configure(database._writer_connection, opts={"compare_type": True})
    assert tables.EventRow.metadata is SQLModel.metadata
    assert compare_metadata(context, SQLModel.metadata) == []


def test_keys_columns_and_indexes_are_spelled_out_alike(database: Database) -> None:
    plain = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(plain)
    names = set(SQLModel.metadata.tables)
    with plain.connect() as wanted:
        assert described(database._writer_connection, names) == described(wanted, names)


def test_opening_a_migrated_file_again_changes_nothing(database: Database) -> None:
    before = database.path.read_bytes()
    folder, now = database.folder, database.now
    database.close()
    before = database.path.read_bytes()
    Database.open(folder, now=now).close()
    assert database.path.read_bytes() == before


def described(connection: sa.Connection, names: set[str]) -> dict[str, object]:
    inspector = sa.inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            inspector.get_table_options(name),
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((str(index["name"]), tuple(index["column_names"])) for index in inspector.get_indexes(name)),
            sorted(tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(name)),
            sorted(
                (tuple(key["constrained_columns"]), key["referred_table"]) for key in inspector.get_foreign_keys(name)
            ),
        )
        for name in sorted(names)
    }
