"""What two people changed in the same document since both opened it, as one document; where they disagree is named. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.config import KINDS

Document = dict[str, Any]
Key = tuple[str, int]
"""What an element of a list is known by, and how many such stand before it."""
_NONE: Any = object()
IDENTITIES = (
    ("connector", "tool"),
    ("what", "name"),
    ("name",),
    ("stage",),
    ("when",),
    ("path", "op"),
    ("given",),
)
"""By which keys an element of a list is the same one, though it was changed; the others are only the same when equal."""
WHOLE = frozenset(
    {"inputs", "output_schema", "args", "auth", "hours", "value"}
    | {"act", "plan", "small", "judge", "vote", "summarize"}
)
"""Parts that mean something only together, or in their order: half of one and half of another would be neither."""
CALLED = ("because", "name", "stage", "given", "path")
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts` are the places where both changed the same to something else: mine is in the document."""

    document: Document
    conflicts: tuple[tuple[str, ...], ...] = ()


def defaults_of(kind: str) -> Document:
    """What holds for the keys that a document of this kind does not mention."""
    fields = KINDS[kind].model_fields.items()
    return {key: _plain(one.get_default(call_default_factory=True)) for key, one in fields if not one.is_required()}


def merge(
    mine: Mapping[str, Any],
    opened: Mapping[str, Any],
    theirs: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
) -> Merged:
    """What was changed from `opened` to `mine`, on top of `theirs`; a default that a form wrote out is no change."""
    if theirs == opened:
        return Merged(dict(mine))  # in the order it has
    usual = defaults or {}
    written = {key: one for key, one in mine.items() if key in opened or usual.get(key, _NONE) != _plain(one)}
    conflicts: list[tuple[str, ...]] = []
    document = _mapping(written, opened, theirs, (), conflicts)
    return Merged(document, tuple(conflicts))


def _value(mine: Any, opened: Any, theirs: Any, path: tuple[str, ...], conflicts: list[tuple[str, ...]]) -> Any:
    mine, opened, theirs = _plain(mine), _plain(opened), _plain(theirs)
    if mine == opened:
        return theirs
    if theirs in (opened, mine):
        return mine
    kinds = {type(one) for one in (mine, opened, theirs) if one is not _NONE}
    if path[-1] not in WHOLE and _NONE not in (mine, theirs):
        if kinds == {dict}:
            return _mapping(mine, {} if opened is _NONE else opened, theirs, path, conflicts)
        if kinds == {list}:
            return _list(mine, [] if opened is _NONE else opened, theirs, path, conflicts)
    conflicts.append(path)
    return mine


def _mapping(
    mine: Mapping[str, Any],
    opened: Mapping[str, Any],
    theirs: Mapping[str, Any],
    path: tuple[str, ...],
    conflicts: list[tuple[str, ...]],
) -> Document:
    found = {
        key: _value(mine.get(key, _NONE), opened.get(key, _NONE), theirs.get(key, _NONE), (*path, key), conflicts)
        for key in {**theirs, **mine}
    }
    return {key: one for key, one in found.items() if one is not _NONE}


def _list(
    mine: list[Any], opened: list[Any], theirs: list[Any], path: tuple[str, ...], conflicts: list[tuple[str, ...]]
) -> list[Any]:
    """Element by element: what either took away is gone, what either added is there."""
    keys = _identity((mine, opened, theirs))
    sides = [dict(_known(one, keys)) for one in (mine, opened, theirs)]
    found = []
    for key in _order(*(list(side) for side in sides)):
        three = [side.get(key, _NONE) for side in sides]
        label = next(_label(one, keys) for one in (three[2], three[0], three[1]) if one is not _NONE)
        found.append(_value(three[0], three[1], three[2], (*path, label), conflicts))
    return [one for one in found if one is not _NONE]


def _identity(lists: Sequence[list[Any]]) -> tuple[str, ...]:
    """The keys that tell the elements of each list apart; none where only their content does."""
    every = [one for side in lists for one in side]
    for keys in IDENTITIES:
        if all(isinstance(one, dict) and keys[0] in one for one in every) and _tell_apart(keys, lists):
            return keys
    return ()


def _tell_apart(keys: tuple[str, ...], lists: Sequence[list[Any]]) -> bool:
    return all(len({_known_by(one, keys) for one in side}) == len(side) for side in lists)


def _known_by(element: Any, keys: tuple[str, ...]) -> str:
    return json.dumps([element.get(key) for key in keys] if keys else element, sort_keys=True, default=str)


def _known(elements: list[Any], keys: tuple[str, ...]) -> Iterator[tuple[Key, Any]]:
    seen: dict[str, int] = {}
    for one in elements:
        known_by = _known_by(one, keys)
        seen[known_by] = seen.get(known_by, -1) + 1
        yield (known_by, seen[known_by]), one


def _order(mine: list[Key], opened: list[Key], theirs: list[Key]) -> list[Key]:
    """As they have it, unless it was reordered here; what only the other side has follows what it followed there."""
    is_reordered = [key for key in mine if key in opened] != [key for key in opened if key in mine]
    order, other = (list(mine), theirs) if is_reordered else (list(theirs), mine)
    for before, key in zip([None, *other], other, strict=False):
        if key in order:
            continue
        at = 0 if before is None else order.index(before) + 1
        while at < len(order) and order[at] not in opened and order[at] not in other:
            at += 1
        order.insert(at, key)
    return order


def _label(element: Any, keys: tuple[str, ...]) -> str:
    if not isinstance(element, dict):
        return str(element)[:LONGEST_LABEL]
    if keys == ("connector", "tool"):
        return f"{element['connector']}/{element['tool']}"
    words = next((str(element[key]) for key in CALLED if element.get(key)), "one of them")
    return words if len(words) <= LONGEST_LABEL else f"{words[: LONGEST_LABEL - 1]}…"


def _plain(value: Any) -> Any:
    """As it is stored: a list is a list."""
    return list(value) if isinstance(value, tuple) else value
