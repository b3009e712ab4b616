"""Arguments as they were approved → the request that carries them, every value where it belongs. Pure.

Numbers travel as they were written: 50 stays 50, 50.0 stays 50.0, and a big integer keeps all its digits.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from agents.tools.errors import ToolFailure

from .operation import Body, Operation, Parameter

URL_CHARACTERS_AT_MOST = 16_000
_BETWEEN = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None = None


def outgoing(operation: Operation, arguments: dict[str, Any]) -> Outgoing:
    """Raises ToolFailure (not_sent) when a value cannot be put where it belongs."""
    known = {one.argument for one in operation.parameters} | set(_body_arguments(operation.body))
    if strange := sorted(set(arguments) - known):
        raise _refused(f"the service has no parameter “{strange[0]}”")
    headers = {"accept": "application/json, */*;q=0.5"}
    query: list[str] = []
    path = operation.path
    for one in operation.parameters:
        value = arguments.get(one.argument)
        if value is None:
            if one.required:
                raise _refused(f"“{one.argument}” is missing")
        elif one.where == "path":
            path = path.replace(f"{{{one.name}}}", _segment(one, value))
        elif one.where == "header":
            headers[one.name] = _header(one, value)
        else:
            query += _query(one, value)
    content = _content(operation.body, arguments)
    if content is not None and operation.body is not None:
        headers["content-type"] = _content_type(operation.body)
    url = operation.base + _safe(path) + (f"?{'&'.join(query)}" if query else "")
    if len(url) > URL_CHARACTERS_AT_MOST:
        raise _refused("they are too long for an address")
    return Outgoing(method=operation.method, url=url, headers=headers, content=content)


def _refused(because: str) -> ToolFailure:
    return ToolFailure(f"The call cannot be sent: {because}.", "not_sent")


def _text(value: Any) -> str:
    """A number as in JSON, a text as it is, anything nested as JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _encoded(value: Any) -> str:
    return quote(_text(value), safe="")


# ── path and headers ──────────────────────────────────────────────────────────────────────────────────────────────


def _simple(one: Parameter, value: Any, write: Any) -> str:
    if one.as_json:
        return str(write(_json(value)))
    if isinstance(value, list):
        return ",".join(write(each) for each in value)
    if isinstance(value, dict):
        between = "=" if one.explode else ","
        return ",".join(f"{write(key)}{between}{write(each)}" for key, each in sorted(value.items()))
    return str(write(value))


def _segment(one: Parameter, value: Any) -> str:
    written = _simple(one, value, _encoded)
    if not written:
        raise _refused(f"“{one.argument}” is empty, but it is a part of the address")
    return written.replace("{", "%7B").replace("}", "%7D")


def _safe(path: str) -> str:
    """Whatever the values: no part of it leads out of where the description put them."""
    if any(segment in (".", "..") for segment in path.split("/")):
        raise _refused("a part of the address would be “.” or “..”")
    return quote(path, safe="/%!$&'()*+,;=:@-._~")


def _header(one: Parameter, value: Any) -> str:
    written = _simple(one, value, _text)
    if not written.isascii() or not written.isprintable():
        raise _refused(f"“{one.argument}” is sent as a header, which holds plain printable characters only")
    return written


# ── query ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _query(one: Parameter, value: Any) -> Iterator[str]:
    name = quote(one.name, safe="[]")
    if one.as_json:
        yield f"{name}={_encoded(_json(value))}"
    elif isinstance(value, list):
        yield from _listed(one, name, value)
    elif isinstance(value, dict):
        yield from _object(one, name, value)
    else:
        yield f"{name}={_encoded(value)}"


def _listed(one: Parameter, name: str, values: list[Any]) -> Iterator[str]:
    if one.explode or one.style == "deepObject":
        yield from (f"{name}={_encoded(each)}" for each in values)
    elif values:
        yield f"{name}={_BETWEEN[one.style].join(_encoded(each) for each in values)}"


def _object(one: Parameter, name: str, value: dict[str, Any]) -> Iterator[str]:
    pairs = sorted((quote(key, safe=""), each) for key, each in value.items() if each is not None)
    if one.style == "deepObject":
        yield from (f"{name}%5B{key}%5D={_encoded(each)}" for key, each in pairs)
    elif one.explode:
        yield from (f"{key}={_encoded(each)}" for key, each in pairs)
    elif pairs:
        yield f"{name}={_BETWEEN[one.style].join(f'{key},{_encoded(each)}' for key, each in pairs)}"


# ── body ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _body_arguments(body: Body | None) -> tuple[str, ...]:
    if body is None:
        return ()
    return (body.argument,) if body.properties is None else tuple(body.properties)


def _content(body: Body | None, arguments: dict[str, Any]) -> bytes | None:
    if body is None:
        return None
    if body.properties is None:
        if body.argument not in arguments:
            return None
        value = arguments[body.argument]
    else:
        value = {name: arguments[given] for given, name in body.properties.items() if given in arguments}
        if not value and not body.required:
            return None
    return _json(value).encode() if body.kind == "json" else _form(value)


def _form(value: Any) -> bytes:
    if not isinstance(value, dict):
        raise _refused("a form holds named values")
    return "&".join(
        pair for name, each in sorted(value.items()) for pair in _fields(quote(name, safe=""), each)
    ).encode()


def _fields(name: str, value: Any) -> Iterator[str]:
    """As browsers and most services have it: lists repeat the name, objects put their keys in brackets."""
    if isinstance(value, list):
        for each in value:
            yield from _fields(name, each)
    elif isinstance(value, dict):
        for key, each in sorted(value.items()):
            yield from _fields(f"{name}%5B{quote(key, safe='')}%5D", each)
    elif value is not None:
        yield f"{name}={_encoded(value)}"


def _content_type(body: Body) -> str:
    if body.kind == "form":
        return "application/x-www-form-urlencoded"
    plain = body.content_type.partition(";")[0].strip().lower()
    return plain if re.fullmatch(r"application/[a-z0-9.+-]+", plain) else "application/json"
