"""Events of a session's own life: started, spoken to, paused, ended. Pure."""

from typing import Literal

from .values import PayloadRef, Result, Value


class SessionStarted(Value):
    type: Literal["SessionStarted"] = "SessionStarted"
    v: int = 1
    agent: str
    pins: dict[str, int]
    """Versions in force at the start, by kind: agent, toolset, policy."""
    title: PayloadRef
    inputs: PayloadRef | None = None
    by: str


class MessageReceived(Value):
    """A person wrote. It opens a new turn, or, while one is running or waiting, is queued for its next step."""

    type: Literal["MessageReceived"] = "MessageReceived"
    v: int = 1
    text: PayloadRef
    turn: int
    opens_turn: bool
    by: str


class StageEntered(Value):
    """A workflow moved on to a stage; `index` counts from 0."""

    type: Literal["StageEntered"] = "StageEntered"
    v: int = 1
    index: int
    stage: str
    because: str


class AnswerRefused(Value):
    """The answer did not fit the agent's output schema and went back to the model with the problems."""

    type: Literal["AnswerRefused"] = "AnswerRefused"
    v: int = 1
    step: int
    note: PayloadRef
    """What the model is told: the problems, in words."""


class SessionPaused(Value):
    type: Literal["SessionPaused"] = "SessionPaused"
    v: int = 1
    by: str
    because: str


class SessionResumed(Value):
    type: Literal["SessionResumed"] = "SessionResumed"
    v: int = 1
    by: str
    because: str


class SessionStopped(Value):
    type: Literal["SessionStopped"] = "SessionStopped"
    v: int = 1
    by: str
    because: str


class TurnEnded(Value):
    type: Literal["TurnEnded"] = "TurnEnded"
    v: int = 1
    turn: int
    result: Result
    because: str
    answer: PayloadRef | None = None
