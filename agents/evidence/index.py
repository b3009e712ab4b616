"""A session's history as an index of known values: what stands where, as its own field or inside a text. Pure.

Built source by source, so that a long history is read once; JSON results keep which record each value belongs to.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from .forms import WORD, Key, digits_of, fold, in_a_phone, keys_in, phones, squeezed

SourceOrigin = Literal["user", "tool", "recall", "summary", "configuration"]


@dataclass(frozen=True, slots=True)
class Source:
    """One text of a session: what a person wrote, what a tool returned, what the agent was configured with."""

    origin: SourceOrigin
    seq: int | None
    text: str


FIELD, PROSE, SAID = "field", "prose", "said"
"""A field of a tool's result; free text inside a tool's result; a text that no tool returned."""

Place = tuple[int, int, str, str, str]
"""Number of the source, number of the record (-1: none), name of the field, one of the three above, the text."""


class Row(NamedTuple):
    """One JSON object of a tool's result."""

    fields: dict[str, Any]
    parent: int
    """Number of the record around it, -1 for none; always smaller than its own."""
    shape: int
    """The same for records with the same fields in the same order."""


FREE_TEXT = frozenset(
    "text body message messages subject title note notes comment comments description content reason summary details "
    "detail remark remarks because feedback review answer question memo explanation greeting".split()
)
"""Names of fields that hold what somebody wrote, however short."""
ABOUT_A_TEXT = frozenset("id ids no number key ref date at on by count type status code url author email".split())
"""Last words of names such as `message_id`, which hold no text."""
LONG_TEXT, MANY_WORDS = 60, 8
LONGEST_PIECE = 400
"""Characters: a text is kept in pieces of about a sentence or two, to quote from and to search in."""
MOST_PLACES = 64
"""Of one word or value; the newest would say nothing that these do not."""
_CELL = re.compile(r"\s*\|\s*|\t+|\s{2,}|\s*;\s*")
_PAIR = re.compile(r"\s*[-*]?\s*([\w .-]{1,40}?)\s*[:=]\s+(\S.*)")


def is_long_text(text: str) -> bool:
    return len(text) > LONG_TEXT and len(text.split()) > MANY_WORDS


def is_free_text(name: str) -> bool:
    parts = parts_of_name(name)
    return not FREE_TEXT.isdisjoint(parts) and parts[-1] not in ABOUT_A_TEXT


class Index:
    """What is known. `places` holds whole values and facts by key, `words` the single words."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.places: dict[Key, list[Place]] = {}
        self.words: dict[str, list[Place]] = {}
        self.rows: list[Row] = []
        self.inner: dict[int, list[int]] = {}
        """By record: those inside it."""
        self._shapes: dict[tuple[str, ...], int] = {}
        self.years: set[int] = set()
        self.said: list[int] = []
        """Numbers of the sources that a person wrote."""
        self.ends: dict[str, list[str]] = {}
        self.ended = 0
        """Words by their first and last letters, for near misses, and how many of `words` are among them."""
        self.derived: dict[str, Any] = {}
        """What others computed from the whole index; emptied whenever something is added."""

    def add(self, source: Source) -> None:
        number = len(self.sources)
        self.sources.append(source)
        self.derived.clear()
        if source.origin == "user":
            self.said.append(number)
        if source.origin == "tool":
            for value in _json_values(source.text):
                if isinstance(value, str):
                    self._plain(number, value)
                else:
                    self._structure(number, value)
        else:
            for piece in pieces(" ".join(source.text.split())):
                self._text((number, -1, "", SAID, piece))

    # a tool's result

    def _structure(self, number: int, value: Any) -> None:
        todo: list[tuple[Any, int, str]] = [(value, -1, "")]
        while todo:
            inner, row, name = todo.pop()
            if isinstance(inner, dict):
                row = self._row(inner, row)
                todo.extend((child, row, key) for key, child in reversed(inner.items()))
            elif isinstance(inner, list):
                todo.extend((child, row, name) for child in reversed(inner))
            else:
                self._scalar(number, row, name, inner)

    def _row(self, fields: dict[str, Any], parent: int) -> int:
        self.rows.append(Row(fields, parent, self._shapes.setdefault(tuple(fields), len(self._shapes))))
        if parent >= 0:
            self.inner.setdefault(parent, []).append(len(self.rows) - 1)
        return len(self.rows) - 1

    def _scalar(self, number: int, row: int, name: str, value: Any) -> None:
        if isinstance(value, str):
            if is_free_text(name) or is_long_text(value):
                for piece in pieces(value):
                    self._text((number, row, name, PROSE, piece))
            elif value:
                self._field((number, row, name, FIELD, value))
        elif value is not None and value is not True and value is not False:
            self._note(abs(value), (number, row, name, FIELD, str(value)))

    def _plain(self, number: int, text: str) -> None:
        """A result that is no JSON: `name: value` lines and table rows are fields, lines that read as prose are not."""
        row = -1
        for line in text.splitlines():
            pair = _PAIR.fullmatch(line)
            cells = [pair.group(2)] if pair else _CELL.split(line.strip())
            if len(line) > LONGEST_PIECE or (len(cells) == 1 and is_long_text(cells[0])):
                for piece in pieces(line):
                    self._text((number, row, pair.group(1) if pair else "", PROSE, piece))
            elif pair:
                self._scalar(number, row, pair.group(1), pair.group(2))
            else:
                for cell in cells:
                    self._scalar(number, row, "", cell)

    # one text

    def _field(self, place: Place) -> None:
        text = place[4]
        folded = fold(text)
        self._note(folded, place)
        if folded.isalpha():
            self._word(folded, place)
            return
        for word in WORD.findall(folded):
            self._word(word, place)
        for key in _other_keys(folded):
            self._note(key, place)

    def _text(self, place: Place) -> None:
        folded = fold(place[4])
        for word in set(WORD.findall(folded)):
            self._word(word, place)
        for key in _keys_of_text(folded):
            self._note(key, place)

    def _note(self, key: Key, place: Place) -> None:
        places = self.places.setdefault(key, [])
        if not places and isinstance(key, date):
            self.years.add(key.year)
        if len(places) < MOST_PLACES or place[3] == SAID:
            places.append(place)

    def _word(self, word: str, place: Place) -> None:
        places = self.words.setdefault(word, [])
        if len(places) < MOST_PLACES or place[3] == SAID:
            places.append(place)


@lru_cache(maxsize=16384)
def _other_keys(folded: str) -> tuple[Key, ...]:
    """What else a short field means: a day, a number in words and marks, a phone number, a code written with gaps."""
    if folded.isdecimal() and len(folded) < 40:
        return (int(folded), *_phone_keys(folded))
    if not any("0" <= character <= "9" for character in folded):
        return ()
    phones, found = _phone_keys(folded), keys_in(folded)
    if phones:
        found = {key for key in found if not isinstance(key, int) or not in_a_phone(folded, key, unmarked=key < 1000)}
    return tuple(found | set(phones) | {squeezed(folded)} - {folded})


def _keys_of_text(folded: str) -> set[Key]:
    found = keys_in(folded)
    return found | set(_phone_keys(folded)) if found else found


def _phone_keys(folded: str) -> tuple[Key, ...]:
    return tuple(key for fact in phones(folded) for key in fact.keys) if len(digits_of(folded)) > 6 else ()


@lru_cache(maxsize=4096)
def parts_of_name(name: str) -> tuple[str, ...]:
    """`orderId`, `order_id` and `Order id` alike: ("order", "id")."""
    return tuple(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").casefold().split())


_PIECE = re.compile(rf"[^\n]{{1,{LONGEST_PIECE}}}(?=\s|$)|[^\n]{{1,{LONGEST_PIECE}}}")


def pieces(text: str) -> list[str]:
    """Lines, and long lines cut at a space."""
    return [piece for match in _PIECE.finditer(text) if (piece := match.group().strip())]


def _json_values(text: str) -> Iterator[Any]:
    """The JSON documents of a result, and as a string what is none."""
    decoder = json.JSONDecoder()
    at, rest = 0, text.strip()
    while rest[at : at + 1] in ("{", "["):
        try:
            value, at = decoder.raw_decode(rest, at)
        except (ValueError, RecursionError):
            break
        yield value
        at += len(rest[at : at + 64]) - len(rest[at : at + 64].lstrip(" \n\r\t,"))
    if at < len(rest):
        yield rest[at:]


__all__ = ["FIELD", "PROSE", "SAID", "Index", "Place", "Row", "Source"]
