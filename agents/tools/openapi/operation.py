"""One operation of a service as a call needs it: where each argument goes and how it is written. Pure values."""

from dataclasses import dataclass
from typing import Literal

from agents.tools.definition import ToolDefinition

Where = Literal["path", "query", "header"]
MediaType = Literal["json", "form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    argument: str
    """As the model calls it."""
    name: str
    """As the service calls it."""
    where: Where
    style: str
    explode: bool
    required: bool = False
    as_json: bool = False
    """Its value is written as JSON text, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    kind: MediaType
    content_type: str
    properties: dict[str, str] | None
    """Argument → property; None where the whole body is one argument."""
    argument: str = "body"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    definition: ToolDefinition
    method: str
    base: str
    """Where the service is, without a slash at its end."""
    path: str
    """With `{name}` where path parameters go."""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a description came to."""

    title: str
    operations: tuple[Operation, ...]
    left_out: tuple[str, ...]
    """A sentence for each operation that is no tool."""
