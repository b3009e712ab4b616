"""Many watchers without a browser: socket clients that load the page, shake hands for it, and acknowledge."""

import asyncio
import re
from contextlib import suppress

import httpx
import socketio

ACK_SECONDS = 3.0
"""As NiceGUI's own page does it."""


class Watcher:
    """One open page."""

    def __init__(self, url: str, token: str, path: str) -> None:
        self.url, self.token, self.path = url, token, path
        self.received = 0
        self._next = 0
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._heard)
        self._acks: asyncio.Task[None] | None = None

    async def open(self) -> "Watcher":
        async with httpx.AsyncClient(base_url=self.url, cookies={"qd_session": self.token}, timeout=60) as browser:
            page = await browser.get(self.path)
            page.raise_for_status()
        found = re.search(r"""client_id['"]?:\s*['"]([^'"]+)""", page.text)
        assert found, "the page names no client"
        self._client = found[1]
        query = {
            "client_id": self._client,
            "tab_id": f"tab-{self._client}",
            "document_id": f"document-{self._client}",
            "next_message_id": "0",
            "implicit_handshake": "true",
        }
        await self._socket.connect(
            f"{self.url}?{httpx.QueryParams(query)}",
            headers={"Origin": self.url, "Cookie": f"qd_session={self.token}"},
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
            wait_timeout=30,
        )
        self._acks = asyncio.create_task(self._acknowledge())
        return self

    def _heard(self, name: str, message: dict[str, object]) -> None:
        self._next = int(str(message.get("_id", self._next))) + 1
        self.received += name == "run_javascript" and "mark-" in str(message["code"])

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(ACK_SECONDS)
            await self._socket.emit("ack", {"client_id": self._client, "next_message_id": self._next})

    async def close(self) -> None:
        if self._acks:
            self._acks.cancel()
            with suppress(asyncio.CancelledError):
                await self._acks
        await self._socket.disconnect()


async def open_all(count: int, url: str, token: str, path: str) -> list[Watcher]:
    return [await Watcher(url, token, path).open() for _ in range(count)]
