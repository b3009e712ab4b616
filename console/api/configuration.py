"""Routes of the configuration: the whole of it, as JSON or YAML, read and replaced."""

import asyncio
from dataclasses import asdict
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from agents import arguments, configure
from agents.arguments import BadArguments
from agents.errors import BadRequest
from store.people import Role

from .. import connector_form
from . import shapes, yaml_reading
from .bodies import strict_json, text_of
from .desk import ActorHere, DeskHere
from .documented import refusals
from .guarded import GuardedRoute
from .problems import Unusable

router = APIRouter(prefix="/v1/configuration", tags=["configuration"], route_class=GuardedRoute)

YAML = ("application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml")
JSON = "application/json"
MAY_HOLD_KEYS = ("connectors", "models")
_SCHEMA = {"$ref": "#/components/schemas/Configuration"}
_BODY = {"required": True, "content": {kind: {"schema": _SCHEMA} for kind in (JSON, YAML[0])}}
_WHOLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The whole configuration. Secrets are references; `ETag` is for the If-Match of a PUT. Only "
        "admins read values that are written out in a connector's `env`, `headers`, `args` and addresses and may be keys.",
        "content": {kind: {"schema": _SCHEMA} for kind in (JSON, YAML[0])},
    }
}


@router.get("", summary="Read the whole configuration", responses=_WHOLE | refusals())
async def get_configuration(
    desk: DeskHere,
    actor: ActorHere,
    accept: Annotated[str, Header(description="application/json or application/yaml")] = JSON,
) -> Response:
    # the tag first: should somebody change the configuration in between, it is too old rather than too new
    etag = await desk.runtime.configuration.etag()
    found = await desk.runtime.administration.whole()
    whole = {kind: sorted(documents, key=itemgetter("name")) for kind, documents in found.items()}
    if actor.role.rank < Role.ADMIN.rank:
        whole = _for_others(whole)
    headers = {"ETag": f'"{etag}"', "Vary": "Accept, Authorization, Cookie"}
    if prefers_yaml(accept):
        return Response(configure.write_yaml(whole), headers=headers, media_type=YAML[0])
    return JSONResponse(whole, headers=headers)


@router.put(
    "",
    summary="Replace the whole configuration, atomically",
    response_model=shapes.Changes,
    responses=refusals(412, 413, 415, 422),
    openapi_extra={"requestBody": _BODY},
)
async def put_configuration(
    request: Request,
    desk: DeskHere,
    actor: ActorHere,
    if_match: Annotated[str | None, Header(description="The ETag you read. If it changed, nothing is done.")] = None,
) -> JSONResponse:
    """What the document does not name is deleted, but without the key `settings` or `standing_approvals` those stay as
    they are. A document that would lift an emergency stop is refused with 422: lift it in Settings, on purpose."""
    document = await _document(request)
    refuse_hidden(document)
    current = await desk.runtime.configuration.etag()
    wanted = _wanted(if_match, current)
    changed = await desk.runtime.administration.replace(document, by=actor.name, if_match=wanted)
    headers = {"ETag": f'"{await desk.runtime.configuration.etag()}"'}
    return JSONResponse({"changes": [asdict(one) for one in changed]}, headers=headers)


def _for_others(whole: dict[str, list[Any]]) -> dict[str, list[Any]]:
    hidden = {plural: [connector_form.for_others(one) for one in whole[plural]] for plural in MAY_HOLD_KEYS}
    return {**whole, **hidden}


def refuse_hidden(document: Any) -> None:
    """Raises BadRequest: what was read without being an admin would overwrite what it does not show."""
    problems = tuple(
        f"/{plural}/{at}/{path}: this was hidden when it was read; read it as an admin, or give the value"
        for plural in MAY_HOLD_KEYS
        if isinstance(document, dict) and isinstance(found := document.get(plural), list)
        for at, one in enumerate(found)
        if isinstance(one, dict)
        for path in connector_form.hidden_in(one)
    )
    if problems:
        raise BadRequest("The configuration was not changed: some of its values are hidden ones.", problems)


async def _document(request: Request) -> Any:
    """Raises Unusable. An empty body must not empty the configuration by accident."""
    body = await request.body()
    if not body.strip():
        raise Unusable("The body is empty. Send the whole configuration.")
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind == JSON:
        return strict_json(body)
    if kind in YAML:
        return await asyncio.to_thread(from_yaml, text_of(body))
    raise HTTPException(415, "Send the configuration as application/json or application/yaml.")


def from_yaml(text: str) -> dict[str, Any]:
    """Raises Unusable. Slow on megabytes: use a thread."""
    try:
        document = yaml_reading.read(text)
        arguments.canonical(document)
    except yaml_reading.BadYaml as error:
        raise Unusable(str(error)) from None
    except BadArguments as error:
        raise Unusable(f"The configuration{str(error).removeprefix('The value')}") from None
    if not isinstance(document, dict):
        raise Unusable("The configuration is a mapping with models, connectors, toolsets, policies and agents.")
    return document


def prefers_yaml(accept: str) -> bool:
    """Of what a client accepts: is YAML named, and no less welcome than JSON?"""
    qualities: dict[str, float] = {}
    for part in accept.lower().split(","):
        kind, *parameters = (one.strip() for one in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        qualities[kind] = _number(quality)
    yaml = max((qualities.get(kind, 0.0) for kind in YAML), default=0.0)
    return yaml > 0 and yaml >= qualities.get(JSON, 0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _wanted(if_match: str | None, current: str) -> str | None:
    """The tag that has to be in force; None for any. A proxy that compresses may have made the tag a weak one."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    return current if current in tags else tags[0]
