"""Stands for a connector that could not even be begun: it is down, and says why."""

from datetime import datetime

from .definition import ToolDefinition, ToolOutput
from .errors import ConnectorDown
from .health import Health


class Unusable:
    known: tuple[ToolDefinition, ...] | None = None

    def __init__(self, name: str, because: str, since: datetime) -> None:
        self._name = name
        self.health = Health(state="down", because=because, since=since)

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        raise self._down()

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        raise self._down()

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        raise self._down()

    async def first_outcome(self) -> None:
        """It is known already."""

    async def close(self) -> None:
        """There is nothing to close."""

    def _down(self) -> ConnectorDown:
        return ConnectorDown(f"{self._name} is down. {self.health.because}")
