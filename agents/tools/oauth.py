"""OAuth for remote MCP servers: a person signs in at the server's own page; tokens are renewed, and never shown.

The SDK's client does discovery (RFC 9728, RFC 8414), registration, PKCE and the exchange; what is ours is that the two
halves of it meet in two requests of one browser, that every address is judged, and what is kept.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from agents.config import Connector

from .addresses import RefusedAddress
from .errors import CannotStart
from .oauth_client import ANSWER_SECONDS, client, clipped
from .references import resolved
from .sign_ins import Kept, SignInFailed, SignIns, UnderWay

PERSON_SECONDS = 600.0
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
        said = "was not agreed to there" if error == "access_denied" else f"failed there: {clipped(words or error)}"
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
            client(connector, auth=provider) as http,
            http.stream("POST", connector.url or "", json=PING, headers=SPEAKS) as response,
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
        words = clipped(str(error)) or type(error).__name__
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


def _reason(error: Exception) -> str:
    """The SDK's words without what the server answered, which may be anything."""
    words = str(error).partition("{")[0].partition("<")[0]
    return clipped(words).rstrip(".: ") or type(error).__name__
