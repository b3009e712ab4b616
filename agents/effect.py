"""A call in one line of words: "Refund order 1043, amount 412.0, reason “Tent poles cracked”". Pure.

The words come from the tool's name and the arguments alone, never from the model's prose. They are a headline; the
arguments themselves are always shown beside it.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from agents.hidden import hidden_characters, visible

LONGEST = 160
LONGEST_NAME = 60
LONGEST_VALUE = 40
MOST_VALUES = 4

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_QUOTES = str.maketrans({"“": '"', "”": '"', "\n": "⏎", "\t": " "})


def effect(tool: str, arguments: dict[str, Any]) -> str:
    """One line of at most 160 characters, without line breaks or invisible characters."""
    words = _words(tool)
    subject = next((key for key in arguments if _stem(key) is not None), None)
    place = _place_of(words, subject)
    if subject is not None and place is not None:
        words = [*words[:place], _value(arguments[subject], identifies=True), *words[place:]]
    else:
        subject = None
    name = _cut(" ".join(words), LONGEST_NAME + (LONGEST_VALUE if subject is not None else 0))
    parts = [_part(key, value) for key, value in arguments.items() if key != subject]
    return _fitted(name[:1].upper() + name[1:], parts, MOST_VALUES - (subject is not None))


def _fitted(name: str, parts: list[str], most: int) -> str:
    """As many values as fit, and how many did not."""
    for count in range(min(most, len(parts)), 0, -1):
        line = _line(name, parts[:count], len(parts) - count)
        if len(line) <= LONGEST:
            return line
    return _line(name, [], len(parts))


def _line(name: str, parts: Iterable[str], left_out: int) -> str:
    return ", ".join([name, *parts]) + (f" and {left_out} more" if left_out else "")


def _words(name: str) -> list[str]:
    """`refundOrder`, `refund_order` and `refund.order` → ["refund", "order"]; HTTP stays HTTP."""
    found = [] if hidden_characters(name) else _WORD.findall(_HUMP.sub(" ", name))
    return [word if word.isupper() and len(word) > 1 else word.lower() for word in found] or [_quoted(name)]


def _stem(key: str) -> list[str] | None:
    """The words of what a `*_id` argument identifies: `order_id` → ["order"], a bare `id` → []."""
    words = _words(key)
    return words[:-1] if words[-1].lower() == "id" else None


def _place_of(words: list[str], subject: str | None) -> int | None:
    """Where in the tool's name the id belongs: behind its noun, a bare `id` behind the last word."""
    stem = _stem(subject) if subject is not None else None
    if stem is None:
        return None
    ends = (end for end in range(len(words), len(stem), -1) if words[end - len(stem) : end] == stem)
    return next(ends, None)


def _part(key: str, value: Any) -> str:
    stem = _stem(key)
    return f"{_cut(' '.join(stem or _words(key)), LONGEST_VALUE)} {_value(value, identifies=stem is not None)}"


def _value(value: Any, *, identifies: bool) -> str:
    match value:
        case str():
            return value if identifies and len(value) <= LONGEST_VALUE and _PLAIN.fullmatch(value) else _quoted(value)
        case dict() | list():
            return f"({len(value)} {'entry' if len(value) == 1 else 'entries'})"
        case _:
            return _cut(json.dumps(value), LONGEST_VALUE)


def _quoted(text: str) -> str:
    """Quotation marks inside are made plain ones, so that a value cannot end itself and pose as another."""
    shown = ""
    for piece in visible(text[:LONGEST_VALUE].translate(_QUOTES)):
        following = f"⟨{piece.label}⟩" if piece.hidden else piece.text
        if piece.hidden and len(shown) + len(following) >= LONGEST_VALUE:
            return f"“{shown[: LONGEST_VALUE - 1]}…”"  # never half a label
        shown += following
    return f"“{_cut(shown + '…' if len(text) > LONGEST_VALUE else shown, LONGEST_VALUE)}”"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
