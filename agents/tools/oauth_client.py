"""The HTTP client of sign-ins: every address it is sent to is judged before anything is said there."""

from typing import Any

import httpx2

from agents.config import Connector

from .addresses import DEFAULT_PORTS, Place, RefusedAddress, judged, place_of

ANSWER_SECONDS = 20.0
LONGEST_WORDS = 200


def client(connector: Connector, auth: httpx2.Auth | None = None) -> httpx2.AsyncClient:
    """Goes to the connector's own host, to the token address an admin typed, and to public ones; nowhere else."""
    own = [connector.url or "", (connector.auth.token_url if connector.auth else None) or ""]
    allowed = [place_of(one) for one in own if one]
    timeout = httpx2.Timeout(ANSWER_SECONDS)
    return httpx2.AsyncClient(auth=auth, transport=_Guarded(allowed), timeout=timeout, trust_env=False)


class _Guarded(httpx2.AsyncHTTPTransport):
    """Connects to the address that was judged; the name stays in the Host header and in the certificate's check."""

    def __init__(self, allowed: list[Place]) -> None:
        super().__init__(trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0))
        self._allowed = allowed

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        named = request.url
        port = named.port or DEFAULT_PORTS.get(named.scheme)
        if port is None:
            raise RefusedAddress("An address begins with http:// or https:// and names a host.")
        try:
            address = (await judged(named.host, port, self._allowed))[0]
        except OSError:
            raise httpx2.ConnectError(f"{named.host} cannot be looked up") from None
        if address != named.host:
            request.url = named.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": named.host}
        try:
            return await super().handle_async_request(request)
        finally:
            request.url = named


def clipped(words: Any) -> str:
    plain = " ".join(str(words).split())
    return plain if len(plain) <= LONGEST_WORDS else f"{plain[:LONGEST_WORDS]}…"
