"""Cron lines and ticks in words, and the presets of the form. Pure but for the time zones' own tables."""

import re
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import cron_descriptor

from agents.scheduling import cron, messages

OWN = "own"
PRESETS = {
    "hourly": "Every hour",
    "nightly": "Every night at…",
    "weekdays": "Monday to Friday at…",
    "weekly": "Every Monday at…",
    "monthly": "The first of every month at…",
    OWN: "A cron line of your own",
}
LINES = {"nightly": "* * *", "weekdays": "* * 1-5", "weekly": "* * 1", "monthly": "1 * *"}
"""What follows on minute and hour."""
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
TIMED = re.compile(r"(?P<minute>\d{1,2}) (?P<hour>\d{1,2}) (?P<rest>.+)")
SHOWN = 5


def preset_of(line: str) -> tuple[str, str]:
    """Which preset this line is, and its time of day."""
    plain = " ".join(line.split())
    if plain == "0 * * * *":
        return "hourly", ""
    found = TIMED.fullmatch(plain)
    name = next((name for name, rest in LINES.items() if found and found["rest"] == rest), OWN)
    return name, f"{int(found['hour']):02}:{int(found['minute']):02}" if found and name != OWN else ""


def line_of(preset: str, at: str) -> str | None:
    """None where the time of day is none, or the preset has no line."""
    if preset == "hourly":
        return "0 * * * *"
    found = TIME.fullmatch(at.strip())
    if preset not in LINES or found is None:
        return None
    return f"{int(found[2])} {int(found[1])} {LINES[preset]}"


def words(line: str) -> str:
    """`At 09:00, Monday through Friday`; the line itself where there are no words for it."""
    options = cron_descriptor.Options()
    options.use_24hour_time_format = True
    try:
        return str(cron_descriptor.get_description(" ".join(line.split()), options))
    except Exception:  # it has errors of its own for lines that cron takes
        return line


def tick(moment: datetime, zone: ZoneInfo) -> tuple[str, str, str]:
    """Day, time, and distance to UTC: `Sun 29 Mar 2026`, `03:00`, `UTC+02:00`."""
    wall = moment.astimezone(zone)
    offset = f"{wall:%z}"
    return f"{wall:%a %d %b %Y}", f"{wall:%H:%M}", f"UTC{offset[:3]}:{offset[3:5]}"


def next_runs(line: str, timezone: str, now: datetime) -> str:
    """HTML: the next five, or what is wrong with the line."""
    try:
        parsed, zone = cron.checked(line, timezone, now)
    except cron.BadCron as error:
        return f'<p class="qd-red">{escape(str(error))}</p>'
    shown = (tick(one, zone) for one in cron.next_ticks(parsed, zone, now, SHOWN))
    cells = "".join(f"<span>{escape(part)}</span>" for one in shown for part in one)
    return f'<p class="qd-b">{escape(words(line))}</p><div class="qd-ticks">{cells}</div>'


def next_run(line: str, timezone: str, now: datetime) -> datetime | None:
    try:
        parsed, zone = cron.checked(line, timezone, now)
    except cron.BadCron:
        return None
    return next(iter(cron.next_ticks(parsed, zone, now)), None)


def message(template: str, name: str, line: str, timezone: str, now: datetime) -> str:
    """HTML: what the next run would say, or what is wrong with the template."""
    if wrong := messages.wrong_with(template):
        return f'<p class="qd-red">{escape(wrong)}</p>'
    try:
        zone = cron.zone_named(timezone)
    except cron.BadCron:
        zone = ZoneInfo("UTC")
    at = next_run(line, timezone, now) or now
    said = messages.rendered(template, schedule=name or "this schedule", tick=at, zone=zone)
    return f'<p class="qd-said qd-i2">{escape(said)}</p>'
