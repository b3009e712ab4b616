"""What travels through the API, as its documentation and its checks of request bodies see it. Pure."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.events import ApprovalStatus, Decision, Origin, Release, Risk, Status, Verify

LONGEST_REASON = 10_000


class Sent(BaseModel):
    """Base of request bodies: an unknown key is an error, so a typo never passes silently."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """Base of answers. They may gain keys; those named here stay."""

    model_config = ConfigDict(extra="allow")


# ── sent ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class NewSession(Sent):
    agent: str = Field(examples=["Refund clerk"])
    message: str = Field(examples=["Please refund order 1755 in full, the goods arrived damaged."])
    title: str | None = Field(default=None, description="What lists call it; else the beginning of the message.")
    inputs: dict[str, Any] | None = Field(default=None, description="What the agent's `inputs` schema asks for.")


class NewMessage(Sent):
    text: str


class Reason(Sent):
    because: str = Field(min_length=1, max_length=LONGEST_REASON, pattern=r"\S", description="Kept in the record.")


class NewDecision(Sent):
    decision: Decision = Field(
        description="`happened`, `not_happened`, `run_again` are for `unknown_outcome` only; `answer`, `decline` for `input`."
    )
    action_digest: str = Field(description="Of the approval as you saw it: what you decide on is what runs.")
    arguments: dict[str, Any] | None = Field(
        default=None, description="Of an edit: all arguments it will run with. Of an answer: what is filled in."
    )
    because: str | None = Field(default=None, max_length=LONGEST_REASON, description="Goes to the model, and is kept.")
    code: str | None = Field(default=None, max_length=100, description="Reason code of a rejection.")


# ── shown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Health(Shown):
    status: Literal["ok"]
    version: str


class Standing(Shown):
    """Where a session stands after what you asked for."""

    id: str
    status: Status


class Usage(Shown):
    """Tokens, in four buckets that do not overlap."""

    input: int
    cache_read: int
    cache_write: int
    output: int


class ContextWindow(Shown):
    """Tokens of the newest model call."""

    used: int
    limit: int | None
    segments: list[dict[str, Any]]


class SessionItem(Shown):
    id: str
    agent: str
    title: str
    status: Status
    result: Literal["answered", "limit", "fallback", "error", "stopped"] | None
    because: str | None
    turn: int
    steps: int
    tool_calls: int
    working_seconds: float
    waiting_seconds: float
    cost_usd: float | None = Field(description="null: at least one model call's cost is unknown.")
    known_cost_usd: float = Field(description="The sum over the model calls whose cost is known.")
    costs: dict[str, float] = Field(
        description="The known part of the cost in USD by what it was for: agent, check, vote, judge, summary, input."
    )
    saved_usd: float = Field(description="What reading from the models' caches saved.")
    cache_hit_rate: float | None = Field(description="Share of all input that models had in their caches.")
    usage: Usage
    context: ContextWindow


class Session(SessionItem):
    answer: str | None
    approvals: list[str] = Field(description="Ids of all its approval requests, oldest first.")


class Sessions(Shown):
    items: list[SessionItem]
    next_cursor: str | None


class Event(BaseModel):
    seq: int
    type: str
    v: int
    at: str
    data: dict[str, Any]


class Events(Shown):
    items: list[Event]
    next_cursor: str | None = Field(description="When there may be more: the next `after` (or `before`, going back).")


class Recorded(Shown):
    """One person's decision."""

    decision: Decision
    by: str
    role: str
    at: str
    code: str | None
    because: str | None
    action_digest: str


class Evidence(Shown):
    """Where one value of the arguments came from; there is one for every scalar leaf."""

    path: str = Field(description="JSON Pointer.")
    value: str = Field(description="The value's exact canonical JSON.")
    origin: Origin = Field(description="`nowhere`: nobody and nothing in the session said it.")
    seq: int | None = Field(default=None, description="The event whose text holds it.")
    quote: str | None = Field(default=None, description="The place in that text.")
    near: str | None = Field(default=None, description="What it is almost, in words.")
    trusted: bool = Field(default=True, description="false: only a tool's output has it; the user never said it.")


class Check(Shown):
    """What one model said of the call before a person was asked. `abstain` and `failed` are not consent."""

    kind: Literal["policy_check", "vote", "judge"]
    profile: str
    model: str
    verdict: Literal["allow", "ask", "deny", "abstain", "failed"]
    because: str
    clause: str | None = Field(default=None, description="Quoted from the written policy.")
    supports: bool | None = Field(default=None, description="Whether the reasoning supports the arguments.")
    path: str | None = Field(default=None, description="JSON Pointer of the argument it disputes.")
    cost_usd: float | None
    latency_ms: float


class InputForm(Shown):
    """A server's question in the middle of a call, in its own words."""

    message: str
    schema_: dict[str, Any] = Field(
        alias="schema",
        description="What `arguments` of an `answer` have to fit; with several questions, an object of answers for each.",
    )
    questions: list[dict[str, Any]] = Field(description="Each with its key, message and fields, or a url to visit.")
    refused: str | None = Field(description="Why it can only be declined.")


class Approval(Shown):
    id: str
    kind: Literal["call", "unknown_outcome", "input"]
    form: InputForm | None = Field(default=None, description="Of an `input`: what the server asks before it goes on.")
    session_id: str
    call_id: str
    connector: str
    tool: str
    arguments: dict[str, Any] | None
    arguments_json: str | None = Field(description="The canonical text that was hashed and will be sent.")
    action_digest: str
    definition_hash: str
    reasoning: dict[str, Any] | None = Field(description="The model's words: need, source, therefore, alternatives.")
    evidence: list[Evidence]
    checks: list[Check]
    effective_votes: float | None = Field(default=None, description="How many independent votes the checks amount to.")
    risk: Risk
    verify: Verify
    release: Release
    because: str
    status: ApprovalStatus
    requested_at: str
    expires_at: str | None
    required: int = Field(description="How many people have to approve.")
    decisions: list[Recorded]
    supersedes: str | None
    superseded_by: str | None


class Approvals(Shown):
    items: list[Approval]
    next_cursor: str | None


class Decided(Shown):
    approval: Approval = Field(description="The request that carries on: after an edit that is a new one.")
    supersedes: str | None = Field(default=None, description="After an edit: the request it replaced.")


class Changed(Shown):
    kind: str
    name: str
    from_version: int | None = Field(description="null: it is new.")
    to_version: int | None = Field(description="null: it is deleted.")


class Changes(Shown):
    changes: list[Changed]


class Problem(BaseModel):
    """Why a request was refused, and what to do (RFC 9457)."""

    type: str = Field(examples=["urn:quarterdeck:problem:already-decided"])
    title: str
    status: int
    detail: str
    problems: list[str] = Field(default=[], description="Each part that cannot be used, by its path.")
    winner: str | None = Field(default=None, description="Who decided first.")
