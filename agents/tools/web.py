"""`http_get`: reads what is at an address, on the hosts an admin has listed and nowhere else."""

import asyncio
from urllib.parse import urlsplit

import httpx

from .addresses import DEFAULT_PORTS, Place, RefusedAddress, place_of
from .definition import ToolOutput
from .errors import ToolFailure
from .guarded import BodyTooLarge, body_of, guarded_client
from .openapi.answers import told
from .place import joined, shown

HTTP_GET = "http_get"
BODY_BYTES_AT_MOST = 2_000_000
REDIRECTS_AT_MOST = 5


class Refused(Exception):
    """An address that is not read; the message is for the model."""


class Web:
    """`allow`: `example.org`, `*.example.org` (every host below it), each perhaps with `:port`."""

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._allow = allow
        self._exact, self._below = _split(allow)

    async def get(self, url: str, timeout_seconds: float) -> ToolOutput:
        """Raises Refused, or ToolFailure when it did not answer."""
        self._check(url)
        try:
            # A host that is listed in full may be in our own network, one that only fits a pattern may not.
            async with asyncio.timeout(timeout_seconds), guarded_client(self._exact) as client:
                return await self._followed(client, url)
        except RefusedAddress as error:
            raise Refused(str(error)) from error
        except BodyTooLarge as error:
            raise Refused(f"What is at {shown(url)} is {error}.") from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            because = str(error).rstrip(".") or "it did not answer in time"
            raise ToolFailure(
                f"{shown(url)} cannot be read: {because}.", "not_sent"
            ) from error  # reading changes nothing

    async def _followed(self, client: httpx.AsyncClient, url: str) -> ToolOutput:
        for _ in range(REDIRECTS_AT_MOST):
            async with client.stream("GET", url) as response:
                if not response.has_redirect_location:
                    body = await body_of(response, BODY_BYTES_AT_MOST)
                    return await told(response.status_code, response.headers.get("content-type", ""), body, ())
            there = joined(url, response.headers["location"])
            if there is None:
                raise Refused(f"{shown(url)} redirects to what is no address.")
            url = there
            self._check(url)
        raise Refused(f"{shown(url)} redirects more than {REDIRECTS_AT_MOST} times.")

    def _check(self, url: str) -> None:
        try:
            place = place_of(url)
        except RefusedAddress as error:
            raise Refused(str(error)) from error
        if urlsplit(url).username is not None:
            raise Refused("An address with a name or password in it is not read.")
        if place not in self._exact and not any(
            place[0].endswith(end) and port in (None, place[1]) for end, port in self._below
        ):
            raise Refused(f"{place[0]} is not asked. Only these hosts are: {', '.join(self._allow)}.")


def _split(allow: tuple[str, ...]) -> tuple[frozenset[Place], tuple[tuple[str, int | None], ...]]:
    exact: set[Place] = set()
    below: list[tuple[str, int | None]] = []
    for entry in allow:
        host, _, port = entry.strip().lower().rpartition(":") if _has_port(entry) else (entry.strip().lower(), "", "")
        ports = [int(port)] if port else list(DEFAULT_PORTS.values())
        if host.startswith("*."):
            below += [(host[1:], one) for one in ports]
        else:
            exact |= {(host.strip("[]"), one) for one in ports}
    return frozenset(exact), tuple(below)


def _has_port(entry: str) -> bool:
    return entry.strip().rpartition(":")[2].isdecimal() and (entry.count(":") == 1 or "]:" in entry)
