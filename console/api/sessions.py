"""Routes of sessions: start, list, look, write to, pause, resume, stop."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from agents.errors import BadRequest, NotAllowed, NotFound
from store.events import Status

from . import shapes
from .desk import ActorHere, DeskHere
from .documented import refusals
from .guarded import GuardedRoute, located
from .shapes import NewMessage, NewSession, Reason

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=GuardedRoute)

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]


@router.post(
    "",
    summary="Start a session with its first message",
    status_code=201,
    response_model=shapes.Standing,
    responses=refusals(413, 415, 422),
)
async def start_session(body: NewSession, request: Request, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    if not actor.may_use(body.agent):
        raise NotAllowed(f"{actor.only}; it cannot start {body.agent}.")
    session_id, status = await desk.runtime.start(
        body.agent, body.message, by=actor.name, title=(body.title or "").strip() or None, inputs=body.inputs
    )
    return JSONResponse({"id": session_id, "status": status}, 201, headers={"Location": located(request, session_id)})


@router.get("", summary="List sessions, newest first", response_model=shapes.Sessions, responses=refusals(422))
async def list_sessions(
    desk: DeskHere,
    actor: ActorHere,
    status: Status | Literal[""] | None = None,
    agent: str | None = None,
    q: Annotated[str | None, Query(description="Looked for in title, id and agent.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    page = await desk.queries.sessions(
        status or None, agent or None, q or None, limit, cursor or None, agents=actor.agents
    )
    return JSONResponse({"items": [costed(item) for item in page.items], "next_cursor": page.next_cursor})


@router.get("/{id}", summary="Look at one session", response_model=shapes.Session, responses=refusals(404))
async def get_session(id: str, desk: DeskHere) -> JSONResponse:
    found = await desk.queries.session(id)
    if found is None:
        raise NotFound(f"There is no session {id}.")
    return JSONResponse(costed(found))


@router.post(
    "/{id}/messages",
    summary="Write to a session; while it waits the message is queued, and open approvals show it",
    response_model=shapes.Standing,
    responses=refusals(404, 409, 413, 415, 422),
)
async def send_message(id: str, body: NewMessage, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    try:
        status = await desk.runtime.send(id, body.text, by=actor.name)
    except BadRequest as error:  # the runtime calls it a message wherever it comes from
        problems = tuple(one.replace("/message", "/text", 1) for one in error.problems)
        raise BadRequest(str(error), problems) from error
    return JSONResponse({"id": id, "status": status})


Tell = Callable[..., Awaitable[Status]]
_REFUSALS = refusals(404, 409, 413, 415, 422)


@router.post(
    "/{id}/pause",
    summary="Pause a session: what runs ends, nothing new begins",
    response_model=shapes.Standing,
    responses=_REFUSALS,
)
async def pause_session(id: str, body: Reason, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    return await _told(desk.runtime.pause, id, body, actor)


@router.post("/{id}/resume", summary="Resume a paused session", response_model=shapes.Standing, responses=_REFUSALS)
async def resume_session(id: str, body: Reason, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    return await _told(desk.runtime.resume, id, body, actor)


@router.post(
    "/{id}/stop",
    summary="Stop a session for good: what waits is withdrawn",
    response_model=shapes.Standing,
    responses=_REFUSALS,
)
async def stop_session(id: str, body: Reason, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    return await _told(desk.runtime.stop, id, body, actor)


async def _told(tell: Tell, id: str, body: Reason, actor: ActorHere) -> JSONResponse:
    status = await tell(id, by=actor.name, because=body.because)
    return JSONResponse({"id": id, "status": status})


def costed(item: dict[str, Any]) -> dict[str, Any]:
    """A cost of which a part is unknown is unknown, never a number that looks complete."""
    known = item["cost_usd"]
    return {**item, "cost_usd": None if item["cost_unknown"] else known, "known_cost_usd": known}
