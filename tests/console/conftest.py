"""One guarded and one unguarded console per test run, each a real server in a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

ROOT = Path(__file__).parents[2]
NOT_FOR_IT = ("PYTEST_CURRENT_TEST", "NICEGUI_USER_SIMULATION", "NICEGUI_SCREEN_TEST_PORT")


class Served:
    """A running console, and what is needed to visit or attack it."""

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        self.url = url
        self.tokens = tokens

    def browser(self, who: str | None = None) -> httpx.AsyncClient:
        """Speaks like one of our pages; `who` is a role, or nobody."""
        cookies = {"qd_session": self.tokens[who]} if who else {}
        return httpx.AsyncClient(
            base_url=self.url, cookies=cookies, headers={"Origin": self.url}, timeout=20, verify=False
        )

    async def sign_in(self, name: str) -> str:
        """A fresh session token for somebody with the tests' password."""
        form = {"name": name, "password": "correct horse battery"}
        async with self.browser() as browser:
            response = await browser.post("/signin", data=form, headers={"X-Forwarded-For": f"sign-in {name}"})
        return response.cookies["qd_session"]

    async def open_page(self, token: str) -> "Page":
        async with httpx.AsyncClient(base_url=self.url, cookies={"qd_session": token}, verify=False) as browser:
            before = set((await browser.get("/ids")).json())
            assert (await browser.get("/buttons")).status_code == 200
            ids = (await browser.get("/ids")).json()
        client_id = next(iter(set(ids) - before))
        return Page(client_id, ids[client_id])

    @asynccontextmanager
    async def socket(
        self, page: "Page", *, token: str | None, origin: str | None = None, implicit: bool = True
    ) -> AsyncIterator[socketio.AsyncClient]:
        """Raises ConnectionError when it is refused."""
        socket = socketio.AsyncClient(reconnection=False)
        socket.said = []
        socket.heard = asyncio.Event()
        socket.on("run_javascript", lambda message: (socket.said.append(message["code"]), socket.heard.set()))
        headers = {"Origin": origin or self.url} | ({"Cookie": f"qd_session={token}"} if token else {})
        query = page.handshake | {"implicit_handshake": str(implicit).lower()}
        address = f"{self.url}?{httpx.QueryParams(query)}"
        try:
            await socket.connect(
                address,
                headers=headers,
                transports=["websocket"],
                socketio_path="/_nicegui_ws/socket.io",
                wait_timeout=10,
            )
            yield socket
        finally:
            await socket.disconnect()

    async def pressed(self) -> list[str]:
        async with self.browser("admin") as browser:
            return list((await browser.get("/pressed")).json())


class Page:
    def __init__(self, client_id: str, buttons: dict[str, Any]) -> None:
        self.client_id = client_id
        self.buttons = buttons
        self.handshake = {
            "client_id": client_id,
            "tab_id": f"tab-{client_id}",
            "document_id": f"document-{client_id}",
            "next_message_id": "0",
        }

    def press(self, words: str) -> dict[str, Any]:
        element, listener = self.buttons[words]
        return {"id": element, "client_id": self.client_id, "listener_id": listener, "args": []}


async def until_said(socket: socketio.AsyncClient, word: str) -> None:
    async with asyncio.timeout(10):
        while not any(word in code for code in socket.said):
            socket.heard.clear()
            await socket.heard.wait()


async def settle(socket: socketio.AsyncClient) -> None:
    """Returns when the server has begun with all that was sent before: it takes a socket's messages in order."""
    await socket.call("handshake", {"client_id": "nobody", "tab_id": "", "document_id": ""}, timeout=10)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    running: dict[tuple[str, ...], tuple[subprocess.Popen[str], Served]] = {}

    def start(*flags: str) -> Served:
        if flags not in running:
            command = [sys.executable, "-m", "tests.console.served", str(tmp_path_factory.mktemp("desk")), *flags]
            environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_IT}
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            running[flags] = process, Served(**json.loads(process.stdout.readline()))
        return running[flags][1]

    yield start
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        process.wait(20)


@pytest.fixture
def console(serve: Callable[..., Served]) -> Served:
    return serve()


@pytest.fixture
def unguarded(serve: Callable[..., Served]) -> Served:
    """The same without the guards on the websocket: what NiceGUI does by itself."""
    return serve("--unguarded")
