"""Whether a call that people rejected comes back in other clothes, and when a tool is no longer offered. Pure.

Two calls of different tools have no arguments in common but their values, so it is the values that are compared.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

REJECTIONS_IN_A_ROW = 3
"""So many of one tool, and it is not offered in this session any more."""
SMALL_NUMBER = 10
"""Below it a number counts something, and says nothing about what is meant, except where it is an id."""
SPECIFIC_NUMBER = 1_000
LONGEST_NAME = 8
"""Words: what is longer is prose."""
TELLING_TEXT = 40
"""Characters: nobody writes the same so long a text twice by chance."""
MOST_VALUES = 500
MOST_SHOWN = 3
LONGEST_SHOWN = 40

_ID_WORDS = frozenset("id ids no number nr key ref reference login user username account email iban".split())
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_LONGEST_NUMBER = 28
"""Digits; what is longer is no amount, and would be rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A value by which a call can be told from others."""

    shown: str
    strong: bool
    """Enough by itself: an id, an address, a full name. Amounts and dates are not."""
    prose: bool = False
    """Too long to be asked for again in the same words, but telling where it is."""


def same_intent(rejected: Mapping[str, Any], proposed: Mapping[str, Any]) -> str | None:
    """A sentence naming what both calls are about, or None. Meant for calls of two tools that do more than read.

    They are the same where the one that says less says nothing that the other does not: all of its ids, amounts,
    addresses and names are shared (of four or more, three in four), and one of them at least is specific.
    """
    before, now = _marks(rejected), _marks(proposed)
    shared = [mark for key, mark in now.items() if key in before]
    if not _telling(shared, before, now):
        return None
    values = ", ".join(mark.shown for mark in shared[:MOST_SHOWN])
    return f"It is about the same as a call of another tool that a person rejected: {values}."


def to_suspend(outcomes: Sequence[tuple[str, bool]], tool: str) -> bool:
    """Whether people rejected this tool three times in a row. `outcomes`: (tool, rejected?), newest last."""
    last = [rejected for name, rejected in outcomes if name == tool][-REJECTIONS_IN_A_ROW:]
    return len(last) == REJECTIONS_IN_A_ROW and all(last)


def _telling(shared: Sequence[_Mark], before: Mapping[str, _Mark], now: Mapping[str, _Mark]) -> bool:
    if any(mark.prose for mark in shared):
        return True
    fewer = min(sum(not mark.prose for mark in marks.values()) for marks in (before, now))
    if not shared or len(shared) < fewer - fewer // 4:
        return False
    return len(shared) > 1 or shared[0].strong


def _marks(arguments: Mapping[str, Any]) -> dict[str, _Mark]:
    """What identifies the call, by a spelling in which `1755`, `"1755"` and `"#1755"` are the same."""
    marks: dict[str, _Mark] = {}
    for key, value in _leaves(arguments, "", [MOST_VALUES]):
        found = _number(value, key) if _decimal(value) is not None else _text(value, key)
        if found:
            marks.setdefault(*found)
    return marks


def _leaves(value: Any, key: str, left: list[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, name, left)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, key, left)
    elif not isinstance(value, bool) and value is not None and left[0]:
        left[0] -= 1
        yield key, value


def _decimal(value: Any) -> Decimal | None:
    text = str(value).strip().lstrip("#")
    if len(text) > _LONGEST_NUMBER or not text.isascii() or not text[:1].strip("+"):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _LONGEST_NUMBER else None


def _number(value: Any, key: str) -> tuple[str, _Mark] | None:
    number = _decimal(value)
    if number is None or (abs(number) < SMALL_NUMBER and not _is_id(key)):
        return None
    cents = number != number.to_integral_value()
    strong = _is_id(key) or cents or abs(number) >= SPECIFIC_NUMBER
    return str(number.normalize()), _Mark(shown=_shown(str(value)), strong=strong)


def _text(value: Any, key: str) -> tuple[str, _Mark] | None:
    text = " ".join(unicodedata.normalize("NFKC", str(value)).split())
    words = text.split(" ")
    spelling = text.casefold().lstrip("#")
    if len(words) > LONGEST_NAME or len(text) > 2 * TELLING_TEXT:
        prose = len(text) >= TELLING_TEXT
        return (spelling, _Mark(shown=_shown(text), strong=False, prose=True)) if prose else None
    if _DATE.fullmatch(text):
        return spelling, _Mark(shown=_shown(text), strong=False)
    if len(text) > 2 and ("@" in text or any(character.isdigit() for character in text)):
        return spelling, _Mark(shown=_shown(text), strong=True)
    names = [word for word in words if _is_name(word)]
    if len(names) > 1 or (len(words) == 1 and (names or (_is_id(key) and len(text) > 2))):
        return spelling, _Mark(shown=_shown(text), strong=len(names) > 1 or _is_id(key))
    return None


def _is_name(word: str) -> bool:
    """Written with a capital, or in letters that have none; EUR and damaged are not."""
    if not word[:1].isalpha() or len(word) < 2:
        return False
    has_case = word.lower() != word.upper()
    return not has_case or (word[0].isupper() and not word.isupper() and len(word) > 2)


def _is_id(key: str) -> bool:
    return any(word.lower() in _ID_WORDS for word in _WORD.findall(_HUMP.sub(" ", key))[-1:])


def _shown(text: str) -> str:
    return f"“{text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + '…'}”"
