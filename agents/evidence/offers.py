"""What a tool's schema itself offers for an argument: its default, its enum, its const. Pure; never raises."""

import json
from collections.abc import Iterator
from typing import Any

DEEPEST = 12
"""References and alternatives followed on the way to one argument."""


def offers(schema: Any, steps: tuple[str, ...], value: Any) -> bool:
    """Whether the value is one of those that the schema names for the argument at these steps."""
    return any(_names(found, value) for found in at(schema, steps))


def described(schema: Any, steps: tuple[str, ...]) -> str:
    """Everything the schema says about the argument in words."""
    texts = (found.get(key) for found in at(schema, steps) for key in ("title", "description"))
    return " ".join(text for text in texts if isinstance(text, str))[:2_000].casefold()


def at(schema: Any, steps: tuple[str, ...]) -> list[dict[str, Any]]:
    return list(_at(schema, schema, steps, 0))


def _at(root: Any, schema: Any, steps: tuple[str, ...], depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict) or depth > DEEPEST + len(steps):
        return
    if not steps:
        yield schema
    elif isinstance(properties := schema.get("properties"), dict) and steps[0] in properties:
        yield from _at(root, properties[steps[0]], steps[1:], depth + 1)
    elif steps[0].isdecimal() and "items" in schema:
        yield from _at(root, schema["items"], steps[1:], depth + 1)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from _at(root, schema["additionalProperties"], steps[1:], depth + 1)
    for branch in _branches(root, schema):
        yield from _at(root, branch, steps, depth + 1)


def _branches(root: Any, schema: dict[str, Any]) -> Iterator[Any]:
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(alternatives := schema.get(key), list):
            yield from alternatives[:16]
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target = root
        for step in reference[2:].split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
        yield target


def _names(schema: dict[str, Any], value: Any) -> bool:
    options = schema.get("enum")
    named = [
        *(options if isinstance(options, list) else ()),
        *(schema[key] for key in ("const", "default") if key in schema),
    ]
    return any(_same(option, value) for option in named)


def _same(option: Any, value: Any) -> bool:
    if isinstance(option, dict | list):
        return value in option if isinstance(option, list) else False
    try:
        return bool(option == value) and isinstance(option, bool) == isinstance(value, bool)
    except (TypeError, ValueError):
        return json.dumps(option) == json.dumps(value)


__all__ = ["at", "described", "offers"]
