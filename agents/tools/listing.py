"""Asks a server for all of its tools, page by page, and never for ever."""

from mcp.client import Client

from .definition import ToolDefinition
from .errors import UnreadableTools
from .outputs import definition

PAGES_AT_MOST = 100
TOOLS_AT_MOST = 5_000


async def list_tools(client: Client, connector: str) -> tuple[ToolDefinition, ...]:
    """In the server's order; of two tools with one name the first counts."""
    found: dict[str, ToolDefinition] = {}
    cursor: str | None = None
    for _ in range(PAGES_AT_MOST):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            found.setdefault(tool.name, definition(connector, tool))
        if len(found) > TOOLS_AT_MOST:
            raise UnreadableTools(f"{connector} lists more than {TOOLS_AT_MOST:,} tools")
        cursor = page.next_cursor
        if not cursor:
            return tuple(found.values())
    raise UnreadableTools(f"{connector} lists its tools on more than {PAGES_AT_MOST} pages")
