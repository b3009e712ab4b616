"""Recorded model calls as a table and a picture."""

from datetime import date
from typing import Any

from console import usage_view


def row(day: str, profile: str, **numbers: Any) -> dict[str, Any]:
    return {"day": day, "profile": profile, "model": f"x/{profile}", **dict.fromkeys(usage_view.SUMS, 0), **numbers}


ROWS = [
    row("2026-03-01", "big", calls=1, input=100, output=10, cost_usd=0.5),
    row("2026-03-02", "big", calls=2, input=50, cache_read=50, output=5, cost_usd=0.25),
    row("2026-03-02", "own", calls=3, input=7, unknown=3),
]


def test_each_model_is_summed_up_and_the_dearest_comes_first() -> None:
    big, own = usage_view.by_model(ROWS)
    assert (big["profile"], big["calls"], big["cost_usd"], big["cache_read"]) == ("big", 3, 0.75, 50)
    assert (own["profile"], own["unknown"]) == ("own", 3)


def test_the_picture_has_a_bar_for_every_day_and_what_lies_outside_is_left_out() -> None:
    days = usage_view.days_until(date(2026, 3, 2), 2)
    assert days == ["2026-03-01", "2026-03-02"]
    money = usage_view.picture([*ROWS, row("2025-01-01", "big", cost_usd=9)], days, money=True)
    assert [(one["name"], one["data"]) for one in money["series"]] == [("big", [0.5, 0.25]), ("own", [0.0, 0.0])]
    assert usage_view.picture(ROWS, days, money=False)["series"][1]["data"] == [0.0, 7.0]
