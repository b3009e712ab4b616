"""Every table of the database. Times are UTC ISO text, documents are JSON text; see store/times.py. Pure."""

from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

ONE_TREE: dict[str, Any] = {"sqlite_with_rowid": False}
"""For small rows written at every step: key and row in one tree, half the pages per commit. No meaning elsewhere."""


class EventRow(SQLModel, table=True):
    """History: written by store/event_log.py alone, never changed."""

    __tablename__ = "events"
    session_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    type: str
    v: int
    at: str
    status: str
    data: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PayloadRow(SQLModel, table=True):
    """Salt and content are both NULL once erased."""

    __tablename__ = "payloads"
    session_id: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    salt: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    content: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class SnapshotRow(SQLModel, table=True):
    """The newest fold of a session, as opaque bytes: may be thrown away at any time."""

    __tablename__ = "snapshots"
    session_id: str = Field(primary_key=True)
    seq: int
    version: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SealRow(SQLModel, table=True):
    """A digest over the heads of all sessions at one moment, chained to the seal before it."""

    __tablename__ = "seals"
    n: int = Field(primary_key=True)
    at: str
    heads: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SessionRow(SQLModel, table=True):
    """One session as its events leave it; `turn_*` count the current turn only, `costs` is JSON: USD by purpose."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_status", "status"), Index("sessions_by_age", "created_at", "id"), ONE_TREE)
    id: str = Field(primary_key=True)
    seq: int
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    agent: str
    title: str
    started_by: str
    pins: str
    created_at: str
    updated_at: str
    status: str
    result: str | None = None
    because: str | None = None
    answer_ref: str | None = None
    turn: int = 0
    steps: int = 0
    tool_calls: int = 0
    turn_steps: int = 0
    turn_tool_calls: int = 0
    invalid_calls: int = 0
    working_seconds: float = 0
    waiting_seconds: float = 0
    cost_usd: float = 0
    cost_unknown: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    context_used: int = 0
    context_limit: int | None = None
    segments: str = "[]"
    costs: str = Field(default="{}", sa_column=Column(Text, nullable=False, server_default="{}"))
    saved_usd: float = Field(default=0, sa_column_kwargs={"server_default": "0"})


class ApprovalRow(SQLModel, table=True):
    """One approval request; pending ones are the inbox. `checks` is JSON: what models said before it was made."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index("approvals_by_status", "status", "requested_at", "id"),
        Index("approvals_by_session", "session_id"),
    )
    id: str = Field(primary_key=True)
    session_id: str
    call_id: str
    kind: str
    agent: str
    tool: str
    connector: str
    own_name: str
    definition_hash: str
    action_digest: str
    details_ref: str
    risk: str
    verify: str
    release: str
    approver: str
    rule: str | None = None
    because: str
    requested_by: str
    status: str
    requested_at: str
    expires_at: str | None = None
    run_seconds: float
    run_by: str | None = None
    required: int
    approvals_given: int = 0
    supersedes: str | None = None
    superseded_by: str | None = None
    decided_at: str | None = None
    decided_by: str | None = None
    ended_because: str | None = None
    step: int
    seq: int
    checks: str = Field(default="[]", sa_column=Column(Text, nullable=False, server_default="[]"))


class DecisionRow(SQLModel, table=True):
    """What one person decided about one approval request."""

    __tablename__ = "decisions"
    approval_id: str = Field(primary_key=True, foreign_key="approvals.id")
    n: int = Field(primary_key=True)
    decision: str
    by: str
    role: str
    code: str | None = None
    because_ref: str | None = None
    at: str
    action_digest: str
    arguments_ref: str | None = None
    status: str


class CallRow(SQLModel, table=True):
    """One tool call as its events leave it."""

    __tablename__ = "calls"
    __table_args__ = ONE_TREE
    session_id: str = Field(primary_key=True)
    call_id: str = Field(primary_key=True)
    step: int
    tool: str
    connector: str | None = None
    own_name: str | None = None
    risk: str
    state: str
    started_at: str | None = None
    finished_at: str | None = None
    latency_ms: float | None = None
    details_ref: str
    action_digest: str | None = None
    approval_id: str | None = None


class VoteRow(SQLModel, table=True):
    """What one model said of one call, whether the panel's verdict agreed, and most of its votes (store/votes.py)."""

    __tablename__ = "votes"
    __table_args__ = ONE_TREE
    kind: str = Field(primary_key=True)
    profile: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    session_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    seat: int = Field(primary_key=True)
    verdict: str
    agreed: bool
    outvoted: bool


class IndexedSessionRow(SQLModel, table=True):
    """A session whose text can be searched: its number in the index (store/passages.py), and up to which event."""

    __tablename__ = "indexed_sessions"
    n: int | None = Field(default=None, primary_key=True)
    session_id: str = Field(unique=True)
    upto: int


class TimerRow(SQLModel, table=True):
    """A moment at which a session has to be looked at again."""

    __tablename__ = "timers"
    __table_args__ = ONE_TREE
    key: str = Field(primary_key=True)
    session_id: str
    kind: str
    due_at: str = Field(index=True)


class ScheduleRunRow(SQLModel, table=True):
    """What became of one tick of a schedule: the key makes sure that it is run once."""

    __tablename__ = "schedule_runs"
    __table_args__ = (
        Index("schedule_runs_claimed", "tick_at", sqlite_where=text("outcome = 'claimed'")),  # asked at every alarm
        ONE_TREE,
    )
    schedule: str = Field(primary_key=True)
    tick_at: str = Field(primary_key=True)
    at: str
    outcome: str
    """`started`, `skipped` or `refused`; `claimed` while it is being started."""
    session_id: str | None = None
    because: str = ""
    by: str


class DocumentRow(SQLModel, table=True):
    """One version of one configuration document."""

    __tablename__ = "documents"
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str = Field(sa_column=Column(Text, nullable=False))
    deleted: bool = False
    by: str
    at: str


class SecretRow(SQLModel, table=True):
    __tablename__ = "secrets"
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    by: str
    at: str


class PersonRow(SQLModel, table=True):
    __tablename__ = "people"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    display_name: str
    role: str
    disabled: bool = False
    password_hash: str | None = None
    created_at: str


class LinkRow(SQLModel, table=True):
    """A one-time sign-in link, by the sha256 of its token."""

    __tablename__ = "links"
    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    expires_at: str


class SignInRow(SQLModel, table=True):
    """A signed-in browser, by the sha256 of its token."""

    __tablename__ = "sign_ins"
    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    agent: str
    created_at: str
    last_seen: str


class TokenRow(SQLModel, table=True):
    """An API token, by its sha256."""

    __tablename__ = "tokens"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    name: str
    role: str
    by: str
    created_at: str
    revoked_at: str | None = None
    expires_at: str | None = None
    agents: str = Field(default="[]", sa_column=Column(Text, nullable=False, server_default="[]"))
    """JSON: the agents it is limited to; none named: all."""
    last_used_at: str | None = None


class AdminLogRow(SQLModel, table=True):
    """Who changed what about people, configuration and secrets."""

    __tablename__ = "admin_log"
    id: int | None = Field(default=None, primary_key=True)
    at: str
    by: str
    action: str
    subject: str
    detail: str


class AnswerRow(SQLModel, table=True):
    """The answer to a POST with an Idempotency-Key; `status` is NULL while it is being worked on."""

    __tablename__ = "answers"
    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: str
    owner: str
    at: str = Field(index=True)
    status: int | None = None
    body: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
