"""Routes of approvals: the inbox, one request in full, and deciding."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from agents import arguments
from agents.errors import AlreadyDecided, BadRequest, NotFound
from agents.runtime import Decided, Decider
from store.events import ApprovalStatus

from . import shapes
from .desk import ActorHere, ApiDesk, DeskHere
from .documented import refusals
from .guarded import GuardedRoute
from .sessions import Cursor, Limit
from .shapes import NewDecision

router = APIRouter(prefix="/v1/approvals", tags=["approvals"], route_class=GuardedRoute)

Item = dict[str, Any]


@router.get(
    "",
    summary="List approval requests: pending ones oldest first, others newest first",
    response_model=shapes.Approvals,
    responses=refusals(422),
)
async def list_approvals(
    desk: DeskHere,
    actor: ActorHere,
    status: Annotated[ApprovalStatus | Literal["all"], Query()] = ApprovalStatus.PENDING,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    which = None if status == "all" else status.value
    page = await desk.queries.inbox(which, limit, cursor or None, agents=actor.agents)
    return JSONResponse({"items": page.items, "next_cursor": page.next_cursor})


@router.get("/{id}", summary="Look at one approval request", response_model=shapes.Approval, responses=refusals(404))
async def get_approval(id: str, desk: DeskHere) -> JSONResponse:
    return JSONResponse(await _approval(desk, id))


@router.post(
    "/{id}/decision",
    summary="Decide: approve, edit, reject or respond to a call; settle an unknown outcome; answer a server's question",
    response_model=shapes.Decided,
    responses=refusals(404, 409, 413, 415, 422),
)
async def decide(id: str, body: NewDecision, desk: DeskHere, actor: ActorHere) -> JSONResponse:
    """The same person's identical retry gets the recorded decision; whoever else comes second gets 409."""
    text = _arguments_json(body)
    decided = _recorded(await _approval(desk, id), body, text, actor.name)
    if decided is None:
        by = Decider(name=actor.name, role=actor.role)
        try:
            decided = await desk.runtime.decide(
                id,
                body.decision,
                by=by,
                action_digest=body.action_digest,
                new_arguments=text,
                because=body.because,
                code=body.code,
            )
        except AlreadyDecided:  # perhaps by this very request, sent twice at once
            decided = _recorded(await _approval(desk, id), body, text, actor.name)
            if decided is None:
                raise
    return JSONResponse(await _answer(desk, decided))


def _arguments_json(body: NewDecision) -> str | None:
    """The text the new arguments have when written canonically: what is recorded, hashed and sent."""
    if body.arguments is not None and body.decision not in ("edit", "answer"):
        problem = f"/arguments: only an edit takes arguments; {body.decision} decides on those shown"
        raise BadRequest("To change the arguments, send the decision `edit`.", (problem,))
    return None if body.arguments is None else arguments.canonical(body.arguments)


def _recorded(approval: Item, body: NewDecision, text: str | None, by: str) -> Decided | None:
    """What became of the identical decision of the same person; None if there is none. Raises AlreadyDecided."""
    for one in approval["decisions"]:
        same = (one["by"], one["action_digest"]) == (by, body.action_digest)
        if same and _as_sent(one) == (body.decision, text, body.because or None, body.code):
            carries_on = approval["superseded_by"] if body.decision == "edit" else None
            return Decided(approval_id=carries_on or approval["id"], supersedes=approval["id"] if carries_on else None)
    if approval["status"] != ApprovalStatus.PENDING:
        raise AlreadyDecided(f"It is {approval['status']} already.", winner=approval["decided_by"])
    return None


def _as_sent(decision: Item) -> tuple[Any, ...]:
    """An edit that changed nothing is recorded as an approval, and still carries its arguments."""
    text = decision["arguments_json"]
    edited = text is not None and decision["decision"] == "approve"
    return "edit" if edited else decision["decision"], text, decision["because"], decision["code"]


async def _approval(desk: ApiDesk, id: str) -> Item:
    found = await desk.queries.approval(id)
    if found is None:
        raise NotFound(f"There is no approval request {id}.")
    return found


async def _answer(desk: ApiDesk, decided: Decided) -> Item:
    approval = await _approval(desk, decided.approval_id)
    return {"approval": approval} | ({"supersedes": decided.supersedes} if decided.supersedes else {})
