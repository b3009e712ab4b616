"""Whether what is written is right: numbers and days known, a text's too, nothing that was named left out of a list. Pure."""

import re
from collections.abc import Sequence
from datetime import date, time
from itertools import pairwise

from .forms import WORD, WORDS_OF, Fact, Key, facts, fold
from .index import FIELD, PROSE, SAID, Index, Place
from .near import is_a_name, look_alike, near_number, near_text, near_word, of_a_phone
from .places import NOWHERE, Found, Leaf, best_of, phrase, within_a_year
from .rows import family
from .sums import day_follows, number_follows

TURNS = 6
"""Of the user, from the newest back, in which the rest of a list is looked for."""
_JOINT = re.compile(
    r"\s*(?:[,;&+/•]|\n\s*[-*]?|\b(?:and|und|et|og|och|or|plus|as well as|sowie)\b|\s#(?=\d))+\s*[#-]?\s*"
)
_STOP = frozenset("please thanks thank too also today now bitte danke merci then etc it this that them all".split())
LONGEST_GAP = 120
SMALL = 100
"""Whole numbers below it stand everywhere: in a tool's prose they say nothing, unless they are money."""
_CURRENCY = r"(?:€|\$|£|\b(?:eur|usd|gbp|nok|sek|dkk|chf|pln|kr|euros?|dollars?|pounds?)\b)"


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def known_number(index: Index, value: int | float, name: str) -> list[Place]:
    """Where it stands and can be meant by a field of this name."""
    places = [place for place in index.places.get(abs(value), ()) if _fits(place, name, value)]
    return places + _in_words(index, value)


def told_number(index: Index, value: int | float) -> Found | None:
    """Of a number that is known from nowhere else: a tool's prose that has it in passing."""
    places = [place for place in index.places.get(abs(value), ()) if place[3] == PROSE]
    places = [place for place in places if not of_a_phone(place, value)]
    return best_of(index, places, f"{abs(value):g}") if places else None


def _fits(place: Place, name: str, value: int | float) -> bool:
    """A quantity does not come from a price, nor anything from a small number in passing or a part of a phone number."""
    if place[3] == PROSE and value == int(value) and abs(value) < SMALL:
        return _is_money(place[4], int(abs(value)))
    if of_a_phone(place, value):
        return False
    if place[3] != FIELD:
        return True
    mine, its = family(name), family(place[2])
    return mine == its or not mine or (not its and abs(value) >= SMALL)


def _is_money(text: str, amount: int) -> bool:
    number = rf"(?<![\w.,]){amount}(?:[.,]00?)?(?![\d.,]*\d)"
    return bool(
        re.search(rf"{_CURRENCY}\s?{number}|{number}(?:,-)?\s?{_CURRENCY}|(?<![\w.,]){amount}[.,]00(?!\d)", text, re.I)
    )


def _in_words(index: Index, value: int | float) -> list[Place]:
    """`two`, and the number of an id: 1042 of C-1042."""
    words = WORDS_OF.get(int(value), ()) if value == int(value) else ()
    if isinstance(value, int) and SMALL <= value < 10**18:
        words = (str(value),)
    places = [place for word in words for place in index.words.get(word, ()) if place[3] == SAID]
    return [place for place in places if not of_a_phone(place, value)]


# ── days and times ────────────────────────────────────────────────────────────────────────────────────────────────


def moment(index: Index, day: date, clock: list[time]) -> Found | None:
    """A day, and where a time is given, that time; midnight needs no source."""
    keys: list[Key] = [day, (day.month, day.day)] if within_a_year(index, day) else [day]
    days = [place for key in keys for place in index.places.get(key, ())]
    how = None if days else day_follows(index, day)
    known = not clock or clock[0] == time(0) or _known_time(index, clock[0])
    if not known or not (days or how):
        return None
    if not days:
        return Found("computed", quote=how)
    return best_of(index, days, day.isoformat())


def _known_time(index: Index, clock: time) -> bool:
    half = clock.replace(hour=clock.hour - 12) if clock.hour > 12 else clock
    if any(index.places.get(key) for key in (clock, half)):
        return True
    hours = index.places.get(half.hour, []) + index.places.get(clock.hour, [])  # "at 9"
    return clock.minute == 0 and any(place[3] == SAID for place in hours)


# ── texts the model writes ────────────────────────────────────────────────────────────────────────────────────────


def reads_as_prose(folded: str) -> bool:
    words = folded.split()
    return len(words) >= 4 and sum(word.isalpha() for word in words) >= len(words) * 0.7


def prose(leaf: Leaf, leaves: Sequence[Leaf], index: Index) -> Found:
    """A letter or a reason is the model's own; the facts in it must be known. Names the first that is not."""
    text: str = leaf.value
    if disguised := look_alike(index, text):
        return Found("nowhere", near=disguised)
    untrusted = None
    for fact in facts(text):
        if not fact.keys or _of_the_call(fact, leaf, leaves):
            continue
        found = _fact(index, fact)
        if found.origin == "nowhere":
            return Found("nowhere", quote=fact.text, near=found.near or f"{fact.text} in this text comes from nowhere")
        untrusted = untrusted or (None if found.trusted else found)
    if name := _misspelt(index, text):
        return Found("nowhere", near=name)
    return untrusted or Found("computed")


def _of_the_call(fact: Fact, leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Another argument of the same call, which is looked at by itself."""
    others = [other.value for other in leaves if other is not leaf]
    return any(key in others or (isinstance(key, date) and key.isoformat() in others) for key in fact.keys)


def _fact(index: Index, fact: Fact) -> Found:
    key = fact.keys[0]
    if isinstance(key, int | float):
        return _number(index, fact, [one for one in fact.keys if isinstance(one, int | float)])
    if isinstance(key, date):
        return moment(index, key, []) or NOWHERE
    if isinstance(key, time):
        return Found("computed") if _known_time(index, key) else NOWHERE
    places = [place for one in fact.keys for place in index.places.get(one, ())]
    places = places or (phrase(index, fold(fact.text)) if isinstance(key, str) else [])
    return best_of(index, places, fact.text) if places else Found("nowhere", near=near_text(index, fact.text))


def _number(index: Index, fact: Fact, readings: list[int | float]) -> Found:
    if places := [place for one in readings for place in known_number(index, one, "")]:
        return best_of(index, places, fact.text)
    value = readings[0]
    if how := number_follows(index, value, "amount" if value != int(value) else ""):
        return Found("computed", quote=how)
    return told_number(index, value) or Found("nowhere", near=near_number(index, value))


def _misspelt(index: Index, text: str) -> str | None:
    """A capitalised word that nobody wrote, one letter away from a name in a record."""
    for word in dict.fromkeys(WORD.findall(text)):
        folded = fold(word)
        if len(word) < 4 or not word[0].isupper() or folded in index.words:
            continue
        if (place := near_word(index, folded, is_a_name)) is not None:
            return f"“{word}”; a tool returned {place[4]}"
    return None


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def missing(index: Index, items: Sequence[object]) -> str | None:
    """The first thing that stands among the list's items in a turn of the user but not in the list."""
    texts = [_written(item) for item in items]
    if not texts or not all(texts) or any(len(text) > 80 for text in texts):
        return None
    for number in reversed(index.said[-TURNS:]):
        text = "\n".join(" ".join(line.split()) for line in index.sources[number].text.casefold().splitlines())
        spans = [_find(text, item) for item in texts]
        if all(span is not None for span in spans):
            return _among(text, sorted(span for span in spans if span), texts)
    return None


def _written(item: object) -> str:
    if isinstance(item, str):
        return fold(item)
    return str(item) if isinstance(item, int | float) and abs(item) < 1e15 else ""


def _find(text: str, item: str) -> tuple[int, int] | None:
    match = re.search(rf"(?<![\w@]){re.escape(item)}(?![\w@]|[.-]\w)", text)
    return match.span() if match else None


def _among(text: str, spans: list[tuple[int, int]], texts: list[str]) -> str | None:
    """Looks before the first, between any two, and behind the last item."""
    start = max(text.rfind(mark, 0, spans[0][0]) for mark in (". ", ": ", "!", "?")) + 1
    gaps = [text[max(0, start) : spans[0][0]], *(text[a[1] : b[0]] for a, b in pairwise(spans))]
    for place, gap in enumerate((*gaps, text[spans[-1][1] :])):
        before, behind = place == 0, place == len(gaps)
        if len(gap) > LONGEST_GAP and not (before or behind):
            return None
        for named in _named(gap, before, behind):
            if _alike(named, texts):
                return named
    return None


def _named(gap: str, before: bool, behind: bool) -> list[str]:
    """What is joined to the item beside it: a piece with a joint on the side of the item."""
    parts = _JOINT.split(gap)
    if len(parts) < 2:
        return []
    inner = parts[:-1] if before else parts[1:] if behind else parts[1:-1]
    if before:
        inner = inner[-1:]
        return [inner[0].split()[-1]] if inner and inner[0].split() else []
    if behind:
        inner = inner[:1]
        return [re.split(r"[.!?:)](?:\s|$)|\s(?:on|to|for|at|with|in)\s", inner[0])[0].strip()] if inner else []
    return [part.strip() for part in inner]


def _alike(named: str, texts: list[str]) -> bool:
    """Of the same make as all the items: a number of so many digits, an address, a single word."""
    named = named.strip(" .,;:!?#\"'")
    if not named or named in texts or named in _STOP:
        return False
    return _make(named) in {_make(text) for text in texts}


def _make(text: str) -> str:
    if "@" in text:
        return "mail"
    if any(c.isdigit() for c in text):
        return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
    return f"{len(text.split())} words" if len(text.split()) < 2 else "words"
