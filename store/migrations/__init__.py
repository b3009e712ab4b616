"""Brings a database file to the newest schema with Alembic, in one transaction."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from store.errors import DatabaseTooNew

HERE = Path(__file__).parent


def upgrade(connection: sa.Connection, folder: Path, to: str = "head") -> None:
    """Raises DatabaseTooNew when the file was written by a program with later migrations."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise DatabaseTooNew(folder) from error
