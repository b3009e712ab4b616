"""Follows `$ref` within one description, and nowhere else. Pure."""

from typing import Any
from urllib.parse import unquote

STEPS_AT_MOST = 20


class NotHere(Exception):
    """A reference that leads out of the description, in a circle, or nowhere; the message is a sentence's end."""


def followed(document: dict[str, Any], value: Any) -> Any:
    """What stands where a `$ref` (of a `$ref` …) points, with the words beside it. Raises NotHere."""
    beside: dict[str, Any] = {}
    for _ in range(STEPS_AT_MOST):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value | beside if isinstance(value, dict) and beside else value
        beside = {name: value[name] for name in ("summary", "description") if name in value} | beside
        value = at(document, value["$ref"])
    raise NotHere("a reference leads in a circle")


def at(document: dict[str, Any], reference: str) -> Any:
    """Raises NotHere."""
    if not reference.startswith("#"):
        raise NotHere(f"“{reference[:80]}” is in another file, which is not fetched")
    node: Any = document
    for step in reference[1:].split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict) and name in node:
            node = node[name]
        else:
            raise NotHere(f"“{reference[:80]}” is not there")
    return node
