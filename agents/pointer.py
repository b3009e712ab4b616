"""JSON Pointers (RFC 6901): the paths by which arguments are shown, edited and tested. Pure."""

import re
from typing import Any

MISSING: Any = object()
"""Stands for "there is nothing at this path", which is not the same as null."""

_BAD_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)


def split(path: str) -> tuple[str, ...]:
    """`/a~1b/0` → ("a/b", "0"); raises ValueError for anything that is not a pointer."""
    if not path:
        return ()
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is not a JSON Pointer: it must start with a slash")
    if _BAD_ESCAPE.search(path):
        raise ValueError(f"{path!r} is not a JSON Pointer: a tilde must be written ~0")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))


def join(*steps: str | int) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def child(value: Any, step: str) -> Any:
    """What stands one step below `value`, or MISSING."""
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
        return value[int(step)]
    return MISSING
