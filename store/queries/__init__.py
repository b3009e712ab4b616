"""Read-only views of recorded facts, as plain dicts, for pages and the API."""

from typing import Any

from store.database import Database

from . import approvals, dissent, invariants, record, sessions
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
    ) -> Page:
        """Approvals: pending ones oldest first, others newest first; `status=None` lists all."""
        return await self._database.read(lambda c: approvals.inbox(c, status, limit, cursor))

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
    ) -> Page:
        """Sessions, newest first; `q` is looked for in title, id and agent."""
        now = self._database.now()
        return await self._database.read(lambda c: sessions.sessions(c, now, status, agent, q, limit, cursor))

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

    async def inbox_matches_events(self) -> list[str]:
        """One sentence per difference between the inbox and what the events say; empty when they agree."""
        return await self._database.read(invariants.inbox_differences)
