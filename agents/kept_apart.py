"""A tool's schema without the parameters that an admin keeps from the model: nothing in it names them. Pure."""

import json
import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

from agents import pointer

from .same_object import each_branch, inlined, object_in

_MOST_INLINED = 100
"""How many `$ref` are replaced by what they name: they may multiply."""
_CALLS = ("examples", "example", "default", "const", "enum")
"""Whole calls, or what one may be."""
_BRINGING = ("dependentRequired", "dependentSchemas", "dependencies")
_SAYING = ("not", "propertyNames", "discriminator")
"""Dropped where they name a kept parameter: what is left of them would mean something else."""
_SHARED = ("$defs", "definitions")
_REFERRING = ("$ref", "$dynamicRef")


def apart(input_schema: dict[str, Any], kept: Collection[str], name: str) -> dict[str, Any]:
    """Less the kept parameters, wherever they are named; a closed schema lets the block through, whose name this is."""
    left = iter(range(_MOST_INLINED))
    whole = _flat(input_schema, input_schema, left) if kept else inlined(input_schema, input_schema)
    schema = _without(deepcopy(whole), kept, name)
    each_branch(schema, lambda branch: _without(deepcopy(inlined(branch, input_schema)), kept, name))
    return _reachable(_resolved(schema, kept, input_schema, left)) if kept else schema


def _flat(
    schema: dict[str, Any], root: dict[str, Any], left: Iterator[int], path: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Whatever speaks of the same object in the place of its `$ref`.

    Of a circle or a flood of them, and of what cannot be followed, nothing: it may name a kept parameter.
    """
    if isinstance(ref := schema.get("$ref"), str):
        if ref in path or next(left, None) is None:
            return {}
        path |= {ref}

    def flat(one: Any) -> Any:
        return _flat(one, root, left, path) if isinstance(one, dict) else one

    schema = {key: one for key, one in inlined(schema, root).items() if key not in _REFERRING}
    each_branch(schema, flat)
    if "not" in schema:
        schema["not"] = flat(schema["not"])
    for keyword in _BRINGING:
        if isinstance(told := schema.get(keyword), dict):
            schema[keyword] = {key: flat(one) for key, one in told.items()}
    return schema


def _without(schema: dict[str, Any], kept: Collection[str], name: str) -> dict[str, Any]:
    """Takes the kept parameters out of the schema and its alternatives, and lets the block pass closed ones."""
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {key: value for key, value in schema["properties"].items() if key not in kept}
    if isinstance(schema.get("required"), list):
        schema["required"] = [key for key in schema["required"] if key not in kept]
    if kept:
        _forget(schema, kept, name)
    if schema.get("additionalProperties", True) is not True:
        schema["properties"] = {**object_in(schema.get("properties")), name: {}}
    each_branch(schema, lambda branch: _without(branch, kept, name))
    return schema


def _forget(schema: dict[str, Any], kept: Collection[str], name: str) -> None:
    """What else says something about the kept parameters, or shows whole calls with them in."""
    for keyword in [one for one in schema if one in _SAYING or one.startswith("x-")]:
        if _names(schema[keyword], kept):
            del schema[keyword]
    for whole in _CALLS:
        schema.pop(whole, None)
    for keyword in _BRINGING:
        if isinstance(told := schema.get(keyword), dict):
            left = {key: _brought(one, kept, name) for key, one in told.items() if key not in kept}
            schema[keyword] = {key: one for key, one in left.items() if one not in ([], {})}
    if isinstance(patterns := schema.get("patternProperties"), dict):
        schema["patternProperties"] = {key: one for key, one in patterns.items() if not _names(key, kept)}


def _names(value: Any, kept: Collection[str]) -> bool:
    text = json.dumps(value, ensure_ascii=False)
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in kept)


def _brought(along: Any, kept: Collection[str], name: str) -> Any:
    """What a parameter brings along: names, or a schema of the same object."""
    if isinstance(along, list):
        return [one for one in along if one not in kept]
    return _without(along, kept, name) if isinstance(along, dict) else along


# ── references ────────────────────────────────────────────────────────────────────────────────────────────────────


def _resolved(value: Any, kept: Collection[str], root: dict[str, Any], left: Iterator[int]) -> Any:
    """Where another parameter's schema is said to be that of a kept one, that schema itself."""
    if isinstance(value, list):
        return [_resolved(one, kept, root, left) for one in value]
    if not isinstance(value, dict):
        return value
    gone = [f"#{pointer.join('properties', one)}" for one in kept]
    if isinstance(ref := value.get("$ref"), str) and any(_leads_to(ref, one) for one in gone):
        beside = {key: one for key, one in value.items() if key != "$ref"}
        value = beside if next(left, None) is None else deepcopy(inlined(value, root))
    return {key: _resolved(one, kept, root, left) for key, one in value.items()}


def _reachable(schema: dict[str, Any]) -> dict[str, Any]:
    """Without definitions that nothing refers to any more: they may be those of what was kept."""
    every = {(place, key): one for place in _SHARED for key, one in object_in(schema.get(place)).items()}
    refs = set(_references({key: one for key, one in schema.items() if key not in _SHARED}))
    used: set[tuple[str, str]] = set()
    while fresh := {at for at in every if at not in used and _is_called(every[at], at, refs)}:
        used |= fresh
        refs |= {ref for at in fresh for ref in _references(every[at])}
    for place in _SHARED:
        if found := {key: one for key, one in object_in(schema.get(place)).items() if (place, key) in used}:
            schema[place] = found
        else:
            schema.pop(place, None)
    return schema


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    elif isinstance(value, dict):
        yield from (one for key in _REFERRING if isinstance(one := value.get(key), str))
        for one in value.values():
            yield from _references(one)


def _is_called(definition: Any, at: tuple[str, str], refs: Collection[str]) -> bool:
    """By its place, or by a name of its own."""
    said = object_in(definition)
    names = {*(f"#{said[key]}" for key in ("$anchor", "$dynamicAnchor") if key in said), str(said.get("$id"))}
    return any(_leads_to(ref, f"#{pointer.join(*at)}") or ref in names for ref in refs)


def _leads_to(ref: str, place: str) -> bool:
    ref = unquote(ref)
    return ref == place or ref.startswith(f"{place}/")
