"""What a server said, in our words: its list of tools, its answers and its errors. Pure."""

import json
from typing import Any

from mcp import MCPError
from mcp.types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
)
from mcp_types import (
    CONNECTION_CLOSED,
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
)

from .definition import ToolDefinition, ToolOutput
from .errors import ToolFailure
from .wire import Handover

TEXT_CHARACTERS_AT_MOST = 10 * 1024 * 1024
REFUSED_OUTRIGHT = (INVALID_PARAMS, METHOD_NOT_FOUND)
NEVER_OVER_HTTP = (CONNECTION_CLOSED, PARSE_ERROR, INVALID_REQUEST)
"""With a 2xx status these are the SDK's own words for an answer that did not come or could not be read."""


def definition(connector: str, tool: Tool) -> ToolDefinition:
    said = tool.model_dump(by_alias=True, mode="json", exclude_none=True)
    return ToolDefinition(
        connector=connector,
        name=tool.name,
        description=tool.description or "",
        input_schema=said["inputSchema"],
        output_schema=said.get("outputSchema"),
        annotations=said.get("annotations", {}),
    )


def output(result: CallToolResult) -> ToolOutput:
    text = "\n".join(_block(block) for block in result.content)
    if not text and result.structured_content is not None:
        text = json.dumps(result.structured_content, separators=(",", ":"), ensure_ascii=False)
    return ToolOutput(text=_capped(text), structured=result.structured_content, is_error=bool(result.is_error))


def verdict(connector: str, error: MCPError, mark: Handover, *, alive: bool) -> ToolOutput:
    """An answer where the server itself turned the call down; otherwise raises what is known of its fate.

    `alive`: the connection still stands (known of a process only; a request over HTTP has its own).
    """
    if not mark.may_have_arrived:
        raise ToolFailure(f"{connector} could not be reached: {_words(error)}.", "not_sent")
    status = mark.status or 0
    if error.code in REFUSED_OUTRIGHT and not (status == 404 and error.message == "Not Found"):
        return ToolOutput(text=f"The tool refused the call: {error.message}", is_error=True)
    if 300 <= status < 500 or error.code == HEADER_MISMATCH:
        raise ToolFailure(f"{connector} did not accept the call: {_words(error)}.", "not_sent")
    if error.code == REQUEST_TIMEOUT:
        raise ToolFailure(f"{connector} did not answer in time; the call may or may not have happened.", "unknown")
    if status >= 500 or (error.code in NEVER_OVER_HTTP and status) or (error.code == CONNECTION_CLOSED and not alive):
        raise ToolFailure(f"{connector} was lost during the call, which may or may not have happened.", "unknown")
    return ToolOutput(text=f"The tool failed: {error.message}", is_error=True)


def _words(error: MCPError) -> str:
    return error.message.rstrip(".") or f"error {error.code}"


def _block(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent():
            return f"[image {block.mime_type}, {_size(block.data)}]"
        case AudioContent():
            return f"[audio {block.mime_type}, {_size(block.data)}]"
        case ResourceLink():
            return f"[resource link {block.uri}]"
        case EmbeddedResource():
            return _resource(block.resource)


def _resource(resource: Any) -> str:
    if isinstance(resource, TextResourceContents):
        return f"[resource {resource.uri}]\n{resource.text}"
    return f"[resource {resource.uri} {resource.mime_type or 'of unknown type'}, {_size(resource.blob)}]"


def _size(base64: str) -> str:
    size = len(base64.rstrip("=")) * 3 // 4
    return f"{size} B" if size < 1000 else f"{round(size / 1000)} kB"


def _capped(text: str) -> str:
    if len(text) <= TEXT_CHARACTERS_AT_MOST:
        return text
    return f"{text[:TEXT_CHARACTERS_AT_MOST]}\n[cut here: the output has {len(text):,} characters]"
