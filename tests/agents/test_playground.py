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
from tests.fakes.desk import Desk, configuration, open_desk
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


def limited(budget_usd: float, **agent: Any) -> dict[str, Any]:
    return configuration(**agent) | {"settings": [{"name": "desk", "budget_usd_per_day": budget_usd}]}


async def tried(desk: Desk, **options: Any) -> list[Choice]:
    return await desk.runtime.administration.try_request("Money back", None, **{"model": "main", "runs": 1} | options)


async def test_nothing_is_asked_once_the_budget_of_the_day_is_spent_and_the_refusal_says_so(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(0.02)) as desk:
        await desk.ask_model("Done.", "Done.")
        await desk.ask_model("Done.")
        asked = len(desk.models.prompts)
        for agent in (None, "Clerk"):
            with pytest.raises(BadRequest, match=r"spent \$0.02 of \$0.02 today"):
                await tried(desk, agent=agent)
        assert len(desk.models.prompts) == asked


async def test_what_is_tried_counts_against_the_day_and_the_rest_of_the_runs_are_held_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(0.02)) as desk:
        desk.models.script = lambda _: "Nothing to do."
        assert [one.failed for one in await tried(desk)] == [False]
        assert [one.failed for one in await tried(desk, runs=1)] == [False]
        assert [one.spent_usd for one in await desk.runtime.holds.standings()] == [0.02]
        with pytest.raises(BadRequest, match="Budget reached"):
            await tried(desk)
        session = await desk.ask_model("Done.")
        assert session.because.startswith("Budget reached:")


async def test_runs_that_come_after_the_last_of_the_budget_say_that_they_were_held_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(0.01)) as desk:
        desk.models.script = lambda _: "Nothing to do."
        made = await tried(desk, runs=5)
        assert len(desk.models.prompts) < 5
        assert "Budget reached" in next(one.because for one in made if one.failed)


async def test_what_was_tried_is_still_counted_after_the_record_was_read_anew(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(1)) as desk:
        desk.models.script = lambda _: "Nothing to do."
        await tried(desk, agent="Clerk")
        desk.clock.passes(24 * 3600)
        assert (await desk.runtime.holds.standings())[0].spent_usd == 0
        await tried(desk, agent="Clerk")
        assert (await desk.runtime.holds.fresh()).by_agent == {"Clerk": 0.01}


@pytest.mark.parametrize(("what", "name", "agent"), [("everything", None, None), ("agent", "Clerk", "Clerk")])
async def test_an_emergency_stop_holds_for_what_is_tried_too(
    tmp_path: Path, what: str, name: str | None, agent: str | None
) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.runtime.stops.pull(what, name, by="ada", because="A leak.")
        with pytest.raises(BadRequest, match="ada stopped .*A leak"):
            await tried(desk, agent=agent)
        assert desk.models.prompts == []
        await desk.runtime.stops.lift(what, name, by="ada")
        assert len(await tried(desk, agent=agent)) == 1


@pytest.mark.parametrize("sensitivity", ["normal", "restricted"])
async def test_an_agent_that_is_kept_to_local_models_is_not_tried_with_another(
    tmp_path: Path, sensitivity: str
) -> None:
    document = configuration(local_only=sensitivity == "normal", models={"act": ["inside"]})
    document["connectors"][0]["sensitivity"] = sensitivity
    document["models"].append({"name": "inside", "model": "openai/scripted", "residency": "local"})
    async with open_desk(tmp_path, document) as desk:
        with pytest.raises(BadRequest, match="main is an external model, but"):
            await tried(desk, agent="Clerk")
        assert desk.models.prompts == []
        assert len(await tried(desk, agent="Clerk", model="inside")) == 1
        assert len(await tried(desk)) == 1
