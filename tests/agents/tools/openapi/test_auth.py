"""Every way to tell a service who asks, against a real one; and that no key is ever shown."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from agents.config import Connector
from agents.tools.definition import ConnectorDown
from agents.tools.registry import Registry

from ..conftest import SECRETS
from .conftest import Running

Connect = Callable[..., Connector]
PASSWORD = SECRETS["secret:PASSWORD"]


def token_from(workshop: Running, **more: Any) -> dict[str, Any]:
    return {
        "kind": "client_credentials",
        "client_id": "quarter",
        "client_secret": "secret:PASSWORD",
        "token_url": f"{workshop.url}/token",
        "scope": "refunds",
    } | more


@pytest.mark.parametrize(
    ("tool", "auth"),
    [
        ("by_bearer", {"kind": "bearer", "value": "secret:PASSWORD"}),
        ("by_header", {"kind": "header", "name": "X-Api-Key", "value": "secret:PASSWORD"}),
        ("by_basic", {"kind": "basic", "username": "desk", "password": "secret:PASSWORD"}),
    ],
)
async def test_a_fixed_key_is_sent_and_without_it_the_service_says_no(
    registry: Registry, workshop: Running, connect: Connect, tool: str, auth: dict[str, str]
) -> None:
    await registry.apply([connect(workshop.url, auth)])
    await registry.definitions("shop")
    assert (await registry.call("shop", tool, "{}", timeout_seconds=5)).text == '"welcome"'
    echoed = await registry.call("shop", "whoami", "{}", timeout_seconds=5)
    assert "•••" in echoed.text
    assert PASSWORD not in f"{echoed.text}{echoed.structured}"
    await registry.apply([connect(workshop.url)])
    await registry.definitions("shop")
    refused = await registry.call("shop", tool, "{}", timeout_seconds=5)
    assert refused.is_error
    assert "401 Unauthorized" in refused.text


async def test_a_token_is_fetched_once_and_anew_when_it_is_turned_down(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await registry.apply([connect(workshop.url, token_from(workshop))])
    await registry.definitions("shop")
    first = await registry.call("shop", "by_token", "{}", timeout_seconds=5)
    second = await registry.call("shop", "by_token", "{}", timeout_seconds=5)
    assert not first.is_error
    assert first.text == second.text
    await registry.call("shop", "revoke", "{}", timeout_seconds=5)
    third = await registry.call("shop", "by_token", "{}", timeout_seconds=5)
    assert not third.is_error
    assert third.text != first.text


async def test_a_token_server_that_reads_the_form_only_is_understood(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await registry.apply([connect(workshop.url, token_from(workshop, token_url=f"{workshop.url}/token?only=body"))])
    await registry.definitions("shop")
    assert not (await registry.call("shop", "by_token", "{}", timeout_seconds=5)).is_error


async def test_a_wrong_secret_is_told_without_the_secret(
    registry: Registry, workshop: Running, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = token_from(workshop, client_secret="env:TOKEN")
    await registry.apply([connect(workshop.url, wrong)])
    await registry.definitions("shop")
    with pytest.raises(ConnectorDown, match="answered 401 \\(invalid_client\\)") as refused:
        await registry.call("shop", "by_token", "{}", timeout_seconds=5)
    told = f"{refused.value}{registry.health('shop')}{caplog.text}"
    assert SECRETS["env:TOKEN"] not in told


async def test_a_missing_secret_and_a_token_server_that_is_not_there_are_named(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await registry.apply([connect(workshop.url, {"kind": "bearer", "value": "secret:NOBODY"})])
    with pytest.raises(ConnectorDown, match="There is no value for secret:NOBODY"):
        await registry.definitions("shop")
    await registry.apply([connect(workshop.url, token_from(workshop, token_url="http://127.0.0.1:1/token"))])
    await registry.definitions("shop")
    with pytest.raises(ConnectorDown, match="gave no token: http://127.0.0.1:1/token"):
        await registry.call("shop", "by_token", "{}", timeout_seconds=5)


async def test_a_model_cannot_set_the_header_that_says_who_asks(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    description = {
        "openapi": "3.1.0",
        "paths": {
            "/whoami": {
                "get": {
                    "operationId": "whoami",
                    "parameters": [
                        {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
                        {"name": "X-API-Key", "in": "header", "schema": {"type": "string"}},
                        {"name": "X-Other", "in": "header", "schema": {"type": "string"}},
                    ],
                }
            }
        },
    }
    auth = {"kind": "header", "name": "X-Api-Key", "value": "secret:PASSWORD"}
    await registry.apply([connect(workshop.url, auth, spec=None, spec_text=json.dumps(description), url=workshop.url)])
    (tool,) = await registry.definitions("shop")
    assert set(tool.input_schema["properties"]) == {"X-Other"}
