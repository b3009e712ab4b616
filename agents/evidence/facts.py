"""Single facts: whether a number, a day or a time is known, and from where. Pure."""

from datetime import date, time

from .forms import WORDS_OF, Key
from .found import Found, best_of
from .index import PROSE, SAID, Index, Place
from .places import within_a_year
from .rows import family
from .sums import day_follows

SMALL = 100
"""Whole numbers below it stand everywhere: in a tool's prose they say nothing."""


def fits(place: Place, name: str, value: int | float) -> bool:
    """A quantity does not come from a price, nor anything from a small number in passing."""
    if place[3] == SAID:
        return True
    if place[3] == PROSE:
        return value >= SMALL or value != int(value)
    mine, its = family(name), family(place[2])
    return mine == its or not mine or (not its and abs(value) >= SMALL)


def in_words(index: Index, value: int | float) -> list[Place]:
    """`two`, and the number of an id: 1042 of C-1042."""
    words = WORDS_OF.get(int(value), ()) if value == int(value) else ()
    if isinstance(value, int) and SMALL <= value < 10**18:
        words = (str(value),)
    return [place for word in words for place in index.words.get(word, ()) if place[3] == SAID]


def moment(index: Index, day: date, clock: list[time]) -> Found | None:
    """A day, and where a time is given, that time; midnight needs no source."""
    keys: list[Key] = [day, (day.month, day.day)] if within_a_year(index, day) else [day]
    days = [place for key in keys for place in index.places.get(key, ())]
    how = None if days else day_follows(index, day)
    known = not clock or clock[0] == time(0) or known_time(index, clock[0])
    if not known or not (days or how):
        return None
    if not days:
        return Found("computed", quote=how)
    return best_of(index, days, day.isoformat())


def known_time(index: Index, clock: time) -> bool:
    half = clock.replace(hour=clock.hour - 12) if clock.hour > 12 else clock
    if any(index.places.get(key) for key in (clock, half)):
        return True
    hours = index.places.get(half.hour, []) + index.places.get(clock.hour, [])  # "at 9"
    return clock.minute == 0 and any(place[3] == SAID for place in hours)
