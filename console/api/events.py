"""The record of a session, page by page, or waiting for what comes next (long-poll)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from agents.errors import NotFound
from store.events import Recorded

from . import shapes
from .desk import ApiDesk, DeskHere
from .documented import refusals
from .guarded import GuardedRoute

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=GuardedRoute)

FIELDS = ("seq", "type", "v", "at", "data")
LARGEST_SEQ = 1 << 53
LONGEST_WAIT_SECONDS = 30

Items = list[dict[str, Any]]


@router.get(
    "/{id}/events",
    summary="Read a session's events in order",
    response_model=shapes.Events,
    responses=refusals(404, 422),
)
async def list_events(
    id: str,
    request: Request,
    desk: DeskHere,
    after: Annotated[int, Query(ge=0, le=LARGEST_SEQ, description="Only events with a larger `seq`.")] = 0,
    before: Annotated[
        int | None, Query(ge=0, le=LARGEST_SEQ, description="Only those with a smaller `seq`; alone: the last of them.")
    ] = None,
    tail: Annotated[int | None, Query(ge=1, le=1000, description="The last so many.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=LONGEST_WAIT_SECONDS,
            allow_inf_nan=False,
            description="Seconds to wait for the first event there is to answer with; it may end without one.",
        ),
    ] = 0,
) -> JSONResponse:
    if tail is not None:
        limit = min(limit, tail) if "limit" in request.query_params else tail
    backwards = tail is not None or (before is not None and after == 0)

    async def read() -> Items:
        count = {"tail": limit} if backwards else {"limit": limit}
        return await desk.queries.events(id, after=after, before=before, **count)

    items = await _first_news(request, desk, id, after, wait, read)
    items = [{name: item[name] for name in FIELDS} for item in items]
    return JSONResponse({"items": items, "next_cursor": _next(items, limit, backwards)})


def _next(items: Items, limit: int, backwards: bool) -> str | None:
    if len(items) < limit or (backwards and items[0]["seq"] == 1):
        return None
    return str(items[0]["seq"] if backwards else items[-1]["seq"])


async def _first_news(
    request: Request, desk: ApiDesk, id: str, after: int, seconds: float, read: Callable[[], Awaitable[Items]]
) -> Items:
    """Watches before it reads, so that nothing can slip in between."""
    news = asyncio.Event()

    def heard(_id: str, events: tuple[Recorded, ...]) -> None:
        if events[-1].seq > after:
            news.set()

    stop = desk.runtime.hub.watch(id, heard)
    try:
        items = await read()
        if items:
            return items
        if await desk.queries.session(id) is None:
            raise NotFound(f"There is no session {id}.")
        if not seconds or not await _within(seconds, news, request):
            return items
        return await read()
    finally:
        stop()


async def _within(seconds: float, news: asyncio.Event, request: Request) -> bool:
    """Whether the news came before the time was up or the caller hung up."""
    came, gone = asyncio.ensure_future(news.wait()), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((came, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        came.cancel()
        gone.cancel()
    return news.is_set()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
