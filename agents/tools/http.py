"""How an MCP server is reached over streamable HTTP: its headers, its timeouts, and failures that stay their own.

The URL is the admin's own word and thereby allowed; the SDK follows redirects only within its origin.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from agents.config import Connector

from .addresses import RefusedAddress, place_of
from .bearer import Bearer
from .errors import CannotStart
from .place import shown
from .references import resolved
from .sign_ins import SignInFailed, SignIns, is_by_person
from .wire import Wire, handover

CONNECT_SECONDS = 10.0
SHORT_READ_SECONDS = 3.0
BODY_BYTES_AT_MOST = 64 * 1024 * 1024
EVENT_BYTES_AT_MOST = 32 * 1024 * 1024
"""The SDK's own limit of 1 MB per event would lose larger outputs."""


def open_http(
    connector: Connector,
    resolve: Callable[[str], str],
    junk: Callable[[Exception], None],
    signs: SignIns | None = None,
) -> Wire:
    """Raises CannotStart when the URL or a secret is missing."""
    url = connector.url or ""
    try:
        place_of(url)
    except RefusedAddress as error:
        raise CannotStart(f"The URL of {connector.name} cannot be used. {error}") from None
    headers = resolved(connector.headers, resolve)[0] | _who_asks(connector, resolve)
    bearer = Bearer(signs, connector) if signs is not None and is_by_person(connector) else None
    return Wire(_streams(url, headers, bearer), junk)


def _who_asks(connector: Connector, resolve: Callable[[str], str]) -> dict[str, str]:
    """The header that says so, where it does not change. Raises CannotStart."""
    auth = connector.auth
    if auth is None or auth.kind == "oauth":
        return {}
    given = {name: value for name in ("value", "password") if (value := getattr(auth, name)) is not None}
    secrets, _ = resolved(given, resolve)
    match auth.kind:
        case "bearer":
            return {"Authorization": f"Bearer {secrets.get('value', '')}"}
        case "header":
            return {auth.name or "Authorization": secrets.get("value", "")}
        case "basic":
            pair = f"{auth.username or ''}:{secrets.get('password', '')}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    raise CannotStart(f"{connector.name}: client credentials are not available yet for MCP servers.")


@asynccontextmanager
async def _streams(url: str, headers: dict[str, str], bearer: Bearer | None) -> AsyncIterator[TransportStreams]:
    # No read timeout: each call has its own, and a timeout down here would end the whole session. No trust_env:
    # a .netrc or proxy of ours is not this server's business.
    timeout = httpx2.Timeout(CONNECT_SECONDS, read=None, pool=None)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=20)
    transport = _Tolerant(bearer, limits=limits, trust_env=False)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, transport=transport, trust_env=False) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=EVENT_BYTES_AT_MOST) as streams,
    ):
        yield streams


class _Tolerant(httpx2.AsyncHTTPTransport):
    """Answers a request that failed on the network with a JSON-RPC error.

    An exception would end the SDK's task group, and with it every other call on the same connection.
    """

    def __init__(self, bearer: Bearer | None, **options: Any) -> None:
        super().__init__(**options)
        self._bearer = bearer

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        mark = handover.get()
        if request.method == "DELETE":  # saying goodbye must not hang on a server that hangs
            request.extensions["timeout"] = httpx2.Timeout(SHORT_READ_SECONDS).as_dict()
        try:
            response = await self._whole(await self._with_token(request))
        except SignInFailed as error:
            if mark is not None:
                mark.unreachable = True
            return _failed(request, str(error).rstrip("."), 401)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            if mark is not None:
                mark.unreachable = True
            return _failed(request, f"{shown(str(request.url))} cannot be reached ({_words(error)})")
        except httpx2.TransportError as error:
            return _failed(request, f"the connection to {shown(str(request.url))} broke ({_words(error)})")
        if mark is not None:
            mark.status = response.status_code
        if response.status_code >= 400 and not _is_json(response):
            reason = f"{shown(str(request.url))} answered {response.status_code} {response.reason_phrase}".rstrip()
            await response.aclose()
            return _failed(request, reason, response.status_code)
        return response

    async def _with_token(self, request: httpx2.Request) -> httpx2.Response:
        """A token that is refused is renewed once; the server has not done what it refused."""
        if self._bearer is None:
            return await super().handle_async_request(request)
        token = await self._bearer.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = await super().handle_async_request(request)
        if response.status_code != 401:
            return response
        await response.aclose()
        request.headers["Authorization"] = f"Bearer {await self._bearer.token(refused=token)}"
        return await super().handle_async_request(request)

    async def _whole(self, response: httpx2.Response) -> httpx2.Response:
        """A JSON body is read here, where its failing is caught; streams are read by the SDK."""
        if not _is_json(response):
            return response
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > BODY_BYTES_AT_MOST:
                    raise httpx2.ReadError(f"its answer is larger than {BODY_BYTES_AT_MOST // 1024**2} MB")
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _ABOUT_THE_BODY]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body))


_ABOUT_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")


def _is_json(response: httpx2.Response) -> bool:
    return response.headers.get("content-type", "").lower().startswith("application/json")


def _failed(request: httpx2.Request, because: str, status: int = 502) -> httpx2.Response:
    connection_closed = -32000  # as the SDK itself says it
    if (mark := handover.get()) is not None:
        mark.status = status
    error = {"jsonrpc": "2.0", "id": 0, "error": {"code": connection_closed, "message": because}}
    headers = {"content-type": "application/json"}
    return httpx2.Response(status, headers=headers, content=json.dumps(error).encode(), request=request)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
