"""One running server for all tests of the API: real runtime, demo desk, scripted model, a port of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from agents.demo.setup import set_up
from agents.runtime import Runtime
from console.api import register
from store.database import Database
from store.idempotency import Idempotency
from store.people import People, Role
from store.queries import Queries
from store.secrets import Secrets

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A server without pages."""

    runtime: Runtime
    people: People
    queries: Queries
    idempotency: Idempotency
    version: str = "0.0-test"


class Listening(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Quarterdeck:
    """A server in a thread with its own event loop, as a program outside sees it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.desk: Desk
        self.url = ""
        self.tokens: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def start(self) -> None:
        self._thread.start()
        self._started.result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """On the server's own event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def soon(self, callback: Callable[[], object]) -> None:
        """After what the server's event loop is doing now."""
        self._loop.call_soon_threadsafe(callback)

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=40, trust_env=False)

    async def _serve(self) -> None:
        try:
            server = await self._open()
        except BaseException as error:
            self._started.set_exception(error)
            raise
        serving = asyncio.create_task(server.serve())
        await server.ready.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._started.set_result(None)
        await self._stop.wait()
        server.should_exit = True
        await serving
        await self.desk.runtime.close()

    async def _open(self) -> Listening:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        database = Database.open(self.data)
        runtime = Runtime(database, Secrets(database), lambda: datetime.now(UTC))
        self.desk = Desk(
            runtime=runtime,
            people=People(database),
            queries=Queries(database),
            idempotency=Idempotency(database),
        )
        await set_up(runtime, self.data)
        await runtime.open()
        for role in Role:
            self.tokens[role.value] = await self.desk.people.make_token(f"a-{role}", role, by="tests")
        app = FastAPI(openapi_url=None)
        register(app, self.desk)
        return Listening(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))


@pytest.fixture(scope="session")
def quarterdeck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarterdeck]:
    running = Quarterdeck(tmp_path_factory.mktemp("data"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def viewer(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with quarterdeck.client(quarterdeck.tokens["viewer"]) as client:
        yield client


@pytest.fixture
def operator(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with quarterdeck.client(quarterdeck.tokens["operator"]) as client:
        yield client


@pytest.fixture
def admin(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with quarterdeck.client(quarterdeck.tokens["admin"]) as client:
        yield client


@pytest.fixture
def stranger(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with quarterdeck.client() as client:
        yield client
