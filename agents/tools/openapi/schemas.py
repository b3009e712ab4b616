"""Schemas of OpenAPI 3.0 and 3.1 → JSON Schema 2020-12 that stands by itself. Pure.

What a `$ref` names is put in its place; what contains itself, or would make a tool's schema huge, is kept once under
`$defs`. Only known keywords with values of the right type are taken over: nothing in a stranger's description can
redefine how the rest is read.
"""

import re
from typing import Any

from .references import NotHere, at

IN_PLACE_AT_MOST = 400
"""Schemas of one operation that are written out; from then on references stay references."""
WRITTEN_AT_MOST = 3_000
"""Of one operation, all in all; beyond it anything is accepted."""
DEFINITIONS_AT_MOST = 150
LEVELS_AT_MOST = 40
DESCRIPTION_CHARACTERS_AT_MOST = 1_000
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_TEXT, _NUMBER, _COUNT, _FLAG = (str,), (int, float), (int,), (bool,)
_PLAIN: dict[str, tuple[type, ...]] = {
    "format": _TEXT,
    "pattern": _TEXT,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "multipleOf": _NUMBER,
    "minLength": _COUNT,
    "maxLength": _COUNT,
    "minItems": _COUNT,
    "maxItems": _COUNT,
    "minProperties": _COUNT,
    "maxProperties": _COUNT,
    "uniqueItems": _FLAG,
}
_ONE, _SEVERAL = ("items", "additionalProperties", "not"), ("allOf", "anyOf", "oneOf")


class Schemas:
    """Translates the schemas of one operation; `definitions` fills with what stays a reference."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._written = 0
        self._inside: list[str] = []
        self._names: dict[str, str] = {}
        self.definitions: dict[str, Any] = {}

    def translated(self, schema: Any, level: int = 0) -> Any:
        """`True` and `{}` (anything) where there is nothing usable."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict) or level > LEVELS_AT_MOST or self._written > WRITTEN_AT_MOST:
            return {}
        self._written += 1
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema, level)
        return self._own(schema, level)

    def resolved(self, schema: Any) -> dict[str, Any]:
        """The schema itself, behind its references; `{}` where they lead nowhere."""
        for _ in range(LEVELS_AT_MOST):
            if not isinstance(schema, dict):
                return {}
            if not isinstance(schema.get("$ref"), str):
                return schema
            try:
                schema = at(self._document, schema["$ref"])
            except NotHere:
                return {}
        return {}

    def _referred(self, schema: dict[str, Any], level: int) -> Any:
        reference = schema["$ref"]
        try:
            target = at(self._document, reference)
        except NotHere:
            return {}
        said = {"description": _short(schema["description"])} if isinstance(schema.get("description"), str) else {}
        if reference in self._inside or self._written > IN_PLACE_AT_MOST:
            name = self._defined(reference, target)
            return {"$ref": f"#/$defs/{name}"} | said if name else {}
        self._inside.append(reference)
        found = self.translated(target, level + 1)
        self._inside.pop()
        return found | said if isinstance(found, dict) else found

    def _defined(self, reference: str, target: Any) -> str | None:
        if reference in self._names:
            return self._names[reference]
        if len(self._names) >= DEFINITIONS_AT_MOST:
            return None
        wanted = re.sub(r"[^A-Za-z0-9_-]", "_", reference.rpartition("/")[2])[:60] or "schema"
        taken = self._names.values()
        name = next(one for one in (wanted, *(f"{wanted}_{n}" for n in range(2, 999))) if one not in taken)
        self._names[reference] = name
        inside, self._inside = self._inside, [*self._inside, reference]
        self.definitions[name] = self.translated(target, 1)
        self._inside = inside
        return name

    def _own(self, schema: dict[str, Any], level: int) -> dict[str, Any]:
        kept: dict[str, Any] = _types(schema)
        if isinstance(schema.get("description"), str) and schema["description"].strip():
            kept["description"] = _short(schema["description"])
        for key, kinds in _PLAIN.items():
            value = schema.get(key)
            if _fits(value, kinds):
                kept[key] = value
        _old_bounds(schema, kept)
        for key in ("const", "default"):
            if key in schema:
                kept[key] = schema[key]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            kept["enum"] = schema["enum"]
        self._nest(schema, kept, level)
        return _nullable(kept) if schema.get("nullable") is True else kept

    def _nest(self, schema: dict[str, Any], kept: dict[str, Any], level: int) -> None:
        for key in _ONE:
            if isinstance(schema.get(key), dict | bool):
                kept[key] = self.translated(schema[key], level + 1)
        for key in _SEVERAL:
            options = schema.get(key)
            if isinstance(options, list) and options:
                kept[key] = [self.translated(one, level + 1) for one in options]
        if isinstance(schema.get("properties"), dict):
            kept["properties"] = {
                name: self.translated(one, level + 1)
                for name, one in schema["properties"].items()
                if self.resolved(one).get("readOnly") is not True  # the service fills it in
            }
        if isinstance(schema.get("required"), list):
            there = kept.get("properties")
            given = schema.get("properties") if isinstance(schema.get("properties"), dict) else {}
            kept["required"] = [
                one
                for one in dict.fromkeys(one for one in schema["required"] if isinstance(one, str))
                if there is None or one in there or one not in (given or {})
            ]


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return kinds is _FLAG
    return isinstance(value, kinds) and not (isinstance(value, int) and kinds is _COUNT and value < 0)


def _types(schema: dict[str, Any]) -> dict[str, Any]:
    said = schema.get("type")
    if isinstance(said, list):
        known = [one for one in dict.fromkeys(one for one in said if isinstance(one, str)) if one in TYPES]
        return {"type": known} if known else {}
    return {"type": said} if said in TYPES else {}


def _old_bounds(schema: dict[str, Any], kept: dict[str, Any]) -> None:
    """3.0 says `minimum: 0, exclusiveMinimum: true`; since 3.1 it is `exclusiveMinimum: 0`."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(flag) is True and bound in kept:
            kept[flag] = kept.pop(bound)


def _nullable(kept: dict[str, Any]) -> dict[str, Any]:
    """3.0 says `nullable: true`; since 3.1 null is a type like any other."""
    if isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
        if "enum" in kept and None not in kept["enum"]:
            kept["enum"] = [*kept["enum"], None]
        return kept
    if any(key in kept for key in (*_SEVERAL, "enum", "const")):
        described = {key: kept.pop(key) for key in ("description", "default") if key in kept}
        return {"anyOf": [kept, {"type": "null"}]} | described
    return kept


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= DESCRIPTION_CHARACTERS_AT_MOST else text[: DESCRIPTION_CHARACTERS_AT_MOST - 1] + "…"
