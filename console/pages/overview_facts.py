"""What the overview shows at this moment, read from the rooms below: all at once when it is opened, in parts later."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agents.budgets import day_of
from agents.config import Agent, Settings
from agents.readiness import Finding

from ..desk import Desk
from ..readiness import readiness

WAITING = 300
RUNNING = 60
KINDS = ("connector", "toolset", "model", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What is counted over the period."""

    usage: list[dict[str, Any]]
    decisions: dict[str, Any]
    ended: dict[str, Any]
    projected_usd: float | None
    budget_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    waiting: list[dict[str, Any]]
    running: list[dict[str, Any]]
    numbers: Numbers
    ready: Mapping[str, list[Finding]]
    has_sessions: bool


class Source:
    """Of today (1) or the last 7 or 30 days, in the desk's own time zone."""

    def __init__(self, desk: Desk, days: int) -> None:
        self.desk = desk
        self.days = days

    @property
    def settings(self) -> Settings:
        settings: Settings = self.desk.runtime.administration.documents("settings").get("desk", Settings())
        return settings

    def now(self) -> datetime:
        return self.desk.runtime.now().astimezone(ZoneInfo(self.settings.timezone))

    async def all(self) -> Facts:
        waiting, running, numbers, ready, any_session = await asyncio.gather(
            self.desk.queries.inbox(limit=WAITING),
            self.desk.queries.at_work(RUNNING),
            self.numbers(),
            readiness(self.desk),
            self.desk.queries.sessions(limit=1),
        )
        return Facts(
            waiting=waiting.items,
            running=running,
            numbers=numbers,
            ready=ready,
            has_sessions=bool(any_session.items),
        )

    async def numbers(self) -> Numbers:
        now, queries = self.now(), self.desk.queries
        offset = round((now.utcoffset() or timedelta()).total_seconds() / 60)
        begins, _ = day_of(now, ZoneInfo(self.settings.timezone))
        since = begins - timedelta(days=self.days - 1)
        usage, decisions, ended, today = await asyncio.gather(
            queries.usage(since, offset),
            queries.decisions(self.days, offset),
            queries.ended(since),
            queries.spend(offset),
        )
        budget = self.settings.budget_usd_per_day
        return Numbers(
            usage=usage,
            decisions=decisions,
            ended=ended,
            projected_usd=today["projected_usd"] if self.days == 1 else None,
            budget_usd=budget * self.days if budget else None,
        )

    def documents(self) -> dict[str, list[str]]:
        return {kind: list(self.desk.runtime.administration.documents(kind)) for kind in KINDS}

    def steps_of(self, agent: str) -> int | None:
        found: Agent | None = self.desk.runtime.administration.documents("agent").get(agent)
        return found.limits.steps if found else None

    def version_of(self, agent: str) -> int:
        return self.desk.runtime.world.current.get("agent", {}).get(agent, (0, None))[0]
