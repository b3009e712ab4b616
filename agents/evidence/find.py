"""Where one value came from: known as it stands, offered by the schema, put together, written as prose, or nowhere. Pure."""

import math
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from . import offers
from .facts import fits, in_words, moment
from .forms import facts, fold
from .found import NOWHERE, Found, Leaf, best_of, origin_of, with_near
from .index import Index, is_free_text, is_long_text
from .near import look_alike, near_number, near_text
from .places import familiar, places_of
from .prose import prose, reads_as_prose
from .rows import family
from .sums import number_follows

_CENTS = ("cent", "minor", "pence", "penny", "öre", "øre")


def find(leaf: Leaf, leaves: Sequence[Leaf], index: Index, schema: dict[str, Any]) -> Found:
    value = leaf.value
    if value is None or isinstance(value, bool) or value == "" or isinstance(value, dict | list | tuple):
        return Found("schema")
    offered = offers.offers(schema, leaf.steps, value)
    if isinstance(value, int | float):
        return _number(leaf, index, schema, offered)
    if not isinstance(value, str):
        return NOWHERE
    return _text(leaf, leaves, index, offered)


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _number(leaf: Leaf, index: Index, schema: dict[str, Any], offered: bool) -> Found:
    value = leaf.value
    if isinstance(value, float) and not math.isfinite(value):
        return NOWHERE
    places = [place for place in index.places.get(abs(value), ()) if fits(place, leaf.name, value)]
    places += in_words(index, value)
    if offered and not any(origin_of(index, place) == "user" for place in places):
        return Found("schema")
    if places:
        return best_of(index, places, str(value))
    if abs(value) < 1e15 and _in_cents(leaf, schema) and (whole := index.places.get(abs(value) / 100)):
        return best_of(index, list(whole), str(value / 100))
    if how := number_follows(index, value, leaf.name):
        return Found("computed", quote=how)
    return Found("nowhere", near=near_number(index, value))


def _in_cents(leaf: Leaf, schema: dict[str, Any]) -> bool:
    told = f"{leaf.name} {offers.described(schema, leaf.steps)}".casefold()
    return any(word in told for word in _CENTS)


# ── texts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(leaf: Leaf, leaves: Sequence[Leaf], index: Index, offered: bool) -> Found:
    text: str = leaf.value
    folded = fold(text)
    if not folded:
        return Found("schema")
    long = is_long_text(text)
    places = [] if long else places_of(index, text, folded)
    if offered and not any(origin_of(index, place) == "user" for place in places):
        return Found("schema")
    if places:
        best = best_of(index, places, folded)
        return best if best.origin == "user" or best.near else with_near(best, look_alike(index, text))
    if long or is_free_text(leaf.name):
        return prose(leaf, leaves, index)
    if (follows := _follows(leaf, index, text, folded)) is not None:
        return follows
    near = near_text(index, text) or _near_value(index, text)
    if near is None and reads_as_prose(folded):
        return prose(leaf, leaves, index)
    return Found("nowhere", near=near)


def _follows(leaf: Leaf, index: Index, text: str, folded: str) -> Found | None:
    """Reckoned from known days and numbers, or put together from known words."""
    parts = list(facts(text))
    days = [key for fact in parts for key in fact.keys if type(key) is date]
    clock = [key for fact in parts for key in fact.keys if isinstance(key, time)]
    if days and len(parts) == 1 + bool(clock):
        return moment(index, days[0], clock)
    numbers = [key for fact in parts for key in fact.keys if isinstance(key, int | float)]
    if len(parts) == 1 and numbers and not any(c.isalpha() for c in folded.replace("eur", "")):
        if family(leaf.name) not in ("money", "count") and "." not in text:
            return None
        if how := number_follows(index, numbers[0], leaf.name):
            return Found("computed", quote=how)
        return None
    pieces = [piece for piece in _split(folded) if piece]
    if len(pieces) > 1 and all(familiar(index, piece) for piece in pieces):
        return Found("computed", quote=" + ".join(pieces[:4]))
    return None


def _split(folded: str) -> list[str]:
    for mark in ",:@=&?/+()":
        folded = folded.replace(mark, " ")
    return folded.split()


def _near_value(index: Index, text: str) -> str | None:
    """Of a number or a day written as text."""
    numbers = [key for fact in facts(text) for key in fact.keys if isinstance(key, int | float)]
    return near_number(index, numbers[0]) if len(numbers) == 1 else None
