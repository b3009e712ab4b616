"""Sends one tool call over a live MCP connection and tells what became of it."""

from typing import Any

import anyio
from mcp import MCPError
from mcp.client import Client
from mcp.types import CallToolRequest, CallToolRequestParams, CallToolResult, InputRequiredResult
from pydantic import TypeAdapter, ValidationError

from agents.forms import Responses

from .asking import needed, params_of
from .definition import ToolOutput
from .errors import ToolFailure
from .outputs import output, verdict
from .wire import Handover, Wire, handover

WRITING_SECONDS = 5
"""Beyond the call's own time: for a server that does not even take the request from its pipe."""
_answer: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)


async def send(
    connector: str,
    client: Client,
    wire: Wire,
    tool: str,
    arguments: dict[str, Any],
    timeout_seconds: float,
    said: Responses | None = None,
) -> ToolOutput:
    """Raises ToolFailure, or InputNeeded; cancelling it asks the server to stop. `said`: what it asked for before."""
    mark = Handover()
    token = handover.set(mark)
    try:
        with anyio.fail_after(timeout_seconds + WRITING_SECONDS):
            answer = await _request(client, params_of(tool, arguments, said), timeout_seconds)
    except MCPError as error:
        return verdict(connector, error, mark, alive=not wire.ended.is_set())
    except TimeoutError as error:
        raise ToolFailure(f"{connector} did not take the call in time.", _outcome(mark)) from error
    except ValidationError as error:
        raise ToolFailure(f"{connector} answered the call with something that is no result.", "unknown") from error
    except Exception as error:  # the SDK's own state at this moment is anybody's guess: never claim more than we know
        raise ToolFailure(f"{connector} lost the call: {error or type(error).__name__}.", _outcome(mark)) from error
    finally:
        handover.reset(token)
    if isinstance(answer, InputRequiredResult):
        raise needed(connector, answer)
    return output(answer)


async def _request(
    client: Client, params: CallToolRequestParams, timeout_seconds: float
) -> CallToolResult | InputRequiredResult:
    # Not client.call_tool: it raises away an output that misses its schema, and sends a call again by itself.
    return await client.session.send_request(
        CallToolRequest(params=params), _answer, request_read_timeout_seconds=timeout_seconds
    )


def _outcome(mark: Handover) -> Any:
    return "unknown" if mark.may_have_arrived else "not_sent"
