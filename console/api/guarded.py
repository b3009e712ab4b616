"""The one way into every route under /api/v1: who asks, may they, did they ask before, and every error as a problem."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from store.errors import StoreUnavailable
from store.idempotency import Answer, Conflict, Idempotency

from .access import Actor, authorise, confine
from .bodies import StrictRequest
from .desk import desk_of
from .problems import MEDIA_TYPE, problem, refusal

KEY = "Idempotency-Key"
LONGEST_KEY = 200
JSON = "application/json"


class GuardedRoute(APIRoute):
    """GET needs a viewer, POST an operator, PUT an admin; see access.py."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        carry_out, path = super().get_route_handler(), self.path

        async def guarded(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            try:
                actor = request.state.actor = await authorise(request, desk_of(request).people)
                await confine(path, request.path_params, actor, desk_of(request).queries)
                _check_kind(request)
                if request.method == "POST" and KEY in request.headers:
                    return await _once(request, actor, desk_of(request).idempotency, carry_out)
                return await carry_out(request)
            except Exception as error:  # the boundary: whatever it was, the caller gets a sentence
                return refusal(error)

        return guarded


def _check_kind(request: Request) -> None:
    """A body without a kind is taken for JSON. PUT knows its own kinds."""
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if request.method == "POST" and kind != JSON:
        raise HTTPException(415, f"Send JSON, with `Content-Type: {JSON}`.")


async def _once(
    request: Request,
    actor: Actor,
    idempotency: Idempotency,
    carry_out: Callable[[Request], Awaitable[Response]],
) -> Response:
    """The same key and body get the same answer, refusals included; nothing runs twice, not even at once."""
    key = request.headers[KEY]
    if not 0 < len(key) <= LONGEST_KEY:
        return problem(422, f"An {KEY} has 1 to {LONGEST_KEY} characters.")
    body_hash = _hash(request, await request.body())
    known = await idempotency.recall(key, actor.known_as, body_hash)
    if isinstance(known, Conflict):
        return problem(known.status, known.because)
    if known is not None:
        return _answered(request, known)
    try:
        response = await carry_out(request)
    except Exception as error:
        response = refusal(error)
    await _keep(idempotency, key, actor.known_as, body_hash, response)
    return response


async def _keep(idempotency: Idempotency, key: str, actor: str, body_hash: str, response: Response) -> None:
    """503 means that nothing was recorded, so the key may be used again; every other answer stands."""
    with suppress(StoreUnavailable):
        if response.status_code == 503:
            await idempotency.forget(key, actor)
        else:
            text = bytes(response.body).decode()
            await idempotency.remember(key, actor, body_hash, response.status_code, text)


def _hash(request: Request, body: bytes) -> str:
    address = f"{request.method} {request.scope['path']}\n".encode()
    return hashlib.sha256(address + body).hexdigest()


def _answered(request: Request, answer: Answer) -> Response:
    kind = MEDIA_TYPE if answer.status >= 400 else "application/json"
    response = Response(answer.body, answer.status, media_type=kind)
    if answer.status == 201:
        response.headers["Location"] = located(request, json.loads(answer.body)["id"])
    return response


def located(request: Request, id: str) -> str:
    """The address of what was just made in this list."""
    return f"{request.scope['path']}/{id}"
