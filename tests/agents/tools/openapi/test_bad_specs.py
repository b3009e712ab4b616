"""Descriptions that are none, too large, in circles, or lead somewhere they should not: each is told in a sentence."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

import pytest

from agents.config import Connector
from agents.tools.definition import ConnectorDown, ToolFailure
from agents.tools.errors import CannotStart
from agents.tools.openapi import answers, document
from agents.tools.registry import Registry

from ..conftest import until
from .conftest import Running

Connect = Callable[..., Connector]
BOMB = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
BAD = {
    "a web page": ("<!doctype html><html><body>API</body></html>", "This is a web page"),
    "Swagger 2.0": ('{"swagger": "2.0", "paths": {}}', "Swagger 2.0"),
    "some JSON": ('{"hello": "world"}', "has no key “openapi”"),
    "another version": ("openapi: 4.0.0\npaths: {}\n", "says “openapi: 4.0.0”"),
    "prose": ("Dear admin, this is our API.", "not an OpenAPI description"),
    "nothing": (" \n", "is empty"),
    "broken JSON": ('{"openapi": "3.1.0", "paths": {', "is not JSON"),
    "broken YAML": ("openapi: 3.0.0\n  paths: [", "neither JSON nor YAML"),
    "20 MB": (json.dumps({"openapi": "3.0.0", "x": "x" * 20_000_000}), "has 20.0 MB; at most 16 MB in JSON are read"),
    "large YAML": ("openapi: 3.0.0\nx: " + "x" * 6_000_000, "at most 5 MB in YAML"),
    "aliases of aliases": (BOMB, "more than 3,000,000 values"),
    "itself by alias": ("openapi: 3.0.0\na: &a\n  - *a\n", "contains itself"),
    "very deep JSON": ('{"openapi": "3.0.0", "a":' + "[" * 100_000, "is not JSON"),
    "deep JSON": ('{"openapi": "3.0.0", "a":' + "[" * 300 + "]" * 300 + "}", "deeper than 200 levels"),
    "deep YAML": ("openapi: 3.0.0\na: " + "[" * 100_000, "deeper than 200 levels"),
    "deep block YAML": ("- " * 100_000, "deeper than 200 levels"),
    "not a number": ('{"openapi": "3.0.0", "a": NaN}', "not finite"),
    "half a character": ('{"openapi": "3.0.0", "a": "\\ud800"}', "half a character"),
    "no paths": ('{"openapi": "3.1.0", "paths": {}}', "names no operation"),
    "paths as a list": ('{"openapi": "3.1.0", "paths": []}', "“paths” are not an object"),
}


@pytest.mark.parametrize("text", [pytest.param(bad, id=name) for name, bad in BAD.items()])
async def test_what_is_no_description_is_told_in_a_sentence(registry: Registry, text: tuple[str, str]) -> None:
    connector = Connector(name="shop", kind="openapi", spec_text=text[0], url="http://127.0.0.1:1")
    with pytest.raises(ConnectorDown, match=re.escape(text[1])) as refused:
        await registry.probe(connector)
    assert len(str(refused.value)) < 500


def test_yaml_says_only_what_json_can() -> None:
    text = "{openapi: 3.0.0,\n on: no, day: 2026-01-02, tag: !!python/name:os.system x, 200: 1_000, n: 12.50, e: 1e3, z: ~}"
    read = document.read(text)
    assert read == {
        "openapi": "3.0.0", "on": "no", "day": "2026-01-02", "tag": "x", "200": "1_000", "n": 12.5, "e": 1000.0, "z": None,
    }  # fmt: skip


def test_a_yaml_description_may_use_an_alias() -> None:
    read = document.read("openapi: 3.0.0\na: &a {x: 1}\nb: *a\n")
    assert read["b"] == {"x": 1}
    with pytest.raises(CannotStart, match="does not define"):
        document.read("openapi: 3.0.0\nb: *nobody\n")


@asynccontextmanager
async def web(answers: dict[str, bytes]) -> AsyncIterator[tuple[int, list[str]]]:
    """A server of fixed answers by path, and what it was asked: whole requests."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head)
        writer.write(answers.get(head.split(" ")[1], b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


def found(body: str, kind: str = "application/json") -> bytes:
    raw = body.encode()
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(raw)}\r\n\r\n".encode() + raw


def at(server: str) -> str:
    paths = {"/x": {"get": {"operationId": "x"}}}
    return json.dumps({"openapi": "3.1.0", "servers": [{"url": server}], "paths": paths})


@pytest.mark.parametrize(
    "server",
    [
        "http://127.0.0.1:9/",
        "http://169.254.169.254/latest",
        "http://10.0.0.7",
        "http://2130706433:80",
        "http://[::1]/",
    ],
)
async def test_a_server_that_only_the_description_names_may_not_be_private(registry: Registry, server: str) -> None:
    async with web({"/openapi.json": found(at(server))}) as (port, asked):
        connector = Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/openapi.json")
        with pytest.raises(ConnectorDown, match="only an address that an admin entered may be that"):
            await registry.probe(connector)
        assert len(asked) == 1


async def test_the_same_server_may_be_used_once_an_admin_has_entered_it(registry: Registry, workshop: Running) -> None:
    async with web({"/openapi.json": found(at(workshop.url))}) as (port, _):
        spec = f"http://127.0.0.1:{port}/openapi.json"
        connector = Connector(name="shop", kind="openapi", spec=spec, url=workshop.url)
        assert [tool.name for tool in await registry.probe(connector)] == ["x"]


async def test_a_redirect_does_not_lead_the_description_into_our_own_network(registry: Registry) -> None:
    away = b"HTTP/1.1 302 Found\r\nlocation: http://localhost:1/openapi.json\r\ncontent-length: 0\r\n\r\n"
    async with web({"/openapi.json": away}) as (port, _):
        connector = Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/openapi.json")
        with pytest.raises(ConnectorDown, match="The description is not fetched"):
            await registry.probe(connector)


async def test_a_description_that_never_ends_is_not_read_to_its_end(registry: Registry) -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + b" " * 17_000_000
    async with web({"/openapi.json": endless}) as (port, _):
        connector = Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/openapi.json")
        with pytest.raises(ConnectorDown, match="larger than 16 MB"):
            await registry.probe(connector)


async def test_the_key_is_shown_to_the_host_of_a_description_only_where_that_is_the_service(
    registry: Registry, workshop: Running
) -> None:
    denied = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
    async with web({"/openapi.json": denied}) as (port, asked):
        connector = Connector.model_validate(
            {
                "name": "shop",
                "kind": "openapi",
                "spec": f"http://127.0.0.1:{port}/openapi.json",
                "url": workshop.url,
                "auth": {"kind": "bearer", "value": "secret:PASSWORD"},
            }
        )
        with pytest.raises(ConnectorDown, match="401 Unauthorized"):
            await registry.probe(connector)
        assert len(asked) == 1
        with pytest.raises(ConnectorDown, match="401 Unauthorized.* enter its base address as well"):
            await registry.probe(connector.model_copy(update={"url": None}))
        assert not any("Bearer" in head for head in asked)
        with pytest.raises(ConnectorDown, match="401 Unauthorized"):
            await registry.probe(connector.model_copy(update={"url": f"http://127.0.0.1:{port}"}))
        assert "Bearer hunter2" in asked[-1]


async def test_what_a_service_sets_as_a_cookie_is_not_sent_with_the_next_call(registry: Registry) -> None:
    pages = {"/x": b"HTTP/1.1 200 OK\r\nset-cookie: session=ada; path=/\r\ncontent-length: 2\r\n\r\nok"}
    async with web(pages) as (port, asked):
        url = f"http://127.0.0.1:{port}"
        await registry.apply([Connector(name="shop", kind="openapi", spec_text=at(url), url=url)])
        for _ in range(2):
            await registry.call("shop", "x", "{}", timeout_seconds=10)
        calls = [head for head in asked if head.startswith("GET /x")]
        assert len(calls) == 2
        assert not any("cookie" in head.lower() for head in calls)


async def test_an_answer_that_points_to_what_is_no_address_is_an_answer(registry: Registry) -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://[oops\r\ncontent-length: 0\r\n\r\n"
    async with web({"/x": moved}) as (port, _):
        url = f"http://127.0.0.1:{port}"
        await registry.apply([Connector(name="shop", kind="openapi", spec_text=at(url), url=url)])
        output = await registry.call("shop", "x", "{}", timeout_seconds=10)
        assert output.is_error
        assert output.text == "The service answered 302 Found.\nIt points to another place, which is not followed."


async def test_a_description_that_has_moved_to_what_is_no_address_says_so(registry: Registry) -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: http://[oops\r\ncontent-length: 0\r\n\r\n"
    async with web({"/openapi.json": moved}) as (port, _):
        with pytest.raises(ConnectorDown, match="openapi.json redirects to what is no address"):
            await registry.probe(Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/openapi.json"))


async def test_everything_else_goes_on_while_a_long_answer_is_read(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, went_on, read = asyncio.Event(), Event(), answers.output
    loop = asyncio.get_running_loop()

    def slowly(*given: Any) -> Any:
        loop.call_soon_threadsafe(reading.set)
        assert went_on.wait(20), "nothing else ran meanwhile"
        return read(*given)

    monkeypatch.setattr(answers, "output", slowly)
    body = json.dumps(["x" * 1000] * 200).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    async with web({"/x": head.encode() + body}) as (port, _):
        url = f"http://127.0.0.1:{port}"
        own = Connector(name="own", kind="builtin", allow=(f"127.0.0.1:{port}",))
        await registry.apply([Connector(name="shop", kind="openapi", spec_text=at(url), url=url), own])
        for name, tool, arguments in (("shop", "x", "{}"), ("own", "http_get", json.dumps({"url": f"{url}/x"}))):
            reading.clear()
            went_on.clear()
            call = asyncio.create_task(registry.call(name, tool, arguments, timeout_seconds=30))
            await asyncio.wait({call, asyncio.create_task(reading.wait())}, return_when=asyncio.FIRST_COMPLETED)
            went_on.set()
            assert len((await call).text) > 200_000


async def test_a_connector_that_is_down_comes_back_by_itself(registry: Registry) -> None:
    pages: dict[str, bytes] = {}
    async with web(pages) as (port, _):
        await registry.apply([Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/openapi.json")])
        await until(registry, "shop", "down")
        pages["/openapi.json"] = found(at(f"http://127.0.0.1:{port}"))
        await until(registry, "shop", "up")
        assert [tool.name for tool in await registry.definitions("shop")] == ["x"]


async def test_without_an_address_the_uploaded_text_has_to_name_one(registry: Registry) -> None:
    text = json.dumps({"openapi": "3.1.0", "paths": {"/x": {"get": {}}}})
    with pytest.raises(ConnectorDown, match="does not say where the service is"):
        await registry.probe(Connector(name="shop", kind="openapi", spec_text=text))


async def test_a_call_is_not_sent_where_the_description_leads_since_it_was_approved(registry: Registry) -> None:
    said = at("/").replace('"operationId"', '"summary": "Look.", "operationId"')
    served = {"/a.json": found(said)}
    async with web(served) as (port, asked):
        await registry.apply([Connector(name="shop", kind="openapi", spec=f"http://127.0.0.1:{port}/a.json")])
        (approved,) = await registry.definitions("shop")
        served["/a.json"] = found(said.replace('"/x"', '"/accounts"'))
        await registry.refresh("shop")
        with pytest.raises(ToolFailure) as refused:
            await registry.call("shop", "x", "{}", timeout_seconds=5, definition_hash=approved.hash)
        assert refused.value.outcome == "not_sent"
        assert not any("/accounts" in one for one in asked)
