"""The token of a sign-in on the requests of its connector: renewed when it ends or is refused."""

import base64
import json
from dataclasses import replace
from urllib.parse import quote

import httpx2

from agents.config import Connector

from .addresses import RefusedAddress
from .oauth_client import client, clipped
from .sign_ins import Kept, SignInFailed, SignIns


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
            async with client(connector) as http:
                response = await http.post(kept.token_endpoint, data=_renewal(kept), headers=_client_headers(kept))
                answer = json.loads(response.content)
        except RefusedAddress as error:
            raise SignInFailed(f"The sign-in to {connector.name} could not be renewed: {error}") from None
        except (httpx2.HTTPError, ValueError) as error:
            words = type(error).__name__ if isinstance(error, ValueError) else clipped(str(error))
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
