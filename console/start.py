"""The steps of a start: open the store, find a port, say where to sign in, set the demo up, and stop cleanly."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from agents.demo.setup import set_up
from agents.demo.systems import Systems
from agents.runtime import Runtime
from store.audit import Audit
from store.database import Database
from store.errors import StoreError
from store.idempotency import Idempotency
from store.people import People, Role
from store.queries import Queries
from store.secrets import Secrets

from .desk import Desk
from .live import Feeds
from .shared import Shared
from .token_socket import TokenSocket, serve_tokens

log = logging.getLogger(__name__)
FIRST_PERSON = "admin"
SEAL_SECONDS = 3600.0
LOOK_SECONDS = 0.02


class CannotListen(Exception):
    """The address is taken, or is not this machine's."""


def open_desk(data: Path, url: str | None) -> Desk:
    """Raises StoreError with a sentence to print."""
    database = Database.open(data, url=url)
    secrets, queries = Secrets(database), Queries(database)
    runtime = Runtime(database, secrets, database.now)
    return Desk(
        runtime=runtime,
        people=People(database),
        queries=queries,
        secrets=secrets,
        idempotency=Idempotency(database),
        audit=Audit(database),
        feeds=Feeds(queries, runtime.hub),
        counts=Shared(queries.counts, runtime.hub),
        waiting=Shared(lambda: queries.inbox(limit=300), runtime.hub),
        data=data,
    )


def free_port(host: str, port: int) -> int:
    """Tried before anything is opened, so that a port in use is a sentence and not a traceback."""
    try:
        if not 0 <= port <= 65_535:  # getaddrinfo would take it modulo 65,536
            raise OverflowError("ports are 0 to 65535")
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return int(trial.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise CannotListen(
            f"Quarterdeck cannot listen on {host}, port {port} ({getattr(error, 'strerror', None) or error}). "
            "Stop what uses it, or choose another with --port."
        ) from error


def url_of(host: str, port: int) -> str:
    """Where a browser on this machine finds us."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{here}:{port}"


def has_screen() -> bool:
    """Somebody sits at this machine, so a browser can be opened for them."""
    display = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(sys.stdout.isatty() and display)


async def first_link(desk: Desk) -> str | None:
    """A path that signs in, as long as nobody could come in without it."""
    people = await desk.people.list()
    if not people:
        people = [await desk.people.create(FIRST_PERSON, "Admin", Role.ADMIN, None, by="quarterdeck")]
    elif await desk.people.somebody_came_in():
        return None
    name = next((person.name for person in people if person.role is Role.ADMIN and not person.disabled), None)
    return None if name is None else f"/link/{await desk.people.make_link(name)}"


class Running:
    """What runs beside the pages, from start-up to shut-down."""

    def __init__(self, desk: Desk, *, empty: bool) -> None:
        self._desk = desk
        self._empty = empty
        self._tasks: list[asyncio.Task[None]] = []
        self._tokens: TokenSocket | None = None
        self._systems = Systems(desk.runtime, desk.data)

    async def open(self, is_listening: Callable[[], bool], say: Callable[[str | None], None]) -> None:
        """`say` is called with a path that signs in, or None, once the server listens."""
        link = await first_link(self._desk)
        self._tasks = [
            asyncio.create_task(_say_when(is_listening, lambda: say(link))),
            asyncio.create_task(_seal_for_ever(self._desk.audit)),
        ]
        self._tokens = await serve_tokens(self._desk.data, self._desk.people)
        await self._desk.runtime.open()
        if not self._empty and await self._desk.runtime.configuration.is_untouched():
            await set_up(self._desk.runtime, self._desk.data)
        await self._systems.open()

    async def close(self) -> None:
        """Each step, whatever became of the one before; what serves the tools goes last, since they may be at work."""
        for task in self._tasks:
            task.cancel()
        async with AsyncExitStack() as steps:
            steps.push_async_callback(self._systems.close)
            steps.push_async_callback(self._desk.runtime.close)
            steps.push_async_callback(_seal, self._desk.audit)
            if self._tokens is not None:
                steps.push_async_callback(self._tokens.close)


async def _seal_for_ever(audit: Audit) -> None:
    while True:
        await asyncio.sleep(SEAL_SECONDS)
        await _seal(audit)


async def _seal(audit: Audit) -> None:
    try:
        await audit.seal()
    except StoreError as error:
        log.warning("The record could not be sealed: %s", error)


async def _say_when(is_listening: Callable[[], bool], say: Callable[[], None]) -> None:
    while not is_listening():  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(LOOK_SECONDS)
    say()
