"""Reading from the web: on the hosts that were listed, and on no other by any way round."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from agents.config import Connector
from agents.tools.registry import Registry
from agents.tools.suggestion import suggest_risk
from agents.tools.web import Refused, Web
from store.events import Risk


@pytest.fixture
async def site() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        body = b'{"price": 12.50}' if path == "/price" else b"x" * 3_000_000 if path == "/large" else b"gone"
        away = {"/home": "/price", "/away": f"http://localhost:{port}/price", "/metadata": "http://169.254.169.254/"}
        away["/nowhere"] = "http://[oops"
        status, more = ("302 Found", f"location: {away[path]}\r\n") if path in away else ("200 OK", "")
        if path == "/missing":
            status = "404 Not Found"
        kind = "application/json" if path == "/price" else "text/plain"
        writer.write(
            f"HTTP/1.1 {status}\r\n{more}content-type: {kind}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n".encode()
            + body
        )
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield port
    server.close()


async def test_without_a_list_of_hosts_the_tool_is_not_offered(registry: Registry) -> None:
    await registry.apply([Connector(name="own", kind="builtin")])
    assert {tool.name for tool in await registry.definitions("own")} == {"calculator", "clock"}
    assert (await registry.call("own", "http_get", '{"url":"http://127.0.0.1/"}', timeout_seconds=5)).is_error


async def test_a_listed_host_is_read_and_redirects_stay_within_the_list(registry: Registry, site: int) -> None:
    await registry.apply([Connector(name="own", kind="builtin", allow=(f"127.0.0.1:{site}",))])
    tools = {tool.name: tool for tool in await registry.definitions("own")}
    assert suggest_risk(tools["http_get"])[0] is Risk.UNKNOWN

    async def get(path: str) -> tuple[str, bool]:
        arguments = json.dumps({"url": f"http://127.0.0.1:{site}{path}"})
        output = await registry.call("own", "http_get", arguments, timeout_seconds=5)
        return output.text, output.is_error

    assert await get("/price") == ('{"price":12.50}', False)
    assert await get("/home") == ('{"price":12.50}', False)
    assert await get("/away") == (f"localhost is not asked. Only these hosts are: 127.0.0.1:{site}.", True)
    assert "169.254.169.254 is not asked" in (await get("/metadata"))[0]
    assert await get("/nowhere") == (f"http://127.0.0.1:{site}/nowhere redirects to what is no address.", True)
    assert await get("/missing") == ("The service answered 404 Not Found.\ngone", True)
    assert "larger than 2 MB" in (await get("/large"))[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{site}/",
        "http://localhost:{site}/",
        "http://example.org.evil.example/",
        "http://evilexample.org/",
        "http://example.org@127.0.0.1/",
        "http://me:key@example.org/",
        "http://example.org:8080/",
        "http://example.org\\@127.0.0.1/",
        "https://example.org./../..",
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "",
    ],
)
async def test_what_is_not_listed_is_not_asked(site: int, url: str) -> None:
    web = Web(("sub.example.org", "*.example.net"))
    with pytest.raises(Refused):
        await web.get(url.format(site=site), 2)


async def test_a_name_that_only_fits_a_pattern_may_not_be_private(site: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr("agents.tools.guarded.Guarded.__init__.__kwdefaults__", {"lookup": here, "inner": None})
    with pytest.raises(Refused, match="this machine itself"):
        await Web((f"*.example.org:{site}",)).get(f"http://intern.example.org:{site}/price", 5)
    with pytest.raises(Refused, match="Only these hosts"):
        await Web((f"*.example.org:{site}",)).get(f"http://example.org:{site}/price", 5)
