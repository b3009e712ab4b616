"""A cron line and a time zone in, moments out; safe across daylight saving. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOOK_AHEAD_DAYS = 9 * 366
"""29 February can be eight years away, around 2100."""
MONTHS = {name: at for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
DAYS = {name: at for at, name in enumerate("sun mon tue wed thu fri sat".split())}
PART = re.compile(r"(?P<range>\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,4}))?")


class BadCron(ValueError):
    """The line cannot be read, or never comes true; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the five fields: its name in sentences, its bounds, and the words it takes."""

    name: str
    low: int
    high: int
    words: Mapping[str, int]


PARTS = (
    Part("minute", 0, 59, {}),
    Part("hour", 0, 23, {}),
    Part("day of month", 1, 31, {}),
    Part("month", 1, 12, MONTHS),
    Part("day of week", 0, 7, DAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """What each field allows; weekdays as cron has them, Sunday is 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day and by_weekday if self.any_day or self.any_weekday else by_day or by_weekday


def parse(text: str) -> Cron:
    """Raises BadCron with what is wrong."""
    fields = text.split()
    if len(fields) != len(PARTS):
        raise BadCron(
            f"A cron line has five fields (minute, hour, day of month, month, day of week); this has {len(fields)}."
        )
    minutes, hours, days, months, weekdays = (_values(field, part) for field, part in zip(fields, PARTS, strict=True))
    return Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        any_day=fields[2].startswith("*"),
        any_weekday=fields[4].startswith("*"),
    )


def _values(field: str, part: Part) -> set[int]:
    return {value for one in field.split(",") for value in _one(one, part)}


def _one(text: str, part: Part) -> range:
    found = PART.fullmatch(text)
    if found is None:
        raise BadCron(f"The {part.name} “{text}” is no number, range (1-5), list (1,3) or step (*/15).")
    step = int(found["step"] or 1)
    if found["range"] == "*":
        first, last = part.low, part.high
    else:
        first = _number(found["first"], part)
        last = _number(found["last"], part) if found["last"] else (part.high if found["step"] else first)
    if step < 1 or first > last:
        raise BadCron(f"The {part.name} “{text}” names nothing: its steps are 1 or more, its ranges go upwards.")
    return range(first, last + 1, step)


def _number(text: str, part: Part) -> int:
    value = part.words.get(text.lower(), int(text) if text.isdecimal() else -1)
    if not part.low <= value <= part.high:
        raise BadCron(f"The {part.name} “{text}” has to lie between {part.low} and {part.high}.")
    return value


def zone_named(name: str) -> ZoneInfo:
    """Raises BadCron where there is no such time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCron(f"There is no time zone “{name}”. They are named like Europe/Berlin, or UTC.") from None


def ticks(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Moments (UTC) after this one, in order, each once; it ends after nine years."""
    newest = after.astimezone(UTC)
    first_day = newest.astimezone(zone).date() - timedelta(days=1)  # a whole day can be skipped, too
    for days in range(LOOK_AHEAD_DAYS):
        day = first_day + timedelta(days=days)
        if not cron.on(day):
            continue
        for hour in cron.hours:
            for minute in cron.minutes:
                moment = _moment(datetime(day.year, day.month, day.day, hour, minute), zone)  # noqa: DTZ001
                if moment > newest:
                    newest = moment
                    yield moment


def next_ticks(cron: Cron, zone: ZoneInfo, after: datetime, count: int = 1) -> list[datetime]:
    return list(islice(ticks(cron, zone, after), count))


def checked(text: str, timezone: str, now: datetime) -> tuple[Cron, ZoneInfo]:
    """The line and zone, if they ever come true. Raises BadCron."""
    cron, zone = parse(text), zone_named(timezone)
    if not next_ticks(cron, zone, now):
        raise BadCron(f"“{text}” never comes true: no month named has such a day.")
    return cron, zone


def comes_true(text: str) -> str | None:
    """What is wrong with a line for ever, whatever the day: None, or a sentence."""
    try:
        checked(text, "UTC", datetime(2000, 1, 1, tzinfo=UTC))
    except BadCron as error:
        return str(error)
    return None


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall clock shows this; where it never does, the moment after the gap."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _after_the_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def _after_the_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The transition lies between these two; found to the second."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)
