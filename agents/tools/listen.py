"""Listens for a server's word that its tools have changed, where its protocol version offers that."""

import asyncio

import anyio
from mcp import MCPError
from mcp.client import Client
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost

RETRY_SECONDS = 5
ATTEMPTS_AT_MOST = 3


async def listen(client: Client, changed: asyncio.Event) -> None:
    """Sets `changed`, again after every gap in which a change may have been missed. Older servers notify unasked."""
    tools = client.server_capabilities.tools
    if tools is None or not tools.list_changed:
        return
    failures = 0
    while failures < ATTEMPTS_AT_MOST:
        try:
            async with client.listen(tools_list_changed=True) as subscription:
                failures = 0
                changed.set()
                async for _ in subscription:
                    changed.set()
        except ListenNotSupportedError:
            return
        except (MCPError, SubscriptionLost, TimeoutError):
            failures += 1
        changed.set()  # the end of the stream may be the end of the server
        await anyio.sleep(RETRY_SECONDS)
