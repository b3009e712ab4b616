"""Recorded model calls as rows for a table and as a picture by day. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
DAYS = 30
COLOURS = ("#2f8aa8", "#b3780f", "#6d5bb5", "#2a9264", "#cf3e33", "#64748b", "#8aa82f", "#a82f6e")
INK, LINES, SURFACE = "#8391a0", "rgba(131,145,160,.22)", "#22303c"
"""Between light and dark, so that the picture reads on both."""
SMALL = {"color": INK, "fontSize": 10.5}
SUMS = ("calls", "input", "cache_read", "cache_write", "output", "cost_usd", "unknown")


def by_model(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """{profile, model, calls, input, cache_read, cache_write, output, cost_usd, unknown}: the dearest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["profile"], row["model"])
        one = found.setdefault(key, {"profile": key[0], "model": key[1], **dict.fromkeys(SUMS, 0)})
        for name in SUMS:
            one[name] += row[name]
    return sorted(found.values(), key=lambda one: (-one["cost_usd"], -one["calls"], one["profile"]))


def days_until(last: date, count: int = DAYS) -> list[str]:
    return [(last - timedelta(days=back)).isoformat() for back in range(count - 1, -1, -1)]


def cost(row: Row) -> float:
    return float(row["cost_usd"])


def tokens(row: Row) -> float:
    return float(sum(row[name] for name in ("input", "cache_read", "cache_write", "output")))


def picture(rows: Sequence[Row], days: Sequence[str], *, money: bool) -> dict[str, Any]:
    """ECharts options: one stacked bar a day, one colour a model profile."""
    amount = cost if money else tokens
    names = list(dict.fromkeys(one["profile"] for one in by_model(rows)))
    series = [_bars(name, COLOURS[at % len(COLOURS)], rows, days, amount) for at, name in enumerate(names)]
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 34, "bottom": 4, "containLabel": True},
        "textStyle": {"color": INK, "fontFamily": "Inter, system-ui, sans-serif"},
        "legend": {
            "top": 0,
            "left": 0,
            "type": "scroll",
            "itemWidth": 10,
            "itemHeight": 10,
            "textStyle": SMALL,
            "pageIconColor": INK,
            "pageIconInactiveColor": LINES,
            "pageTextStyle": SMALL,
        },
        "tooltip": {"trigger": "axis", "backgroundColor": SURFACE, "borderWidth": 0, "textStyle": {"color": "#fff"}},
        "xAxis": {
            "type": "category",
            "data": [day[5:] for day in days],
            "axisLabel": SMALL,
            "axisLine": {"lineStyle": {"color": LINES}},
            "axisTick": {"show": False},
        },
        "yAxis": {"type": "value", "axisLabel": SMALL, "splitLine": {"lineStyle": {"color": LINES}}},
        "series": series,
    }


def _bars(name: str, colour: str, rows: Iterable[Row], days: Sequence[str], amount: Any) -> dict[str, Any]:
    found = dict.fromkeys(days, 0.0)
    for row in rows:
        if row["profile"] == name and row["day"] in found:
            found[row["day"]] += amount(row)
    data = [round(value, 6) for value in found.values()]
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "barMaxWidth": 22,
        "itemStyle": {"color": colour},
        "data": data,
    }
