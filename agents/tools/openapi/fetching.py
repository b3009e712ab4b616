"""Gets a description: the uploaded text, or what is at an address, within a size and only where it may be asked."""

import asyncio

import httpx

from agents.tools.addresses import RefusedAddress, place_of
from agents.tools.errors import CannotStart
from agents.tools.guarded import BodyTooLarge, body_of, guarded_client
from agents.tools.place import joined, shown

from .answers import named
from .document import JSON_BYTES_AT_MOST

REDIRECTS_AT_MOST = 5


class NotFetched(Exception):
    """It may come another time; the message is one sentence."""


class NotWithoutKey(NotFetched):
    """It is there, but not for everybody."""


async def fetch(url: str, headers: dict[str, str], seconds: float) -> tuple[str, str]:
    """The text and the address it was finally found at. Raises NotFetched, or CannotStart for a wrong address.

    `headers` go to the host that was entered and to no other.
    """
    try:
        entered = place_of(url)
    except RefusedAddress as error:
        raise CannotStart(f"The address of the description cannot be used: {error}") from error
    try:
        async with asyncio.timeout(seconds), guarded_client([entered], timeout_seconds=seconds) as client:
            for _ in range(REDIRECTS_AT_MOST):
                own = headers if place_of(url) == entered else {}
                async with client.stream("GET", url, headers=own | {"accept": "application/json, */*"}) as response:
                    if not response.has_redirect_location:
                        return await _text(response), url
                    there = joined(url, response.headers["location"])
                if there is None:
                    raise NotFetched(f"{shown(url)} redirects to what is no address.")
                url = there
    except RefusedAddress as error:
        raise CannotStart(f"The description is not fetched: {error}") from error
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        because = str(error).rstrip(".") or "it did not answer in time"
        raise NotFetched(f"{shown(url)} cannot be reached: {because}.") from error
    raise NotFetched(f"{shown(url)} redirects more than {REDIRECTS_AT_MOST} times.")


async def _text(response: httpx.Response) -> str:
    place = shown(str(response.url))
    if response.status_code != 200:
        kind = NotWithoutKey if response.status_code in (401, 403) else NotFetched
        raise kind(f"{place} answered {named(response.status_code)} instead of an OpenAPI description.")
    try:
        body = await body_of(response, JSON_BYTES_AT_MOST)
    except BodyTooLarge as error:
        raise CannotStart(f"The description at {place} is not read: it is {error}.") from error
    return body.decode("utf-8-sig", "replace")
