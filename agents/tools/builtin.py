"""The tools that need no server: a calculator, a clock, and reading from the hosts an admin has listed."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .arithmetic import NotArithmetic, work_out
from .definition import ToolDefinition, ToolOutput
from .health import Health
from .outgoing import parsed
from .web import HTTP_GET, Refused, Web

READ_ONLY = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def built_in_tools(connector: str, *, web: bool = False) -> tuple[ToolDefinition, ...]:
    own = (
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
    return (*own, _http_get(connector)) if web else own


def _http_get(connector: str) -> ToolDefinition:
    return ToolDefinition(
        connector=connector,
        name=HTTP_GET,
        description="Read what is at a web address. Only the hosts that an admin has listed are asked.",
        input_schema=_object(url={"type": "string", "description": "An address, such as https://example.org/prices"}),
        annotations=READ_ONLY | {"openWorldHint": True},
    )


class BuiltIn:
    def __init__(self, connector: str, now: Callable[[], datetime], allow: tuple[str, ...] = ()) -> None:
        self._now = now
        self._tools: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
            "calculator": lambda arguments: {"result": work_out(str(arguments.get("expression", "")))},
            "clock": self._clock,
        }
        self._web = Web(allow) if allow else None
        self.known: tuple[ToolDefinition, ...] | None = built_in_tools(connector, web=bool(allow))
        self.health = Health(state="up", because="Built in.", since=now())

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        arguments = parsed(arguments_json)
        if tool == HTTP_GET and self._web is not None:
            return await self._read(str(arguments.get("url", "")), timeout_seconds)
        if tool not in self._tools:
            return ToolOutput(text=f"There is no built-in tool named {tool}.", is_error=True)
        try:
            structured = self._tools[tool](arguments)
        except NotArithmetic as error:
            return ToolOutput(text=str(error), is_error=True)
        except (KeyError, ValueError, OSError):
            return ToolOutput(text="There is no time zone of that name; use one such as Europe/Berlin.", is_error=True)
        return ToolOutput(text=json.dumps(structured, ensure_ascii=False), structured=structured)

    async def _read(self, url: str, timeout_seconds: float) -> ToolOutput:
        assert self._web is not None
        try:
            return await self._web.get(url, timeout_seconds)
        except Refused as error:
            return ToolOutput(text=str(error), is_error=True)

    async def first_outcome(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _clock(self, arguments: dict[str, Any]) -> dict[str, str]:
        zone = ZoneInfo(str(arguments.get("timezone", "UTC")))
        there = self._now().astimezone(zone)
        return {"time": there.isoformat(timespec="seconds"), "weekday": f"{there:%A}", "timezone": zone.key}
