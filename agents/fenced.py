"""Tool calls that a small local model wrote into its text, as fenced JSON or in tags. Pure.

The arguments are cut out of the text as they stand, so that `50.0` or a duplicate key reaches the checks untouched.
"""

import json
import re
from collections.abc import Collection, Iterator

from agents.model_calls import ModelCall

OPENING = re.compile(r"```[\w-]*|<(?:tool_call|function_call|tools?)>|\[TOOL_CALLS\]|<\|python_tag\|>")
CLOSING = re.compile(r"\s*(?:```|</(?:tool_call|function_call|tools?)>)?")
BETWEEN = re.compile(r"[\s,;]*")
SPACE = re.compile(r"\s*")
LARGEST = 1_000_000
"""Longer texts are left alone: no model writes its calls into a megabyte."""

NAMES = ("name", "tool", "tool_name", "function")
ARGUMENTS = ("arguments", "parameters", "args", "input", "tool_input")
BESIDE = {*NAMES, *ARGUMENTS, "id", "type", "index"}

Spans = dict[str, tuple[int, int]]
_decoder = json.JSONDecoder()


class _NoCall(ValueError):
    """This JSON is not a call of an offered tool."""


def extract(text: str, offered: Collection[str]) -> tuple[tuple[ModelCall, ...], str]:
    """The calls of offered tools in the text, and the text without them."""
    if not offered or "{" not in text or len(text) > LARGEST:
        return (), text
    found: list[ModelCall] = []
    kept: list[str] = []
    at = 0
    for start, inside in _openings(text):
        if start < at:
            continue
        calls, end = _calls_from(text, inside, offered)
        if calls:
            found += calls
            kept.append(text[at:start])
            at = end
    if not found:
        return (), text
    parts = (part.strip() for part in (*kept, text[at:]))
    return tuple(found), "\n\n".join(part for part in parts if part)


def _openings(text: str) -> Iterator[tuple[int, int]]:
    """Where calls may start: (start of the marker, start of what is inside). A text of nothing but JSON counts."""
    first = _skip(SPACE, text, 0)
    if text[first] in "{[" and text.rstrip()[-1] in "}]" and not OPENING.match(text, first):
        yield 0, first
    for marker in OPENING.finditer(text):
        inside = _skip(SPACE, text, marker.end())
        if text[inside : inside + 1] in ("{", "["):
            yield marker.start(), inside


def _calls_from(text: str, at: int, offered: Collection[str]) -> tuple[list[ModelCall], int]:
    """All calls standing one after the other from here, all of offered tools, or none; and where they end."""
    calls: list[ModelCall] = []
    try:
        while text[at : at + 1] in ("{", "["):
            end = _value_end(text, at)
            calls += _calls_in(text, at, offered)
            at = _skip(BETWEEN, text, end)
    except (ValueError, RecursionError):
        return [], at
    return calls, _skip(CLOSING, text, at)


def _calls_in(text: str, at: int, offered: Collection[str]) -> list[ModelCall]:
    if text[at] == "[":
        return [call for item in _items(text, at) for call in _calls_in(text, item, offered)]
    if text[at] != "{":
        raise _NoCall
    members = _members(text, at)
    if set(members) == {"tool_calls"}:
        return _calls_in(text, members["tool_calls"][0], offered)
    return [_call(text, members, offered)]


def _call(text: str, members: Spans, offered: Collection[str]) -> ModelCall:
    if not set(members) <= BESIDE:
        raise _NoCall
    if "function" in members and text[members["function"][0]] == "{":
        return _call(text, _members(text, members["function"][0]), offered)
    names = [json.loads(text[slice(*members[key])]) for key in NAMES if key in members]
    if not names or not isinstance(names[0], str) or names[0] not in offered:
        raise _NoCall
    spans = [members[key] for key in ARGUMENTS if key in members]
    return ModelCall(id="", name=names[0], arguments=_arguments(text, spans[0]) if spans else "{}")


def _arguments(text: str, span: tuple[int, int]) -> str:
    """Raw text; where a model wrapped its JSON in a string, as the wire format does, what the string says."""
    raw = text[slice(*span)]
    return str(json.loads(raw)) if raw.startswith('"') else raw


def _members(text: str, at: int) -> Spans:
    """The members of the object that starts here, as spans of the text."""
    spans: Spans = {}
    at = _skip(SPACE, text, at + 1)
    while text[at] != "}":
        key, at = _decoder.raw_decode(text, at)
        at = _skip(SPACE, text, _skip(SPACE, text, at) + 1)
        end = _value_end(text, at)
        spans[key] = (at, end)
        at = _skip(BETWEEN, text, end)
    return spans


def _items(text: str, at: int) -> Iterator[int]:
    at = _skip(SPACE, text, at + 1)
    while text[at] != "]":
        yield at
        at = _skip(BETWEEN, text, _value_end(text, at))


def _value_end(text: str, at: int) -> int:
    end: int = _decoder.raw_decode(text, at)[1]
    return end


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
