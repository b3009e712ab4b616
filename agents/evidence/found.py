"""The best of several places that hold a value, and what speaks against it. Pure."""

from dataclasses import dataclass
from typing import Any

from store.events.values import Origin

from .index import FIELD, PROSE, Index, Place
from .rows import called, named_instead, standing


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


NOWHERE = Found("nowhere")
_RANK = {"user": 0, "tool": 1, "recall": 2, "summary": 3, "configuration": 4}


def origin_of(index: Index, place: Place) -> Origin:
    return index.sources[place[0]].origin


def best_of(index: Index, places: list[Place], written: str) -> Found:
    """Rather the user's own word than a field, rather a field than a text, rather the user's record than another's."""

    def rank(place: Place) -> tuple[int, bool]:
        if place[3] == FIELD:
            return 1, standing(index, place[1]) != "meant"
        return (6 if place[3] == PROSE else _RANK[origin_of(index, place)]), False

    place = min(places, key=rank)
    found = Found(origin_of(index, place), index.sources[place[0]].seq, _quote(place, written))
    if place[3] == FIELD and (near := _somebody_elses(index, places)):
        found = with_near(found, near)
    return (
        found
        if _is_trusted(index, place, places)
        else Found(found.origin, found.seq, found.quote, found.near, trusted=False)
    )


def with_near(found: Found, near: str | None) -> Found:
    return Found(found.origin, found.seq, found.quote, near, found.trusted) if near else found


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
    at = max(0, text.casefold().find(written.casefold()))
    start, end = max(0, at - 30), at + len(written) + 30
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
