"""A real service that describes itself in OpenAPI 3.1: its tools, how calls arrive, and what becomes of them."""

import json
from collections.abc import Callable

import pytest

from agents.config import Connector
from agents.tools.definition import ConnectorDown, ToolFailure
from agents.tools.registry import Registry
from agents.tools.suggestion import suggest_risk
from store.events import Risk

from ..conftest import until
from .conftest import Running

Connect = Callable[..., Connector]


async def opened(registry: Registry, connector: Connector) -> dict[str, object]:
    await registry.apply([connector])
    return {tool.name: tool for tool in await registry.definitions("shop")}


async def test_each_operation_is_a_tool_with_one_flat_schema(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    tools = await opened(registry, connect(workshop.url))
    echo = tools["echo_order"]
    assert echo.description == "Say what arrived"  # type: ignore[attr-defined]
    schema = echo.input_schema  # type: ignore[attr-defined]
    assert set(schema["properties"]) == {"order", "tags", "x-reason", "customer", "amount", "lines"}
    assert schema["required"] == ["order", "customer", "amount"]
    assert schema["properties"]["amount"] == {"type": "number", "exclusiveMinimum": 0}
    assert schema["additionalProperties"] is False
    health = registry.health("shop")
    assert health.state == "up"
    assert f"tools at {workshop.url}" in health.because
    assert health.latency_ms is not None


async def test_the_risk_is_suggested_from_the_method(registry: Registry, workshop: Running, connect: Connect) -> None:
    tools = await opened(registry, connect(workshop.url))
    assert suggest_risk(tools["numbers"])[0] is Risk.READ  # type: ignore[arg-type]
    assert suggest_risk(tools["plant"])[0] is Risk.WRITE  # type: ignore[arg-type]
    assert suggest_risk(tools["delete_order"])[0] is Risk.DESTRUCTIVE  # type: ignore[arg-type]


async def test_a_recursive_schema_is_kept_once_under_defs(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    tools = await opened(registry, connect(workshop.url))
    schema = tools["plant"].input_schema  # type: ignore[attr-defined]
    assert schema["properties"]["children"]["items"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Branch"}
    output = await registry.call(
        "shop", "plant", '{"children":[{"children":[{"name":"twig"}],"name":"branch"}],"name":"oak"}', timeout_seconds=5
    )
    assert output.structured == {"planted": "oak"}


async def test_numbers_and_texts_arrive_exactly_as_they_were_approved(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    text = (
        '{"amount":50.0,"customer":12345678901234567890,"lines":[{"name":"Zoë – 東京 😀","price":1e-07}],'
        '"order":"a/b ?#%2e","tags":["x&y=1","z w"],"x-reason":"because"}'
    )
    output = await registry.call("shop", "echo_order", text, timeout_seconds=5)
    said = output.structured
    assert said is not None
    assert said["raw"] == (
        '{"amount":50.0,"customer":12345678901234567890,"lines":[{"name":"Zoë – 東京 😀","price":1e-07}]}'
    )
    assert said["tags"] == ["x&y=1", "z w"]
    assert said["reason"] == "because"
    assert said["path"] == "/orders/a%2Fb%20%3F%23%252e/echo"


@pytest.mark.parametrize("order", [".", "..", ""])
async def test_no_value_leads_out_of_its_place_in_the_path(
    registry: Registry, workshop: Running, connect: Connect, order: str
) -> None:
    await opened(registry, connect(workshop.url))
    text = json.dumps({"order": order, "customer": 1, "amount": 1})
    with pytest.raises(ToolFailure) as refused:
        await registry.call("shop", "echo_order", text, timeout_seconds=5)
    assert refused.value.outcome == "not_sent"


async def test_a_header_holds_no_line_break_and_an_unknown_argument_is_not_dropped_silently(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    for strange in ({"x-reason": "a\r\nx-admin: 1"}, {"colour": "red"}):
        with pytest.raises(ToolFailure, match="cannot be sent"):
            text = json.dumps({"order": "1", "customer": 1, "amount": 1} | strange)
            await registry.call("shop", "echo_order", text, timeout_seconds=5)


async def test_a_form_is_sent_as_a_form(registry: Registry, workshop: Running, connect: Connect) -> None:
    await opened(registry, connect(workshop.url))
    output = await registry.call("shop", "send_form", '{"name":"a&b=c ä","size":3}', timeout_seconds=5)
    assert output.structured == {"name": "a&b=c ä", "size": 3}


async def test_answers_keep_their_numbers_and_lose_their_spaces(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    output = await registry.call("shop", "numbers", "{}", timeout_seconds=5)
    assert output.text == '{"price":12.50,"id":12345678901234567890,"name":"a  b"}'
    deleted = await registry.call("shop", "delete_order", '{"order":7}', timeout_seconds=5)
    assert (deleted.text, deleted.is_error) == ("Done (204 No Content).", False)
    picture = await registry.call("shop", "picture", "{}", timeout_seconds=5)
    assert picture.text == "[image/png, 12 kB]"


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503])
async def test_an_error_that_was_answered_is_an_answer(
    registry: Registry, workshop: Running, connect: Connect, status: int
) -> None:
    await opened(registry, connect(workshop.url))
    output = await registry.call("shop", "fail_writing", f'{{"status":{status}}}', timeout_seconds=5)
    assert output.is_error
    assert output.text.startswith(f"The service answered {status}")
    assert '{"detail":"no luck"}' in output.text


async def test_a_service_that_does_not_answer_leaves_the_outcome_open(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    with pytest.raises(ToolFailure, match="may or may not have happened") as lost:
        await registry.call("shop", "hang", "{}", timeout_seconds=0.3)
    assert lost.value.outcome == "unknown"


async def test_a_service_that_dies_during_a_call_leaves_it_open_and_one_that_is_gone_gets_nothing(
    registry: Registry, own_workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(own_workshop.url))
    with pytest.raises(ToolFailure) as lost:
        await registry.call("shop", "die", "{}", timeout_seconds=5)
    assert lost.value.outcome == "unknown"
    own_workshop.process.wait()
    with pytest.raises(ConnectorDown, match="cannot be reached") as gone:
        await registry.call("shop", "die", "{}", timeout_seconds=5)
    assert gone.value.outcome == "not_sent"
    await until(registry, "shop", "down")
    assert len(registry.health("shop").last_errors) >= 2


async def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    with pytest.raises(ToolFailure, match="larger than 10 MB") as large:
        await registry.call("shop", "large", '{"size":20000000}', timeout_seconds=20)
    assert large.value.outcome == "unknown"


async def test_a_redirect_is_followed_at_home_and_nowhere_else(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    await opened(registry, connect(workshop.url))
    here = await registry.call("shop", "away", json.dumps({"to": f"{workshop.url}/numbers"}), timeout_seconds=5)
    assert here.structured is not None
    assert here.structured["id"] == 12345678901234567890
    there = await registry.call("shop", "away", '{"to":"http://localhost:1/x?key=1"}', timeout_seconds=5)
    assert there.is_error
    assert "It points to http://localhost:1/x, which is not followed." in there.text


async def test_listing_again_keeps_the_tools_and_reconnecting_reads_everything_anew(
    registry: Registry, workshop: Running, connect: Connect
) -> None:
    before = await opened(registry, connect(workshop.url))
    assert {tool.name: tool for tool in await registry.refresh("shop")} == before
    await registry.reconnect("shop")
    assert {tool.name: tool for tool in await registry.definitions("shop")} == before


async def test_a_draft_is_tried_and_closed_again(workshop: Running, registry: Registry, connect: Connect) -> None:
    assert "numbers" in {tool.name for tool in await registry.probe(connect(workshop.url))}
    with pytest.raises(ConnectorDown, match="answered 404 Not Found instead of an OpenAPI description"):
        await registry.probe(connect(workshop.url, spec=f"{workshop.url}/nothing.json"))


async def test_the_billing_service_is_used_by_its_own_description_in_openapi_3_0(
    registry: Registry, billing: Running, connect: Connect
) -> None:
    tools = await opened(registry, connect(billing.url, spec=f"{billing.url}/openapi.yaml"))
    assert len(tools) == 10
    schema = tools["create_refund"].input_schema  # type: ignore[attr-defined]
    assert schema["properties"]["amount"]["exclusiveMinimum"] == 0
    assert schema["properties"]["reason"]["type"] == ["string", "null"]
    assert None in schema["properties"]["reason"]["enum"]
    assert schema["required"] == ["charge"]
    refund = '{"Idempotency-Key":"k-1","amount":2000,"charge":"ch_1004"}'
    first = await registry.call("shop", "create_refund", refund, timeout_seconds=5)
    again = await registry.call("shop", "create_refund", refund, timeout_seconds=5)
    assert first.structured == again.structured
    refused = await registry.call("shop", "create_refund", '{"amount":99999999,"charge":"ch_1004"}', timeout_seconds=5)
    assert refused.is_error
    assert "402" in refused.text
