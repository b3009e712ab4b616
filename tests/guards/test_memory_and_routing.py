"""Context that lasts, recall, routing, residency, masking, caching, fallbacks: each with its guard, and without it."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import BadRequest
from store.events import HandedOver, ModelReplied, PassagesRecalled, ResultsStubbed, Status, Summarised, SummaryFailed
from tests.fakes.desk import as_bytes, rebuilt
from tests.fakes.processes import OpenAIServer
from tests.guards.scene import ALLOWED, asked, calls, desk_on, says

pytestmark = pytest.mark.asyncio

FACT = "The parcel of order R-8413 went to Ada Lindqvist in Umeå."
SUMMARY = "Goals and requests: questions about parcels were answered, turn by turn.\nOpen points: none."
SECRET = "ada.lindqvist@skog.example"
SCRIPT: dict[str, Any] = {
    "talker": [says(f"Answer {number}. " + "All is well with it. " * 12) for number in range(400)],
    "summariser": [says(SUMMARY)],
    "wordy": [says("This is what happened. " * 2000)],
    "reader": [calls("look_up", order=7), says("It is on its way."), calls("look_up", order=8), says("Also.")],
    "planner": [calls("look_up", order=7), says("Planned and done.")],
    "small": [says("It is on its way, says the small one.")],
    "fails-first": [calls("look_up", order="seven"), calls("look_up", order=7), says("Done.")],
    "outside": [calls("look_up", order=7), calls("mystery", thing="[[email]]"), says("Written.")],
    "rememberer": [calls("recall_history", query="order R-8413 parcel"), says("It went to Ada.")],
}


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_early_turn_is_put_back_when_a_message_is_about_it(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    context = {"window_turns": 3, "recall": guarded}
    async with desk_on(server, tmp_path, {"act": "talker"}, context=context) as desk:
        session = await desk.rests(await desk.start(f"Note this: {FACT}"))
        for number in range(6):
            await desk.runtime.send(session.id, f"Something else, number {number}.", by="rita")
            await desk.rests(session.id)
        await desk.runtime.send(session.id, "Where did the parcel of R-8413 go?", by="rita")
        await desk.rests(session.id)
        prompt = str(asked(server, "talker")[-1]["messages"])
        assert ("Umeå" in prompt) == guarded
        assert bool(await desk.events(session.id, PassagesRecalled)) == guarded
        for sent, (messages, _) in zip(
            asked(server, "talker")[-8:], (await rebuilt(desk, session.id))[-8:], strict=True
        ):
            assert as_bytes(sent["messages"]) == as_bytes(messages)


async def test_the_model_can_look_up_what_its_window_no_longer_holds(server: OpenAIServer, tmp_path: Path) -> None:
    context = {"window_turns": 1, "recall": True}
    async with desk_on(server, tmp_path, {"act": "rememberer"}, context=context) as desk:
        session = await desk.rests(await desk.start(f"Note this: {FACT}"))
        await desk.runtime.send(session.id, "And now?", by="rita")
        await desk.rests(session.id)
        told = [one["content"] for one in asked(server, "rememberer")[-1]["messages"] if one["role"] == "tool"]
        assert any("Umeå" in text for text in told)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_long_conversation_is_summarised_beside_the_work_and_stays_under_its_limit(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    roles: dict[str, Any] = {"act": "talker"} | ({"summarize": "summariser"} if guarded else {})
    context = {"window_turns": 50, "window_tokens": 2_000, "keep_tokens": 300}
    async with desk_on(server, tmp_path, roles, context=context) as desk:
        session = await desk.rests(await desk.start(f"First of all, remember: {FACT}"))
        for number in range(40):
            await desk.runtime.send(session.id, f"Something else, number {number}.", by="rita")
            await desk.rests(session.id)
        await desk.idle()
        replies = await desk.events(session.id, ModelReplied)
        assert max(reply.usage.context for reply in replies) <= 2_100
        prompt = str(asked(server, "talker")[-1]["messages"])
        if not guarded:
            assert FACT not in prompt  # it rolled out of the window, and nothing remembers it
            return
        summaries = await desk.events(session.id, Summarised)
        assert summaries and all(one.after_tokens < one.before_tokens for one in summaries)
        assert FACT in prompt and "Goals and requests" in prompt  # the first request is kept word for word
        for sent, (messages, _) in zip(asked(server, "talker")[-41:], await rebuilt(desk, session.id), strict=True):
            assert as_bytes(sent["messages"]) == as_bytes(messages)


async def test_a_summary_longer_than_what_it_replaces_is_not_used(server: OpenAIServer, tmp_path: Path) -> None:
    roles = {"act": "talker", "summarize": "wordy"}
    context = {"window_turns": 50, "window_tokens": 2_000, "keep_tokens": 300}
    async with desk_on(server, tmp_path, roles, context=context) as desk:
        session = await desk.rests(await desk.start("Begin."))
        for number in range(30):
            await desk.runtime.send(session.id, f"Something else, number {number}.", by="rita")
            await desk.rests(session.id)
        await desk.idle()
        assert not await desk.events(session.id, Summarised)
        assert len(await desk.events(session.id, SummaryFailed)) == 3  # then nobody tries again
        assert max(reply.usage.context for reply in await desk.events(session.id, ModelReplied)) <= 2_100


async def test_old_results_become_stubs_before_anything_is_summarised(server: OpenAIServer, tmp_path: Path) -> None:
    context = {"window_tokens": 3_400, "keep_tokens": 100, "recall": True}
    roles = {"act": "reader", "summarize": "summariser"}
    async with desk_on(server, tmp_path, roles, context=context) as desk:
        desk.bench.on["look_up"] = lambda arguments: f"Order {arguments['order']}: " + "a long line of detail. " * 260
        session = await desk.rests(await desk.start("Where is order 7?"))
        await desk.runtime.send(session.id, "And order 8?", by="rita")
        await desk.rests(session.id)
        await desk.runtime.send(session.id, "Thanks.", by="rita")
        await desk.rests(session.id)
        assert await desk.events(session.id, ResultsStubbed)
        prompt = str(asked(server, "reader")[-1]["messages"])
        assert "Result of look_up" in prompt and "recall_history" in prompt


async def test_planning_looking_up_and_recovering_go_to_the_models_meant_for_them(
    server: OpenAIServer, tmp_path: Path
) -> None:
    roles = {"act": "reader", "plan": "planner", "small": "small"}
    async with desk_on(server, tmp_path, roles) as desk:
        session = await desk.rests(await desk.start("Where is order 7?"))
        first, second = await desk.events(session.id, ModelReplied)
        assert (first.role, first.profile) == ("plan", "planner") and "first step" in first.because
        assert (second.role, second.profile) == ("small", "small") and second.because


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_model_that_moved_outside_is_not_asked_any_more(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    async with desk_on(server, tmp_path, {"act": "talker"}, local_only=guarded) as desk:
        session = await desk.rests(await desk.start("Begin."))
        before = len(asked(server, "talker"))
        kind, (version, model) = "model", desk.runtime.world.current["model"]["talker"]
        desk.runtime.world.current[kind]["talker"] = (version, model.model_copy(update={"residency": "external"}))
        await desk.runtime.send(session.id, "And now something confidential.", by="rita")
        session = await desk.rests(session.id)
        assert (len(asked(server, "talker")) == before) == guarded
        assert (session.status is Status.PAUSED) == guarded  # it waits, and says why


async def test_a_local_agent_is_refused_an_external_model_in_any_role(server: OpenAIServer, tmp_path: Path) -> None:
    for role in ("act", "plan", "small", "judge", "vote", "summarize"):
        roles = {"act": ["reader"]} | {role: ["reader", "small"] if role == "act" else ["small"]}
        with pytest.raises(BadRequest) as refused:
            async with desk_on(
                server, tmp_path / role, roles, models={"small": {"residency": "external"}}, local_only=True
            ):
                pass
        assert any(f"/agents/0/models/{role}" in one for one in refused.value.problems)


@pytest.mark.parametrize("guarded", [True, False])
async def test_sensitive_values_reach_the_tool_but_never_an_external_model(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    models = {"outside": {"residency": "external"}}
    tools = {"look_up": {"sensitive": ["email"] if guarded else []}}
    rules = [{"when": {"tool": "mystery"}, "release": "allow", "because": "It may run."}]
    async with desk_on(server, tmp_path, {"act": "outside"}, rules=rules, models=models, tools=tools) as desk:
        desk.bench.on["look_up"] = lambda _: json.dumps({"name": "Ada", "email": SECRET})
        before = len(server.requests())
        session = await desk.rests(await desk.start("Write to whoever ordered 7."))
        sent = json.dumps(server.requests()[before:], ensure_ascii=False)
        assert (SECRET in sent) != guarded
        assert session.result == "answered"


async def test_the_prompt_only_grows_at_its_end_so_the_provider_can_cache_it(
    server: OpenAIServer, tmp_path: Path
) -> None:
    async with desk_on(server, tmp_path, {"act": "talker"}) as desk:
        session = await desk.rests(await desk.start("Begin."))
        for number in range(3):
            await desk.runtime.send(session.id, f"Number {number}.", by="rita")
            await desk.rests(session.id)
        sent = [body["messages"] for body in asked(server, "talker")[-4:]]
        assert all(later[: len(earlier)] == earlier for earlier, later in itertools.pairwise(sent))
        row = await desk.queries.session(session.id)
        assert row is not None and row["usage"]["cache_read"] > 0


async def test_another_agent_takes_over_once_however_often_it_is_tried(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, {"act": "reader"}, limits={"steps": 1}) as desk:
        whole = await desk.runtime.administration.whole()
        second = whole["agents"][0] | {"name": "Senior", "limits": {"steps": 9}}
        whole["agents"] = [whole["agents"][0] | {"fallback": {"agent": "Senior"}}, second]
        await desk.configure(whole)
        session = await desk.rests(await desk.start("Where is order 7?"))
        assert session.status is Status.COMPLETED and session.result == "fallback"
        (over,) = await desk.events(session.id, HandedOver)
        other = await desk.rests(over.session_id)
        assert other.agent == "Senior" and other.requester == "rita"
        summary = await desk.text(session.id, over.summary) or ""
        assert "Where is order 7?" in summary


async def test_a_window_too_small_for_the_instructions_is_refused_when_it_is_configured(
    server: OpenAIServer, tmp_path: Path
) -> None:
    with pytest.raises(BadRequest) as refused:
        async with desk_on(
            server,
            tmp_path,
            {"act": "talker"},
            models={"talker": {"context_window": 256}},
            instructions="Be careful. " * 400,
            rules=ALLOWED,
        ):
            pass
    assert "no room for a conversation" in str(refused.value.problems)
