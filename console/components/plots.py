"""Plots drawn by the library: options as plain values, colours as names of our own sheet so that both themes fit."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

Options = dict[str, Any]
GRID = {"left": 0, "right": 0, "top": 0, "bottom": 0, "containLabel": False}
QUIET = {"animation": False, "textStyle": {"fontFamily": "Inter, system-ui, sans-serif", "fontSize": 11}}


def plot(options: Options, label: str, height_px: int) -> ui.echart:
    """SVG, not canvas: there our style sheet's colours hold."""
    chart = ui.echart(options, renderer="svg").style(f"height:{height_px}px;width:100%")
    chart.props["role"] = "img"
    chart.props["aria-label"] = label
    return chart


def shares(names: Sequence[str], parts: Sequence[tuple[str, str, Sequence[float]]], thickness_px: int = 8) -> Options:
    """One bar per name, its parts (words, colour, values) stacked to a whole."""
    totals = [sum(values[n] for _, _, values in parts) or 1 for n in range(len(names))]
    return {
        **QUIET,
        "grid": GRID,
        "xAxis": {"type": "value", "max": 100, "show": False},
        "yAxis": {"type": "category", "data": list(names), "inverse": True, "show": False},
        "series": [
            _part(
                words, colour, [100 * value / total for value, total in zip(values, totals, strict=True)], thickness_px
            )
            for words, colour, values in parts
        ],
    }


def _part(words: str, colour: str, values: list[float], thickness_px: int) -> Options:
    style = {"color": f"var({colour})", "borderColor": "var(--surface)", "borderWidth": 0.5}
    return {
        "type": "bar", "name": words, "stack": "all", "barWidth": thickness_px, "silent": True, "data": values,
        "itemStyle": style, "emphasis": {"disabled": True},
    }  # fmt: skip


def columns(labels: Sequence[str], values: Sequence[float], *, last_is_open: bool, every: int) -> Options:
    """Upright bars over a scale of words; the last one is lighter while it is still growing."""
    last = len(values) - 1
    data = [
        {"value": value, "itemStyle": {"color": "var(--sea-l)" if last_is_open and n == last else "var(--sea-m)"}}
        for n, value in enumerate(values)
    ]
    axis = {
        "type": "category", "data": list(labels), "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "var(--line-2)"}},
        "axisLabel": {"color": "var(--ink-3)", "fontSize": 10.5, "interval": every - 1, "margin": 6},
    }  # fmt: skip
    return {
        **QUIET,
        "grid": {**GRID, "top": 6, "bottom": 20, "left": 8, "right": 8},
        "xAxis": axis,
        "yAxis": {"type": "value", "show": False, "minInterval": 1},
        "series": [
            {"type": "bar", "data": data, "barCategoryGap": "34%", "silent": True, "barMinHeight": 0,
             "itemStyle": {"borderRadius": [1, 1, 0, 0]}, "emphasis": {"disabled": True}}
        ],
    }  # fmt: skip


def sparkline(values: Sequence[float], colour: str, width: int = 84, height: int = 16) -> str:
    """HTML of a line as small as a word; nothing for fewer than two values."""
    shown = list(values)[-24:]
    if len(shown) < 2:
        return f'<svg width="{width}" height="{height}" aria-hidden="true"></svg>'
    most = max(shown) or 1.0
    step = width / (len(shown) - 1)
    points = " ".join(f"{n * step:.1f},{height - 2 - (height - 4) * one / most:.1f}" for n, one in enumerate(shown))
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<polyline points="{points}" fill="none" stroke="var({colour})" stroke-width="1.3"/></svg>'
    )
