"""A JSON schema as rows that people can fill in, and the rest of it as JSON, and both together as a schema again. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
"""{name, type, description, required, kept}: `kept` is what else the property says (`enum`, `minimum`, `default`)."""

TYPES = {"string": "Text", "integer": "Whole number", "number": "Number", "boolean": "Yes or no"}
SHOWN = ("type", "description")


class NotASchema(ValueError):
    """Says in a sentence what is wrong with what was typed."""


def fresh() -> Row:
    return {"name": "", "type": "string", "description": "", "required": False, "kept": {}}


def rows_of(schema: Mapping[str, Any] | None) -> tuple[list[Row], dict[str, Any]]:
    """The plain properties as rows, and all else the schema says."""
    if not schema:
        return [], {}
    needed, properties = schema.get("required", []), schema.get("properties", {})
    if schema.get("type", "object") != "object" or not (isinstance(needed, list) and isinstance(properties, Mapping)):
        return [], dict(schema)
    plain = {name: one for name, one in properties.items() if _is_plain(name, one)}
    rows = [_row(name, one, name in needed) for name, one in plain.items()]
    rest = {key: value for key, value in schema.items() if key not in ("type", "properties", "required")}
    if others := {name: one for name, one in properties.items() if name not in plain}:
        rest["properties"] = others
    if left := [name for name in needed if name not in plain]:
        rest["required"] = left
    return rows, rest


def _is_plain(name: str, one: Any) -> bool:
    """What a row can say. A type may also be a list of types, and a name may be empty."""
    if not isinstance(one, Mapping) or not name or name != name.strip():
        return False
    kind, about = one.get("type"), one.get("description", "")
    return isinstance(kind, str) and kind in TYPES and isinstance(about, str)


def _row(name: str, one: Mapping[str, Any], required: bool) -> Row:
    kept = {key: value for key, value in one.items() if key not in SHOWN}
    about = one.get("description", "")
    return {"name": name, "type": one["type"], "description": about, "required": required, "kept": kept}


def schema_of(rows: Iterable[Row], rest: str) -> dict[str, Any] | None:
    """None where nothing is said at all. Raises NotASchema."""
    more = _parsed(rest)
    named = _named(rows)
    if not named and (not more or "$ref" in more or more.get("type", "object") != "object"):
        return more or None
    if more.get("type", "object") != "object":
        raise NotASchema("Rows describe an object, and the JSON says “type” is something else; keep one of them.")
    others = more.get("properties") or {}
    if twice := sorted(named.keys() & others.keys()):
        raise NotASchema(f"“{twice[0]}” stands in a row and in the JSON; keep one of them.")
    required = [name for name, one in named.items() if one["required"]] + list(more.get("required") or [])
    schema = {"type": "object", "properties": {name: _property(one) for name, one in named.items()} | others}
    schema |= {"required": required} if required else {}
    return schema | {key: value for key, value in more.items() if key not in ("type", "properties", "required")}


def _parsed(rest: str) -> dict[str, Any]:
    if not rest.strip():
        return {}
    try:
        more = json.loads(rest)
    except ValueError as error:
        raise NotASchema(f"This is not JSON: {error}.") from None
    if not isinstance(more, dict):
        raise NotASchema("A JSON object is needed, as { … }.")
    if not isinstance(more.get("properties", {}), dict) or not isinstance(more.get("required", []), list):
        raise NotASchema("Its “properties” have to be an object, and “required” a list.")
    return dict(more)


def _named(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows by name; a row of which nothing is filled in counts as none."""
    named: dict[str, Row] = {}
    for row in rows:
        name = str(row["name"] or "").strip()
        if not name and not str(row["description"] or "").strip():
            continue
        if not name:
            raise NotASchema("Every row needs a name.")
        if name in named:
            raise NotASchema(f"“{name}” stands there twice.")
        named[name] = row
    return named


def _property(row: Row) -> dict[str, Any]:
    about = str(row["description"] or "").strip()
    kept: dict[str, Any] = row["kept"]
    return {"type": row["type"], **({"description": about} if about else {}), **kept}


def in_words(schema: Mapping[str, Any] | None) -> str:
    """`order_id, reason and 2 more`: what a fold says while it is closed."""
    names = list((schema or {}).get("properties") or {})
    if not names:
        return "by its JSON schema" if schema else ""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
