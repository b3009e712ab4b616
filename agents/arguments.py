"""Tool arguments as the text that is shown, approved, hashed and sent: read, written canonically, edited. Pure.

One text travels the whole way. `parse` refuses whatever two readers could read differently; `canonical` is a fixed
point (`canonical(parse(canonical(x))) == canonical(x)`), so an edit changes the bytes of what was edited and no others.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import field_validator

from agents import pointer
from agents.reasoning import Reasoning
from store.events import Evidence, Value

LONGEST = 1_000_000
"""Characters, of what comes in and of what goes out."""
DEEPEST = 64
"""Levels; the object of the arguments is the first."""


class BadArguments(ValueError):
    """The text of the exception is one sentence saying what is wrong and where."""


class CallDetails(Value):
    """What people see of a call; kept as a payload."""

    arguments_json: str | None = None
    """Canonical; None when the model's text could not be read."""
    raw: str | None = None
    """The model's own text, only when it could not be read."""
    reasoning: Reasoning | None = None
    effect: str
    problems: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    """One for each scalar leaf; empty for a call that nobody asks about."""
    kept: tuple[str, ...] = ()
    """Names of the arguments that the administrator fixed: people see them, the model does not."""

    @field_validator("raw", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        return _printable(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    path: str
    """JSON Pointer."""
    raw: str
    """Its exact canonical text."""
    value: Any
    length: int
    """Characters a reader has to read: of the string itself, of the canonical text for everything else."""


# ── reading and writing ───────────────────────────────────────────────────────────────────────────────────────────


def parse(text: str) -> dict[str, Any]:
    """The object a model wrote. Models send nothing at all for "no arguments"."""
    value = _read(text, "The arguments") if text else {}
    if not isinstance(value, dict):
        raise BadArguments(f"The arguments must be a JSON object, not {_kind(value)}.")
    return value


def canonical(value: Any) -> str:
    """Keys sorted by code point, no spaces, nothing escaped that need not be; 50 stays 50 and 50.0 stays 50.0."""
    _refuse_faults(value, "The value")
    return _short_enough(_write(value), "The value")


def digest(connector: str, tool: str, definition_hash: str, arguments_json: str) -> str:
    """The action digest (hex sha256): what is shown, what is approved and what runs all carry the same one."""
    return hashlib.sha256(_write([connector, tool, definition_hash, arguments_json]).encode()).hexdigest()


def _read(text: str, what: str) -> Any:
    _short_enough(text, what)
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadArguments(f"{what} cannot be read as JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise BadArguments(f"{what} cannot be read: nested deeper than {DEEPEST} levels.") from None
    except ValueError:  # Python's own limit on converting digits, which keeps a number from taking minutes
        raise BadArguments(f"{what} cannot be read: a number has more than 4,300 digits.") from None
    _refuse_faults(value, what)
    return value


class _Repeated(dict[str, Any]):
    """An object in which a key came twice; the walk finds it and knows its path, the parser does not."""

    key: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = _Repeated(plain)
    repeated.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return repeated


def _write(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _short_enough(text: str, what: str) -> str:
    if len(text) > LONGEST:
        raise BadArguments(f"{what} cannot be used: {len(text):,} characters, the limit is {LONGEST:,}.")
    return text


# ── faults ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_faults(value: Any, what: str) -> None:
    if (fault := _fault(value, 1)) is not None:
        problem, steps = fault
        where = f"at {_shown(pointer.join(*reversed(steps)))}" if steps else "at the top"
        raise BadArguments(f"{what} cannot be used: {problem} {where}.")


_Fault = tuple[str, list[str | int]] | None
"""What is wrong, and the steps to it from the inside out."""


def _fault(value: Any, depth: int) -> _Fault:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return ("half a surrogate pair", []) if _has_surrogate(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else ("a number that is not finite", [])
    if isinstance(value, int):
        return None if value.bit_length() < 14_000 else _digits_fault(value)
    if isinstance(value, dict | list | tuple):
        return ("nested too deeply", []) if depth > DEEPEST else _container_fault(value, depth)
    return f"{type(value).__name__} is not a JSON type", []


def _container_fault(value: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> _Fault:
    if isinstance(value, _Repeated):
        return f'the key "{_shown(value.key)}" appears twice', []
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return "a key that is not a string", []
            if _has_surrogate(key):
                return "half a surrogate pair in a key", []
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in entries:
        if (fault := _fault(inner, depth + 1)) is not None:
            fault[1].append(step)
            return fault
    return None


def _digits_fault(value: int) -> _Fault:
    try:
        str(value)
    except ValueError:
        return "a number of more than 4,300 digits", []
    return None


def _has_surrogate(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _shown(text: str) -> str:
    """Fit for a sentence: no half characters, and not a megabyte of key."""
    return _printable(text if len(text) <= 120 else text[:119] + "…")


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case _:
            return "a list"


# ── editing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def apply_patch(arguments_json: str, patch: dict[str, str | None]) -> str:
    """Puts new JSON text at each path (None takes a key out); everything else keeps its bytes.

    A path names something that exists, or a new key of an object that exists. Paths must not contain one another.
    """
    arguments = parse(arguments_json)
    places = {path: _steps(path) for path in patch}
    _refuse_overlap(places)
    for path, raw in patch.items():
        if not places[path]:
            arguments = parse(raw or "null")
        elif raw is None:
            _take_out(arguments, path, places[path])
        else:
            _put(arguments, path, places[path], _read(raw, f"The value for {_shown(path)}"))
    return canonical(arguments)


def leaves(arguments_json: str) -> list[Leaf]:
    """Every value a person has to look at, in the order of the canonical text; an empty list or object is one."""
    arguments = parse(arguments_json)
    return list(_leaves(arguments, "")) if arguments else []


def _leaves(value: Any, path: str) -> Iterator[Leaf]:
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _leaves(value[key], path + pointer.join(key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, path + pointer.join(index))
    else:
        raw = _write(value)
        yield Leaf(path=path, raw=raw, value=value, length=len(value if isinstance(value, str) else raw))


def _steps(path: str) -> tuple[str, ...]:
    try:
        return pointer.split(path)
    except ValueError as error:
        raise BadArguments(f"{_printable(str(error))}.") from None


def _refuse_overlap(places: dict[str, tuple[str, ...]]) -> None:
    """In code point order of their steps a path is followed at once by those inside it."""
    ordered = sorted(places.items(), key=lambda place: place[1])
    for (outer, steps), (inner, inner_steps) in pairwise(ordered):
        if inner_steps[: len(steps)] == steps:
            raise BadArguments(f'The paths "{_shown(outer)}" and "{_shown(inner)}" overlap.')


def _put(arguments: dict[str, Any], path: str, steps: tuple[str, ...], value: Any) -> None:
    parent = _parent(arguments, steps)
    if isinstance(parent, dict):
        parent[steps[-1]] = value
    elif pointer.child(parent, steps[-1]) is not pointer.MISSING:
        parent[int(steps[-1])] = value
    else:
        raise _nothing_at(path)


def _take_out(arguments: dict[str, Any], path: str, steps: tuple[str, ...]) -> None:
    parent = _parent(arguments, steps)
    if isinstance(parent, list):
        raise BadArguments(f"The entry at {_shown(path)} cannot be taken out: send the whole list instead.")
    if pointer.child(parent, steps[-1]) is pointer.MISSING:
        raise _nothing_at(path)
    del parent[steps[-1]]


def _parent(arguments: dict[str, Any], steps: tuple[str, ...]) -> Any:
    value: Any = arguments
    for step in steps[:-1]:
        value = pointer.child(value, step)
    return value


def _nothing_at(path: str) -> BadArguments:
    return BadArguments(f"There is nothing at {_shown(path)} in these arguments.")
