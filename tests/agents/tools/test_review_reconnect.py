"""A server that ended and came back as another one."""

from pathlib import Path

import pytest

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
