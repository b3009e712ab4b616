"""Events of an approval request: asked, decided, expired, voided. Pure."""

from datetime import datetime
from typing import Literal

from .guard import Seat
from .values import ApprovalStatus, Approver, PayloadRef, Release, Risk, RuleRef, Value, Verify

Decision = Literal["approve", "edit", "reject", "respond", "happened", "not_happened", "run_again", "answer", "decline"]


class ApprovalRequested(Value):
    """A person has to decide. Carries all that the inbox needs, so that its row never disagrees with it."""

    type: Literal["ApprovalRequested"] = "ApprovalRequested"
    v: int = 1
    approval_id: str
    kind: Literal["call", "unknown_outcome", "input"]
    call_id: str
    step: int
    agent: str
    tool: str
    connector: str
    own_name: str
    definition_hash: str
    action_digest: str
    details: PayloadRef
    risk: Risk
    verify: Verify
    release: Release
    approver: Approver = "anyone"
    rule: RuleRef | None = None
    because: str
    requested_by: str
    """Whose request the agent is working on."""
    required: int = 1
    expires_at: datetime | None
    """None: an unknown outcome waits for ever."""
    run_seconds: float
    supersedes: str | None = None
    checks: tuple[Seat, ...] = ()
    """What models said of the call before a person was asked."""


class ApprovalDecided(Value):
    """One person's decision and the state it leaves the request in (`pending` when a second is still needed)."""

    type: Literal["ApprovalDecided"] = "ApprovalDecided"
    v: int = 1
    approval_id: str
    decision: Decision
    by: str
    role: str
    action_digest: str
    code: str | None = None
    """Reason code of a rejection."""
    because: PayloadRef | None = None
    arguments: PayloadRef | None = None
    """Of an edit: the canonical arguments the person sent, so that an identical retry is recognised. Of an answer to a
    server's question: what was filled in."""
    status: ApprovalStatus
    run_by: datetime | None = None
    """Of an approval: after this moment it may not be used any more."""
    superseded_by: str | None = None


class ApprovalExpired(Value):
    type: Literal["ApprovalExpired"] = "ApprovalExpired"
    v: int = 1
    approval_id: str
    because: str


class ApprovalVoided(Value):
    """Taken back without anybody's decision: the session was stopped, the definition changed."""

    type: Literal["ApprovalVoided"] = "ApprovalVoided"
    v: int = 1
    approval_id: str
    status: Literal[ApprovalStatus.CANCELLED, ApprovalStatus.SUPERSEDED]
    because: str
