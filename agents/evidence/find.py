"""Where one value came from: known as it stands, offered by the schema, put together, the model's own, or nowhere. Pure."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import Any, Literal

from .facts import known_number, moment, prose, reads_as_prose, told_number
from .forms import Fact, facts, fold
from .index import PROSE, Index, Place, is_free_text, is_long_text, parts_of_name
from .near import is_a_name, look_alike, near_number, near_own_word, near_text
from .places import NOWHERE, Found, Leaf, best_of, familiar, origin_of, places_of
from .rows import family
from .sums import number_follows

OWN_WORD = "the model's own word"
Choice = Literal["free", "mark"]
"""Words that bind nobody, such as a reason or what is looked for; or a mark that others act on, such as a status."""
_SEARCH = frozenset("q query search keyword term filter".split())
_LABELS = frozenset("label category categorie topic theme period frequency channel sort tone style mood format".split())
_MARKS = frozenset("tag status state kind type priority severity urgency".split())
_STRICT = frozenset(
    "name id number key code email mail address city country street user customer person owner assignee author staff"
    " contact account recipient to cc bcc from service environment role path url host currency sku amount date".split()
)
_TOLD_SEARCH = re.compile(
    r"free[ -]text|own words|\bkeywords?\b|search (?:term|word|text|for)|(?:text|words?) to (?:search|look|find)"
)
_TOLD_LABEL = re.compile(r"\b(?:label|tag|category)\b")
_PEOPLE = re.compile(r"\b(?:customers?|persons?|people|contacts?|members?|users?|staff|e-?mail|phone)\b")
DEEPEST = 12
"""References and alternatives of a schema followed on the way to one argument."""
_CENTS = ("cent", "minor", "pence", "penny", "öre", "øre")


def find(leaf: Leaf, leaves: Sequence[Leaf], index: Index, schema: dict[str, Any]) -> Found:
    value = leaf.value
    if value is None or isinstance(value, bool) or value == "" or isinstance(value, dict | list | tuple):
        return Found("schema")
    offered = offers(schema, leaf.steps, value)
    if isinstance(value, int | float):
        return _number(leaf, index, schema, offered)
    if not isinstance(value, str):
        return NOWHERE
    return _text(leaf, leaves, index, schema, offered)


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _number(leaf: Leaf, index: Index, schema: dict[str, Any], offered: bool) -> Found:
    value = leaf.value
    if isinstance(value, float) and not math.isfinite(value):
        return NOWHERE
    places = known_number(index, value, leaf.name)
    if offered and not any(origin_of(index, place) == "user" for place in places):
        return Found("schema")
    if places:
        return best_of(index, places, _written(value))
    if abs(value) < 1e15 and _in_cents(leaf, schema) and (whole := index.places.get(abs(value) / 100)):
        return best_of(index, list(whole), _written(value / 100))
    if how := number_follows(index, value, leaf.name):
        return Found("computed", quote=how)
    return told_number(index, value) or Found("nowhere", near=near_number(index, value))


def _written(value: int | float) -> str:
    return f"{abs(value):.15g}" if isinstance(value, float) else str(abs(value))


def _in_cents(leaf: Leaf, schema: dict[str, Any]) -> bool:
    told = f"{leaf.name} {described(schema, leaf.steps)}".casefold()
    return any(word in told for word in _CENTS)


# ── texts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(leaf: Leaf, leaves: Sequence[Leaf], index: Index, schema: dict[str, Any], offered: bool) -> Found:
    text: str = leaf.value
    folded = fold(text)
    if not folded:
        return Found("schema")
    long = is_long_text(text)
    parts = [] if long else list(facts(text))
    places = [] if long else places_of(index, text, folded, parts)
    if offered and not any(origin_of(index, place) == "user" for place in places):
        return Found("schema")
    choice = None if long else chooses(schema, leaf)
    if places and not (choice == "free" and _says_nothing(places, folded)):
        return _known(index, places, folded, text, shared=choice is not None and not any(map(is_a_name, places)))
    if long or is_free_text(leaf.name):
        return prose(leaf, leaves, index)
    if (follows := _follows(leaf, index, folded, parts)) is not None:
        return follows
    if choice:
        return _own(leaf, leaves, index)
    near = near_text(index, text) or _near_value(index, parts)
    if near is None and reads_as_prose(folded):
        return prose(leaf, leaves, index)
    return Found("nowhere", near=near)


def _known(index: Index, places: list[Place], folded: str, text: str, *, shared: bool) -> Found:
    """`shared`: a word such as `open` is no record's own, so that it cannot be the wrong record's."""
    best = best_of(index, places, folded)
    if best.origin == "user":
        return best
    near = look_alike(index, text) if shared or not best.near else best.near
    return Found(best.origin, best.seq, best.quote, near, best.trusted, shared)


def _own(leaf: Leaf, leaves: Sequence[Leaf], index: Index) -> Found:
    if near := near_own_word(index, leaf.value):
        return Found("nowhere", near=near)
    found = prose(leaf, leaves, index)
    return Found("computed", quote=OWN_WORD) if found == Found("computed") else found


def _says_nothing(places: list[Place], folded: str) -> bool:
    """That a single word stands in some prose too does not make it that prose's word."""
    return folded.isalpha() and all(place[3] == PROSE for place in places)


def _follows(leaf: Leaf, index: Index, folded: str, parts: Sequence[Fact]) -> Found | None:
    """Reckoned from known days and numbers, or put together from known words."""
    days = [key for fact in parts for key in fact.keys if type(key) is date]
    clock = [key for fact in parts for key in fact.keys if isinstance(key, time)]
    if days and len(parts) == 1 + bool(clock):
        return moment(index, days[0], clock)
    numbers = [key for fact in parts for key in fact.keys if isinstance(key, int | float)]
    if len(parts) == 1 and numbers and not any(c.isalpha() for c in folded.replace("eur", "")):
        if family(leaf.name) not in ("money", "count") and "." not in leaf.value:
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


def _near_value(index: Index, parts: Sequence[Fact]) -> str | None:
    """Of a number or a day written as text."""
    numbers = [key for fact in parts for key in fact.keys if isinstance(key, int | float)]
    return near_number(index, numbers[0]) if len(numbers) == 1 else None


# ── what the schema says of an argument; never raises, whatever the schema is ────────────────────────────────────────


def offers(schema: Any, steps: tuple[str, ...], value: Any) -> bool:
    """Whether the value is one of those that the schema names for the argument at these steps."""
    if any(_names(found, value) for found in _at(schema, schema, steps, 0)):
        return True
    word = isinstance(value, str) and re.fullmatch(r"[a-z_-]{2,40}", value)
    return bool(word) and any(f"{mark}{value}{mark}" in described(schema, steps) for mark in "`'\"")


def described(schema: Any, steps: tuple[str, ...]) -> str:
    """Everything the schema says about the argument in words."""
    texts = (found.get(key) for found in _at(schema, schema, steps, 0) for key in ("title", "description"))
    return " ".join(text for text in texts if isinstance(text, str))[:2_000].casefold()


def chooses(schema: Any, leaf: Leaf) -> Choice | None:
    """Whether the field is for words of the model's own, and these are some: no name, no date, nothing it must know."""
    text: str = leaf.value
    words = [word for word in text.split() if not any(c.isdigit() or c == "@" for c in word)]
    plain = words and all(word == word.lower() and word.replace("-", "").replace("_", "").isalpha() for word in words)
    fixed = any(key in found for found in _at(schema, schema, leaf.steps, 0) for key in ("enum", "const", "format"))
    choice = _choice(leaf.name, described(schema, leaf.steps)) if plain and not fixed else None
    return choice if choice == "free" or len(words) == len(text.split()) else None


def _choice(name: str, told: str) -> Choice | None:
    *_, last = parts = ("", *parts_of_name(name))
    last = last if last == "status" else last.removesuffix("s")
    if last == "by" and parts[-2] in ("sort", "order", "group"):
        return "free"
    if last in _SEARCH or (last not in _STRICT and _TOLD_SEARCH.search(told)):
        return None if _PEOPLE.search(told) else "free"
    if is_free_text(name) or last in _LABELS:
        return "free"
    return "mark" if last in _MARKS or (last not in _STRICT and _TOLD_LABEL.search(told)) else None


def _at(root: Any, schema: Any, steps: tuple[str, ...], depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict) or depth > DEEPEST + len(steps):
        return
    if not steps:
        yield schema
    elif isinstance(properties := schema.get("properties"), dict) and steps[0] in properties:
        yield from _at(root, properties[steps[0]], steps[1:], depth + 1)
    elif steps[0].isdecimal() and "items" in schema:
        yield from _at(root, schema["items"], steps[1:], depth + 1)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from _at(root, schema["additionalProperties"], steps[1:], depth + 1)
    for branch in _branches(root, schema):
        yield from _at(root, branch, steps, depth + 1)


def _branches(root: Any, schema: dict[str, Any]) -> Iterator[Any]:
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(alternatives := schema.get(key), list):
            yield from alternatives[:16]
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target = root
        for step in reference[2:].split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
        yield target


def _names(schema: dict[str, Any], value: Any) -> bool:
    options = schema.get("enum")
    named = [
        *(options if isinstance(options, list) else ()),
        *(schema[key] for key in ("const", "default") if key in schema),
    ]
    return any(_same(option, value) for option in named)


def _same(option: Any, value: Any) -> bool:
    if isinstance(option, dict | list):
        return value in option if isinstance(option, list) else False
    try:
        return bool(option == value) and isinstance(option, bool) == isinstance(value, bool)
    except (TypeError, ValueError):
        return json.dumps(option) == json.dumps(value)
