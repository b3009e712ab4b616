"""One MCP server: a single task owns its connection, calls come from any task, and it is reconnected when lost."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import anyio
from mcp.client import Client
from mcp.client.session import IncomingMessage
from mcp.types import Implementation, ToolListChangedNotification

from agents.config import Connector
from agents.forms import Responses

from .asking import Declining
from .definition import ToolDefinition, ToolOutput
from .errors import CannotStart, ConnectorDown, ToolFailure
from .failures import innermost, sentence
from .health import Health, Pace, State
from .http import open_http
from .listen import listen
from .listing import list_tools
from .outgoing import parsed
from .place import shown
from .sending import send
from .sign_ins import SignIns
from .stderr_tail import StderrTail
from .stdio import open_stdio
from .wire import Wire

US = Implementation(name="quarterdeck", version="1")


class McpServer:
    """A connection by process or by URL; `changed` is called when its health or its tools are no longer the same."""

    def __init__(
        self,
        connector: Connector,
        resolve: Callable[[str], str],
        changed: Callable[[], None],
        *,
        now: Callable[[], datetime],
        pace: Pace,
        signs: SignIns | None = None,
    ) -> None:
        self._connector = connector
        self._signs = signs
        self._resolve = resolve
        self._changed = changed
        self._now = now
        self._pace = pace
        self._tail = StderrTail()
        self._declining = Declining(connector.name)
        self._health = Health(state="connecting", because=self._beginning(), since=now())
        self.known: tuple[ToolDefinition, ...] | None = None
        self._client: Client | None = None
        self._wire: Wire | None = None
        self._in_flight = 0
        self._listed = 0  # how often the tools were listed
        self._hopeless = False
        self._up_at: float | None = None
        self._junk_lines = 0
        self._connecting: anyio.CancelScope | None = None
        self._quit = asyncio.Event()
        self._doubt = asyncio.Event()  # the list may have changed, or the connection may be dead: list again
        self._wanted = asyncio.Event()  # somebody is waiting for a connection
        self._news = asyncio.Event()  # set, and replaced, whenever any of this changes
        self._owner = asyncio.create_task(self._own(), name=f"connector {connector.name}")

    # What others ask

    @property
    def health(self) -> Health:
        return replace(self._health, stderr_tail=self._tail.lines)

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        await self._link(wait_seconds)
        return self.known or ()

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        await self._link(wait_seconds)
        seen = self._listed
        self._doubt.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                while self._listed == seen and not self._quit.is_set():
                    await self._news.wait()
        if self._listed == seen:
            raise ConnectorDown(f"{self._name} did not list its tools in time.")
        return self.known or ()

    async def first_outcome(self) -> None:
        """Waits until the first attempt to connect has succeeded or failed."""
        while self._health.state == "connecting":
            await self._news.wait()

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        return await self.go_on(tool, arguments_json, timeout_seconds, None)

    async def go_on(self, tool: str, arguments_json: str, timeout_seconds: float, said: Responses | None) -> ToolOutput:
        """A call, or one that the server interrupted to ask, with what people said. Raises ToolFailure, InputNeeded."""
        arguments = parsed(arguments_json)
        client, wire = await self._link(min(self._pace.wait_seconds, timeout_seconds))
        declined = self._declining.total
        self._in_flight += 1
        try:
            output = await send(self._name, client, wire, tool, arguments, timeout_seconds, said)
            notes = self._declining.since(declined)
            return replace(output, text="\n".join([*notes, output.text])) if notes else output
        except ToolFailure:
            self._doubt.set()
            raise
        finally:
            self._in_flight -= 1

    async def close(self) -> None:
        """Returns when the child process is gone."""
        self._quit.set()
        if self._connecting is not None:
            self._connecting.cancel()
        self._tell()
        await asyncio.wait([self._owner])

    async def _link(self, wait_seconds: float) -> tuple[Client, Wire]:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                while not (self._live() or self._hopeless or self._quit.is_set()):
                    self._wanted.set()
                    await self._news.wait()
        if self._client is None or self._wire is None or not self._live():
            raise ConnectorDown(self._why_down())
        return self._client, self._wire

    def _live(self) -> bool:
        return self._client is not None and self._wire is not None and not self._wire.ended.is_set()

    def _why_down(self) -> str:
        if self._quit.is_set():
            return f"{self._name} has been disconnected."
        if self._health.state == "connecting":
            return f"{self._name} is not connected yet: {self._health.because}"
        return self._health.because

    # The owner: everything below runs in its task alone

    async def _own(self) -> None:
        wait_seconds = self._pace.first_retry_seconds
        while not self._quit.is_set():
            self._up_at = None
            try:
                await self._connected_once()
            except (Exception, BaseExceptionGroup) as error:
                self._hopeless = isinstance(innermost(error), CannotStart)
                self._failed(sentence(self._name, error, self._tail.lines))
            if self._up_at is not None and time.monotonic() - self._up_at >= self._pace.steady_seconds:
                wait_seconds = self._pace.first_retry_seconds
            await self._pause(wait_seconds)
            wait_seconds = min(wait_seconds * 2, self._pace.longest_retry_seconds)

    async def _pause(self, seconds: float) -> None:
        """Somebody waiting cuts a long pause short, but never below a second."""
        self._wanted.clear()
        await _first_of(self._quit, seconds=min(seconds, 1))
        if seconds > 1:
            await _first_of(self._quit, self._wanted, seconds=seconds - 1)

    async def _connected_once(self) -> None:
        """Connects, stays connected, and returns (or raises) when the connection is lost or no longer wanted."""
        wire = self._open()
        reads = max(self._pace.list_seconds, self._pace.connect_seconds)
        with anyio.CancelScope(deadline=anyio.current_time() + self._pace.connect_seconds) as scope:
            self._connecting = scope
            try:
                async with Client(
                    wire,
                    cache=None,
                    client_info=US,
                    read_timeout_seconds=reads,
                    message_handler=self._heard,
                    elicitation_callback=self._declining,
                ) as client:
                    await self._list(client)
                    scope.deadline, self._connecting, self._up_at = (math.inf, None, time.monotonic())
                    self._up(client, wire)
                    try:
                        await self._stay(client, wire)
                    finally:
                        self._client = self._wire = None
                        scope.deadline = anyio.current_time() + self._pace.close_seconds
            finally:
                self._connecting = None
        if scope.cancelled_caught and not self._quit.is_set() and self._up_at is None:
            raise TimeoutError(f"it did not answer within {self._pace.connect_seconds:g} seconds")
        self._lost()

    def _open(self) -> Wire:
        self._junk_lines = 0
        if self._connector.kind == "mcp_http":
            return open_http(self._connector, self._resolve, self._junk, self._signs)
        return open_stdio(self._connector, self._resolve, self._tail, self._junk)

    async def _stay(self, client: Client, wire: Wire) -> None:
        async with anyio.create_task_group() as beside:
            beside.start_soon(listen, client, self._doubt)
            while not (self._quit.is_set() or wire.ended.is_set()):
                await _first_of(self._quit, wire.ended, self._doubt)
                if self._doubt.is_set() and not (self._quit.is_set() or wire.ended.is_set()):
                    self._doubt.clear()
                    await self._list_again(client)
            beside.cancel_scope.cancel()

    async def _list_again(self, client: Client) -> None:
        """Also tells whether the server is still there: after a failed call it may hang or be gone."""
        try:
            await self._list(client)
        except TimeoutError:
            if not self._in_flight:
                raise
            return  # busy, it seems, with somebody else's call
        self._up(client, self._wire)

    async def _list(self, client: Client) -> None:
        began = time.monotonic()
        with anyio.fail_after(self._pace.list_seconds):
            found = await list_tools(client, self._name)
        self._health = replace(self._health, latency_ms=(time.monotonic() - began) * 1000)
        self._listed += 1
        if {(tool.name, tool.hash) for tool in found} != {(tool.name, tool.hash) for tool in self.known or ()}:
            self.known = found
            self._tell()
        else:
            self.known = found
            self._wake()

    async def _heard(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._doubt.set()

    # Its health

    def _up(self, client: Client, wire: Wire | None) -> None:
        self._client, self._wire, self._hopeless = client, wire, False
        count = len(self.known or ())
        tools = "1 tool" if count == 1 else f"{count} tools"
        junk = f"; it prints text to stdout that is not MCP ({self._junk_lines} lines)" if self._junk_lines else ""
        self._state("up", f"Connected: {tools}{junk}.")

    def _lost(self) -> None:
        if not self._quit.is_set():
            self._state("connecting", f"The connection to {self._name} was lost; connecting again.")

    def _failed(self, because: str) -> None:
        self._client = self._wire = None
        self._state("down", because)

    def _junk(self, error: Exception) -> None:
        self._junk_lines += 1
        self._tail.add(f"[stdout] {_line_of(error)}")
        if self._junk_lines == 1 and self._client is not None:
            self._up(self._client, self._wire)

    def _state(self, state: State, because: str) -> None:
        if (state, because) == (self._health.state, self._health.because):
            self._wake()
            return
        since = self._health.since if state == self._health.state else self._now()
        self._health = replace(self._health, state=state, because=because, since=since)
        self._tell()

    def _tell(self) -> None:
        self._wake()
        self._changed()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # Small facts

    @property
    def _name(self) -> str:
        return self._connector.name

    def _beginning(self) -> str:
        if self._connector.kind == "mcp_http":
            return f"Connecting to {shown(self._connector.url or '')}."
        return f"Starting “{self._connector.command}”."


async def _first_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _line_of(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0].get("input", "")) if errors is not None else str(error)
