"""The tools that need no server: a calculator and a clock; and the stand-in for kinds that are not built yet."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .arithmetic import NotArithmetic, work_out
from .definition import ToolDefinition, ToolOutput
from .errors import ConnectorDown
from .health import Health
from .outgoing import parsed

READ_ONLY = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def built_in_tools(connector: str) -> tuple[ToolDefinition, ...]:
    return (
        ToolDefinition(
            connector=connector,
            name="calculator",
            description="Work out an arithmetic expression exactly, in decimals. "
            "Knows + - * / // % **, brackets, abs, max, min, round and sum.",
            input_schema=_object(expression={"type": "string", "description": "For example (89.90 - 12) * 3"}),
            output_schema=_object(result={"type": "string"}),
            annotations=READ_ONLY,
        ),
        ToolDefinition(
            connector=connector,
            name="clock",
            description="Tell the current date and time in a time zone.",
            input_schema=_object(
                timezone={"type": "string", "description": "An IANA name such as Europe/Berlin or UTC"}
            ),
            output_schema=_object(
                time={"type": "string", "format": "date-time"}, weekday={"type": "string"}, timezone={"type": "string"}
            ),
            annotations=READ_ONLY | {"idempotentHint": False},
        ),
    )


class BuiltIn:
    def __init__(self, connector: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._tools: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
            "calculator": lambda arguments: {"result": work_out(str(arguments.get("expression", "")))},
            "clock": self._clock,
        }
        self.known: tuple[ToolDefinition, ...] | None = built_in_tools(connector)
        self.health = Health(state="up", because="Built in.", since=now())

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        arguments = parsed(arguments_json)
        if tool not in self._tools:
            return ToolOutput(text=f"There is no built-in tool named {tool}.", is_error=True)
        try:
            structured = self._tools[tool](arguments)
        except NotArithmetic as error:
            return ToolOutput(text=str(error), is_error=True)
        except (KeyError, ValueError, OSError):
            return ToolOutput(text="There is no time zone of that name; use one such as Europe/Berlin.", is_error=True)
        return ToolOutput(text=json.dumps(structured, ensure_ascii=False), structured=structured)

    async def first_outcome(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _clock(self, arguments: dict[str, Any]) -> dict[str, str]:
        zone = ZoneInfo(str(arguments.get("timezone", "UTC")))
        there = self._now().astimezone(zone)
        return {"time": there.isoformat(timespec="seconds"), "weekday": f"{there:%A}", "timezone": zone.key}


class Unsupported:
    """A connector whose kind is not available yet: it has no tools, and says so."""

    known: tuple[ToolDefinition, ...] | None = None

    def __init__(self, connector: str, kind: str, now: Callable[[], datetime]) -> None:
        self._because = f"{connector}: connectors of kind {kind} are not available yet."
        self.health = Health(state="unsupported", because=self._because, since=now())

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        raise ConnectorDown(self._because)

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        raise ConnectorDown(self._because)

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        raise ConnectorDown(self._because)

    async def first_outcome(self) -> None:
        pass

    async def close(self) -> None:
        pass
