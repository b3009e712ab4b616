"""The registry follows the configuration, and tells about every change."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.config import Connector
from agents.tools.definition import ConnectorDown, ToolFailure
from agents.tools.registry import Registry

from .conftest import desk, raw, until
from .test_stdio import _children

NOW = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)


async def test_applying_the_same_connectors_again_keeps_their_connections(registry: Registry, tmp_path: Path) -> None:
    marker = tmp_path / "started"
    await registry.apply([desk(STARTED=str(marker)), raw("echo")])
    await registry.definitions("desk")
    first = registry.health("desk")
    await registry.apply([raw("echo"), desk(STARTED=str(marker))])
    await registry.definitions("desk")
    again = registry.health("desk")
    assert (again.state, again.since) == (first.state, first.since)
    assert marker.read_text() == "started\n"


async def test_a_changed_connector_is_restarted_and_a_removed_one_is_gone(registry: Registry) -> None:
    told: list[str] = []
    await registry.apply([raw("echo")])
    await registry.definitions("raw")
    registry.subscribe(told.append)
    await registry.apply([raw("paged")])
    assert len(await registry.definitions("raw")) == 250
    assert "raw" in told
    await registry.apply([])
    assert registry.known("raw") is None
    assert registry.health("raw").because == "There is no connector named raw."
    with pytest.raises(ConnectorDown):
        await registry.call("raw", "echo", "{}", timeout_seconds=1)


async def test_a_listener_that_fails_or_has_left_does_no_harm(registry: Registry) -> None:
    def broken(name: str) -> None:
        raise RuntimeError(name)

    told: list[str] = []
    registry.subscribe(broken)
    leave = registry.subscribe(told.append)
    leave()
    leave()
    await registry.apply([raw("echo")])
    assert await registry.definitions("raw")
    assert told == []


async def test_a_draft_is_probed_and_closed_again(registry: Registry) -> None:
    assert [tool.name for tool in await registry.probe(raw("echo"))] == ["echo"]
    assert registry.known("raw") is None
    with pytest.raises(ConnectorDown, match="ended before it answered.*no database"):
        await registry.probe(raw("exit"))
    with pytest.raises(ConnectorDown, match="was not found"):
        await registry.probe(Connector(name="nope", kind="mcp_stdio", command="no-such-command-xyz"))
    assert not _children()


async def test_a_probe_that_is_given_up_leaves_nothing_behind(registry: Registry) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(registry.probe(raw("mute")), 0.3)
    await asyncio.wait_for(registry.close(), 8)
    assert not _children()


async def test_the_built_in_tools_work_out_sums_and_tell_the_time() -> None:
    registry = Registry(str, now=lambda: NOW)
    await registry.apply([Connector(name="desk tools", kind="builtin")])
    names = [tool.name for tool in await registry.definitions("desk tools")]
    assert names == ["calculator", "clock"]
    sum_ = await registry.call("desk tools", "calculator", '{"expression": "0.1 + 0.2"}', timeout_seconds=1)
    assert sum_.structured == {"result": "0.3"}
    clock = await registry.call("desk tools", "clock", '{"timezone": "Asia/Tokyo"}', timeout_seconds=1)
    assert clock.structured == {"time": "2026-03-01T20:30:00+09:00", "weekday": "Sunday", "timezone": "Asia/Tokyo"}
    for tool, arguments in (("clock", '{"timezone": "../x"}'), ("calculator", '{"expression": "x"}'), ("nope", "{}")):
        assert (await registry.call("desk tools", tool, arguments, timeout_seconds=1)).is_error
    await registry.close()


async def test_health_tells_how_long_the_last_calls_took_and_what_went_wrong(registry: Registry) -> None:
    await registry.apply([desk()])
    await registry.definitions("desk")
    for place in range(60):
        await registry.call("desk", "look_up", f'{{"order": {place}}}', timeout_seconds=5)
    await registry.call("desk", "no_such_tool", "{}", timeout_seconds=5)
    with pytest.raises(ToolFailure):
        await registry.call("desk", "look_up", "not JSON", timeout_seconds=5)
    health = registry.health("desk")
    assert len(health.call_ms) == 50
    assert all(taken > 0 for taken in health.call_ms)
    assert health.last_errors[-2].because == "no_such_tool answered with an error."
    assert health.last_errors[-1].because.startswith("look_up: The arguments cannot be sent")


async def test_a_connector_that_cannot_start_says_so_among_its_last_errors(registry: Registry) -> None:
    await registry.apply([raw("exit")])
    health = await until(registry, "raw", "down")
    assert [fault.because for fault in health.last_errors] == [health.because]


async def test_reconnecting_starts_a_new_process_and_keeps_what_was_learnt(registry: Registry, tmp_path: Path) -> None:
    marker = tmp_path / "started"
    await registry.apply([desk(STARTED=str(marker))])
    await registry.definitions("desk")
    await registry.call("desk", "look_up", '{"order": 7}', timeout_seconds=5)
    await registry.reconnect("desk")
    assert registry.health("desk").state == "connecting"
    await registry.definitions("desk")
    assert marker.read_text() == "started\nstarted\n"
    assert len(registry.health("desk").call_ms) == 1
    with pytest.raises(ConnectorDown):
        await registry.reconnect("nothing")


async def test_a_connector_that_cannot_be_begun_is_down_and_keeps_no_other_from_being_opened(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = registry._open

    def breaks(connector: Connector, *, listed: bool = True) -> object:
        if connector.name == "broken":
            raise ValueError("Port out of range 0-65535")
        return opened(connector, listed=listed)

    monkeypatch.setattr(registry, "_open", breaks)
    broken = Connector(name="broken", kind="mcp_http", url="http://mcp.example:1/mcp")
    await registry.apply([broken, raw("echo")])
    assert await registry.definitions("raw")
    health = registry.health("broken")
    assert (health.state, health.because) == ("down", "It cannot be begun: Port out of range 0-65535")
    with pytest.raises(ConnectorDown, match="cannot be begun"):
        await registry.call("broken", "echo", "{}", timeout_seconds=1)
    await registry.apply([raw("echo")])
    assert registry.health("broken").because == "There is no connector named broken."
