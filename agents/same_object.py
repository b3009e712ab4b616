"""What in a tool's schema speaks of one and the same object, and what a `$ref` in it names. Pure."""

from collections.abc import Callable
from typing import Any

from agents import pointer

_MOST_REFS = 16
"""How many `$ref` in a row are followed; also what ends a circle of them."""

# Keywords whose schemas speak of the same object as the schema they stand in.
_SEVERAL = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else")


def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    several = [branch for keyword in _SEVERAL for branch in list_in(schema.get(keyword))]
    return [branch for branch in (*several, *map(schema.get, _SINGLE)) if isinstance(branch, dict)]


def each_branch(schema: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Puts `change(branch)` in the place of every schema that speaks of the same object."""

    def changed(branch: Any) -> Any:
        return change(branch) if isinstance(branch, dict) else branch

    for keyword in _SEVERAL:
        if isinstance(schema.get(keyword), list):
            schema[keyword] = [changed(branch) for branch in schema[keyword]]
    for keyword in _SINGLE:
        if keyword in schema:
            schema[keyword] = changed(schema[keyword])


def inlined(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A local `$ref` replaced by what it names: many providers refuse one where the parameters should be."""
    for _ in range(_MOST_REFS):
        target = _target(schema.get("$ref"), root)
        if target is None:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, **beside}
    return {key: value for key, value in schema.items() if key != "$ref"}


def _target(ref: Any, root: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    try:
        steps = pointer.split(ref[1:])
    except ValueError:
        return None
    target: Any = root
    for step in steps:
        target = pointer.child(target, step)
    return target if isinstance(target, dict) else None


def object_in(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
