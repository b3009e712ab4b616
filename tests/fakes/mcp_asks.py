"""An MCP server made with the SDK that asks in the middle of its calls. It writes what it did to the file in LEDGER.

`python mcp_asks.py` speaks over stdio; with a port as its argument, streamable HTTP on that port of 127.0.0.1.
"""

import os
import sys
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Elicit, Resolve
from mcp.server.request_state import RequestStateSecurity
from pydantic import BaseModel, Field

WEEK_SECONDS = 7 * 24 * 3600


class Place(BaseModel):
    building: str = Field(description="Where the parcel goes", min_length=2)
    floor: int = Field(ge=0, le=40)
    urgency: Literal["today", "this week"] = "this week"
    call_first: bool = False


class Sure(BaseModel):
    sure: bool


async def which_place(parcel: int) -> Elicit[Place]:
    return Elicit(f"Where does parcel {parcel} go? <b>Please</b>", Place)


async def really(parcel: int, place: Annotated[Place, Resolve(which_place)]) -> Elicit[Sure]:
    return Elicit(f"Really to {place.building}?", Sure)


def noted(line: str) -> str:
    if ledger := os.environ.get("LEDGER"):
        with open(ledger, "a") as file:
            file.write(f"{line}\n")
    return line


def server() -> MCPServer:
    # a key of its own that outlives the process, so that an answer is understood after a restart, days later
    kept = RequestStateSecurity(keys=[b"k" * 32], ttl=WEEK_SECONDS)
    made = MCPServer("asks", request_state_security=kept)

    @made.tool()
    async def deliver(parcel: int, place: Annotated[Place, Resolve(which_place)]) -> str:
        """Deliver a parcel."""
        return noted(f"parcel {parcel} to {place.building}, floor {place.floor}, {place.urgency}, {place.call_first}")

    @made.tool()
    async def deliver_surely(
        parcel: int, place: Annotated[Place, Resolve(which_place)], sure: Annotated[Sure, Resolve(really)]
    ) -> str:
        """Deliver a parcel after asking twice."""
        return noted(f"parcel {parcel} to {place.building}, sure: {sure.sure}")

    @made.tool()
    async def ask_at_once(context: Context) -> str:
        """Ask as the older protocol does, while the call is open."""
        said = await context.elicit("How many?", Sure)
        return noted(f"said {said.action}")

    return made


if __name__ == "__main__":
    noted(f"started {os.getpid()}")
    if len(sys.argv) > 1:
        server().run("streamable-http", port=int(sys.argv[1]))
    else:
        server().run()
