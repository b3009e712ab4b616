"""The message a schedule sends: a template with a few words of its moment filled in. Pure."""

from datetime import datetime
from string import Formatter
from zoneinfo import ZoneInfo

PLACES = ("date", "time", "weekday", "tick", "schedule")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def wrong_with(template: str) -> str | None:
    """A sentence, or None."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError:
        return "A brace is left open. Write {{ and }} for braces that are meant as such."
    for _, name, form, conversion in parsed:
        if name is not None and (name not in PLACES or form or conversion):
            known = ", ".join(f"{{{one}}}" for one in PLACES)
            return f"“{{{name}}}” cannot be filled in; there are {known}. Write {{{{ and }}}} for braces as such."
    return None


def rendered(template: str, *, schedule: str, tick: datetime, zone: ZoneInfo) -> str:
    """`tick` is the moment it is for, not when it is sent; words are English, the time is that of the zone."""
    wall = tick.astimezone(zone)
    values = {
        "date": f"{wall:%Y-%m-%d}",
        "time": f"{wall:%H:%M}",
        "weekday": WEEKDAYS[wall.weekday()],
        "tick": wall.isoformat(timespec="seconds"),
        "schedule": schedule,
    }
    return "".join(text + ("" if name is None else values[name]) for text, name, _, _ in Formatter().parse(template))
