"""Budgets per day: what was spent against what may be, and in words why something has to wait. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import floor, log10
from typing import Literal
from zoneinfo import ZoneInfo

from .config import Settings

MARK = "Budget reached:"
"""How a reason that comes from here begins: what was paused for it goes on when there is money again."""
Level = Literal["none", "ok", "warn", "over"]


@dataclass(slots=True, kw_only=True)
class Spending:
    """USD of one day. Calls whose price is not known are counted apart, never as nothing."""

    cost_usd: float = 0.0
    unknown: int = 0
    by_agent: dict[str, float] = field(default_factory=dict)
    unknown_by_agent: dict[str, int] = field(default_factory=dict)

    def add(self, agent: str, cost_usd: float | None) -> None:
        if cost_usd is None:
            self.unknown += 1
            self.unknown_by_agent[agent] = self.unknown_by_agent.get(agent, 0) + 1
        else:
            self.cost_usd += cost_usd
            self.by_agent[agent] = self.by_agent.get(agent, 0.0) + cost_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One budget at this moment; `agent` None is the whole desk."""

    agent: str | None
    spent_usd: float
    unknown: int
    budget_usd: float | None
    level: Level

    @property
    def share(self) -> float:
        return self.spent_usd / self.budget_usd if self.budget_usd else 0.0


def level(spent_usd: float, budget_usd: float | None, alert_at: float, unknown: int = 0) -> Level:
    """One call of unknown price is enough for a warning: nobody can say how near the end is."""
    if budget_usd is None:
        return "none"
    if spent_usd >= budget_usd:
        return "over"
    return "warn" if unknown or spent_usd >= alert_at * budget_usd else "ok"


def standings(settings: Settings, spending: Spending) -> list[Standing]:
    """The whole desk first, then every agent that has a budget."""
    budgets: Mapping[str | None, float | None] = {
        None: settings.budget_usd_per_day,
        **dict(sorted(settings.agent_budgets_usd.items())),
    }
    return [_standing(agent, budget, settings, spending) for agent, budget in budgets.items()]


def _standing(agent: str | None, budget: float | None, settings: Settings, spending: Spending) -> Standing:
    spent = spending.cost_usd if agent is None else spending.by_agent.get(agent, 0.0)
    unknown = spending.unknown if agent is None else spending.unknown_by_agent.get(agent, 0)
    reached = level(spent, budget, settings.alert_at, unknown)
    return Standing(agent=agent, spent_usd=spent, unknown=unknown, budget_usd=budget, level=reached)


def holds_back(settings: Settings, spending: Spending, agent: str) -> str | None:
    """Why no new model step of this agent may start today; None if it may."""
    over = (one for one in standings(settings, spending) if one.level == "over" and one.agent in (None, agent))
    return next((f"{MARK} {sentence(one)} {REMEDY.format(zone=settings.timezone)}" for one in over), None)


REMEDY = "It goes on when an admin raises the budget in Settings, or when the day ends ({zone})."


def sentence(one: Standing) -> str:
    who = "All agents together have" if one.agent is None else f"{one.agent} has"
    digits = digits_for(one.budget_usd)
    budget = f" of ${one.budget_usd:,.{digits}f}" if one.budget_usd is not None else ""
    calls = "1 model call" if one.unknown == 1 else f"{one.unknown} model calls"
    unknown = f", and {calls} of unknown price" if one.unknown else ""
    unknown += ", which this budget cannot hold back" if one.unknown and one.level == "warn" else ""
    return f"{who} spent {_usd(one.spent_usd, digits)}{budget} today{unknown}."


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the day that holds this moment begins and ends in this zone, in UTC."""
    today = now.astimezone(zone).date()
    begins = datetime.combine(today, time.min, tzinfo=zone).astimezone(UTC)
    return begins, datetime.combine(today + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def digits_for(budget_usd: float | None) -> int:
    """Digits behind the point: cents, or as many more as a small budget needs to be told from nothing."""
    in_cents = not budget_usd or budget_usd >= 0.1 or round(budget_usd, 2) == budget_usd
    return 2 if in_cents else 1 - floor(log10(budget_usd or 1))


def _usd(amount: float, digits: int) -> str:
    least = 10.0**-digits
    return f"less than ${least:.{digits}f}" if 0 < amount < least / 2 else f"${amount:,.{digits}f}"
