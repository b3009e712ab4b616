"""How a connector is doing, in one sentence, and how patiently it is retried. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

ERRORS_AT_MOST = 10
CALLS_AT_MOST = 50

State = Literal["connecting", "up", "down", "unsupported"]


class Fault(NamedTuple):
    """Something that went wrong with a connector, as it may be shown."""

    at: datetime
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    state: State
    because: str
    since: datetime
    """When `state` last changed."""
    stderr_tail: tuple[str, ...] = ()
    """The last lines the server wrote to stderr, oldest first."""
    latency_ms: float | None = None
    """How long it last took to list its tools."""
    last_errors: tuple[Fault, ...] = ()
    """Lost connections and failed calls since the program started, newest last."""
    call_ms: tuple[float, ...] = ()
    """How long its last calls took that were answered, newest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Every wait around one connection, in seconds."""

    connect_seconds: float = 60
    list_seconds: float = 60
    wait_seconds: float = 10
    """How long a call waits for a connection that is not there."""
    first_retry_seconds: float = 0.2
    longest_retry_seconds: float = 30
    steady_seconds: float = 5
    """A connection must last this long before the next loss is retried quickly again."""
    close_seconds: float = 8
    """The SDK needs up to 6.5 s to end a process that ignores everything but SIGKILL."""
