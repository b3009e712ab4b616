"""Secrets, write-only and encrypted; the key lives in the environment or in its own file, never in the database."""

import os
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from .admin_log import record_admin
from .database import Database, run
from .errors import BadSecret, MissingSecret
from .times import to_text

KEY_VARIABLE = "QUARTERDECK_SECRET_KEY"
KEY_FILE = "secret.key"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
KEEP_SECRET = """INSERT INTO secrets (name, sealed, "by", at) VALUES (:name, :sealed, :by, :at)
    ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, "by" = excluded."by", at = excluded.at"""


class Secrets:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._box = Fernet(_key(database.folder))
        rows = database.read_now(lambda c: run(c, "SELECT name, sealed FROM secrets").fetchall())
        self._sealed: dict[str, bytes] = {name: bytes(sealed) for name, sealed in rows}

    async def set(self, name: str, value: str, by: str) -> None:
        """Stores or replaces a secret. Raises BadSecret for a name that no reference could name."""
        if not NAME.fullmatch(name):
            raise BadSecret("A secret's name is 1 to 64 letters, digits, dots, dashes or underscores.")
        sealed = self._box.encrypt(value.encode())
        row = {"name": name, "sealed": sealed, "by": by, "at": self._now()}
        await self._database.write(lambda c: _keep(c, row, by), then=lambda _: self._sealed.__setitem__(name, sealed))

    async def delete(self, name: str, by: str) -> None:
        if name not in self._sealed:
            raise MissingSecret(f"There is no secret called {name}.")
        at = self._now()
        await self._database.write(lambda c: _delete(c, name, by, at), then=lambda _: self._sealed.pop(name, None))

    def names(self) -> list[str]:
        return sorted(self._sealed)

    def resolve(self, reference: str) -> str:
        """The value behind `env:NAME` or `secret:NAME`. Raises MissingSecret."""
        kind, _, name = reference.partition(":")
        if kind == "env":
            return _from_environment(name)
        if kind != "secret":
            raise MissingSecret("A secret is referred to as env:NAME or secret:NAME.")
        if name not in self._sealed:
            raise MissingSecret(f"There is no secret called {name}; add it under Secrets.")
        try:
            return self._box.decrypt(self._sealed[name]).decode()
        except InvalidToken:
            raise MissingSecret(f"The secret {name} was stored under another key; enter it again.") from None

    def _now(self) -> str:
        return to_text(self._database.now())


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise MissingSecret(f"The environment variable {name} is not set; set it and restart.")
    return value


def _keep(connection: sa.Connection, row: dict[str, Any], by: str) -> None:
    run(connection, KEEP_SECRET, row)
    record_admin(connection, row["at"], by, "secret set", row["name"])


def _delete(connection: sa.Connection, name: str, by: str, at: str) -> None:
    run(connection, "DELETE FROM secrets WHERE name = :name", {"name": name})
    record_admin(connection, at, by, "secret deleted", name)


def _key(folder: Path) -> bytes:
    text = os.environ.get(KEY_VARIABLE)
    source = KEY_VARIABLE if text else str(folder / KEY_FILE)
    key = text.encode() if text else _key_from_file(folder / KEY_FILE)
    try:
        Fernet(key)
    except ValueError:
        raise BadSecret(f"{source} does not hold a key for secrets: 32 bytes in URL-safe base64.") from None
    return key


def _key_from_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(descriptor, "wb") as file:
        key = Fernet.generate_key()
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key
