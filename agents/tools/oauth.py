"""OAuth for remote MCP servers: a person signs in at the server's own page; tokens are renewed, and never shown.

The SDK's client does discovery (RFC 9728, RFC 8414), registration, PKCE and the exchange; what is ours is that the two
halves of it meet in two requests of one browser, that every address is judged, and what is kept.
"""

import asyncio
import base64
import json
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from agents.config import Connector

from .addresses import DEFAULT_PORTS, Place, RefusedAddress, judged, place_of
from .errors import CannotStart
from .references import resolved
from .sign_ins import Kept, SignInFailed, SignIns, UnderWay

PERSON_SECONDS = 600.0
ANSWER_SECONDS = 20.0
LONGEST_WORDS = 200
PING = {"jsonrpc": "2.0", "id": "sign-in", "method": "ping"}
SPEAKS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
logging.getLogger("mcp.client.auth").setLevel(logging.CRITICAL)  # its tracebacks repeat what the server answered


async def begin(
    signs: SignIns,
    connector: Connector,
    resolve: Callable[[str], str],
    *,
    redirect_uri: str,
    by: str,
    browser: str,
) -> str:
    """The address of the server's sign-in page, for this browser. Raises SignInFailed."""
    loop = asyncio.get_running_loop()
    shown: asyncio.Future[str] = loop.create_future()
    answer: asyncio.Future[tuple[str, str | None]] = loop.create_future()
    work = asyncio.create_task(_sign_in(signs, connector, resolve, redirect_uri, by, shown, answer))
    work.add_done_callback(lambda task: task.cancelled() or task.exception())  # asked for below, or given up
    either: set[asyncio.Future[Any]] = {shown, work}
    await asyncio.wait(either, timeout=ANSWER_SECONDS * 2, return_when=asyncio.FIRST_COMPLETED)
    if not shown.done():
        if not work.done():
            work.cancel()
            raise SignInFailed(f"{connector.name} did not say in time where to sign in.")
        work.result()
        raise SignInFailed(f"{connector.name} asked for no sign-in, so there is nothing to sign in to.")
    url = shown.result()
    state = parse_qs(urlsplit(url).query).get("state", [""])[0]
    signs.under_way[state] = UnderWay(connector=connector, by=by, browser=browser, answer=answer, work=work)
    work.add_done_callback(lambda _: signs.under_way.pop(state, None))
    return url


async def finish(
    signs: SignIns, *, state: str, browser: str, code: str, issuer: str | None, error: str, words: str
) -> Connector:
    """The browser is back from the server's page. Raises SignInFailed."""
    one = signs.under_way.get(state)
    if one is None or not secrets.compare_digest(one.browser, browser):
        raise SignInFailed(
            "This sign-in was not begun in this browser, or took too long. Nothing changed; begin again."
        )
    name = one.connector.name
    if error or not code:
        del signs.under_way[state]
        one.work.cancel()
        said = "was not agreed to there" if error == "access_denied" else f"failed there: {_clipped(words or error)}"
        raise SignInFailed(f"The sign-in to {name} {said}. Nothing changed.")
    if not one.answer.done():
        one.answer.set_result((code, issuer))
    done, _ = await asyncio.wait({one.work}, timeout=ANSWER_SECONDS * 2)
    if not done:
        one.work.cancel()
        raise SignInFailed(f"{name} did not answer in time after the sign-in. Nothing changed; begin again.")
    if one.work.cancelled():
        raise SignInFailed(f"The sign-in to {name} was given up. Begin again.")
    one.work.result()
    return one.connector


async def _sign_in(
    signs: SignIns,
    connector: Connector,
    resolve: Callable[[str], str],
    redirect_uri: str,
    by: str,
    shown: asyncio.Future[str],
    answer: asyncio.Future[tuple[str, str | None]],
) -> None:
    """Both halves; in between it waits for the person."""

    async def show(url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise OAuthFlowError("its sign-in page has no http address")
        shown.set_result(url)

    async def answered() -> AuthorizationCodeResult:
        state = parse_qs(urlsplit(shown.result()).query).get("state", [""])[0]  # finish compared it with the browser's
        code, issuer = await asyncio.wait_for(answer, PERSON_SECONDS)
        return AuthorizationCodeResult(code=code, state=state, iss=issuer)

    memory = _Memory(_own_client(connector, resolve, redirect_uri))
    metadata = OAuthClientMetadata(
        client_name="Quarterdeck", redirect_uris=[AnyUrl(redirect_uri)], application_type="web",
        scope=connector.auth.scope if connector.auth else None,
    )  # fmt: skip
    provider = OAuthClientProvider(connector.url or "", metadata, memory, show, answered)
    with _told(connector.name):
        async with (
            _client(connector, auth=provider) as client,
            client.stream("POST", connector.url or "", json=PING, headers=SPEAKS) as response,
        ):
            status = response.status_code
        if memory.tokens is None:
            return
        if status in (401, 403):
            raise SignInFailed(f"{connector.name} does not accept the token of this sign-in ({status}).")
        await signs.keep(connector, _kept(provider, connector, memory.tokens, by, signs.now()), by)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What can stop a sign-in, as one sentence that carries no code and no token."""
    try:
        yield
    except TimeoutError:
        raise SignInFailed(f"Nobody finished the sign-in to {name} within ten minutes.") from None
    except (OAuthFlowError, OAuthRegistrationError, OAuthTokenError) as error:
        raise SignInFailed(f"The sign-in to {name} failed: {_reason(error)}.") from None
    except RefusedAddress as error:
        raise SignInFailed(f"The sign-in to {name} was not tried: {error}") from None
    except (httpx2.HTTPError, ValueError) as error:
        words = _clipped(str(error)) or type(error).__name__
        raise SignInFailed(f"The sign-in to {name} failed on the way: {words}.") from None


def _own_client(
    connector: Connector, resolve: Callable[[str], str], redirect_uri: str
) -> OAuthClientInformationFull | None:
    """A client the admin registered by hand, where a server does not register them by itself."""
    auth = connector.auth
    if auth is None or not auth.client_id:
        return None
    try:
        secret = resolved({"secret": auth.client_secret}, resolve)[0]["secret"] if auth.client_secret else None
    except CannotStart as error:
        raise SignInFailed(str(error)) from None
    return OAuthClientInformationFull(
        client_id=auth.client_id, client_secret=secret, redirect_uris=[AnyUrl(redirect_uri)],
        token_endpoint_auth_method="client_secret_post" if secret else "none",
    )  # fmt: skip


def _kept(provider: OAuthClientProvider, connector: Connector, tokens: OAuthToken, by: str, now: float) -> Kept:
    context = provider.context
    client = context.client_info
    assert client is not None and client.client_id is not None
    return Kept(
        url=connector.url or "",
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_at=now + tokens.expires_in if tokens.expires_in is not None else None,
        token_endpoint=provider._get_token_endpoint(),
        resource=context.get_resource_url()
        if context.protocol_version or context.protected_resource_metadata
        else None,
        client_id=client.client_id,
        client_secret=client.client_secret,
        client_auth=client.token_endpoint_auth_method,
        by=by,
        at=now,
    )


class Bearer:
    """Puts the token of one connector on its requests, and renews it when it ends or is refused."""

    def __init__(self, signs: SignIns, connector: Connector) -> None:
        self._signs = signs
        self._connector = connector

    async def token(self, refused: str | None = None) -> str:
        """`refused`: the token the server has just not accepted. Raises SignInFailed."""
        async with self._signs.lock(self._connector.name):
            kept = self._signs.kept(self._connector)
            if kept is None:
                raise SignInFailed(self._signs.sentence(self._connector))
            if kept.access_token != refused and not kept.ends_soon(self._signs.now()):
                return kept.access_token
            if kept.refresh_token is None:
                await self._signs.forget(self._connector, "the last one has ended")
                raise SignInFailed(self._signs.sentence(self._connector))
            return (await self._renewed(kept)).access_token

    async def _renewed(self, kept: Kept) -> Kept:
        connector = self._connector
        try:
            async with _client(connector) as client:
                response = await client.post(kept.token_endpoint, data=_renewal(kept), headers=_client_headers(kept))
                answer = json.loads(response.content)
        except RefusedAddress as error:
            raise SignInFailed(f"The sign-in to {connector.name} could not be renewed: {error}") from None
        except (httpx2.HTTPError, ValueError) as error:
            words = type(error).__name__ if isinstance(error, ValueError) else _clipped(str(error))
            raise SignInFailed(f"The sign-in to {connector.name} could not be renewed now: {words}.") from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if response.status_code == 200 and isinstance(token, str) and token:
            seconds = answer.get("expires_in")
            ends = self._signs.now() + seconds if isinstance(seconds, int | float) else None
            fresh = replace(
                kept,
                access_token=token,
                refresh_token=answer.get("refresh_token") or kept.refresh_token,
                expires_at=ends,
            )
            await self._signs.keep(connector, fresh, "quarterdeck")
            return fresh
        if response.status_code in (400, 401, 403):
            await self._signs.forget(connector, "the server no longer accepts the last one")
            raise SignInFailed(self._signs.sentence(connector))
        raise SignInFailed(f"The sign-in to {connector.name} could not be renewed now ({response.status_code}).")


def _renewal(kept: Kept) -> dict[str, str]:
    form = {"grant_type": "refresh_token", "refresh_token": kept.refresh_token or "", "client_id": kept.client_id}
    if kept.resource:
        form["resource"] = kept.resource
    if kept.client_secret and kept.client_auth != "client_secret_basic":
        form["client_secret"] = kept.client_secret
    return form


def _client_headers(kept: Kept) -> dict[str, str]:
    if not (kept.client_secret and kept.client_auth == "client_secret_basic"):
        return {}
    pair = f"{quote(kept.client_id, safe='')}:{quote(kept.client_secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


class _Memory:
    """What the SDK asks to keep, for the length of one sign-in."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self.client = client
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def _client(connector: Connector, auth: httpx2.Auth | None = None) -> httpx2.AsyncClient:
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


def _reason(error: Exception) -> str:
    """The SDK's words without what the server answered, which may be anything."""
    words = str(error).partition("{")[0].partition("<")[0]
    return _clipped(words).rstrip(".: ") or type(error).__name__


def _clipped(words: Any) -> str:
    plain = " ".join(str(words).split())
    return plain if len(plain) <= LONGEST_WORDS else f"{plain[:LONGEST_WORDS]}…"
