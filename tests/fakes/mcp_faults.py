"""An MCP server made with the SDK, for tests of sessions: one tool that dies in the call, one that never answers."""

import asyncio
import os

from mcp.server import MCPServer

server = MCPServer("faults")


@server.tool()
def die() -> str:
    """End the process in the middle of the call."""
    os._exit(3)


@server.tool()
async def pause(seconds: float) -> str:
    """Answer late."""
    await asyncio.sleep(seconds)
    return "late"


if __name__ == "__main__":
    server.run()
