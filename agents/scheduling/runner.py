"""Carries schedules out: claims a tick in the store, starts its session under an id that follows from it, records.

Claim and start are two commits. When the program ends between them, the claim is found at the next start and its
session is started under the same id; if it was there already, starting it again is refused, so it runs once.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from store.configuration import ConfigurationStore
from store.errors import StoreUnavailable
from store.schedule_runs import CLOCK, Run, ScheduleRuns
from store.times import from_text

from ..config import Schedule
from ..errors import AgentsError, NotFound, NotNow
from . import cron, messages
from .missed import plan

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=31)
"""How far back missed ticks are looked for."""
KIND = "schedule"


class Start(Protocol):
    """Starts a session under this id; raises NotNow where there is one, and other AgentsErrors with a sentence."""

    async def __call__(self, agent: str, message: str, *, by: str, title: str, session_id: str) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A schedule as saved, and since when it is like this."""

    document: Schedule
    since: datetime


class Schedules:
    """An alarm for the clock: it says when it is due next, and sees to what is due when it rings."""

    def __init__(
        self,
        store: ConfigurationStore,
        runs: ScheduleRuns,
        now: Callable[[], datetime],
        start: Start,
        over_budget: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self.store = store
        self.runs = runs
        self.now = now
        self._start = start
        self._held = over_budget

    async def next_due(self) -> datetime | None:
        moments = [self._next(one) for one in (await self._known()).values() if one.document.enabled]
        return min((moment for moment in moments if moment is not None), default=None)

    async def ring(self) -> None:
        """See to every tick that has passed, once. Raises StoreUnavailable, and then goes on where it was."""
        known = await self._known()
        for run in await self.runs.claimed():
            with _apart(run.schedule):
                await self._finish_claimed(run, known.get(run.schedule))
        for name, one in known.items():
            with _apart(name):
                if one.document.enabled:
                    await self._see_to(name, one)

    async def run_now(self, name: str, *, by: str) -> Run:
        """One run at once, whatever the clock says, and even while it is paused. The clock's own ticks stay due."""
        one = (await self._known()).get(name)
        if one is None:
            raise NotFound(f"There is no schedule {name!r}.")
        tick = self.now().astimezone(UTC)
        await self._run(one.document, tick, by=by, because=f"{by} started it by hand.")
        return next(each for each in await self.runs.history(name) if each.tick_at == tick)

    async def _known(self) -> dict[str, Known]:
        stored = (await self.store.current()).get(KIND, {})
        return {
            name: Known(document=Schedule.model_validate(one.document), since=from_text(one.at))
            for name, one in stored.items()
        }

    def _next(self, one: Known) -> datetime | None:
        try:
            parsed, zone = cron.parse(one.document.cron), cron.zone_named(one.document.timezone)
        except cron.BadCron as error:
            log.warning("The schedule %s cannot be read: %s", one.document.name, error)
            return None
        return next(iter(cron.next_ticks(parsed, zone, self.now())), None)

    async def _see_to(self, name: str, one: Known) -> None:
        try:
            parsed, zone = cron.parse(one.document.cron), cron.zone_named(one.document.timezone)
        except cron.BadCron:
            return
        now = self.now()
        since = max(min(one.since, now), now - LOOK_BACK, await self.runs.seen_until(name) or now - LOOK_BACK)
        passed = list(takewhile(lambda tick: tick <= now, cron.ticks(parsed, zone, since)))
        for each in plan(passed, now, one.document.missed):
            if each.run:
                await self._run(one.document, each.tick, by=CLOCK, because=each.because)
            else:
                await self.runs.record(name, each.tick, "skipped", by=CLOCK, because=each.because)

    async def _run(self, document: Schedule, tick: datetime, *, by: str, because: str) -> None:
        session_id = session_of(document.name, tick)
        if await self.runs.record(document.name, tick, "claimed", by=by, because=because, session=session_id):
            await self._finish(document, tick, session_id, because)

    async def _finish_claimed(self, run: Run, one: Known | None) -> None:
        session_id = run.session_id or session_of(run.schedule, run.tick_at)
        if await self.runs.has_started(session_id):  # just before the program ended, whatever holds it back now
            await self.runs.finish(run.schedule, run.tick_at, "started", run.because)
        elif one is None:
            await self.runs.finish(run.schedule, run.tick_at, "refused", "The schedule was deleted meanwhile.")
        else:
            await self._finish(one.document, run.tick_at, session_id, run.because)

    async def _finish(self, document: Schedule, tick: datetime, session_id: str, because: str) -> None:
        try:
            zone: ZoneInfo = cron.zone_named(document.timezone)
            text = messages.rendered(document.message, schedule=document.name, tick=tick, zone=zone)
            by, title = f"schedule:{document.name}", f"{document.name}, {tick.astimezone(zone):%Y-%m-%d %H:%M}"
            if held := await self._held(document.agent):
                raise AgentsError(held)
            await self._start(document.agent, text, by=by, title=title, session_id=session_id)
        except NotNow:
            pass  # somebody else was faster
        except AgentsError as error:
            await self.runs.finish(document.name, tick, "refused", str(error))
            return
        except (ValueError, LookupError) as error:  # saved by an earlier version, which looked less closely
            await self.runs.finish(
                document.name, tick, "refused", f"It cannot be carried out as it is written: {error}"
            )
            return
        await self.runs.finish(document.name, tick, "started", because)


@contextmanager
def _apart(name: str) -> Iterator[None]:
    """What is wrong with one schedule keeps no other from running."""
    try:
        yield
    except StoreUnavailable:
        raise
    except Exception:
        log.exception("The schedule %s could not be seen to", name)


def session_of(schedule: str, tick: datetime) -> str:
    """The same for the same tick, so that it cannot be started twice."""
    digest = hashlib.sha256(f"{schedule}\n{tick.astimezone(UTC).isoformat()}".encode()).hexdigest()
    return f"S-{digest[:16]}"
