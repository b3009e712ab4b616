"""What holds agents back: emergency stops and budgets, kept in memory and asked before every model step."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from store.day_costs import DayCosts
from store.event_log import EventLog
from store.events import Recorded, SessionStarted
from store.spending import spent

from . import budgets, halting
from .budgets import Spending, Standing
from .world import World

Priced = tuple[str, str | None, int, float | None]
"""Session, agent, seq, USD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One sentence for every page."""

    kind: Literal["stop", "over", "warn"]
    words: str


class Holds:
    """Open it before anything is recorded; it follows the log from then on."""

    def __init__(self, world: World, costs: DayCosts, log: EventLog, now: Callable[[], datetime]) -> None:
        self.world = world
        self.costs = costs
        self.log = log
        self.now = now
        self._spending = Spending()
        self._agents: dict[str, str] = {}
        self._day: tuple[datetime, datetime] | None = None
        self._meanwhile: list[Priced] | None = None
        self._unrecorded: list[tuple[datetime, str, float | None]] = []
        self._levels: tuple[str, ...] = ()
        self._listeners: list[Callable[[], None]] = []
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        self.log.subscribe(self._recorded)
        await self.fresh()

    async def reason(self, agent: str) -> str | None:
        """Why no new model step of this agent may start; None if it may."""
        if stopped := halting.stops_agent(self.world.halts(), agent):
            return stopped
        settings = self.world.settings()
        if settings.budget_usd_per_day is None and not settings.agent_budgets_usd:
            return None
        return budgets.holds_back(settings, await self.fresh(), agent)

    async def standings(self) -> list[Standing]:
        """What was spent today: the whole desk first, then every agent that has a budget."""
        return budgets.standings(self.world.settings(), await self.fresh())

    async def fresh(self) -> Spending:
        """Today's spending; read from the record where a new day, or a session of another day, makes it necessary."""
        async with self._one_at_a_time:
            begins, ends = budgets.day_of(self.now(), self._zone())
            if self._day != (begins, ends):
                self._day = (begins, ends) if await self._read(begins) else None
            return self._spending

    def count_unrecorded(self, agent: str, cost_usd: float | None) -> None:
        """What a model was asked outside of every session: it stands in no record, so only this program knows of it."""
        self._unrecorded.append((self.now(), agent, cost_usd))
        self._add(agent, cost_usd)

    async def next_due(self) -> datetime | None:
        """For the clock: the end of the day, where there is a budget that begins anew."""
        settings = self.world.settings()
        has_any = settings.budget_usd_per_day is not None or settings.agent_budgets_usd
        return budgets.day_of(self.now(), self._zone())[1] if has_any else None

    def notices(self) -> tuple[Notice, ...]:
        """For the banner of every page, as of what is in memory now."""
        stops = [Notice(kind="stop", words=halting.sentence(one)) for one in self.world.halts()]
        told = budgets.standings(self.world.settings(), self._spending)
        over = [Notice(kind="over", words=_over(one)) for one in told if one.level == "over"]
        warn = [Notice(kind="warn", words=budgets.sentence(one)) for one in told if one.level == "warn"]
        return (*stops, *over, *warn)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Called on the event loop when the notices may have changed."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.world.settings().timezone)
        except (ValueError, OSError, KeyError):
            return ZoneInfo("UTC")

    async def _read(self, begins: datetime) -> bool:
        """Whether that is all; not so where a session that nobody here knows has spent something meanwhile."""
        self._meanwhile = []
        rows = await self.costs.since(begins)
        meanwhile, self._meanwhile = self._meanwhile, None
        known = {(session, seq) for session, _, seq, _ in rows}
        self._agents = {**self._agents, **{session: agent for session, agent, _, _ in rows}}
        self._spending = Spending()
        later = [one for one in meanwhile if (one[0], one[2]) not in known]
        for session, agent, _, cost_usd in (*rows, *later):
            self._spending.add(agent or self._agents.get(session, ""), cost_usd)
        self._unrecorded = [one for one in self._unrecorded if one[0] >= begins]
        for _, agent_tried, cost_usd in self._unrecorded:
            self._spending.add(agent_tried, cost_usd)
        return all(agent or session in self._agents for session, agent, _, _ in later)

    def _recorded(self, session_id: str, events: tuple[Recorded, ...]) -> None:
        for each in events:
            if isinstance(each.event, SessionStarted):
                self._agents[session_id] = each.event.agent
            for one in spent(each.event):
                self._count((session_id, self._agents.get(session_id), each.seq, one.cost_usd), each.at)

    def _count(self, priced: Priced, at: datetime) -> None:
        _, agent, _, cost_usd = priced
        if self._meanwhile is not None:
            self._meanwhile.append(priced)
        if agent is None or self._day is None or not self._day[0] <= at < self._day[1]:
            self._day = None  # a session of another day: whose it is stands in the record
            return
        self._add(agent, cost_usd)

    def _add(self, agent: str, cost_usd: float | None) -> None:
        self._spending.add(agent, cost_usd)
        levels = tuple(one.level for one in budgets.standings(self.world.settings(), self._spending))
        if levels != self._levels:
            self._levels = levels
            self.tell()


def _over(one: Standing) -> str:
    return f"{budgets.MARK} {budgets.sentence(one)} Its sessions wait until an admin raises it, or the day ends."
