"""Events of one tool call: proposed, revised, started, finished, or lost sight of. Pure."""

from typing import Literal

from .values import Approver, CallState, PayloadRef, Release, Risk, RuleRef, Value, Verify


class CallProposed(Value):
    """The model asked for a tool, and the rules said what happens next (`state`)."""

    type: Literal["CallProposed"] = "CallProposed"
    v: int = 1
    call_id: str
    """`{step}.{index}`, unique within the session whatever ids the provider sent."""
    provider_id: str
    step: int
    tool: str
    """The name as offered to the model."""
    connector: str | None
    own_name: str | None
    """The connector's own name for the tool; None when no such tool was offered."""
    definition_hash: str | None
    risk: Risk
    idempotent: bool = False
    details: PayloadRef
    """JSON of agents.arguments.CallDetails: arguments_json, reasoning, effect, problems, evidence."""
    action_digest: str | None
    state: Literal[CallState.INVALID, CallState.DENIED, CallState.HELD, CallState.ALLOWED, CallState.PROPOSED]
    """`proposed`: models have to verify it first (CallVerified)."""
    verify: Verify = Verify.NONE
    release: Release = Release.ASK
    approver: Approver = "anyone"
    rule: RuleRef | None = None
    because: str


class CallRevised(Value):
    """A person replaced the arguments; the call keeps its id and gets a new digest."""

    type: Literal["CallRevised"] = "CallRevised"
    v: int = 1
    call_id: str
    details: PayloadRef
    action_digest: str
    by: str


class ToolStarted(Value):
    """Recorded before the tool runs, in the transaction that uses up its approval."""

    type: Literal["ToolStarted"] = "ToolStarted"
    v: int = 1
    call_id: str
    attempt: int
    action_digest: str
    approval_id: str | None = None
    rule: RuleRef | None = None


class ToolFinished(Value):
    type: Literal["ToolFinished"] = "ToolFinished"
    v: int = 1
    call_id: str
    state: Literal[CallState.SUCCEEDED, CallState.FAILED]
    output: PayloadRef
    """The whole output as text; `shown` is the capped text the model gets, when it differs."""
    shown: PayloadRef | None = None
    output_bytes: int
    latency_ms: float
    repeats: int = 1
    """How many times in this turn the very same call has given this very result; 1 is the first."""
    masks: PayloadRef | None = None
    """JSON: stand-in → value, for the sensitive values in this output that the model sees stand-ins of."""


class InputRequired(Value):
    """The server asks for something before it goes on: the call is not finished, and waits for a person's answer."""

    type: Literal["InputRequired"] = "InputRequired"
    v: int = 1
    call_id: str
    attempt: int
    form: PayloadRef
    """JSON of agents.forms.Form: the server's own words, and what it wants filled in."""
    request_state: PayloadRef | None = None
    """The server's own note of where it stands, sent back with the answer and never read."""


class OutcomeUnknown(Value):
    """The call was started and its end was never recorded: it may or may not have happened."""

    type: Literal["OutcomeUnknown"] = "OutcomeUnknown"
    v: int = 1
    call_id: str
    because: str


class OutcomeSettled(Value):
    """A person said what became of a call that was cut off."""

    type: Literal["OutcomeSettled"] = "OutcomeSettled"
    v: int = 1
    call_id: str
    happened: bool
    by: str


class CallWithdrawn(Value):
    """A call that will not run any more, although nobody rejected it (stopped, definition changed, superseded)."""

    type: Literal["CallWithdrawn"] = "CallWithdrawn"
    v: int = 1
    call_id: str
    because: str
