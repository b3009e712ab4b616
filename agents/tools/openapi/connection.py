"""One OpenAPI service: its description is read once and again when asked to, and every call is a request of its own."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import httpx

from agents.config import Connector
from agents.tools.addresses import Place, RefusedAddress, judged, place_of
from agents.tools.definition import ToolDefinition, ToolOutput
from agents.tools.errors import CannotStart, ConnectorDown
from agents.tools.guarded import guarded_client
from agents.tools.health import Health, Pace, State
from agents.tools.outgoing import parsed
from agents.tools.place import shown

from . import document, reading
from .auth import Credentials, credentials
from .fetching import NotFetched, NotWithoutKey, fetch
from .operation import Operation, Service
from .request import outgoing
from .sending import send

ITS_OWN = (
    "If the description is at the service itself, enter its base address as well: then it is asked for with the key."
)


class OpenApiService:
    """`changed` is called when its health or its tools are no longer the same."""

    def __init__(
        self,
        connector: Connector,
        resolve: Callable[[str], str],
        changed: Callable[[], None],
        *,
        now: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        self._connector = connector
        self._resolve = resolve
        self._changed = changed
        self._now = now
        self._pace = pace
        self.known: tuple[ToolDefinition, ...] | None = None
        self.health = Health(state="connecting", because=f"Reading the description of {connector.name}.", since=now())
        self._operations: dict[str, Operation] = {}
        self._credentials: Credentials | None = None
        self._client: httpx.AsyncClient | None = None
        self._service: Service | None = None
        self._attempts = 0
        self._hopeless = False
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._closed = False
        self._owner = asyncio.create_task(self._own(), name=f"connector {connector.name}")

    # What others ask

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        await self._tried(lambda: self.known is not None or self._hopeless, wait_seconds)
        if self.known is None:
            raise ConnectorDown(self.health.because)
        return self.known

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        seen = self._attempts
        self._wanted.set()
        await self._tried(lambda: self._attempts > seen, wait_seconds)
        if self._attempts == seen or self.known is None or self.health.state != "up":
            raise ConnectorDown(self.health.because)
        return self.known

    async def first_outcome(self) -> None:
        while self.health.state == "connecting" and not self._closed:
            await self._news.wait()

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        arguments = parsed(arguments_json)
        await self.definitions(min(self._pace.wait_seconds, timeout_seconds))
        operation = self._operations.get(tool)
        if operation is None or self._client is None or self._credentials is None:
            return ToolOutput(text=f"{self._connector.name} has no operation named {tool}.", is_error=True)
        request = outgoing(operation, arguments)
        try:
            answer = await send(self._connector.name, self._client, self._credentials, request, timeout_seconds)
        except ConnectorDown as error:
            self._state("down", str(error))
            self._wanted.set()
            raise
        if self.health.state == "down":
            self._up()
        return answer

    async def close(self) -> None:
        self._closed = True
        self._owner.cancel()
        await asyncio.wait([self._owner])
        self._wake()
        await self._drop()

    async def _tried(self, holds: Callable[[], bool], wait_seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                while not (holds() or self._closed):
                    await self._news.wait()

    # The owner

    async def _own(self) -> None:
        wait_seconds = self._pace.first_retry_seconds
        while True:
            self._wanted.clear()
            began = time.monotonic()
            try:
                await self._read()
                self.health = replace(self.health, latency_ms=(time.monotonic() - began) * 1000)
                self._up()
                wait_seconds = self._pace.first_retry_seconds
            except (NotFetched, CannotStart, ConnectorDown) as error:
                self._hopeless = isinstance(error, CannotStart)
                self._state("down", f"{self._connector.name} is not connected: {error}")
            except Exception as error:  # a stranger's description: whatever it provokes is said, and tried again
                self._state("down", f"{self._connector.name} is not connected: {type(error).__name__}: {error}")
            self._attempts += 1
            self._wake()
            await self._pause(None if self.health.state == "up" else wait_seconds)
            wait_seconds = min(wait_seconds * 2, self._pace.longest_retry_seconds)

    async def _pause(self, seconds: float | None) -> None:
        """Somebody who asks cuts it short, but not below the first wait: a service that is down is not hammered."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), seconds)
        if seconds is not None:
            await asyncio.sleep(min(seconds, self._pace.first_retry_seconds))

    async def _read(self) -> None:
        """What calls under way use is kept: secrets are read again when the connector is reconnected."""
        connector, allowed = self._connector, _entered(self._connector)
        own = self._credentials = self._credentials or credentials(connector, self._resolve)
        self._client = self._client or guarded_client(allowed, timeout_seconds=None)  # each call has its own
        text, found_at = await self._description(own)
        service = await asyncio.to_thread(_service, connector, text, found_at, own.names)
        await _reachable(service, allowed, known=connector.spec)
        self._service, self._hopeless = service, False
        self._operations = {one.definition.name: one for one in service.operations}
        known = tuple(one.definition for one in service.operations)
        if known != self.known:
            self.known = known
            self._changed()

    async def _description(self, own: Credentials) -> tuple[str, str | None]:
        connector = self._connector
        if connector.spec_text:
            await own.headers()  # a token that cannot be had is better known now than at the first call
            return connector.spec_text, None
        if not connector.spec:
            raise CannotStart("It has no description: enter its address, or upload it.")
        try:
            return await fetch(connector.spec, {}, self._pace.list_seconds)
        except NotWithoutKey as without_key:
            if not _is_its_own(connector):
                raise NotWithoutKey(f"{without_key} {ITS_OWN}") from without_key
            return await fetch(connector.spec, await own.headers(), self._pace.list_seconds)

    async def _drop(self) -> None:
        client, own = self._client, self._credentials
        self._client = self._credentials = None
        if client is not None:
            await client.aclose()
        if own is not None:
            await own.close()

    # Its health

    def _up(self) -> None:
        if self._service is None:
            return
        count, left_out = len(self._service.operations), self._service.left_out
        tools = "1 tool" if count == 1 else f"{count} tools"
        beside = f"; {len(left_out)} more cannot be used. {left_out[0]}" if left_out else "."
        self._state("up", f"Connected: {tools} at {shown(self._service.operations[0].base)}{beside}")

    def _state(self, state: State, because: str) -> None:
        if (state, because) != (self.health.state, self.health.because):
            since = self.health.since if state == self.health.state else self._now()
            self.health = replace(self.health, state=state, because=because, since=since)
            self._changed()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _service(connector: Connector, text: str, found_at: str | None, reserved: frozenset[str]) -> Service:
    return reading.service(
        connector.name,
        document.read(text),
        url=connector.url,
        spec_url=found_at,
        reserved=reserved,
        entered=_entered(connector),
    )


def _entered(connector: Connector) -> list[Place]:
    """What an admin typed, and is thereby allowed; what the description or a redirect names is not."""
    try:
        return [place_of(url) for url in (connector.url, connector.spec) if url]
    except RefusedAddress as error:
        raise CannotStart(str(error)) from error


def _is_its_own(connector: Connector) -> bool:
    """Whether an admin said that the description is at the service itself, so that its key may be shown there."""
    return bool(connector.url and connector.spec) and place_of(connector.url or "") == place_of(connector.spec or "")


async def _reachable(service: Service, allowed: list[Place], known: str | None) -> None:
    """Each place that calls would go to is judged now, so that an admin hears of it and not the first call."""
    for base in sorted({one.base for one in service.operations})[:5]:
        host, port = place_of(base)
        try:
            await judged(host, port, allowed)
            if not known or place_of(known) != (host, port):
                await _knock(base, allowed)
        except RefusedAddress as error:
            raise CannotStart(
                f"The description says that the service is at {shown(base)}. {error} "
                "Enter that address as the service's own, if it is right."
            ) from error
        except OSError as error:
            raise NotFetched(f"{shown(base)} cannot be reached: {error}.") from error


async def _knock(base: str, allowed: list[Place]) -> None:
    """Any answer at all will do; it is asked without our key."""
    try:
        async with guarded_client(allowed, timeout_seconds=10) as client, client.stream("GET", base):
            return
    except httpx.HTTPError as error:
        raise NotFetched(f"{shown(base)} cannot be reached: {str(error) or type(error).__name__}.") from error
