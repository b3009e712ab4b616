"""What a session is, as the fold of its events: the values that every decision about it reads. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from store.events import ApprovalStatus, CallState, Release, Risk, RuleRef, Status, Verify

from .guards.did import Did

FOLD_VERSION = 5
"""Raised whenever a field below changes its meaning: older snapshots are then ignored and the log is folded anew."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One request for a decision, as far as the session itself needs to know it."""

    id: str
    kind: Literal["call", "unknown_outcome", "input"]
    call_id: str
    digest: str
    status: ApprovalStatus
    approver: str
    requested_by: str
    required: int
    release: Release
    expires_at: datetime | None
    run_seconds: float
    approved_by: tuple[str, ...] = ()
    run_by: datetime | None = None
    decided_by: str | None = None
    requesters: tuple[str, ...] = ()
    """Everybody who had written in the turn when it was asked: none of them is *somebody else*."""
    released_by: str | None = None
    """Of a server's question: the approval under which the call was started at first, if it needed one."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One tool call of the newest step."""

    id: str
    provider_id: str
    step: int
    tool: str
    connector: str | None
    own_name: str | None
    definition_hash: str | None
    risk: Risk
    idempotent: bool
    details: str
    digest: str | None
    state: CallState
    verify: Verify
    release: Release
    rule: RuleRef | None
    because: str
    approval_id: str | None = None
    attempt: int = 0
    output: str | None = None
    """What the model is told of the result (payload ref)."""
    note: str | None = None
    """A person's words to the model (payload ref): the reason of a rejection, or an answer instead of running."""
    code: str | None = None
    edited_by: str | None = None
    settled_by: str | None = None
    approver: str = "anyone"
    verified: Verify = Verify.NONE
    """What models have verified it by, and found nothing against it."""
    form: str | None = None
    """What its server asks before it goes on (payload ref), and the server's own note of where it stands."""
    request_state: str | None = None
    answers: str | None = None
    """What a person filled in (payload ref); None when they declined."""

    @property
    def repeatable(self) -> bool:
        """May it be tried again without asking anybody? Only if nothing can happen twice by it."""
        return self.risk is Risk.READ or self.idempotent


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One contribution to the conversation; `part` is its recorded rendering once a prompt has carried it."""

    seq: int
    turn: int
    kind: Literal["user", "reply", "note", "stage", "recall"]
    ref: str
    """Payload ref of the text or output; of a stage its index."""
    part: str | None = None
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPrompt:
    """Enough of the newest recorded prompt to tell whether the next one only appends to it."""

    seq: int
    system: str
    tools: str | None
    first: int
    """Seq of the first entry it carried."""
    last: int
    summary: str | None = None
    """Payload ref of the part that told the summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the conversation up to entry `upto` is told as."""

    ref: str
    upto: int
    turns: int
    """The last turn it covers entirely."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Everything a decision about the session can depend on."""

    id: str
    seq: int = 0
    at: datetime | None = None
    status: Status | None = None
    agent: str = ""
    pins: dict[str, int] = field(default_factory=dict)
    inputs: str | None = None
    requester: str = ""
    requesters: tuple[str, ...] = ()
    """All who wrote in this turn; `requester` is the last of them."""
    turn: int = 0
    turn_open: bool = False
    result: str | None = None
    because: str = ""
    paused: bool = False
    stopped: bool = False
    foreign: bool = False
    """Holds an event of a newer program: readable, never advanced."""
    step: int = 0
    """Number of model calls so far, over all turns."""
    stage: int | None = None
    stage_steps: int = 0
    """Steps since the turn, or the workflow stage, began; likewise stage_calls."""
    stage_calls: int = 0
    closing: bool = False
    """The last call without tools has been made for this turn."""
    turn_cost_usd: float = 0.0
    session_cost_usd: float = 0.0
    cost_unknown: bool = False
    """Something in this session had a price that nobody knows: then `session_cost_usd` is only a part of it."""
    turn_seconds: float = 0.0
    session_seconds: float = 0.0
    turn_started: datetime | None = None
    context_used: int = 0
    calls: tuple[Call, ...] = ()
    approvals: tuple[Approval, ...] = ()
    entries: tuple[Entry, ...] = ()
    tool_uses: tuple[tuple[str, int], ...] = ()
    """Calls of this turn by tool name, for per-tool limits."""
    rejected_now: tuple[str, ...] = ()
    """Digests rejected since the last message: refused when proposed again."""
    rejected_before: tuple[str, ...] = ()
    """Digests rejected in earlier turns: asked about as a repeat."""
    prompt: LastPrompt | None = None
    input_checked: int = 0
    """The last turn whose request was found complete, or whose check was passed over."""
    awaiting: bool = False
    """A question to a person is open: the turn goes on with their next message."""
    done: tuple[Did, ...] = ()
    """Settled calls of this turn, oldest first."""
    refusals: int = 0
    """Replies in a row that were neither a call nor an answer that could be used."""
    nudged: tuple[str, ...] = ()
    """Keys of the stuck patterns the model was told of since the last message."""
    stuck: str = ""
    """Why the turn has to come to its end: the agent goes round in circles."""
    outcomes: tuple[tuple[str, bool], ...] = ()
    """(tool, was it rejected) for what people decided in this session, newest last."""
    rejected: tuple[tuple[str, str], ...] = ()
    """(tool, details ref) of rejected calls: the same intent through another tool is asked about as a repeat."""
    suspended: tuple[str, ...] = ()
    """Tools that people rejected so often that they are not offered any more."""
    summary: Summary | None = None
    summary_failures: int = 0
    stubbed: int = 0
    """Results in entries up to this seq are told as stubs."""
    masks: tuple[str, ...] = ()
    """Payload refs of the stand-ins for sensitive values."""
    recalled: int = 0
    """The last turn passages were put back for, or looked for in vain."""

    def call(self, call_id: str) -> Call | None:
        return next((call for call in self.calls if call.id == call_id), None)

    def approval(self, approval_id: str) -> Approval | None:
        return next((approval for approval in reversed(self.approvals) if approval.id == approval_id), None)


OPEN_CALLS = frozenset({CallState.PROPOSED, CallState.HELD, CallState.ALLOWED, CallState.EXECUTING, CallState.UNKNOWN})
MOVING_CALLS = frozenset({CallState.PROPOSED, CallState.ALLOWED, CallState.EXECUTING})
WAITING_CALLS = frozenset({CallState.HELD, CallState.UNKNOWN})

V = TypeVar("V", Session, Call, Approval, Entry)


def replace(value: V, **changes: Any) -> V:
    """`dataclasses.replace` at a tenth of its price: folding an event copies three values with dozens of fields.

    That is why these classes have no slots.
    """
    if not changes.keys() <= value.__dict__.keys():
        raise TypeError(f"{type(value).__name__} has no {', '.join(changes.keys() - value.__dict__.keys())}.")
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__, **changes)
    return copy


_SNAPSHOT: TypeAdapter[Session] = TypeAdapter(Session)


def dump(session: Session) -> bytes:
    """A snapshot: discardable, read back by `load` as long as FOLD_VERSION stands."""
    return _SNAPSHOT.dump_json(session)


def load(data: bytes) -> Session:
    return _SNAPSHOT.validate_json(data)
