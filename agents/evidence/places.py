"""All places in the history that hold a value, the best of them, and what speaks against it. Pure.

A value is found as a field, as a fact in another notation, or word for word inside a text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from store.events.values import Origin

from .forms import WORD, Fact, Key, digits_of, facts, fold, phones, squeezed
from .index import FIELD, PROSE, SAID, Index, Place
from .rows import called, named_instead, standing

MOST_SEARCHED = 24
"""Places of one word in which a phrase is looked for."""
_RANK = {"user": 0, "tool": 1, "recall": 2, "summary": 3, "configuration": 4}


@dataclass(frozen=True, slots=True)
class Leaf:
    path: str
    raw: str
    value: Any
    steps: tuple[str, ...]
    item: bool = False
    """One of a list."""

    @property
    def name(self) -> str:
        return next((step for step in reversed(self.steps) if not step.isdecimal()), "")


@dataclass(frozen=True, slots=True)
class Found:
    origin: Origin
    seq: int | None = None
    quote: str | None = None
    near: str | None = None
    trusted: bool = True
    shared: bool = False
    """A word that many records have, such as `open`: whose it is says nothing."""


NOWHERE = Found("nowhere")


def origin_of(index: Index, place: Place) -> Origin:
    return index.sources[place[0]].origin


# ── the best of them ──────────────────────────────────────────────────────────────────────────────────────────────


def best_of(index: Index, places: list[Place], written: str) -> Found:
    """Rather the user's own word than a field, rather a field than a text, rather the user's record than another's."""

    def rank(place: Place) -> tuple[int, bool]:
        if place[3] == FIELD:
            return 1, standing(index, place[1]) != "meant"
        return (6 if place[3] == PROSE else _RANK[origin_of(index, place)]), False

    place = min(places, key=rank)
    near = _somebody_elses(index, places) if place[3] == FIELD else None
    origin, seq = origin_of(index, place), index.sources[place[0]].seq
    return Found(origin, seq, _quote(place, written), near, _is_trusted(index, place, places))


def _somebody_elses(index: Index, places: list[Place]) -> str | None:
    """Of a value that stands only in records other than the one the user means."""
    rows = [place[1] for place in places if place[3] == FIELD]
    others = [row for row in rows if standing(index, row) == "other"]
    if not others or any(standing(index, row) == "meant" for row in rows):
        return None
    return f"it belongs to {called(index, others[0])}; the user means {named_instead(index, others[0])}"


def _is_trusted(index: Index, best: Place, places: list[Place]) -> bool:
    """Not what stands in a tool's prose alone, nor what a look-up of such a value merely echoes."""
    if best[3] == PROSE:
        return False
    if best[3] != FIELD or standing(index, best[1]) == "meant":
        return True
    prose = [place[0] for place in places if place[3] == PROSE]
    return not prose or min(prose) > min(place[0] for place in places if place[3] == FIELD)


def _quote(place: Place, written: str) -> str:
    text = place[4]
    if place[3] == FIELD:
        return f"{place[2]}: {text}" if place[2] else text
    at = _at(text, written)
    start, end = max(0, at - 30), at + len(written) + 30
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"


def _at(text: str, written: str) -> int:
    """Where it stands in the text, in this notation or another."""
    if match := re.search(rf"(?<!\w){re.escape(written)}", text, re.IGNORECASE):
        return match.start()
    keys = {key for fact in facts(written) for key in fact.keys}
    return next((fact.start for fact in facts(text) if not keys.isdisjoint(fact.keys)), 0)


# ── all of them ───────────────────────────────────────────────────────────────────────────────────────────────────


def places_of(index: Index, text: str, folded: str, parts: Sequence[Fact]) -> list[Place]:
    """Where the value stands: as a field, as a fact in another notation, or word for word inside a text."""
    found = list(index.places.get(folded, ()))
    for key in _keys(index, text, folded, parts):
        found += [
            place
            for place in index.places.get(key, ())
            if not (isinstance(key, tuple) and key[0] == "phone") or _same_phone(index, place, text)
        ]
    return found + phrase(index, folded)


def _keys(index: Index, text: str, folded: str, parts: Sequence[Fact]) -> list[Key]:
    """What the whole value means as one fact: a number, a day, a phone number, a code without its gaps."""
    alone = [fact for fact in parts if len(fact.text) >= len(text.strip(" €$£%").rstrip(".")) - 4]
    keys: list[Key] = [key for fact in alone for key in fact.keys if not isinstance(key, str) and not _bare(fact, text)]
    days = [key for key in keys if isinstance(key, date)]
    keys += [(day.month, day.day) for day in days if within_a_year(index, day)]
    if sum(c.isdigit() for c in text) > 6 and not days:
        keys += [key for fact in phones(text) if len(fact.text) >= len(text) - 2 for key in fact.keys]
    close = squeezed(folded)
    return [*keys, *([close] if close != folded and len(close) > 5 and any(c.isdigit() for c in close) else [])]


def within_a_year(index: Index, day: date) -> bool:
    """Of a known day: `the 3rd of May` may be this day."""
    return not index.years.isdisjoint((day.year - 1, day.year, day.year + 1))


def _bare(fact: Fact, text: str) -> bool:
    """A number cut out of a code: the 1042 of `C-1042` is not that number."""
    rest = text.replace(fact.text, "", 1)
    return any(isinstance(key, int | float) for key in fact.keys) and any(c in "-_/:" or c.isdigit() for c in rest)


def _same_phone(index: Index, place: Place, text: str) -> bool:
    """The same digits, or one with a country code that is known from somewhere and one without."""
    mine = digits_of(text).lstrip("0")
    others = [other for fact in phones(fold(place[4])) if (other := digits_of(fact.text).lstrip("0"))]
    if any(other.endswith(mine) for other in others):
        return True
    international = text.strip("( ")[:1] == "+" or text.strip("( ")[:2] == "00" or text.strip("( ")[:1] != "0"
    return international and any(mine.endswith(other) and mine.removesuffix(other) in index.words for other in others)


def phrase(index: Index, folded: str) -> list[Place]:
    """Word for word inside a text; of its words the rarest is looked up."""
    words = WORD.findall(folded)
    rarest = min((index.words.get(word, []) for word in words), key=len, default=[])
    hits = [place for place in rarest[:MOST_SEARCHED] if _stands_in(folded, fold(place[4]))]
    if hits or len(folded) < 8 or not any(c.isdigit() for c in folded):
        return hits
    return _said_with_gaps(index).get(squeezed(folded), [])


def _said_with_gaps(index: Index) -> dict[str, list[Place]]:
    """Codes as people write them, in groups: all runs of two to ten words with a digit, without what is between them."""
    if "gaps" not in index.derived:
        found: dict[str, list[Place]] = {}
        for number in index.said[-12:]:
            text = index.sources[number].text[:20_000]
            words = [word.casefold() for word in WORD.findall(text)]
            for start in range(len(words)):
                for end in range(start + 2, min(start + 11, len(words) + 1)):
                    if not any(c.isdigit() for c in words[end - 1]):
                        break
                    found.setdefault("".join(words[start:end]), []).append((number, -1, "", SAID, text))
        index.derived["gaps"] = found
    gaps: dict[str, list[Place]] = index.derived["gaps"]
    return gaps


def _stands_in(folded: str, text: str) -> bool:
    at = text.find(folded)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(folded) : at + len(folded) + 2]
        if not (before.isalnum() or after[:1].isalnum() or (after[:1] in (".", ",", "@") and after[1:].isdigit())):
            return not (folded.isdecimal() and before in (".", ","))
        at = text.find(folded, at + 1)
    return False


def familiar(index: Index, piece: str) -> bool:
    """Said by somebody, or a field or part of one in a record that is not somebody else's; few digits: by the user."""
    places = [*index.places.get(piece, ()), *phrase(index, piece)]
    if len(piece) < 4 and any(c.isdigit() for c in piece):
        return any(origin_of(index, place) == "user" for place in places)
    return any(p[3] == SAID or (p[3] == FIELD and standing(index, p[1]) != "other") for p in places)
