"""Read-only views of recorded facts, as plain dicts, for pages and the API."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from store.database import Database
from store.times import to_text

from . import (
    activity,
    approvals,
    at_work,
    decisions,
    dissent,
    invariants,
    pinned,
    record,
    recorded_calls,
    sessions,
    tool_use,
    usage,
)
from .pages import Page

LIMIT = 50


class Queries:
    """Each view is one consistent read; lists are in stable order with opaque cursors (BadCursor when made up)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def inbox(
        self,
        status: str | None = "pending",
        limit: int = LIMIT,
        cursor: str | None = None,
        agents: tuple[str, ...] = (),
    ) -> Page:
        """Approvals: pending ones oldest first, others newest first; `status=None` lists all. `agents`: of these
        alone, if any."""
        return await self._database.read(lambda c: approvals.inbox(c, status, limit, cursor, agents))

    async def approval(self, approval_id: str) -> dict[str, Any] | None:
        """One approval in full, with its decisions and the messages that came in since it was requested."""
        return await self._database.read(lambda c: approvals.approval(c, approval_id))

    async def sessions(
        self,
        status: str | None = None,
        agent: str | None = None,
        q: str | None = None,
        limit: int = LIMIT,
        cursor: str | None = None,
        agents: tuple[str, ...] = (),
    ) -> Page:
        """Sessions, newest first; `q` is looked for in title, id and agent. `agents`: of these alone, if any."""
        now = self._database.now()
        return await self._database.read(lambda c: sessions.sessions(c, now, status, agent, q, limit, cursor, agents))

    async def session(self, session_id: str) -> dict[str, Any] | None:
        now = self._database.now()
        return await self._database.read(lambda c: sessions.session(c, now, session_id))

    async def events(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        tail: int | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Events as {seq, type, v, at, status, data}, with contents in place of their refs."""
        return await self._database.read(lambda c: record.events(c, session_id, after, before, tail, limit))

    async def prompt(self, session_id: str, seq: int) -> dict[str, Any] | None:
        """Exactly what the model call recorded at `seq` was sent: messages, tools, parameters."""
        return await self._database.read(lambda c: record.prompt(c, session_id, seq))

    async def payload(self, session_id: str, ref: str) -> str | None:
        """One content in full, uncapped."""
        return await self._database.read(lambda c: record.payload(c, session_id, ref))

    async def counts(self) -> dict[str, Any]:
        """{"pending": approvals waiting, "sessions": {status: number}}."""
        return await self._database.read(sessions.counts)

    async def spend_today(self) -> dict[str, Any]:
        """{"cost_usd": known sum since midnight UTC, "unknown": model calls of unknown cost}."""
        now = self._database.now()
        return await self._database.read(lambda c: sessions.spend_today(c, now))

    async def dissent(self) -> list[dict[str, Any]]:
        """One item per model that has checked or voted: {kind, profile, model, votes, allow, ask, deny, abstain,
        failed, dissented, outvoted}; `dissented` from the panel's verdict, `outvoted` by most of its votes."""
        return await self._database.read(dissent.dissent)

    async def admin_log(self, limit: int = LIMIT, cursor: str | None = None) -> Page:
        """Changes of people, configuration and secrets, newest first."""
        return await self._database.read(lambda c: record.admin_log(c, limit, cursor))

    async def usage(self, since: datetime, offset_minutes: int = 0) -> list[dict[str, Any]]:
        """Model calls since then as {day, profile, model, purpose, calls, input, cache_read, cache_write, output,
        cost_usd, unknown, saved_usd}; `unknown` calls have no price. Days are those of a clock so far ahead of UTC."""
        period = usage.Period(since=since, offset_minutes=offset_minutes)
        return await self._database.read(lambda c: usage.usage(c, period))

    async def spend(self, offset_minutes: int = 0) -> dict[str, Any]:
        """Since midnight: {cost_usd, unknown, by: {purpose: USD}, projected_usd to the next midnight or None}."""
        now = self._database.now()
        return await self._database.read(lambda c: usage.spend(c, now, offset_minutes))

    async def decisions(self, days: int = 7, offset_minutes: int = 0) -> dict[str, Any]:
        """Of today (1) or the last so many days; see decisions.decisions."""
        first = usage.midnight(self._database.now(), offset_minutes) - timedelta(days=days - 1)
        period = usage.Period(since=first, offset_minutes=offset_minutes)
        return await self._database.read(lambda c: decisions.decisions(c, period))

    async def activity(
        self, wanted: activity.Filter | None = None, limit: int = LIMIT, cursor: str | None = None
    ) -> Page:
        """What admins did, newest first: {id, at, by, action, subject, detail}."""
        return await self._database.read(lambda c: activity.activity(c, wanted or activity.Filter(), limit, cursor))

    async def activity_words(self) -> dict[str, list[str]]:
        """{"by": everybody who did something, "action": every kind of it}, to filter by."""
        return await self._database.read(activity.words)

    async def tool_use(self, days: int = 30) -> list[dict[str, Any]]:
        """What became of every tool: {connector, tool, offered, called, invalid, rejected, failed}."""
        since = to_text(self._database.now() - timedelta(days=days))
        return await self._database.read(lambda c: tool_use.tool_use(c, since))

    async def recorded_calls(
        self, since: str, agents: tuple[str, ...] = (), *, costs: bool = False
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Every judged call since then, some sessions at a time; see recorded_calls.recorded_calls."""
        sessions = await self._database.read(lambda c: recorded_calls.session_ids(c, since, agents))
        for start in range(0, len(sessions), recorded_calls.AT_ONCE):
            some = sessions[start : start + recorded_calls.AT_ONCE]
            yield await self._database.read(
                partial(recorded_calls.recorded_calls, since=since, sessions=some, costs=costs)
            )

    async def pinned(self, kind: str, agents: list[str]) -> dict[int, int]:
        """Version → sessions of these agents that have not ended and started with it."""
        return await self._database.read(lambda c: pinned.pinned(c, kind, agents))

    async def at_work(self, most: int = LIMIT) -> list[dict[str, Any]]:
        """Sessions that have not ended, newest first."""
        now = self._database.now()
        return await self._database.read(lambda c: at_work.at_work(c, now, most))

    async def ended(self, since: datetime) -> dict[str, Any]:
        """{done, answered, cost_usd, unknown, saved_usd} of the sessions that ended since."""
        return await self._database.read(lambda c: at_work.ended(c, since))

    async def inbox_matches_events(self) -> list[str]:
        """One sentence per difference between the inbox and what the events say; empty when they agree."""
        return await self._database.read(invariants.inbox_differences)
