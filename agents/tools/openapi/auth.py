"""How a service is told who asks: fixed headers, or a token that is fetched, kept while it is good, and fetched anew."""

import asyncio
import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote_plus

import httpx

from agents.config import Auth, Connector
from agents.tools.addresses import RefusedAddress, place_of
from agents.tools.errors import CannotStart, ConnectorDown
from agents.tools.guarded import BodyTooLarge, body_of, guarded_client
from agents.tools.place import shown
from agents.tools.references import resolved

TOKEN_SECONDS = 20.0
TOKEN_BYTES_AT_MOST = 100_000
EARLY_SECONDS = 30.0
"""A token is not used in its last moments: it could end on the way."""


class Credentials(Protocol):
    @property
    def secrets(self) -> tuple[str, ...]:
        """What nothing may show."""

    @property
    def names(self) -> frozenset[str]:
        """The headers it sets, which no call may set."""

    async def headers(self) -> dict[str, str]:
        """Raises ConnectorDown."""

    def refused(self) -> bool:
        """The service answered 401: True when asking again is worth it."""

    async def close(self) -> None: ...


def credentials(connector: Connector, resolve: Callable[[str], str]) -> Credentials:
    """Raises CannotStart when a secret is missing."""
    plain, secrets = resolved(connector.headers, resolve)
    auth = connector.auth
    if auth is None:
        return Fixed(plain, secrets)
    given, own = resolved(_references(auth), resolve)
    if auth.kind == "client_credentials":
        return ClientCredentials(connector.name, auth, given["client_secret"], plain, (*secrets, *own))
    if auth.kind == "oauth":
        raise CannotStart(f"{connector.name}: signing in by OAuth is for remote MCP servers only.")
    name, value = _header(auth, given)
    return Fixed(plain | {name: value}, (*secrets, *own, value.partition(" ")[2] or value))


def _references(auth: Auth) -> dict[str, str]:
    wanted = {"basic": ("password",), "client_credentials": ("client_secret",)}.get(auth.kind, ("value",))
    given = {one: getattr(auth, one) for one in wanted}
    if missing := [one for one, value in given.items() if not value]:
        raise CannotStart(f"The sign-in of kind {auth.kind} needs a {missing[0].replace('_', ' ')}.")
    return given


def _header(auth: Auth, given: Mapping[str, str]) -> tuple[str, str]:
    match auth.kind:
        case "header":
            if not auth.name:
                raise CannotStart("The sign-in by header needs the header's name.")
            return auth.name, given["value"]
        case "bearer":
            return "Authorization", f"Bearer {given['value']}"
        case _:
            return "Authorization", _basic(auth.username or "", given["password"])


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


class Fixed:
    """The same headers with every call, or none."""

    def __init__(self, headers: dict[str, str], secrets: tuple[str, ...]) -> None:
        if wrong := [name for name, value in headers.items() if not (value.isascii() and value.isprintable())]:
            raise CannotStart(f"The value of the header {wrong[0]} holds characters that no header can hold.")
        self._headers = headers
        self.secrets = secrets
        self.names = frozenset(headers)

    async def headers(self) -> dict[str, str]:
        return self._headers

    def refused(self) -> bool:
        return False

    async def close(self) -> None:
        pass


class ClientCredentials:
    """OAuth 2 without a person. Many calls at once wait for one token; `token_url` is the admin's own word."""

    def __init__(
        self, connector: str, auth: Auth, secret: str, headers: dict[str, str], secrets: tuple[str, ...]
    ) -> None:
        if not auth.token_url or not auth.client_id:
            raise CannotStart("The sign-in by client credentials needs a token URL and a client id.")
        try:
            place = place_of(auth.token_url)
        except RefusedAddress as error:
            raise CannotStart(f"The token URL cannot be used: {error}") from error
        self._connector, self._auth, self._secret = connector, auth, secret
        self._url = auth.token_url
        self._client = guarded_client([place], timeout_seconds=TOKEN_SECONDS)
        self._fixed = Fixed(headers, secrets)
        self.names = self._fixed.names | {"Authorization"}
        self._token: str | None = None
        self._good_until = 0.0
        self._fresh = False
        self._fetching = asyncio.Lock()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self._fixed.secrets, *((self._token,) if self._token else ()))

    async def headers(self) -> dict[str, str]:
        async with self._fetching:
            if self._token is None or time.monotonic() >= self._good_until:
                await self._fetch()
            return await self._fixed.headers() | {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        self._token = None
        return True

    async def close(self) -> None:
        await self._client.aclose()

    async def _fetch(self) -> None:
        form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
        status, said = await self._asked(form, basic=True)
        if status == 401 or (status == 400 and said.get("error") in ("invalid_client", "invalid_request")):
            secret = {"client_id": self._auth.client_id or "", "client_secret": self._secret}
            status, said = await self._asked(form | secret, basic=False)  # the other way to say who we are
        token = said.get("access_token")
        if not 200 <= status < 300 or not isinstance(token, str) or not token or not token.isascii():
            raise ConnectorDown(f"{self._connector} gave no token: {shown(self._url)} answered {status}{_code(said)}.")
        seconds = said.get("expires_in")
        lasts = float(seconds) if isinstance(seconds, int | float | str) and _is_number(seconds) else float("inf")
        self._token = token
        self._good_until = time.monotonic() + max(lasts - EARLY_SECONDS, lasts / 2)

    async def _asked(self, form: dict[str, str], *, basic: bool) -> tuple[int, dict[str, Any]]:
        headers = {"accept": "application/json"}
        if basic:
            headers["authorization"] = _basic(quote_plus(self._auth.client_id or ""), quote_plus(self._secret))
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                async with self._client.stream("POST", self._url, data=form, headers=headers) as response:
                    body = await body_of(response, TOKEN_BYTES_AT_MOST)
                    return response.status_code, _object(response, body)
        except (httpx.HTTPError, TimeoutError, BodyTooLarge, RefusedAddress, OSError) as error:
            because = str(error) or type(error).__name__
            raise ConnectorDown(f"{self._connector} gave no token: {shown(self._url)}: {because}.") from error


def _object(response: httpx.Response, body: bytes) -> dict[str, Any]:
    try:
        said = httpx.Response(response.status_code, content=body).json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _is_number(value: object) -> bool:
    try:
        return float(str(value)) >= 0
    except ValueError:
        return False


def _code(said: dict[str, Any]) -> str:
    """Only the protocol's own short word: what else stands there may repeat what was sent."""
    code = said.get("error")
    return f" ({code})" if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""
