"""What today has cost, at the foot of the navigation: against the budget, where there is one."""

from nicegui import background_tasks, ui

from agents.budgets import Standing, digits_for

from .. import format
from ..desk import Desk
from ..pace import Paced

SECONDS = 1.0
TONES = {"over": "--port-m", "warn": "--brass-m"}


class NavSpend:
    """The runtime keeps today's sum in memory; it is looked at again whenever something was recorded."""

    def __init__(self, desk: Desk, base: str) -> None:
        self._desk = desk
        link = ui.element("a").classes("qd-navspend")
        link.props["href"] = f"{base}/overview"
        with link:
            self._shown = ui.html("", sanitize=False).style("display:contents")
        self._again = Paced(SECONDS, self._show)
        # no timer: a timer waits for the browser, and so has NiceGUI send the page before its builder has come to its end
        background_tasks.create(self._show(), name="spend of the navigation")
        ui.context.client.on_delete(desk.counts.join(lambda _: self._again.soon()))
        ui.context.client.on_delete(self._again.stop)

    async def _show(self) -> None:
        standing = (await self._desk.runtime.holds.standings())[0]
        if not self._shown.is_deleted:
            self._shown.set_content(meter(standing))


def meter(one: Standing) -> str:
    """HTML; without a budget there is nothing to measure against, so there is no bar."""
    plus = (
        f'<span class="qd-brass" title="{format.plural(one.unknown, "call")} of unknown price">+</span>'
        if one.unknown
        else ""
    )
    digits = digits_for(one.budget_usd)
    spent = f"<b>{_short(one.spent_usd, digits)}</b>{plus}"
    if one.budget_usd is None:
        return f'<span class="qd-row"><span>Today</span><span class="qd-sp"></span><span class="qd-n">{spent}</span></span>'
    of = f'<span class="qd-n">{spent} <span class="qd-tx">of {_short(one.budget_usd, digits).removesuffix(".00")}</span></span>'
    style = f"--w:{min(100.0, 100 * one.share):.1f}%;--c:var({TONES.get(one.level, '--sea-m')})"
    bar = f'<span class="qd-bar1" role="meter" aria-label="Spent of today’s budget" aria-valuenow="{one.share * 100:.0f}" aria-valuemin="0" aria-valuemax="100"><i style="{style}"></i></span>'
    return f'<span class="qd-row"><span>Today</span><span class="qd-sp"></span>{of}</span>{bar}<span class="qd-navticks"></span>'


def _short(usd: float, digits: int) -> str:
    """To the cent, unless the budget itself is smaller: there is little room, and the overview has the digits."""
    least = 10.0**-digits
    return f"&lt; ${least:.{digits}f}" if 0 < usd < least / 2 else f"${usd:,.{digits}f}"
