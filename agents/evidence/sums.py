"""Values that nobody wrote but that follow from two known ones: sums, differences, products, shares, days. Pure.

Operands are only what the user said and what stands in records the user means: from everything known, anything follows.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from .forms import MONTHS, NUMBER_WORDS, Key, fold, keys_in
from .index import SAID, Index
from .rows import TURNS, family, rows_meant

_PERCENT = re.compile(r"(?<!\d)(\d{1,6}(?:[.,]\d{1,4})?)\s?(?:%|percent|per cent|prozent|pct)")
_HALVES = {"half": 50.0, "hälfte": 50.0, "moitié": 50.0, "quarter": 25.0, "viertel": 25.0, "third": 100 / 3}
_SPAN = re.compile(r"\b(\w{1,12})[\s-](day|night|week|month|year|tag|nacht|nächte|woche|monat|jahr)")
_UNITS = {"day": 1, "night": 1, "week": 7, "tag": 1, "nacht": 1, "nächte": 1, "woche": 7}
_RELATIVE = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "yesterday": -1, "gestern": -1, "fortnight": 14}
_BACKWARDS = {"before", "ago", "earlier", "prior", "last", "past", "since", "vor", "früher"}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag".split()

Way = tuple[float, str, float, float]
"""A number, and how it comes about: `{:g} + {:g}` and the two it comes from."""


def number_follows(index: Index, value: int | float, name: str) -> str | None:
    """How the number comes about (`389.0 − 40.5`), or None."""
    if not 0 < abs(value) < 1e12:
        return None
    counted = family(name) in ("count", "id") or (family(name) == "" and isinstance(value, int) and value < 100)
    kind = "counts" if counted else "sums"
    if kind not in index.derived:
        ways = _all_counts(index) if counted else _all_sums(index)
        index.derived[kind] = {}
        for one in ways:
            index.derived[kind].setdefault(round(one[0], 2), one)
    way: Way | None = index.derived[kind].get(abs(value))
    return way[1].format(way[2], way[3]) if way else None


def day_follows(index: Index, value: date) -> str | None:
    """A known day so many days, weeks or months on, or the named weekday of the fortnight after it."""
    spans, weekdays = _spans(index)
    soon = not index.years or not index.years.isdisjoint((value.year - 1, value.year, value.year + 1))
    if soon and value.year < 9999 and 1 in (value.day, (value + timedelta(days=1)).day):  # the first or last of a month
        words = {word for text in _user_texts(index) for word in re.findall(r"\w+", text)}
        if value.month in {MONTHS[word] for word in words & MONTHS.keys()}:
            return "the month that the user named"
    for day in _days(index):
        delta = (value - day).days
        if delta in spans:
            return f"{day.isoformat()} {'+' if delta >= 0 else '−'} {abs(delta)} days"
        if 0 < delta <= 14 and value.weekday() in weekdays:
            return f"{_DAYS[value.weekday()].capitalize()} after {day.isoformat()}"
        if any(_months_on(day, months) == value for months in _month_spans(index)):
            return f"months after {day.isoformat()}"
    return None


# ── what is reckoned with ─────────────────────────────────────────────────────────────────────────────────────────


def _user_texts(index: Index) -> list[str]:
    return [fold(index.sources[number].text) for number in index.said[-TURNS:]]


def _said_numbers(index: Index) -> list[float]:
    """Without numbers that are somebody's number: an order's is not reckoned with."""
    if "said" not in index.derived:
        found: dict[float, None] = {}
        for text in reversed(_user_texts(index)):
            keys: set[Key] = keys_in(text) | {NUMBER_WORDS[word] for word in text.split() if word in NUMBER_WORDS}
            for key in keys:
                if isinstance(key, int | float) and 0 < key < 1e9 and not _is_a_name(index, key):
                    found.setdefault(float(key))
        index.derived["said"] = list(found)[:24]
    numbers: list[float] = index.derived["said"]
    return numbers


def _is_a_name(index: Index, key: Key) -> bool:
    return any(place[3] != SAID and family(place[2]) == "id" for place in index.places.get(key, ()))


def _percentages(index: Index) -> list[float]:
    texts = _user_texts(index)
    written = [float(match.replace(",", ".")) for text in texts for match in _PERCENT.findall(text)]
    return written + [share for text in texts for word, share in _HALVES.items() if word in text]


def _all_sums(index: Index) -> Iterator[Way]:
    """Every amount that follows, rounded as a model rounds it; made once for a whole call."""
    shares = _percentages(index)
    said = [number for number in _said_numbers(index) if number not in shares]
    for row in rows_meant(index):
        fields = index.rows[row].fields
        yield from _within(_amounts(fields), _amounts(fields, "count"), said, shares)
        for lines in (value for value in fields.values() if isinstance(value, list)):
            yield from _over([line for line in lines[:40] if isinstance(line, dict)])
    spoken = {number for text in _user_texts(index) for number, _ in _spoken(text)}
    for a, b in combinations(said, 2):
        yield a * b, _TIMES, a, b
        if not spoken & {a, b}:  # weeks are not added to euros
            yield from ((a + b, _PLUS, a, b), (abs(a - b), _MINUS, max(a, b), min(a, b)))
    for share in shares:
        yield from ((a * share / 100, _SHARE, share, a) for a in said)


_PLUS, _MINUS, _TIMES, _OVER = "{:g} + {:g}", "{:g} − {:g}", "{:g} × {:g}", "{:g} ÷ {:g}"
_SHARE, _LESS = "{:g} % of {:g}", "{1:g} less {0:g} %"


def _amounts(fields: dict[str, Any], kind: str = "money") -> list[float]:
    wanted = ("money", "") if kind == "money" else (kind,)
    pairs = ((name, value) for name, value in fields.items() if family(name) in wanted)
    return [float(v) for _, v in pairs if isinstance(v, int | float) and not isinstance(v, bool) and 0 < abs(v) < 1e12][
        :12
    ]


def _within(amounts: list[float], counts: list[float], said: list[float], shares: list[float]) -> Iterator[Way]:
    for a in amounts:
        yield from ((a * n, _TIMES, a, n) for n in (*counts, *said))
        yield from ((abs(a - n), _MINUS, max(a, n), min(a, n)) for n in (*amounts, *said))
        yield from ((a + n, _PLUS, a, n) for n in (*amounts, *said) if n != a)
        yield from ((a / n, _OVER, a, n) for n in said if n > 1)
        yield from ((a * share / 100, _SHARE, share, a) for share in shares)
        yield from ((a * (100 - share) / 100, _LESS, share, a) for share in shares)


def _over(lines: list[dict[str, Any]]) -> Iterator[Way]:
    """Of the lines of a list: some together, each with its count."""
    each = [(price, (_amounts(line, "count") or [1.0])[0]) for line in lines for price in _amounts(line)[:1]]
    for parts in ([price * count for price, count in each], [price for price, _ in each]):
        yield sum(parts), "the sum of {1:.0f} lines", 0.0, len(parts)
        if len(parts) <= 8:
            yield from ((a + b, _PLUS, a, b) for a, b in combinations(parts, 2))
            yield from ((a + b + c, "{:g} + {:g} and a third", a, b) for a, b, c in combinations(parts, 3))


def _all_counts(index: Index) -> Iterator[Way]:
    for a, b in combinations(_said_numbers(index), 2):
        yield from ((a + b, _PLUS, a, b), (abs(a - b), _MINUS, max(a, b), min(a, b)))
    for first, second in combinations(_days(index)[:12], 2):
        yield float(abs((first - second).days)), f"days from {min(first, second)} to {max(first, second)}", 0.0, 0.0


def _days(index: Index) -> list[date]:
    """Known days: said by somebody, or in a record the user means."""
    if "days" not in index.derived:
        texts = [fold(source.text[:20_000]) for source in index.sources if source.origin not in ("tool", "recall")][
            -TURNS:
        ]
        found = {key: None for text in texts for key in keys_in(text) if type(key) is date}
        for row in rows_meant(index):
            for value in index.rows[row].fields.values():
                if isinstance(value, str) and 8 <= len(value) <= 25:
                    found |= {key: None for key in keys_in(value) if type(key) is date}
        index.derived["days"] = list(found)[:40]
    days: list[date] = index.derived["days"]
    return days


def _spans(index: Index) -> tuple[set[int], set[int]]:
    """Numbers of days that were spoken of, and weekdays."""
    spans: set[int] = set()
    weekdays: set[int] = set()
    for source in index.sources:
        spans |= _spans_of(source.text) if source.origin == "configuration" else set()
    for text in _user_texts(index):
        words = set(re.findall(r"\w+", text))
        spoken = _spans_of(text)
        spans |= spoken | ({-days for days in spoken} if words & _BACKWARDS else set())
        spans |= {days for word, days in _RELATIVE.items() if word in words}
        weekdays |= {number % 7 for number, day in enumerate(_DAYS) if day in words}
    return spans, weekdays


def _spans_of(text: str) -> set[int]:
    return {round(number * _UNITS[unit]) for number, unit in _spoken(fold(text[:20_000])) if unit in _UNITS}


def _month_spans(index: Index) -> set[int]:
    spoken = [pair for text in _user_texts(index) for pair in _spoken(text)]
    return {round(n * (12 if unit in ("year", "jahr") else 1)) for n, unit in spoken if unit not in _UNITS and n <= 600}


def _spoken(text: str) -> Iterator[tuple[float, str]]:
    for number, unit in _SPAN.findall(text):
        if number.isdecimal() and len(number) < 5:
            yield float(number), unit
        elif number in NUMBER_WORDS or number in ("a", "next", "last", "past", "eine"):
            yield float(NUMBER_WORDS.get(number, 1)), unit


def _months_on(day: date, months: int) -> date | None:
    month = day.month - 1 + months
    try:
        return date(day.year + month // 12, month % 12 + 1, day.day)
    except ValueError:
        last = date(day.year + (month + 1) // 12, (month + 1) % 12 + 1, 1) if day.year + month // 12 < 9998 else None
        return last - timedelta(days=1) if last else None
