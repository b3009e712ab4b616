"""Parameters and body of one operation → one flat schema for the model, and where each argument goes. Pure."""

import re
from collections.abc import Collection
from typing import Any

from .operation import Body, MediaType, Parameter, Where
from .references import followed
from .schemas import Schemas

STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
}
NOT_PARAMETERS = ("accept", "authorization", "content-type", "content-length", "host", "cookie", "connection")
"""Headers that are ours to set; the first three OpenAPI itself takes out."""
PROPERTY_CHARACTERS_AT_MOST = 64


class CannotBeCalled(Exception):
    """An operation that is no tool; the message is a sentence's end."""


class Arguments:
    def __init__(self, document: dict[str, Any], schemas: Schemas, reserved: Collection[str]) -> None:
        self._document = document
        self._schemas = schemas
        self._reserved = {*NOT_PARAMETERS, *(one.lower() for one in reserved)}
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self.parameters: list[Parameter] = []
        self.body: Body | None = None

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "properties": self._properties}
        if self._required:
            schema["required"] = self._required
        if self._schemas.definitions:
            schema["$defs"] = self._schemas.definitions
        return schema | {"additionalProperties": False}

    # parameters

    def take_parameters(self, shared: Any, own: Any) -> None:
        """An operation's own replace those of its path that have the same name and place."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in [*_list(shared), *_list(own)]:
            parameter = followed(self._document, one)
            if isinstance(parameter, dict) and isinstance(parameter.get("name"), str):
                found[(parameter["name"], str(parameter.get("in")))] = parameter
        for (name, where), parameter in found.items():
            if where in STYLES and not (where == "header" and name.lower() in self._reserved):
                self._take(name, where, parameter)
            if where == "cookie" and parameter.get("required") is True:
                raise CannotBeCalled(f"its parameter {name} has to travel in a cookie, which is not available yet")

    def _take(self, name: str, where: Any, said: dict[str, Any]) -> None:
        style = said.get("style") or STYLES[where][0]
        if style not in STYLES[where]:
            raise CannotBeCalled(f"its parameter {name} is written in the style {style}, which is not supported")
        argument = self._free(name, where)
        required = said.get("required") is True or where == "path"
        content = said.get("content")
        inner = next(iter(content.values()), {}) if isinstance(content, dict) and content else said
        self._properties[argument] = self._described(inner.get("schema") if isinstance(inner, dict) else None, said)
        if required:
            self._required.append(argument)
        explode = said.get("explode")
        self.parameters.append(
            Parameter(
                argument=argument,
                name=name,
                where=where,
                style=style,
                explode=explode if isinstance(explode, bool) else style == "form",
                required=required,
                as_json=inner is not said,
            )
        )

    def _described(self, schema: Any, said: dict[str, Any]) -> Any:
        translated = self._schemas.translated(schema if schema is not None else {})
        description = said.get("description")
        if not isinstance(translated, dict) or not isinstance(description, str) or not description.strip():
            return translated
        return translated | {"description": description.strip()[:1_000]}

    def _free(self, name: str, where: Where | None = None) -> str:
        """The name as providers of models accept it, and one that is not taken."""
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_")[:PROPERTY_CHARACTERS_AT_MOST] or "value"
        if plain in self._properties and where:
            plain = f"{where}_{plain}"[:PROPERTY_CHARACTERS_AT_MOST]
        number, free = 2, plain
        while free in self._properties:
            free = f"{plain[: PROPERTY_CHARACTERS_AT_MOST - 4]}_{number}"
            number += 1
        return free

    def check_path(self, path: str) -> None:
        wanted = set(re.findall(r"\{([^{}]*)\}", path))
        known = {one.name for one in self.parameters if one.where == "path"}
        if missing := sorted(wanted - known):
            raise CannotBeCalled(f"it does not say what “{missing[0][:60]}” in its path is")
        if known - wanted:
            raise CannotBeCalled(f"its path has no place for “{sorted(known - wanted)[0][:60]}”")
        if any(segment in (".", "..") for segment in path.split("/")) or re.search(r"[?#\\%\s]", path):
            raise CannotBeCalled("its path is none")

    # body

    def take_body(self, said: Any) -> None:
        said = followed(self._document, said)
        content = said.get("content") if isinstance(said, dict) else None
        if not isinstance(content, dict) or not content:
            return
        required = said.get("required") is True
        chosen = _media(content)
        if chosen is None:
            if required:
                raise CannotBeCalled(f"its body is {', '.join(map(str, content))[:100]}, which is not supported")
            return
        kind, content_type = chosen
        media = content[content_type]
        schema = media.get("schema") if isinstance(media, dict) else None
        flat = self._flattened(schema)
        if flat is not None and not any(self._free(name) != name for name in flat[0]):
            self._spread(kind, content_type, *flat, required=required)
        else:
            self._whole(kind, content_type, schema, said, required=required)

    def _spread(
        self, kind: MediaType, content_type: str, properties: dict[str, Any], needed: list[str], *, required: bool
    ) -> None:
        """Names that a property cannot have here were sorted out before."""
        self._properties |= properties
        self._required += [one for one in needed if required and one in properties]
        names = {name: name for name in properties}
        self.body = Body(kind=kind, content_type=content_type, properties=names, required=required)

    def _whole(self, kind: MediaType, content_type: str, schema: Any, said: dict[str, Any], *, required: bool) -> None:
        argument = self._free("body")
        self._properties[argument] = self._described(schema, said)
        if required:
            self._required.append(argument)
        self.body = Body(kind=kind, content_type=content_type, properties=None, argument=argument, required=required)

    def _flattened(self, schema: Any) -> tuple[dict[str, Any], list[str]] | None:
        """Its properties and which are required, where it is a plain object; None otherwise."""
        plain = self._schemas.resolved(schema)
        parts = [self._schemas.resolved(one) for one in _list(plain.get("allOf"))]
        if any("allOf" in one for one in parts):
            return None
        properties: dict[str, Any] = {}
        needed: list[str] = []
        for part in [*parts, plain]:
            if not _is_plain_object(part, empty=bool(parts)):
                return None
            written = self._schemas.translated({key: part[key] for key in ("properties", "required") if key in part})
            properties |= written.get("properties", {})
            needed += written.get("required", [])
        return (properties, list(dict.fromkeys(needed))) if properties else None


def _is_plain_object(schema: dict[str, Any], *, empty: bool) -> bool:
    if schema.get("type") not in ("object", None) or schema.get("nullable") is True:
        return False
    if any(key in schema for key in ("anyOf", "oneOf", "not", "enum", "const", "if", "patternProperties")):
        return False
    open_ended = schema.get("additionalProperties")
    if open_ended not in (None, False):
        return False
    return isinstance(schema.get("properties"), dict) or (empty and "properties" not in schema)


def _media(content: dict[str, Any]) -> tuple[MediaType, str] | None:
    plain = {name: str(name).partition(";")[0].strip().lower() for name in content}
    for name, kind in plain.items():
        if kind == "application/json" or kind == "*/*" or kind == "application/*":
            return "json", name
    for name, kind in plain.items():
        if kind.endswith("+json"):
            return "json", name
    return next((("form", name) for name, kind in plain.items() if kind == "application/x-www-form-urlencoded"), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
