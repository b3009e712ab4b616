"""An httpx client whose every request, redirected ones included, goes only where `addresses` lets it."""

from collections.abc import Callable, Collection
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from .addresses import DEFAULT_PORTS, Lookup, Place, RefusedAddress, judged, look_up

CONNECT_SECONDS = 10.0


class BodyTooLarge(Exception):
    """An answer that is longer than it may be."""


class Guarded(httpx.AsyncBaseTransport):
    """Connects to the address that was judged, while Host header and certificate stay those of the name."""

    def __init__(
        self,
        allowed: Collection[Place] = (),
        *,
        lookup: Lookup = look_up,
        inner: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._lookup = lookup
        self._inner = inner or (lambda: httpx.AsyncHTTPTransport(trust_env=False))
        self._by_name: dict[str, httpx.AsyncBaseTransport] = {}
        """Two names on one address never share a connection: its certificate was checked for one of them."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        port = request.url.port or DEFAULT_PORTS.get(request.url.scheme)
        if port is None:
            raise RefusedAddress("An address begins with http:// or https:// and names a host.")
        try:
            addresses = await judged(name, port, self._allowed, self._lookup)
        except OSError as error:
            raise httpx.ConnectError(f"{name} cannot be looked up", request=request) from error
        return await self._first_reached(request, name, addresses)

    async def _first_reached(self, request: httpx.Request, name: str, addresses: list[str]) -> httpx.Response:
        if name not in self._by_name:
            self._by_name[name] = self._inner()
        transport = self._by_name[name]
        named = request.url
        for place, address in enumerate(addresses):
            if address != name:
                request.url = named.copy_with(host=address)
                request.extensions = {**request.extensions, "sni_hostname": name}
            try:
                return await transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent, so the next address may be tried
                if place == len(addresses) - 1:
                    raise
            finally:
                request.url = named  # what redirects and messages refer to
        raise AssertionError("unreachable: there is at least one address")

    async def aclose(self) -> None:
        for transport in self._by_name.values():
            await transport.aclose()


def guarded_client(allowed: Collection[Place] = (), *, timeout_seconds: float | None = 30.0) -> httpx.AsyncClient:
    """Follows no redirect by itself, and takes no proxy or .netrc of ours along. None: the caller watches the time."""
    timeout = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds or CONNECT_SECONDS))
    # no cookies: what one call was given must not act for all that come after it
    nothing = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        transport=Guarded(allowed), timeout=timeout, trust_env=False, follow_redirects=False, cookies=nothing
    )


async def body_of(response: httpx.Response, bytes_at_most: int) -> bytes:
    """Raises BodyTooLarge as soon as it is."""
    body = bytearray()
    async for chunk in response.aiter_bytes(65_536):
        body += chunk
        if len(body) > bytes_at_most:
            raise BodyTooLarge(f"larger than {bytes_at_most / 1_000_000:g} MB")
    return bytes(body)
