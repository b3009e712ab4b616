"""Whether a moment falls into a policy rule's hours, over midnight and in a named time zone. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.config import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnknownZone(ValueError):
    """Nobody knows a time zone of this name."""


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder, or a path that leads out of the data
        raise UnknownZone(f"there is no time zone {name!r}") from error


def within(hours: Hours, at: datetime) -> bool:
    """Raises UnknownZone. `end` is the first minute that is not in it; `days` are those on which it begins."""
    if at.tzinfo is None:
        raise UnknownZone("the moment has no time zone")
    local = at.astimezone(zone(hours.timezone))
    clock = f"{local:%H:%M}"
    if hours.start <= hours.end:
        begins, inside = local.date(), hours.start <= clock < hours.end
    else:
        early = clock < hours.end
        begins, inside = local.date() - timedelta(days=early), early or clock >= hours.start
    return inside and (not hours.days or DAYS[begins.weekday()] in hours.days)
