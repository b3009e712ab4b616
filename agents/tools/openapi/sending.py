"""Sends one request to a service and tells what became of it."""

import asyncio
from typing import Any, Literal

import httpx

from agents.tools.addresses import RefusedAddress, place_of
from agents.tools.definition import ToolOutput
from agents.tools.errors import ConnectorDown, ToolFailure
from agents.tools.guarded import BodyTooLarge, body_of
from agents.tools.place import joined, shown

from .answers import hidden, told
from .auth import Credentials
from .request import Outgoing

BODY_BYTES_AT_MOST = 10_000_000
REDIRECTS_AT_MOST = 3


async def send(
    connector: str, client: httpx.AsyncClient, credentials: Credentials, request: Outgoing, timeout_seconds: float
) -> ToolOutput:
    """Raises ToolFailure; a request that was answered, however badly, is an answer."""
    mark = _Mark()
    try:
        async with asyncio.timeout(timeout_seconds):
            response, body = await _answered(client, credentials, request, mark)
    except (httpx.ConnectError, httpx.ConnectTimeout, RefusedAddress) as error:
        because = hidden(_words(error), credentials.secrets)
        raise ConnectorDown(f"{connector} cannot be reached at {shown(request.url)}: {because}.") from error
    except BodyTooLarge as error:
        raise ToolFailure(f"{connector} answered, but the answer is {error}.", mark.outcome) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        happened = "the call may or may not have happened" if mark.sent else "nothing was sent"
        raise ToolFailure(f"{connector} did not answer in time; {happened}.", mark.outcome) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        because = hidden(_words(error), credentials.secrets)
        happened = "which may or may not have happened" if mark.sent else "before anything was sent"
        raise ToolFailure(f"{connector} was lost during the call, {happened} ({because}).", mark.outcome) from error
    content_type = response.headers.get("content-type", "")
    there = joined(str(response.url), response.headers.get("location", ""))
    place = shown(there) if there is not None else None
    return await told(response.status_code, content_type, body, credentials.secrets, place)


class _Mark:
    """Whether any byte of the request may have left us."""

    def __init__(self) -> None:
        self.sent = False

    @property
    def outcome(self) -> Literal["not_sent", "unknown"]:
        return "unknown" if self.sent else "not_sent"

    async def trace(self, event: str, _: Any) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True


async def _answered(
    client: httpx.AsyncClient, credentials: Credentials, request: Outgoing, mark: _Mark
) -> tuple[httpx.Response, bytes]:
    """Asked a second time only where a fetched token was turned down: a 401 says that nothing was done."""
    response, body = await _followed(client, await credentials.headers(), request, mark)
    if response.status_code == 401 and credentials.refused():
        response, body = await _followed(client, await credentials.headers(), request, mark)
    return response, body


async def _followed(
    client: httpx.AsyncClient, own: dict[str, str], request: Outgoing, mark: _Mark
) -> tuple[httpx.Response, bytes]:
    """A read is followed within the same place, so that no header of ours goes anywhere else."""
    url = request.url
    for _ in range(REDIRECTS_AT_MOST):
        response, body = await _once(client, own, request, url, mark)
        there = joined(url, response.headers.get("location", "")) if response.has_redirect_location else None
        if request.method not in ("GET", "HEAD") or there is None or not _same(url, there):
            break
        url = there
    return response, body


async def _once(
    client: httpx.AsyncClient, own: dict[str, str], request: Outgoing, url: str, mark: _Mark
) -> tuple[httpx.Response, bytes]:
    async with client.stream(
        request.method,
        url,
        content=request.content,
        headers=request.headers | own,
        extensions={"trace": mark.trace},
    ) as response:
        return response, await body_of(response, BODY_BYTES_AT_MOST)


def _same(one: str, other: str) -> bool:
    try:
        return place_of(one) == place_of(other) and one.split(":")[0] == other.split(":")[0]
    except RefusedAddress:
        return False


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")
