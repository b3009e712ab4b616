"""Which tool a model would choose: asked over the real litellm path, and nothing is executed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.config import Connector, Model, Toolset
from agents.demo.setup import configuration as demo
from agents.errors import BadRequest
from agents.models import Models
from agents.playground import Choice, choose, curated, everything
from agents.tools.definition import ToolDefinition
from agents.tools.registry import Registry
from tests.fakes.bench import THOUGHT, TOOLS
from tests.fakes.desk import open_desk
from tests.fakes.processes import OpenAIServer, openai_server

pytestmark = pytest.mark.asyncio

EUROS = {"reasoning": THOUGHT | {"therefore": "The money goes back."}, "order": 1, "amount": 5}


def calls(name: str, arguments: Any) -> list[dict[str, Any]]:
    return [{"calls": [{"id": "c", "name": name, "arguments": json.dumps(arguments)}]}]


SCRIPT = {
    "chooses": calls("refund", EUROS),
    "careless": calls("refund", {"order": "one"}),
    "inventive": calls("teleport", {}),
    "talks": [{"text": "I would rather not."}],
    "waits": [{"hang": True}],
}


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with openai_server(SCRIPT) as running:
        yield running


@pytest_asyncio.fixture
async def models() -> AsyncIterator[Models]:
    made = Models({}.__getitem__, chance=lambda: 0.0, sleep=lambda _: asyncio.sleep(0))
    yield made
    await made.close()


def profile(server: OpenAIServer, name: str) -> Model:
    return Model(name=name, model=f"openai/{name}", api_base=server.base_url, timeout_seconds=30)


async def test_the_choice_comes_with_its_reason_what_it_read_and_whether_the_call_would_fit(
    models: Models, server: OpenAIServer
) -> None:
    heard: list[Choice] = []
    made = await choose(
        models, profile(server, "chooses"), everything(TOOLS), "Money back", runs=2, on_choice=heard.append
    )
    assert made == heard and len(made) == 2
    assert (made[0].tool, made[0].because, made[0].wrong) == ("bench/refund", "The money goes back.", ())
    assert made[0].tokens_in > 0
    sent = server.requests()[-1]
    assert [one["function"]["name"] for one in sent["tools"]] == ["look_up", "refund", "wipe", "mystery"]
    assert sent["messages"][-1] == {"role": "user", "content": "Money back"}


async def test_the_curated_list_holds_only_what_is_picked_under_the_admins_words(
    models: Models, server: OpenAIServer
) -> None:
    entry = {"connector": "bench", "tool": "refund", "as": "pay_back", "pinned": {"order": 1}}
    tools = curated(Toolset.model_validate({"name": "draft", "tools": [entry]}), TOOLS)
    made = await choose(models, profile(server, "chooses"), tools, "Money back")
    assert made[0].wrong == ("There is no tool named 'refund'.",)
    sent = server.requests()[-1]["tools"]
    assert [one["function"]["name"] for one in sent] == ["pay_back"]
    assert "order" not in sent[0]["function"]["parameters"]["properties"]


async def test_two_systems_with_a_tool_of_the_same_name_are_both_on_offer() -> None:
    twin = ToolDefinition(connector="other", name="refund", description="", input_schema={"type": "object"})
    assert list(everything([*TOOLS, twin]))[-1] == "other_refund"


async def test_a_call_that_would_be_invalid_says_why(models: Models, server: OpenAIServer) -> None:
    (made,) = await choose(models, profile(server, "careless"), everything(TOOLS), "Money back")
    assert made.tool == "bench/refund"
    assert any("reasoning" in one for one in made.wrong) and any("amount" in one for one in made.wrong)
    (made,) = await choose(models, profile(server, "inventive"), everything(TOOLS), "Beam me up")
    assert (made.tool, made.name) == (None, "teleport")


async def test_no_call_is_shown_in_the_models_words_and_a_failure_is_a_sentence(
    models: Models, server: OpenAIServer
) -> None:
    (made,) = await choose(models, profile(server, "talks"), everything(TOOLS), "Money back")
    assert (made.tool, made.because, made.failed) == (None, "I would rather not.", False)
    (made,) = await choose(models, profile(server, "status-401"), everything(TOOLS), "Money back")
    assert made.failed and "401" in made.because and "session" not in made.because


async def test_it_can_be_cancelled_while_a_model_keeps_silent(models: Models, server: OpenAIServer) -> None:
    asked = len(server.requests())
    task = asyncio.create_task(choose(models, profile(server, "waits"), everything(TOOLS), "Money back"))
    while len(server.requests()) == asked:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_scripted_demo_model_chooses_sensibly_from_all_tools_and_from_a_few(
    models: Models, tmp_path: Path
) -> None:
    document = demo(tmp_path)
    toolset = next(one for one in document["toolsets"] if one["name"] == "support-desk")
    crm = next(one for one in document["connectors"] if one["name"] == "crm")
    listed = await Registry({}.__getitem__).probe(Connector.model_validate(crm))
    model = Model(name="demo", model="offline/operator")
    request = "My stove arrived dented, order 1043. Please give me the money back."
    for tools in (everything(listed), curated(Toolset.model_validate(toolset), listed)):
        (made,) = await choose(models, model, tools, request)
        assert made.tool == "crm/get_order" and made.because and made.cost_usd


async def test_a_draft_that_is_no_toolset_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        administration = desk.runtime.administration
        with pytest.raises(BadRequest, match="cannot be used"):
            await administration.try_request("x", {"name": "!"}, model="main", runs=1)
        await desk.idle()
