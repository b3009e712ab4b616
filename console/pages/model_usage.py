"""What models were used for in the last month and what that cost: a picture by day, and a table by model."""

from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from agents.config import Settings

from .. import format, usage_view
from ..desk import Desk

HEAD = (
    "<tr><th>Model</th><th class='qd-r'>Calls</th><th class='qd-r'>Tokens in</th><th class='qd-r qd-hide'>of those cached</th>"
    "<th class='qd-r'>Tokens out</th><th class='qd-r'>Cost</th></tr>"
)


class ModelUsage:
    """Read before the page is built; drawn where there is anything to see."""

    def __init__(self, rows: list[dict[str, Any]], today: datetime) -> None:
        self.rows = rows
        self.days = usage_view.days_until(today.date())

    @classmethod
    async def read(cls, desk: Desk) -> "ModelUsage":
        settings: Settings = desk.runtime.administration.documents("settings").get("desk", Settings())
        today = desk.runtime.now().astimezone(ZoneInfo(settings.timezone))
        offset = today.utcoffset() or timedelta()
        since = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=usage_view.DAYS - 1)
        return cls(await desk.queries.usage(since, int(offset.total_seconds() // 60)), today)

    def draw(self) -> None:
        if not self.rows:
            return
        ui.html(f"<h2>The last {usage_view.DAYS} days</h2>", sanitize=False)
        with ui.element("div").classes("qd-plots"):
            for title, money in (("Cost, USD", True), ("Tokens", False)):
                with ui.element("section").classes("qd-card qd-in"):
                    ui.html(f"<h3 class='qd-lab'>{title}</h3>", sanitize=False)
                    ui.echart(usage_view.picture(self.rows, self.days, money=money)).classes("qd-plot")
        rows = "".join(_row(one) for one in usage_view.by_model(self.rows))
        table = f'<table class="qd-tbl qd-usage"><thead>{HEAD}</thead><tbody>{rows}</tbody></table>'
        ui.html(table, sanitize=False).classes("qd-tblwrap")


def _row(one: dict[str, Any]) -> str:
    sent = one["input"] + one["cache_read"] + one["cache_write"]
    cached = f"{one['cache_read'] / sent:.0%}" if sent else ""
    return (
        f"<tr><td><b class='qd-b'>{escape(one['profile'])}</b> <code class='qd-i3'>{escape(one['model'])}</code></td>"
        f"<td class='qd-r'>{one['calls']:,}</td><td class='qd-r'>{format.tokens(sent)}</td>"
        f"<td class='qd-r qd-hide'>{cached}</td><td class='qd-r'>{format.tokens(one['output'])}</td>"
        f"<td class='qd-r'>{_cost(one)}</td></tr>"
    )


def _cost(one: dict[str, Any]) -> str:
    """What is known, and how many calls it leaves out."""
    if one["unknown"] == one["calls"]:
        return '<span class="qd-i3">unknown</span>'
    known = escape(format.cost(one["cost_usd"]))
    left_out = f'<div class="qd-i3 qd-s">and {format.plural(one["unknown"], "call")} of unknown cost</div>'
    return known + (left_out if one["unknown"] else "")
