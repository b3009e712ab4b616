"""Every refusal as application/problem+json (RFC 9457), whose `detail` says what to do."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHttpException
from starlette.requests import Request
from starlette.responses import Response

from agents import errors as agents
from store import errors as store

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
UNEXPECTED = "Something failed on our side; the server's log says what. Look whether it happened before you repeat it."

log = logging.getLogger(__name__)


class Unauthorized(Exception):
    """Nobody known is asking."""


class TooLarge(HTTPException):
    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is larger than {limit:,} bytes; send less.")


class Unusable(HTTPException):
    """The body cannot be read at all."""

    def __init__(self, because: str) -> None:
        super().__init__(422, because)


STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (Unauthorized, 401),
    (agents.NotAllowed, 403),
    (agents.NotFound, 404),
    (agents.Conflict, 409),
    (agents.NotNow, 409),
    (agents.Halted, 409),
    (agents.Missing, 409),
    (store.ConfigurationChanged, 412),
    (agents.BadRequest, 422),
    (store.BadCursor, 422),
    (store.StoreUnavailable, 503),
    (store.StoreClosed, 503),
)
"""The first that fits counts; what is not here is a defect of ours: 500."""


def refusal(error: Exception) -> Response:
    """The answer to a request that ended in this error."""
    match error:
        case AnyHttpException():
            return problem(error.status_code, str(error.detail), headers=error.headers)
        case RequestValidationError():
            return problem(422, "Some of what was sent cannot be used; see `problems`.", problems=_paths(error))
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    if status == 500:
        log.error("A request failed", exc_info=error)
        return problem(500, UNEXPECTED)
    return problem(
        status,
        str(error),
        name=_dashed(type(error).__name__),
        problems=_problems(error),
        winner=error.winner if isinstance(error, agents.Conflict) else None,
        headers=_headers(error, status),
    )


def problem(
    status: int,
    detail: str,
    *,
    name: str | None = None,
    problems: Sequence[str] = (),
    winner: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    title = HTTPStatus(status).phrase
    content: dict[str, Any] = {
        "type": f"urn:quarterdeck:problem:{name or _dashed(title.title().replace(' ', ''))}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if problems:
        content["problems"] = list(problems)
    if winner is not None:
        content["winner"] = winner
    text = json.dumps(content, ensure_ascii=True)  # what was sent may be quoted, half characters and all
    return Response(text, status, headers=headers, media_type=MEDIA_TYPE)


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """For what fails outside of a route: no such path, no such method."""
    if isinstance(error, AnyHttpException) and error.status_code == 404:
        return problem(404, "There is nothing at this address; /api/docs lists what there is.")
    if isinstance(error, AnyHttpException) and error.status_code == 405:
        return problem(405, "This address does not know this method; /api/docs lists them.", headers=error.headers)
    return refusal(error)


def _problems(error: Exception) -> Sequence[str]:
    if isinstance(error, store.BadCursor):
        return (f"?cursor: {error}",)
    return error.problems if isinstance(error, agents.BadRequest) else ()


def _paths(error: RequestValidationError) -> list[str]:
    return [f"{_path(one['loc'])}: {one['msg']}" for one in error.errors()]


def _path(place: Sequence[str | int]) -> str:
    """("body", "limits", 0) → /limits/0; ("query", "limit") → ?limit."""
    steps = [str(step) for step in place[1:]]
    return f"?{'/'.join(steps)}" if place[0] == "query" else f"/{'/'.join(steps)}"


def _headers(error: Exception, status: int) -> Mapping[str, str] | None:
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="Quarterdeck"'}
    return {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None


def _dashed(name: str) -> str:
    """AlreadyDecided → already-decided."""
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("-")
