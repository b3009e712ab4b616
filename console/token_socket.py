"""How `main.py token` asks a running server for an API token: a socket in the data folder that only its owner may use.

Whoever may write to the socket may read the database beside it, so it gives away nothing that they could not take.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from store.errors import StoreError
from store.people import People, Role

FILE_NAME = "tokens.sock"
LONGEST_ADDRESS = 100
"""Bytes; the system's own limit is 104 or 108."""
LONGEST_LINE = 4_000
LONGEST_NAME = 100
PATIENCE_SECONDS = 10
MOST_DAYS = 3_650


class TokenRefused(StoreError):
    """The running server made no token; the text says why."""


class TokenSocket:
    """A server that listens; close it before its event loop ends."""

    def __init__(self, folder: Path, server: asyncio.Server) -> None:
        self._folder = folder
        self._server = server

    async def close(self) -> None:
        self._server.close()
        (self._folder / FILE_NAME).unlink(missing_ok=True)


async def serve_tokens(folder: Path, people: People) -> TokenSocket:
    """Call it with the folder's lock held: a socket that is there already was left behind by a crash."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                reply = await _reply(reader, writer, people)
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        writer.close()

    return TokenSocket(folder, await asyncio.start_unix_server(answer, sock=_bound(folder), limit=LONGEST_LINE))


async def request_token(
    folder: Path, name: str, role: Role | str, days: int | None = None, agents: tuple[str, ...] = ()
) -> str | None:
    """A new token from the running server; None: none is running. Raises TokenRefused."""
    try:
        with _address(folder) as address:
            reader, writer = await asyncio.open_unix_connection(address)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            asked = {"name": name, "role": str(role), "days": days, "agents": agents}
            writer.write(json.dumps(asked).encode() + b"\n")
            reply = json.loads(await reader.readline() or b"{}")
    except (OSError, TimeoutError, ValueError) as error:
        raise TokenRefused(f"The running Quarterdeck did not answer: {error or 'it took too long'}.") from error
    finally:
        writer.close()
    if "token" not in reply:
        raise TokenRefused(reply.get("error", "The running Quarterdeck hung up; look at its log."))
    return str(reply["token"])


async def _reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, people: People) -> dict[str, str]:
    if not _is_ours(writer):
        return {"error": "Only the user that runs Quarterdeck may ask for tokens here."}
    try:
        name, role, days, agents = _asked(await reader.readline())
        return {"token": await people.make_token(name, role, by="command line", days=days, agents=agents)}
    except (ValueError, StoreError) as error:
        return {"error": str(error)}


def _asked(line: bytes) -> tuple[str, Role, int | None, tuple[str, ...]]:
    """Raises ValueError with a sentence."""
    asked: Any = json.loads(line)
    if not isinstance(asked, dict):
        raise ValueError("Ask with a JSON object: name and role.")
    name, role = asked.get("name"), asked.get("role")
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise ValueError(f"A token needs a name of 1 to {LONGEST_NAME} printable characters.")
    if role not in list(Role):
        raise ValueError(f"There is no role {role!r}; take one of {', '.join(Role)}.")
    days, agents = asked.get("days"), asked.get("agents") or []
    if days is not None and not (type(days) is int and 1 <= days <= MOST_DAYS):
        raise ValueError(f"A token expires after 1 to {MOST_DAYS:,} days, or never.")
    if not isinstance(agents, list) or not all(isinstance(one, str) and one for one in agents):
        raise ValueError("The agents of a token are a list of their names.")
    return name.strip(), Role(role), days, tuple(agents)


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """The file's mode keeps others out already; Linux also tells who connected."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    connection = writer.get_extra_info("socket")
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid in (os.getuid(), 0)


def _bound(folder: Path) -> socket.socket:
    """Nobody can connect before `listen`, so there is no moment at which others could."""
    (folder / FILE_NAME).unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(folder) as address:
            bound.bind(address)
        (folder / FILE_NAME).chmod(0o600)
    except BaseException:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """The socket's path, or a short name for it where the system allows no path as long as that."""
    path = str(folder / FILE_NAME)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{FILE_NAME}"
    finally:
        os.close(descriptor)
