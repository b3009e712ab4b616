"""Whose browser is asking: the sign-in cookie, how it is set, and the person behind it."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from store.people import People, Person

PLAIN_NAME = "qd_session"
SECURE_NAME = "__Host-qd_session"
"""On https: browsers let no other host, and no page without encryption, set a cookie of this name."""
SIGN_IN_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    people: People
    trusted_proxy: bool = False
    """Only behind a proxy of our own do X-Forwarded-Proto and X-Forwarded-For tell the truth."""

    def is_https(self, scope: Scope) -> bool:
        if self.trusted_proxy and (forwarded := HTTPConnection(scope).headers.get("x-forwarded-proto")):
            return forwarded.split(",")[-1].strip().lower() == "https"
        return scope.get("scheme") in ("https", "wss")

    def address(self, scope: Scope) -> str:
        """Where the request came from, to count failures by."""
        if self.trusted_proxy and (forwarded := HTTPConnection(scope).headers.get("x-forwarded-for")):
            return forwarded.split(",")[-1].strip()
        client = scope.get("client")
        return client[0] if client else "unknown"

    def token(self, scope: Scope) -> str | None:
        """On https the plain name is not believed: any page of the same host without encryption can set it."""
        return HTTPConnection(scope).cookies.get(self._name(scope)) or None

    async def person(self, scope: Scope, *, touch: bool = True) -> Person | None:
        """Read anew each time: a role taken away is gone at once. `touch`: the browser asks, so it is not idle."""
        token = self.token(scope)
        return None if token is None else await self.people.who(token, touch=touch)

    def keep(self, scope: Scope, response: Response, token: str) -> None:
        """Lax, because Strict would lose the cookie on links from mails."""
        response.set_cookie(
            self._name(scope),
            token,
            max_age=SIGN_IN_SECONDS,
            path="/",
            secure=self.is_https(scope),
            httponly=True,
            samesite="lax",
        )

    def drop(self, scope: Scope, response: Response) -> None:
        response.delete_cookie(self._name(scope), path="/", secure=self.is_https(scope), httponly=True, samesite="lax")

    def _name(self, scope: Scope) -> str:
        return SECURE_NAME if self.is_https(scope) else PLAIN_NAME
