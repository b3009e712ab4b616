"""Sign-ins to remote MCP servers: the tokens kept, encrypted, under a reserved name, and those sign-ins under way.

The network's part is in oauth.py, which is loaded only where it is needed.
"""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from agents.config import RESERVED, Connector

BY_ITSELF = "quarterdeck"
"""Who renews a token, in the admin log."""
EARLY_SECONDS = 30
"""A token that ends this soon is renewed before it is used."""
PLAIN = re.compile(r"[A-Za-z0-9._-]{1,58}")


class SignInFailed(Exception):
    """Why nobody is signed in now, as one sentence."""


class Vault(Protocol):
    def names(self) -> list[str]: ...

    def resolve(self, reference: str) -> str: ...

    async def set(self, name: str, value: str, by: str) -> None: ...

    async def delete(self, name: str, by: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one sign-in left: its tokens, and how they are renewed. Never to be printed, hence no repr."""

    url: str
    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    """Seconds since the epoch; None where the server does not say."""
    token_endpoint: str
    resource: str | None = None
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    client_auth: str | None = None
    by: str
    at: float

    def ends_soon(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at - EARLY_SECONDS <= now


@dataclass(slots=True, kw_only=True)
class UnderWay:
    """One person at the server's sign-in page. `browser`: of whom; nobody else's answer is taken."""

    connector: Connector
    by: str
    browser: str
    answer: asyncio.Future[tuple[str, str | None]]
    """The code, and the issuer where the server names itself."""
    work: asyncio.Task[None]


class SignIns:
    def __init__(self, vault: Vault, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._vault = vault
        self._ended: dict[str, str] = {}
        """Connector → why the last sign-in no longer holds."""
        self.under_way: dict[str, UnderWay] = {}
        """By state."""
        self.locks: dict[str, asyncio.Lock] = {}
        self._wanted: Mapping[str, Connector] | None = None
        """The connectors there are; None before that is known."""
        self._storing = asyncio.Lock()

    def kept(self, connector: Connector) -> Kept | None:
        """None where nobody signed in, or at another address: a token is for the server it was given by."""
        found = self._read(secret_name(connector.name))
        return found if found is not None and found.url == connector.url else None

    def _read(self, name: str) -> Kept | None:
        if name not in self._vault.names():
            return None
        try:
            return Kept(**json.loads(self._vault.resolve(f"secret:{name}")))
        except (KeyError, ValueError, TypeError):
            return None

    def is_needed(self, connector: Connector) -> bool:
        return is_by_person(connector) and self.kept(connector) is None

    def sentence(self, connector: Connector) -> str:
        """What is to be done where a sign-in is needed."""
        because = self._ended.get(connector.name, "nobody has signed in yet")
        return f"{connector.name} needs a sign-in: {because}. An admin signs in on its page under Connectors."

    async def keep(self, connector: Connector, kept: Kept, by: str) -> None:
        """Raises SignInFailed where the connector is gone: one of the same name must not begin signed in."""
        values = {name: getattr(kept, name) for name in Kept.__dataclass_fields__}
        async with self._storing:
            if not self._is_wanted(connector):
                raise SignInFailed(f"{connector.name} was deleted or changed meanwhile; no sign-in to it was kept.")
            await self._vault.set(secret_name(connector.name), json.dumps(values), by)
        self._ended.pop(connector.name, None)

    async def forget(self, connector: Connector, because: str, by: str = BY_ITSELF) -> None:
        self._ended[connector.name] = because
        await self._delete(secret_name(connector.name), by)

    async def follow(self, wanted: Mapping[str, Connector]) -> None:
        """These are the connectors now: with each that is gone goes whoever was signed in."""
        self._wanted = wanted
        for name in set(self._ended) - set(wanted):
            del self._ended[name]
        async with self._storing:  # what is just being stored is seen, too
            used = {secret_name(one.name) for one in wanted.values() if is_by_person(one)}
            left = [one for one in self._vault.names() if one.startswith(RESERVED) and one not in used]
        for name in left:
            if self._read(name) is not None:  # and no secret that somebody gave such a name
                await self._delete(name, BY_ITSELF)

    def _is_wanted(self, connector: Connector) -> bool:
        """Its sign-in may differ by now, as that of a draft does: a token is for an address."""
        if self._wanted is None:
            return True
        found = self._wanted.get(connector.name)
        return found is not None and is_by_person(found) and found.url == connector.url

    async def _delete(self, name: str, by: str) -> None:
        async with self._storing:
            if name in self._vault.names():
                await self._vault.delete(name, by)

    def lock(self, connector: str) -> asyncio.Lock:
        """One renewal at a time: many servers take each refresh token only once."""
        return self.locks.setdefault(connector, asyncio.Lock())

    async def begin(
        self, connector: Connector, resolve: Callable[[str], str], *, redirect_uri: str, by: str, browser: str
    ) -> str:
        """The address of the server's sign-in page, for this browser alone. Raises SignInFailed."""
        oauth = await _loaded()
        return str(await oauth.begin(self, connector, resolve, redirect_uri=redirect_uri, by=by, browser=browser))

    async def finish(
        self, *, state: str, browser: str, code: str = "", issuer: str | None = None, error: str = "", words: str = ""
    ) -> str:
        """The connector that somebody is signed in to now. Raises SignInFailed."""
        oauth, given = await _loaded(), {"code": code, "issuer": issuer, "error": error, "words": words}
        return str((await oauth.finish(self, state=state, browser=browser, **given)).name)

    async def close(self) -> None:
        for one in tuple(self.under_way.values()):
            one.work.cancel()


async def _loaded() -> Any:
    """In a thread, and only when it is needed: the SDK takes most of a second to import."""
    return await asyncio.to_thread(import_module, "agents.tools.oauth")


def is_by_person(connector: Connector) -> bool:
    return connector.kind == "mcp_http" and connector.auth is not None and connector.auth.kind == "oauth"


def secret_name(connector: str) -> str:
    """A secret's name is narrower than a connector's."""
    if PLAIN.fullmatch(connector):
        return f"{RESERVED}{connector}"
    return f"{RESERVED}-{hashlib.sha256(connector.encode()).hexdigest()[:32]}"
