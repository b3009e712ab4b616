"""Numbers and moments as people read them."""

from datetime import UTC, datetime

import pytest

from console import format


@pytest.mark.parametrize(
    ("usd", "shown"),
    [(None, "unknown"), (0, "$0.00"), (0.0062, "$0.0062"), (0.1, "$0.10"), (0.184, "$0.18"), (12.5, "$12.50")],
)
def test_a_cost_is_shown_in_digits_of_its_size_and_never_guessed(usd: float | None, shown: str) -> None:
    assert format.cost(usd) == shown


@pytest.mark.parametrize(("usd"), [0.00000012, 0.000049, 1e-9])
def test_a_cost_too_small_for_its_digits_is_not_shown_as_nothing(usd: float) -> None:
    assert format.cost(usd) == "< $0.0001"


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "unknown"), (0, "0"), (999, "999"), (1000, "1.0k"), (74_200, "74.2k")]
)
def test_tokens_are_counted_in_thousands(count: int | None, shown: str) -> None:
    assert format.tokens(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (48, "48 s"),
        (1260, "21 min"),
        (3570, "1 h 00"),
        (3840, "1 h 04"),
        (86_399, "24 h 00"),
        (3 * 86_400, "3 d"),
    ],
)
def test_a_duration_has_the_unit_of_its_size(seconds: float, shown: str) -> None:
    assert format.duration(seconds) == shown


@pytest.mark.parametrize(("count", "shown"), [(12, "12 B"), (1500, "1.5 kB"), (2_500_000, "2.5 MB")])
def test_bytes_have_a_unit(count: int, shown: str) -> None:
    assert format.size(count) == shown


def test_a_digest_is_shown_by_its_ends() -> None:
    assert format.short_digest("9f2c" + "0" * 56 + "e417") == "9f2c…e417"
    assert format.short_digest("short") == "short"


def test_a_moment_is_left_to_the_reader_s_own_zone() -> None:
    at = datetime(2026, 11, 22, 10, 14, 16, tzinfo=UTC)
    expected = '<qd-time datetime="2026-11-22T10:14:16+00:00" data-style="time">10:14:16</qd-time>'
    assert format.moment(at) == expected
    assert format.moment(at.isoformat()) == expected
    assert format.moment(None) == ""


def test_a_moment_that_is_no_moment_is_text_all_the_same() -> None:
    assert "<script" not in format.moment('"><script>alert(1)</script>', '"><script>')


def test_one_is_not_many() -> None:
    assert [format.plural(n, "call") for n in (0, 1, 2)] == ["0 calls", "1 call", "2 calls"]
    assert format.plural(2, "person", "people") == "2 people"
