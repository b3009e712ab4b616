"""All connectors at once: starts, restarts and closes them to follow the configuration, and routes calls to them."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

from agents.config import Connector
from agents.forms import Responses

from .builtin import BuiltIn
from .connection import Asking, Connection
from .definition import ToolDefinition, ToolOutput
from .errors import ConnectorDown, ToolFailure
from .health import Health, Pace
from .openapi.connection import OpenApiService
from .sign_ins import SignIns
from .track import Track
from .unusable import Unusable

logger = logging.getLogger(__name__)
Listener = Callable[[str], None]
PROBE_SECONDS = 90.0

MCP = "agents.tools.mcp"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """Belongs to one event loop; every method is to be called on it."""

    def __init__(
        self, resolve: Callable[[str], str], *, now: Callable[[], datetime] = _utc_now, pace: Pace | None = None
    ) -> None:
        """`resolve`: "env:NAME" or "secret:NAME" → its value, or a KeyError."""
        self._resolve = resolve
        self._now = now
        self._pace = pace or Pace()
        self._documents: dict[str, Connector] = {}
        self._connections: dict[str, Connection] = {}
        self._tracks: dict[str, Track] = {}
        self._listeners: list[Listener] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._applied = asyncio.Event()
        self.signs: SignIns | None = None
        """Where people's sign-ins to remote servers are kept; set by whoever has a place for them."""
        _quieten_the_sdk()

    def like(self, resolve: Callable[[str], str]) -> "Registry":
        """Another one with these secrets, to try a draft."""
        made = Registry(resolve, now=self._now, pace=self._pace)
        made.signs = self.signs
        return made

    async def apply(self, connectors: Iterable[Connector]) -> None:
        """Unchanged connectors keep their connection. Connecting goes on in the background."""
        wanted = {connector.name: connector for connector in connectors}
        self._applied.clear()  # whoever asks for a new one while the SDK is loaded waits, rather than hears of none
        try:
            await _load_the_sdk(wanted.values())
        finally:
            self._applied.set()
        stale = [name for name, document in self._documents.items() if wanted.get(name) != document]
        for name in stale:
            del self._documents[name]
            if (before := self._connections.pop(name, None)) is not None:
                self._close_later(before)
            if name not in wanted:
                self._tracks.pop(name, None)
        fresh = [name for name in wanted if name not in self._documents]
        for name in fresh:
            self._connections[name] = self._opened(wanted[name])
            self._documents[name] = wanted[name]
            self._tracks.setdefault(name, Track(self._now))
        for name in dict.fromkeys([*stale, *fresh]):
            self._tell(name)
        if self.signs is not None:
            await self.signs.follow(wanted)

    async def definitions(self, connector: str, *, wait_seconds: float = 10) -> tuple[ToolDefinition, ...]:
        """Raises ConnectorDown."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._applied.wait(), wait_seconds)
        return await self._connection(connector).definitions(wait_seconds)

    async def first_outcome(self, connector: str) -> None:
        """Waits while a connector is still being started, which on a busy machine takes a while; it is not down yet."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.connect_seconds):
                await self._applied.wait()
                await self._connection(connector).first_outcome()

    async def refresh(self, connector: str, *, wait_seconds: float = 10) -> tuple[ToolDefinition, ...]:
        """Asks the server again, for changes it did not announce. Raises ConnectorDown."""
        return await self._connection(connector).refresh(wait_seconds)

    def known(self, connector: str) -> tuple[ToolDefinition, ...] | None:
        """As last listed, without waiting; None when never listed, or no such connector."""
        found = self._connections.get(connector)
        return found.known if found else None

    def health(self, connector: str) -> Health:
        found = self._connections.get(connector)
        if found is None:
            return Health(state="down", because=f"There is no connector named {connector}.", since=self._now())
        return self._tracks[connector].shown_in(found.health)

    async def reconnect(self, connector: str) -> None:
        """Drops the connection and connects anew in the background, with secrets as they are now. Raises ConnectorDown."""
        self._close_later(self._connection(connector))
        self._connections[connector] = self._opened(self._documents[connector])
        self._tell(connector)

    async def call(
        self,
        connector: str,
        tool: str,
        arguments_json: str,
        *,
        timeout_seconds: float,
        definition_hash: str | None = None,
        said: Responses | None = None,
    ) -> ToolOutput:
        """Raises ToolFailure, whose `outcome` says whether the call may have happened, or InputNeeded.

        `said`: the call goes on with what people said when its server asked.

        `definition_hash`: what the call was released for. A server that had to be waited for may have come back with
        other tools; then nothing is sent.
        """
        connection = self._connection(connector)
        work = self._checked_call(connection, tool, arguments_json, timeout_seconds, definition_hash, said)
        return await self._tracks[connector].call(tool, work)

    async def _checked_call(
        self,
        connection: Connection,
        tool: str,
        arguments_json: str,
        timeout_seconds: float,
        definition_hash: str | None,
        said: Responses | None,
    ) -> ToolOutput:
        if definition_hash is not None:
            known = await connection.definitions(min(self._pace.wait_seconds, timeout_seconds))
            if not any(one.name == tool and one.hash == definition_hash for one in known):
                raise ToolFailure(f"The definition of {tool} changed before the call was sent.", "not_sent")
        if said is None:
            return await connection.call(tool, arguments_json, timeout_seconds)
        if not isinstance(connection, Asking):
            raise ToolFailure(f"{tool} asks nothing in the middle of a call any more.", "not_sent")
        return await connection.go_on(tool, arguments_json, timeout_seconds, said)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Called with a connector's name when its definitions or its health have changed; returns the way out."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def probe(self, connector: Connector) -> tuple[ToolDefinition, ...]:
        """Connects a draft once, lists its tools, and closes it again. Raises ConnectorDown saying why not."""
        await _load_the_sdk([connector])
        connection = self._opened(connector, listed=False)
        try:
            await asyncio.wait_for(connection.first_outcome(), PROBE_SECONDS)
            return await connection.definitions(0)
        except TimeoutError as error:
            raise ConnectorDown(f"{connector.name} did not connect within {PROBE_SECONDS:g} seconds.") from error
        finally:
            await connection.close()

    async def close(self) -> None:
        """Returns when every child process is gone."""
        for connection in self._connections.values():
            self._close_later(connection)
        self._documents.clear()
        self._connections.clear()
        self._tracks.clear()
        while self._closing:
            await asyncio.wait(self._closing)

    def _connection(self, name: str) -> Connection:
        found = self._connections.get(name)
        if found is None:
            raise ConnectorDown(f"There is no connector named {name}.")
        return found

    def _opened(self, connector: Connector, *, listed: bool = True) -> Connection:
        """One that cannot even be begun is down, with the reason; it keeps no other from being opened."""
        try:
            return self._open(connector, listed=listed)
        except Exception as error:
            logger.exception("The connector %s could not be begun", connector.name)
            return Unusable(connector.name, f"It cannot be begun: {error}", self._now())

    def _open(self, connector: Connector, *, listed: bool = True) -> Connection:
        server: Connection

        def changed() -> None:
            if listed and self._connections.get(connector.name) is server:  # not one on its way out
                self._tell(connector.name)

        match connector.kind:
            case "mcp_stdio" | "mcp_http":
                from .mcp import McpServer  # late: see apply

                server = McpServer(connector, self._resolve, changed, now=self._now, pace=self._pace, signs=self.signs)
            case "openapi":
                server = OpenApiService(connector, self._resolve, changed, now=self._now, pace=self._pace)
            case "builtin":
                server = BuiltIn(connector.name, self._now, connector.allow)
        return server

    def _close_later(self, connection: Connection) -> None:
        task = asyncio.create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _tell(self, name: str) -> None:
        if name in self._connections:
            self._tracks[name].follow(self._connections[name].health)
        for listener in tuple(self._listeners):
            try:
                listener(name)
            except Exception:  # a listener's mistake must not cost a connection
                logger.exception("A listener failed on a change of connector %s", name)


async def _load_the_sdk(connectors: Iterable[Connector]) -> None:
    """In a thread, and only when it is needed: it takes most of a second to import."""
    if any(connector.kind.startswith("mcp_") for connector in connectors):
        await asyncio.to_thread(import_module, MCP)


def _quieten_the_sdk() -> None:
    """Its log lines carry what servers print, which may be anything; health and the stderr tail say it instead.

    httpx would log every address in full, and addresses hold what was asked for.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for name in ("mcp.client.stdio", "mcp.client.streamable_http", "mcp.client.session"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
