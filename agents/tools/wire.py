"""Watches the two streams of one MCP connection: when it ended, what was junk, and whether a request left us."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import Context, ContextVar
from types import TracebackType
from typing import Self

import anyio
from mcp.client._transport import ReadStream, TransportStreams, WriteStream
from mcp.shared.message import SessionMessage

Incoming = SessionMessage | Exception


class Handover:
    """What became of one request on its way out; the transports fill it in, the caller reads it."""

    __slots__ = ("sent", "status", "unreachable")

    def __init__(self) -> None:
        self.sent = False
        """Given to the transport, which may have passed it on."""
        self.unreachable = False
        """The transport says that it could not pass it on."""
        self.status: int | None = None
        """The HTTP status it was answered with; 502 where the network failed."""

    @property
    def may_have_arrived(self) -> bool:
        return self.sent and not self.unreachable


handover: ContextVar[Handover | None] = ContextVar("handover", default=None)
"""The SDK runs a request's POST in its sender's context, so this reaches the HTTP transport too."""


class Wire(AbstractAsyncContextManager[TransportStreams]):
    """A transport for the SDK's client around another one."""

    def __init__(self, inner: AbstractAsyncContextManager[TransportStreams], junk: Callable[[Exception], None]) -> None:
        self._inner = inner
        self.junk = junk
        self.ended = asyncio.Event()
        """Set as soon as nothing more can arrive, also while no call is waiting."""

    async def __aenter__(self) -> TransportStreams:
        incoming, outgoing = await self._inner.__aenter__()
        return _Incoming(incoming, self), _Outgoing(outgoing)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self.ended.set()
        return await self._inner.__aexit__(kind, error, trace)


class _Incoming:
    def __init__(self, inner: ReadStream[Incoming], wire: Wire) -> None:
        self._inner = inner
        self._wire = wire

    @property
    def last_context(self) -> Context | None:
        return getattr(self._inner, "last_context", None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Incoming:
        try:
            item = await self._inner.__anext__()
        except (StopAsyncIteration, anyio.ClosedResourceError):
            self._wire.ended.set()
            raise
        if isinstance(item, Exception):
            self._wire.junk(item)
        return item

    async def receive(self) -> Incoming:
        return await self._inner.receive()

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(kind, error, trace)


class _Outgoing:
    def __init__(self, inner: WriteStream[SessionMessage]) -> None:
        self._inner = inner

    async def send(self, item: SessionMessage, /) -> None:
        mark = handover.get()
        try:
            await self._inner.send(item)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise  # the one case in which nothing left us; an interrupted send may have been taken all the same
        except BaseException:
            _left(mark)
            raise
        _left(mark)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(kind, error, trace)


def _left(mark: Handover | None) -> None:
    if mark is not None:
        mark.sent = True
