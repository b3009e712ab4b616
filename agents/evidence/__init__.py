"""Where every value of a proposed call came from: the user, a tool, the configuration, a sum, or nowhere. Pure, no model.

`Index` reads a session's texts once; `trace` then looks up each scalar leaf. What is nowhere gets its likely original.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from store.events import Evidence
from store.events.values import Origin

from .. import pointer
from .facts import missing
from .find import find
from .index import Index, Source
from .places import Found, Leaf
from .rows import apart

Worst = Origin | Literal["near", "untrusted"]
_ORDER: tuple[Worst, ...] = (
    "nowhere", "untrusted", "near", "computed", "summary", "recall", "tool", "configuration", "schema", "user",
)  # fmt: skip
_QUOTED = 160
"""Characters of a quote or of what a value is near to."""


def trace(
    values: dict[str, Any], index: Index, *, schema: dict[str, Any], pinned: Collection[str] = ()
) -> tuple[Evidence, ...]:
    """One for every scalar leaf, in the order of the canonical text. `pinned`: names of fixed arguments, or pointers."""
    fixed = tuple(name if name.startswith("/") else pointer.join(name) for name in pinned)
    leaves = list(_leaves(values))
    found = [(leaf, _found(leaf, leaves, index, schema, fixed)) for leaf in leaves]
    asked = [(leaf.path, leaf.value, one.origin == "tool" and not (one.near or one.shared)) for leaf, one in found]
    remarks = dict(apart(asked, index)) | dict(_gaps(leaves, index))
    return tuple(_evidence(leaf, one, remarks.get(leaf.path)) for leaf, one in found)


def matches(evidence: Collection[Evidence], wanted: str) -> bool:
    """Whether any value has this origin, or is `near` something else, or is `untrusted`."""
    return any(wanted in _words(one) for one in evidence)


def worst(evidence: Collection[Evidence]) -> Worst | None:
    """The one word to judge the whole call by; None for a call without values."""
    words = {word for one in evidence for word in _words(one)}
    return next((word for word in _ORDER if word in words), None)


def _words(one: Evidence) -> tuple[str, ...]:
    return (one.origin, *(("near",) if one.near else ()), *(() if one.trusted else ("untrusted",)))


# ── leaf by leaf ──────────────────────────────────────────────────────────────────────────────────────────────────


def _found(leaf: Leaf, leaves: Sequence[Leaf], index: Index, schema: dict[str, Any], fixed: tuple[str, ...]) -> Found:
    if any(leaf.path == path or leaf.path.startswith(f"{path}/") for path in fixed):
        return Found("configuration", quote="fixed by the administrator")
    return find(leaf, leaves, index, schema)


def _gaps(leaves: Sequence[Leaf], index: Index) -> Iterator[tuple[str, str]]:
    """By path of a list's last item: what the user also named."""
    lists: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in leaves:
        if leaf.item:
            lists.setdefault(leaf.steps[:-1], []).append(leaf)
    for items in lists.values():
        if len(items) <= 200 and (named := missing(index, [item.value for item in items])):
            yield items[-1].path, f"the user also named {named}"


def _evidence(leaf: Leaf, found: Found, remark: str | None) -> Evidence:
    return Evidence(
        path=_storable(leaf.path),
        value=_storable(leaf.raw),
        origin=found.origin,
        seq=found.seq,
        quote=_short(found.quote),
        near=_short(found.near or remark),
        trusted=found.trusted,
    )


def _short(text: str | None) -> str | None:
    return None if text is None else _storable(text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…")


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class _Step:
    value: Any
    steps: tuple[str, ...]
    item: bool


def _leaves(values: Any) -> Iterator[Leaf]:
    """As `arguments.leaves`, of values that need not be fit to be sent."""
    todo = [_Step(values, (), False)] if values else []
    while todo:
        at = todo.pop()
        if isinstance(at.value, dict) and at.value:
            keys = sorted(at.value, key=str, reverse=True)
            todo.extend(_Step(at.value[key], (*at.steps, str(key)), False) for key in keys)
        elif isinstance(at.value, list | tuple) and at.value:
            inner = [_Step(value, (*at.steps, str(number)), True) for number, value in enumerate(at.value)]
            todo.extend(reversed(inner))
        else:
            yield Leaf(pointer.join(*at.steps), _raw(at.value), at.value, at.steps, at.item)


def _raw(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # a number with more digits than Python writes out
        return f"a number of {value.bit_length()} bits"


__all__ = ["Index", "Source", "matches", "trace", "worst"]
