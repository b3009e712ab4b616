"""The protocol's own reference server, in JavaScript: connected, listed and called through the registry."""

import json
from collections.abc import AsyncIterator

import pytest_asyncio

from agents.config import Connector
from agents.tools.registry import Registry
from tests.foreign.npm_servers import npm_servers, script

__all__ = ["npm_servers"]


@pytest_asyncio.fixture
async def registry(npm_servers: None) -> AsyncIterator[Registry]:
    made = Registry({}.__getitem__)
    yield made
    await made.close()


async def test_the_everything_server_is_listed_and_one_of_its_tools_called(registry: Registry) -> None:
    server = Connector(name="everything", kind="mcp_stdio", command="node", args=(str(script("everything")), "stdio"))
    await registry.apply([server])
    await registry.first_outcome("everything")
    tools = {one.name: one for one in await registry.definitions("everything")}
    assert {"echo", "get-sum"} <= set(tools)
    assert tools["echo"].input_schema["required"] == ["message"]
    output = await registry.call("everything", "get-sum", json.dumps({"a": 2, "b": 40}), timeout_seconds=20)
    assert "42" in output.text and not output.is_error
    refused = await registry.call("everything", "get-sum", json.dumps({"a": "two"}), timeout_seconds=20)
    assert refused.is_error
    health = registry.health("everything")
    assert health.state == "up" and len(health.call_ms) == 2
