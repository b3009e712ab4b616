"""The value types inside events: statuses, usage, prompts, rules. Pure; every class is frozen."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

PayloadRef = str
"""Salted sha256 (64 hex digits) of a payload kept apart from the chain; see store/payloads.py."""


class Value(BaseModel):
    """Base of everything persisted inside an event: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """Where a session stands. `completed` and `failed` are reopened by a message; only `stopped` is final."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING_APPROVAL = "waiting_approval"
    WAITING_INPUT = "waiting_input"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


class CallState(StrEnum):
    """What has become of one tool call. `denied` is by policy, `rejected` and `expired` by people or their absence."""

    PROPOSED = "proposed"
    INVALID = "invalid"
    DENIED = "denied"
    HELD = "held"
    ALLOWED = "allowed"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    CONSUMED = "consumed"


class Risk(StrEnum):
    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    UNKNOWN = "unknown"


class Verify(StrEnum):
    """Ordered from lax to strict."""

    NONE = "none"
    CHECK = "check"
    CONSENSUS = "consensus"
    UNANIMOUS = "unanimous"


class Release(StrEnum):
    """Ordered from lax to strict."""

    ALLOW = "allow"
    ASK = "ask"
    ASK_TWO = "ask_two"
    DENY = "deny"


Result = Literal["answered", "limit", "fallback", "error", "stopped"]
Approver = Literal["anyone", "not_requester"] | str
"""Who may decide: anyone, anyone but the requester, or `role:NAME`."""


class Usage(Value):
    """Tokens of one model call in four disjoint buckets."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0

    @property
    def context(self) -> int:
        """Tokens that occupied the context window: everything that went in."""
        return self.input + self.cache_read + self.cache_write


class Segment(Value):
    """One coloured part of the context meter, in tokens, scaled to the provider's own count."""

    name: Literal["system", "tools", "summary", "recall", "messages", "results"]
    tokens: int


class FailedAttempt(Value):
    """A model call that did not come back with a reply, before the one that did (or before giving up)."""

    model: str
    error: str
    message: str
    latency_ms: float


class Prompt(Value):
    """What was sent, by reference: the prompt recorded at `parent` (a seq) plus these parts, in order."""

    parent: int | None = None
    parts: tuple[PayloadRef, ...] = ()
    tools: PayloadRef | None = None
    parameters: dict[str, str | int | float | bool | None] = {}


class RuleRef(Value):
    """One rule of one version of a policy; `index` is None for the default by risk."""

    policy: str
    version: int
    index: int | None = None
    standing: str | None = None
    """The standing approval that released the call, in its `standing_version`, where this rule asked."""
    standing_version: int | None = None


Origin = Literal["user", "tool", "recall", "summary", "configuration", "schema", "computed", "nowhere"]


class Evidence(Value):
    """Where one value of a proposed call came from; one for every scalar leaf of its arguments."""

    path: str
    """JSON Pointer."""
    value: str
    """The leaf's exact canonical text."""
    origin: Origin
    seq: int | None = None
    """The event whose text holds it."""
    quote: str | None = None
    """The place in that text, a few words long."""
    near: str | None = None
    """What looks as if it were meant instead, in words ("the user wrote 1034")."""
    trusted: bool = True
    """False: it comes from a tool's output alone, and the person never mentioned it."""
