"""What the registry asks of a connector, whatever its kind."""

from typing import Protocol, runtime_checkable

from agents.forms import Responses

from .definition import ToolDefinition, ToolOutput
from .health import Health


class Connection(Protocol):
    """All methods belong to one event loop."""

    @property
    def known(self) -> tuple[ToolDefinition, ...] | None:
        """As last listed, without waiting."""

    @property
    def health(self) -> Health: ...

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        """Raises ConnectorDown."""

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        """Listed anew. Raises ConnectorDown."""

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        """Raises ToolFailure."""

    async def first_outcome(self) -> None:
        """Returns once it is known whether it connected."""

    async def close(self) -> None: ...


@runtime_checkable
class Asking(Protocol):
    """A connection whose calls may be interrupted by a question."""

    async def go_on(self, tool: str, arguments_json: str, timeout_seconds: float, said: Responses | None) -> ToolOutput:
        """Raises ToolFailure or InputNeeded."""
