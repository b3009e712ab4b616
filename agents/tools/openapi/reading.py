"""A description in OpenAPI 3.0 or 3.1 → tools, each with the request that a call of it makes. Pure."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from agents.tools.addresses import Place, place_of
from agents.tools.definition import ToolDefinition
from agents.tools.errors import CannotStart

from .arguments import Arguments, CannotBeCalled
from .operation import Operation, Service
from .references import NotHere, followed
from .schemas import Schemas
from .servers import base_of

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
OPERATIONS_AT_MOST = 5_000
NAME_CHARACTERS_AT_MOST = 64
DESCRIPTION_CHARACTERS_AT_MOST = 4_000
SCHEMA_CHARACTERS_AT_MOST = 200_000


def service(
    connector: str,
    document: dict[str, Any],
    *,
    url: str | None,
    spec_url: str | None,
    reserved: Collection[str] = (),
    entered: Collection[Place] = (),
) -> Service:
    """`url`: where the service is, if an admin said so; `reserved`: headers that no call may set; `entered`: the places
    an admin typed. Raises CannotStart."""
    operations: list[Operation] = []
    left_out: list[str] = []
    names: set[str] = set()
    for method, path, item, said in _every(document):
        where = f"{method.upper()} {path}"
        try:
            base = base_of(document, item, said, url=url, spec_url=spec_url)
            operation = _on_its_way(_operation(connector, document, method, path, item, said, base, reserved), entered)
        except (CannotBeCalled, NotHere) as error:
            left_out.append(f"{where} is left out: {error}.")
            continue
        operations.append(_named(operation, _unique(_name(said, method, path), names)))
        if len(operations) > OPERATIONS_AT_MOST:
            raise CannotStart(f"The description has more than {OPERATIONS_AT_MOST:,} operations.")
    if not operations:
        because = f" {left_out[0]}" if left_out else ""
        raise CannotStart(f"The description names no operation that can be called.{because}")
    return Service(title=_title(document), operations=tuple(operations), left_out=tuple(left_out))


def _every(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    for path, item in document.get("paths", {}).items():
        try:
            item = followed(document, item)
        except NotHere:
            continue
        if not isinstance(item, dict) or not path.startswith("/"):
            continue
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield method, path, item, item[method]


def _operation(
    connector: str,
    document: dict[str, Any],
    method: str,
    path: str,
    item: dict[str, Any],
    said: dict[str, Any],
    base: str,
    reserved: Collection[str],
) -> Operation:
    schemas = Schemas(document)
    arguments = Arguments(document, schemas, reserved)
    arguments.take_parameters(item.get("parameters"), said.get("parameters"))
    arguments.take_body(said.get("requestBody"))
    arguments.check_path(path)
    schema = arguments.schema()
    if len(json.dumps(schema)) > SCHEMA_CHARACTERS_AT_MOST:
        raise CannotBeCalled("its parameters take more room than a model has")
    definition = ToolDefinition(
        connector=connector,
        name="",
        description=_description(said, method, path),
        input_schema=schema,
        annotations=_annotations(said, method),
    )
    return Operation(
        definition=definition,
        method=method.upper(),
        base=base,
        path=path,
        parameters=tuple(arguments.parameters),
        body=arguments.body,
    )


def _on_its_way(operation: Operation, entered: Collection[Place]) -> Operation:
    """What it becomes is part of what an admin accepts, so that a call never goes elsewhere under the same name.

    A place that an admin typed is not repeated: where that is changed, it is an admin who changes it.
    """
    base = operation.base
    if place_of(base) in entered:
        base = urlsplit(base).path
    parameters = sorted(
        f"{one.argument}={one.where}:{one.name}:{one.style}:{one.explode}:{one.as_json}" for one in operation.parameters
    )
    body = operation.body
    carried = [body.kind, body.content_type, body.argument, sorted((body.properties or {}).items())] if body else []
    wire = json.dumps([operation.method, base, operation.path, parameters, carried], ensure_ascii=False)
    return replace(operation, definition=replace(operation.definition, wire=wire))


def _named(operation: Operation, name: str) -> Operation:
    return replace(operation, definition=replace(operation.definition, name=name))


def _name(said: dict[str, Any], method: str, path: str) -> str:
    given = said.get("operationId")
    wanted = given if isinstance(given, str) and given.strip() else f"{method}_{path.strip('/')}"
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_")
    return (name or method)[:NAME_CHARACTERS_AT_MOST]


def _unique(name: str, names: set[str]) -> str:
    number, free = 2, name
    while free in names:
        free = f"{name[: NAME_CHARACTERS_AT_MOST - len(str(number)) - 1]}_{number}"
        number += 1
    names.add(free)
    return free


def _description(said: dict[str, Any], method: str, path: str) -> str:
    texts = [said[key].strip() for key in ("summary", "description") if isinstance(said.get(key), str)]
    whole = "\n".join(dict.fromkeys(one for one in texts if one)) or f"{method.upper()} {path}"
    whole = f"Deprecated. {whole}" if said.get("deprecated") is True else whole
    return whole if len(whole) <= DESCRIPTION_CHARACTERS_AT_MOST else f"{whole[: DESCRIPTION_CHARACTERS_AT_MOST - 1]}…"


def _annotations(said: dict[str, Any], method: str) -> dict[str, Any]:
    """What the method promises: a hint, as those of an MCP server are."""
    reads = method in ("get", "head", "options")
    hints: dict[str, Any] = {"readOnlyHint": reads, "destructiveHint": method == "delete"}
    if not reads:
        hints["idempotentHint"] = method in ("put", "delete")
    if isinstance(said.get("summary"), str) and said["summary"].strip():
        hints["title"] = said["summary"].strip()[:200]
    return hints


def _title(document: dict[str, Any]) -> str:
    info = document.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    return title.strip()[:100] if isinstance(title, str) else ""
