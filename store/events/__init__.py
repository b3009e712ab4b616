"""The facts of a session: one frozen class per kind of event, one discriminated union. Pure."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from .approval import ApprovalDecided, ApprovalExpired, ApprovalRequested, ApprovalVoided, Decision
from .call import (
    CallProposed,
    CallRevised,
    CallWithdrawn,
    InputRequired,
    OutcomeSettled,
    OutcomeUnknown,
    ToolFinished,
    ToolStarted,
)
from .guard import (
    BestPicked,
    CallVerified,
    Candidate,
    HandedOver,
    InputChecked,
    PassagesRecalled,
    ProgressNoted,
    ResultsStubbed,
    Seat,
    Summarised,
    SummaryFailed,
    ToolSuspended,
)
from .model import ModelFailed, ModelReplied
from .session import (
    AnswerRefused,
    MessageReceived,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StageEntered,
    TurnEnded,
)
from .values import (
    ApprovalStatus,
    Approver,
    CallState,
    Evidence,
    FailedAttempt,
    Origin,
    PayloadRef,
    Prompt,
    Release,
    Result,
    Risk,
    RuleRef,
    Segment,
    Status,
    Usage,
    Value,
    Verify,
)

Event = Annotated[
    SessionStarted
    | MessageReceived
    | StageEntered
    | AnswerRefused
    | SessionPaused
    | SessionResumed
    | SessionStopped
    | TurnEnded
    | ModelReplied
    | ModelFailed
    | CallProposed
    | CallRevised
    | CallWithdrawn
    | ToolStarted
    | ToolFinished
    | InputRequired
    | OutcomeUnknown
    | OutcomeSettled
    | ApprovalRequested
    | ApprovalDecided
    | ApprovalExpired
    | ApprovalVoided
    | InputChecked
    | CallVerified
    | BestPicked
    | ProgressNoted
    | ToolSuspended
    | Summarised
    | SummaryFailed
    | ResultsStubbed
    | PassagesRecalled
    | HandedOver,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Recorded(Value):
    """An event as the log holds it: where it stands, when it was written, the status it led to."""

    session_id: str
    seq: int
    at: datetime
    status: Status
    event: Any
    """One of the Event classes, or `UnknownEvent` for a type or version this program does not know."""


class UnknownEvent(Value):
    """Written by a newer program: the session can be read, but is never advanced."""

    type: str
    v: int
    data: dict[str, Any]


__all__ = [
    "EVENT", "AnswerRefused", "ApprovalDecided", "ApprovalExpired", "ApprovalRequested", "ApprovalStatus",
    "ApprovalVoided", "Approver", "BestPicked", "CallProposed", "CallRevised", "CallState", "CallVerified",
    "CallWithdrawn", "Candidate", "Decision", "Event", "Evidence", "FailedAttempt", "HandedOver", "InputChecked",
    "InputRequired", "MessageReceived", "ModelFailed", "ModelReplied", "Origin", "OutcomeSettled", "OutcomeUnknown", "PassagesRecalled",
    "PayloadRef", "ProgressNoted", "Prompt", "Recorded", "Release", "Result", "ResultsStubbed", "Risk", "RuleRef",
    "Seat", "Segment", "SessionPaused", "SessionResumed", "SessionStarted", "SessionStopped", "StageEntered",
    "Status", "Summarised", "SummaryFailed", "ToolFinished", "ToolStarted", "ToolSuspended", "TurnEnded",
    "UnknownEvent", "Usage", "Value", "Verify",
]  # fmt: skip
