"""Servers over streamable HTTP: headers, exactness, and each way a request can fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from agents.config import Connector
from agents.tools.definition import ConnectorDown, ToolFailure
from agents.tools.place import shown
from agents.tools.registry import Registry
from tests.fakes.mcp_desk import desk as desk_server
from tests.fakes.mcp_raw_http import serving

from .conftest import eventually, until, web
from .test_stdio import ARGUMENTS, assert_untouched


@asynccontextmanager
async def real_server() -> AsyncIterator[str]:
    config = uvicorn.Config(desk_server().streamable_http_app(), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    loop = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = server.force_exit = True
        await loop
        await server.shutdown()


async def test_a_server_by_url_is_listed_called_and_heard_when_its_tools_change(registry: Registry) -> None:
    async with real_server() as url:
        await registry.apply([web(url)])
        before = len(await registry.definitions("web"))
        assert (await registry.call("web", "look_up", '{"order": 5}', timeout_seconds=5)).text == "order 5"
        outputs = await asyncio.gather(*(registry.call("web", "meet", "{}", timeout_seconds=10) for _ in range(50)))
        assert len(outputs) == 50
        await registry.call("web", "grow", '{"announce": true}', timeout_seconds=5)
        await eventually(registry, lambda: len(registry.known("web") or ()) == before + 1)
        await registry.close()


async def test_headers_are_resolved_and_the_arguments_travel_untouched(registry: Registry) -> None:
    with serving() as server:
        await registry.apply([web(server.url, Authorization="env:TOKEN", Plain="as it is")])
        output = await registry.call("web", "echo", ARGUMENTS, timeout_seconds=5)
        assert_untouched(output.text)
        assert all(seen["authorization"] == "token-of-the-admin" for seen in server.seen)
        assert server.seen[-1]["plain"] == "as it is"
        await registry.close()


@pytest.mark.parametrize(
    ("mode", "outcome", "why"),
    [
        ("401", "not_sent", "did not accept the call: http://127.0.0.1:.* answered 401 Unauthorized"),
        ("redirect", "not_sent", "did not accept the call: Redirect to http://elsewhere.invalid/ not followed"),
        ("503", "unknown", "may or may not have happened"),
        ("drop", "unknown", "may or may not have happened"),
        ("half", "unknown", "may or may not have happened"),
    ],
)
async def test_a_request_that_fails_tells_whether_it_may_have_happened(
    registry: Registry, mode: str, outcome: str, why: str
) -> None:
    with serving() as server:
        await registry.apply([web(server.url)])
        await registry.definitions("web")
        server.mode, server.elsewhere = mode, "http://elsewhere.invalid/"
        with pytest.raises(ToolFailure, match=why) as failure:
            await registry.call("web", "echo", "{}", timeout_seconds=5)
        assert failure.value.outcome == outcome
        server.mode = ""
        assert (await registry.call("web", "echo", "{}", timeout_seconds=5)).text  # the connection itself survived
        await registry.close()


async def test_one_broken_request_does_not_disturb_the_others(registry: Registry) -> None:
    with serving() as server:
        await registry.apply([web(server.url)])
        await registry.definitions("web")
        server.mode = "wait"
        waiting = asyncio.create_task(registry.call("web", "echo", "{}", timeout_seconds=8))
        await asyncio.to_thread(server.called.wait, 5)
        server.mode = "drop"
        with pytest.raises(ToolFailure):
            await registry.call("web", "echo", "{}", timeout_seconds=5)
        assert not waiting.done()
        assert registry.health("web").state == "up"
        server.released.set()
        with pytest.raises(ToolFailure, match="may or may not have happened"):
            await waiting
        await registry.close()


async def test_a_server_that_went_away_was_not_sent_anything_and_is_told_down(registry: Registry) -> None:
    with serving("brief") as server:
        await registry.apply([web(server.url)])
        await registry.definitions("web")
    with pytest.raises(ToolFailure, match="cannot be reached") as failure:
        await registry.call("web", "echo", "{}", timeout_seconds=5)
    assert failure.value.outcome == "not_sent"
    assert "cannot be reached" in (await until(registry, "web", "down")).because


async def test_a_server_that_wants_a_key_is_down_and_says_its_status(registry: Registry) -> None:
    with serving("all_401") as server:
        await registry.apply([web(server.url)])
        assert "answered 401 Unauthorized" in (await until(registry, "web", "down")).because
        await registry.close()


@pytest.mark.parametrize("url", [None, "ftp://example.invalid/x", "file:///etc/passwd", "http://"])
async def test_only_http_urls_are_reached(registry: Registry, url: str | None) -> None:
    with pytest.raises(ConnectorDown, match="The URL of .* cannot be used"):
        await registry.probe(Connector(name="web", kind="mcp_http", url=url))


def test_a_url_is_shown_without_what_could_be_secret() -> None:
    assert shown("https://user:pass@host:8443/mcp?key=secret#x") == "https://host:8443/mcp"
