"""An MCP server whose one tool is described by a file, for tests of changed definitions. A number: so many tools."""

import sys
from pathlib import Path

from mcp.server import MCPServer


def server(words: str) -> MCPServer:
    made = MCPServer("words")

    def count(flock: str) -> str:
        return f"{flock}: 3"

    if words.isdigit():
        for number in range(int(words)):
            made.add_tool(count, name=f"tool_{number}", description=f"The tool with the number {number}.")
    else:
        made.add_tool(count, name="count", description=words)
    return made


if __name__ == "__main__":
    server(Path(sys.argv[1]).read_text().strip()).run()
