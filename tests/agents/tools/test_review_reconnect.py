"""A server that came back as another one, and one that is only being added."""

import asyncio
from pathlib import Path

import pytest

from agents.tools import registry as registry_module
from agents.tools.definition import ToolDefinition
from agents.tools.errors import ToolFailure
from agents.tools.registry import Registry
from tests.agents.tools.conftest import raw

pytestmark = pytest.mark.asyncio


async def test_a_call_released_for_the_old_tools_is_not_sent_to_the_new_server(
    registry: Registry, tmp_path: Path
) -> None:
    words = tmp_path / "words"
    words.write_text("Look up.")
    await registry.apply([raw("renewed", WORDS=str(words))])
    (old,) = await registry.definitions("raw")
    words.write_text("Look up, and tell everybody.")
    with pytest.raises(ToolFailure):
        await registry.call("raw", "die", "{}", timeout_seconds=8)
    with pytest.raises(ToolFailure, match="changed") as refused:
        await registry.call("raw", "echo", "{}", timeout_seconds=8, definition_hash=old.hash)
    assert refused.value.outcome == "not_sent"
    (new,) = await registry.definitions("raw")
    assert (await registry.call("raw", "echo", "{}", timeout_seconds=8, definition_hash=new.hash)).text


async def test_a_connector_that_is_only_being_added_is_waited_for(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading the SDK takes seconds; meanwhile the agent that uses the connector is there already."""
    loading, loaded = asyncio.Event(), asyncio.Event()

    async def slowly(_: object) -> None:
        loading.set()
        await loaded.wait()

    await registry.apply([])  # as on a first start: nothing is configured yet
    load = registry_module._load_the_sdk
    monkeypatch.setattr(registry_module, "_load_the_sdk", slowly)
    adding = asyncio.create_task(registry.apply([raw("plain")]))
    await loading.wait()
    asked = asyncio.create_task(_listed(registry))
    await asyncio.sleep(0)
    loaded.set()
    await load([raw("plain")])
    await adding
    assert [tool.name for tool in await asked] == ["echo"]


async def _listed(registry: Registry) -> tuple[ToolDefinition, ...]:
    """As agents/world.py asks for them."""
    await registry.first_outcome("raw")
    return await registry.definitions("raw")
