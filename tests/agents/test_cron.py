"""When a cron line is due, on the clocks of the world."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.scheduling import cron, messages
from agents.scheduling.missed import RECORDED, plan

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def due(line: str, zone: str, after: str, count: int) -> list[str]:
    """As the wall clock shows them, with the distance to UTC."""
    parsed, named = cron.checked(line, zone, datetime(2026, 1, 1, tzinfo=UTC))
    found = cron.next_ticks(parsed, named, datetime.fromisoformat(after).replace(tzinfo=named), count)
    return [f"{one.astimezone(named):%m-%d %H:%M%z}" for one in found]


@pytest.mark.parametrize(
    ("zone", "night", "expected"),
    [
        (BERLIN, "2026-03-28T12:00", ["03-29 03:00+0200", "03-30 02:30+0200"]),
        (BERLIN, "2026-10-24T12:00", ["10-25 02:30+0200", "10-26 02:30+0100"]),
        (NEW_YORK, "2026-03-07T12:00", ["03-08 03:00-0400", "03-09 02:30-0400"]),
    ],
)
def test_a_nightly_tick_comes_once_in_the_night_the_clocks_change(zone: str, night: str, expected: list[str]) -> None:
    assert due("30 2 * * *", zone, night, 2) == expected


def test_in_the_doubled_hour_a_tick_comes_in_the_first_of_the_two() -> None:
    assert due("30 1 * * *", NEW_YORK, "2026-10-31T12:00", 2) == ["11-01 01:30-0400", "11-02 01:30-0500"]


def test_all_that_falls_into_a_skipped_hour_is_one_tick_after_the_gap() -> None:
    expected = ["03-29 01:40+0100", "03-29 03:00+0200", "03-29 03:20+0200"]
    assert due("*/20 * * * *", BERLIN, "2026-03-29T01:20", 3) == expected


def test_a_tick_in_the_gap_and_one_after_it_at_the_same_moment_are_one() -> None:
    assert due("0 * * * *", BERLIN, "2026-03-29T00:30", 3) == [
        "03-29 01:00+0100",
        "03-29 03:00+0200",
        "03-29 04:00+0200",
    ]


def test_a_zone_that_skipped_a_whole_day_runs_what_fell_into_it_when_the_next_began() -> None:
    parsed, named = cron.parse("0 12 * * *"), cron.zone_named("Pacific/Apia")
    found = cron.next_ticks(parsed, named, datetime(2011, 12, 29, 23, tzinfo=UTC), 3)
    assert [f"{one.astimezone(named):%d %H:%M}" for one in found] == ["31 00:00", "31 12:00", "01 12:00"]


@pytest.mark.parametrize(
    ("line", "weekday"), [("0 9 * * 1", 0), ("0 9 * * 0", 6), ("0 9 * * 7", 6), ("0 9 * * FRI", 4)]
)
def test_weekdays_count_as_cron_counts_them(line: str, weekday: int) -> None:
    parsed, named = cron.checked(line, "UTC", datetime(2026, 1, 1, tzinfo=UTC))
    for tick in cron.next_ticks(parsed, named, datetime(2026, 1, 1, tzinfo=UTC), 5):
        assert tick.weekday() == weekday, "0 and 7 are Sunday, 1 is Monday"


def test_from_monday_to_friday_leaves_the_weekend_out() -> None:
    assert due("0 9 * * 1-5", "UTC", "2026-11-20T12:00", 2) == ["11-23 09:00+0000", "11-24 09:00+0000"]


def test_where_both_kinds_of_day_are_named_one_is_enough() -> None:
    assert due("0 0 13 * 5", "UTC", "2026-11-01T00:00", 3) == [
        "11-06 00:00+0000",
        "11-13 00:00+0000",
        "11-20 00:00+0000",
    ]


@pytest.mark.parametrize("line", ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"])
def test_a_line_that_never_comes_true_is_refused_with_a_sentence(line: str) -> None:
    assert cron.comes_true(line) == f"“{line}” never comes true: no month named has such a day."


def test_the_29th_of_february_is_only_rare() -> None:
    assert cron.comes_true("0 0 29 2 *") is None
    assert due("0 0 29 2 *", "UTC", "2096-03-01T00:00", 1) == ["02-29 00:00+0000"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 9 * *", "five fields"),
        ("60 * * * *", "between 0 and 59"),
        ("0 24 * * *", "between 0 and 23"),
        ("0 0 0 * *", "between 1 and 31"),
        ("0 0 * 13 *", "between 1 and 12"),
        ("0 0 * * 8", "between 0 and 7"),
        ("*/0 * * * *", "1 or more"),
        ("5-1 * * * *", "upwards"),
        ("a b c d e", "has to lie"),
        ("0 9 * * mon#2", "is no number"),
        ("", "five fields"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(line: str, words: str) -> None:
    assert words in (cron.comes_true(line) or "")


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "", "/etc/localtime"])
def test_a_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(cron.BadCron, match="There is no time zone"):
        cron.zone_named(name)


def test_a_message_has_the_words_of_its_tick_in_the_zone_of_the_schedule() -> None:
    tick, zone = datetime(2026, 3, 29, 1, 0, tzinfo=UTC), cron.zone_named(BERLIN)
    template = "{schedule}: {weekday}, {date} at {time} ({tick}), {{as is}}"
    said = messages.rendered(template, schedule="Nightly", tick=tick, zone=zone)
    assert said == "Nightly: Sunday, 2026-03-29 at 03:00 (2026-03-29T03:00:00+02:00), {as is}"


@pytest.mark.parametrize(
    "template", ["{name}", "{}", "{0}", "{date!r}", "{date:>9}", "{date.year}", "{tick[0]}", "{open", "a }"]
)
def test_nothing_else_can_be_filled_in(template: str) -> None:
    assert messages.wrong_with(template)


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOURS = [NOW - timedelta(hours=hours) for hours in range(5, 0, -1)]


def test_several_missed_ticks_make_one_run_or_none() -> None:
    once = plan(HOURS, NOW, "run_once")
    assert [one.run for one in once] == [False, False, False, False, True]
    assert once[-1].because == "One run for 5 that were missed."
    assert not any(one.run for one in plan(HOURS, NOW, "skip"))
    assert all(one.because for one in [*once, *plan(HOURS, NOW, "skip")])


def test_a_tick_on_time_stands_for_those_that_were_missed() -> None:
    planned = plan([*HOURS, NOW], NOW, "run_once")
    assert [one.tick for one in planned if one.run] == [NOW]


def test_very_many_missed_ticks_are_counted_and_not_all_written_down() -> None:
    ticks = [NOW - timedelta(minutes=minutes) for minutes in range(5_000, 1, -1)]
    planned = plan(ticks, NOW, "skip")
    assert len(planned) == RECORDED
    assert f"So were {len(ticks) - RECORDED} before it." in planned[0].because
