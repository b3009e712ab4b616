"""An MCP server made with the SDK, for tests: tools that answer, fail, hang, die, and change. Run as a module's file."""

import asyncio
import os
import sys
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ImageContent, TextContent, ToolAnnotations


def desk() -> MCPServer:
    server = MCPServer("desk")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def look_up(order: int) -> str:
        """Look up an order."""
        return f"order {order}"

    meeting = asyncio.Barrier(50)

    @server.tool()
    async def meet() -> str:
        """Answer when fifty have come."""
        await meeting.wait()
        return "met"

    @server.tool()
    def fail() -> str:
        """Fail."""
        raise ToolError("no such order")

    @server.tool()
    def measure() -> dict[str, int]:
        """Structured output."""
        return {"weight": 12}

    @server.tool()
    def picture() -> CallToolResult:
        """Text and a picture."""
        image = ImageContent(type="image", data="AAAA" * 4000, mime_type="image/png")
        return CallToolResult(content=[TextContent(type="text", text="see"), image])

    @server.tool()
    def surroundings() -> dict[str, Any]:
        """What the process sees."""
        return {"environment": dict(os.environ), "pid": os.getpid(), "cwd": os.getcwd(), "path": sys.executable}

    @server.tool()
    async def grow(context: Context, announce: bool) -> str:
        """Gain a tool."""

        def added() -> str:
            """New."""
            return "new"

        server.add_tool(added)
        if announce:
            await context.notify_tools_changed()
        return "grown"

    return server


if __name__ == "__main__":
    if marker := os.environ.get("STARTED"):
        with open(marker, "a") as file:
            file.write("started\n")
    if secret := os.environ.get("SECRET"):
        print(f"logging in with {secret}", file=sys.stderr, flush=True)
    desk().run()
