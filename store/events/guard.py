"""Events of the guards around the loop: what was asked, of whom, what came of it, at what price. Pure."""

from typing import Literal

from .values import Approver, CallState, PayloadRef, Release, RuleRef, Usage, Value, Verify

SeatVerdict = Literal["allow", "ask", "deny", "abstain", "failed"]
PanelVerdict = Literal["allow", "ask", "deny"]


class Seat(Value):
    """One model's word in a panel. `abstain` and `failed` are not consent."""

    kind: Literal["policy_check", "vote", "judge"]
    profile: str
    model: str
    verdict: SeatVerdict
    because: str
    clause: str | None = None
    """Quoted from the written policy."""
    supports: bool | None = None
    """Of a policy check's second reading: whether the reasoning block supports the arguments."""
    path: str | None = None
    """JSON Pointer of the argument it disputes."""
    usage: Usage = Usage()
    cost_usd: float | None = None
    latency_ms: float = 0.0


class InputChecked(Value):
    """Whether the request says enough to act. `missing` ends in a question to the person; the session waits."""

    type: Literal["InputChecked"] = "InputChecked"
    v: int = 1
    turn: int
    verdict: Literal["enough", "missing", "failed"]
    because: str
    question: PayloadRef | None = None
    """What the person is asked; None where the agent may begin, or where somebody wrote during the check."""
    asked: PayloadRef | None = None
    """JSON of the messages the model got; None where no model was needed to tell."""
    seat: Seat | None = None
    latency_ms: float = 0.0


class CallVerified(Value):
    """Models looked at a proposed call before it is released; `state` says what happens next."""

    type: Literal["CallVerified"] = "CallVerified"
    v: int = 1
    call_id: str
    verify: Verify
    verdict: PanelVerdict
    because: str
    seats: tuple[Seat, ...]
    effective_votes: float | None = None
    """How many independent votes they amount to; None for a single checker."""
    asked: PayloadRef
    """JSON: the messages each seat got."""
    state: Literal[CallState.DENIED, CallState.HELD, CallState.ALLOWED]
    release: Release
    approver: Approver = "anyone"
    rule: RuleRef | None = None
    latency_ms: float
    """Of the whole panel: its slowest seat, not their sum."""


class Candidate(Value):
    """One of several replies to the same prompt."""

    profile: str
    model: str
    output: PayloadRef
    problems: tuple[str, ...] = ()
    """Why it could not be used (not the schema, no reply)."""
    usage: Usage = Usage()
    cost_usd: float | None = None
    latency_ms: float = 0.0


class BestPicked(Value):
    """Several independent replies were compared and one was taken; the others are kept here."""

    type: Literal["BestPicked"] = "BestPicked"
    v: int = 1
    step: int
    candidates: tuple[Candidate, ...]
    picked: int
    """Index in `candidates`: its price is in the ModelReplied that follows, the others' here."""
    because: str
    judge: Seat | None = None
    """None where there was nothing to judge: one usable candidate, or all the same."""
    asked: PayloadRef | None = None
    latency_ms: float


class ProgressNoted(Value):
    """A stuck pattern was seen: first the model is told, then the turn ends."""

    type: Literal["ProgressNoted"] = "ProgressNoted"
    v: int = 1
    pattern: Literal["same_result", "same_failure", "back_and_forth", "no_call"]
    action: Literal["nudge", "stop"]
    key: str
    """Which repetition it is about: the same one is not told twice."""
    because: str
    note: PayloadRef | None = None
    """What the model is told."""


class ToolSuspended(Value):
    """People rejected this tool several times in a row: it is not offered in this session any more."""

    type: Literal["ToolSuspended"] = "ToolSuspended"
    v: int = 1
    tool: str
    because: str


class Summarised(Value):
    """The conversation up to entry `upto` is from now on told as this summary."""

    type: Literal["Summarised"] = "Summarised"
    v: int = 1
    upto: int
    """Seq of the last entry it covers."""
    turns: int
    """The last turn it covers entirely."""
    summary: PayloadRef
    asked: PayloadRef
    before_tokens: int
    after_tokens: int
    profile: str
    model: str
    usage: Usage
    cost_usd: float | None
    latency_ms: float


class SummaryFailed(Value):
    """No usable summary: the window goes on rolling without one."""

    type: Literal["SummaryFailed"] = "SummaryFailed"
    v: int = 1
    because: str
    usage: Usage = Usage()
    cost_usd: float | None = None


class ResultsStubbed(Value):
    """Tool results up to entry `upto` are from now on told as stubs; the whole outputs stay in the record."""

    type: Literal["ResultsStubbed"] = "ResultsStubbed"
    v: int = 1
    upto: int
    because: str


class PassagesRecalled(Value):
    """Passages of the older conversation were put back, because the newest message seems to be about them."""

    type: Literal["PassagesRecalled"] = "PassagesRecalled"
    v: int = 1
    turn: int
    query: str
    passages: PayloadRef
    """The text the model gets; each passage with the number of its event."""
    seqs: tuple[int, ...]
    latency_ms: float


class HandedOver(Value):
    """The agent's fallback: a person goes on, or another agent does in a session of its own."""

    type: Literal["HandedOver"] = "HandedOver"
    v: int = 1
    to: Literal["person", "agent"]
    because: str
    summary: PayloadRef
    agent: str | None = None
    session_id: str | None = None
