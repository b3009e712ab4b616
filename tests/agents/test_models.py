"""Asking models over the real litellm path, against a server of our own that speaks the OpenAI wire."""

import copy
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from agents.config import Model, Prices
from agents.model_calls import ModelsFailed, Reply, Trait
from agents.model_trial import QUESTIONS
from agents.models import Models
from store.events import Usage
from tests.fakes.openai_replies import Script
from tests.fakes.processes import OpenAIServer, openai_server

pytestmark = pytest.mark.asyncio

RAW = '{"amount": 50.0, "amount": 1e400, "id": 12345678901234567890}'
SCRIPT: Script = {
    "raw": [{"calls": [{"id": "", "name": "look_up", "arguments": RAW}]}, {"text": "Done."}],
    "talks": [{"text": "ready"}],
}
SECRETS = {"env:KEY": "sk-very-secret-key-1234", "secret:oauth.notion": "a-persons-own-token"}
LOOK_UP = {
    "type": "function",
    "function": {"name": "look_up", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}},
}
QUESTION = [{"role": "system", "content": "Be brief. " * 40}, {"role": "user", "content": "Where is order 1043?"}]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with openai_server(SCRIPT) as running:
        yield running


class Desk:
    """Models whose waiting is only noted down, and whose profiles all live on the fake server."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.waits: list[float] = []
        self.models = Models(SECRETS.__getitem__, sleep=self._sleep, chance=lambda: 1.0)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def profile(self, named: str, **more: Any) -> Model:
        settings = {"name": named, "model": f"openai/{named}", "api_base": self.server.base_url, "timeout_seconds": 5}
        return Model.model_validate(settings | more)

    async def ask(self, *models: str | Model, tools: bool = True, **more: Any) -> Reply:
        chain = [model if isinstance(model, Model) else self.profile(model) for model in models]
        return await self.models.complete(chain, QUESTION, [LOOK_UP] if tools else [], **more)

    def sent(self) -> dict[str, Any]:
        return self.server.requests()[-1]


@pytest_asyncio.fixture
async def desk(server: OpenAIServer) -> AsyncIterator[Desk]:
    desk = Desk(server)
    yield desk
    await desk.models.close()


async def test_a_call_comes_back_with_its_usage_in_disjoint_buckets(desk: Desk) -> None:
    reply = await desk.ask("fake-1")
    assert [(call.id, call.name, call.arguments) for call in reply.calls] == [("call_0", "look_up", '{"q": "q-0"}')]
    assert (reply.text, reply.finish_reason, reply.profile, reply.model) == (
        "",
        "tool_calls",
        "fake-1",
        "openai/fake-1",
    )
    assert reply.usage == Usage(input=65, cache_read=100, output=4)
    assert (reply.because, reply.attempts, reply.first_token_ms) == ("first choice", (), None)


async def test_what_is_sent_is_what_was_asked_and_nothing_of_it_is_changed(desk: Desk) -> None:
    before = copy.deepcopy(QUESTION)
    profile = desk.profile("fake-1", api_key="env:KEY", max_output=99, parameters={"temperature": 0.5})
    await desk.ask(profile, response_format={"type": "json_object"})
    sent = desk.sent()
    assert before == QUESTION == sent["messages"]
    assert sent["tools"] == [LOOK_UP]
    assert (sent["temperature"], sent["max_tokens"], sent["response_format"]) == (0.5, 99, {"type": "json_object"})
    assert "stream" not in sent
    assert sent["_authorization"] == "Bearer sk-very-secret-key-1234"


async def test_a_server_of_ones_own_needs_no_key(desk: Desk) -> None:
    assert (await desk.ask("fake-0")).text
    assert desk.sent()["_authorization"] == "Bearer none"


async def test_arguments_and_missing_ids_arrive_exactly_as_the_model_wrote_them(desk: Desk) -> None:
    for watched in (None, lambda text: None):
        reply = await desk.ask("raw", on_text=watched)
        assert [(call.id, call.arguments) for call in reply.calls] == [("", RAW)]


async def test_duplicate_ids_and_empty_replies_are_the_callers_business(desk: Desk) -> None:
    for watched in (None, lambda text: None):
        assert [call.id for call in (await desk.ask("duplicate-ids", on_text=watched)).calls] == ["call_1", "call_1"]
        empty = await desk.ask("empty", on_text=watched)
        assert (empty.text, empty.calls, empty.attempts) == ("", (), ())


async def test_a_call_written_as_fenced_text_is_a_call(desk: Desk) -> None:
    reply = await desk.ask("fenced")
    assert [(call.name, call.arguments) for call in reply.calls] == [("look_up", '{\n  "q": "q-0"\n }')]
    assert reply.text == "I will look that up."


async def test_the_profiles_prices_price_every_bucket(desk: Desk) -> None:
    prices = Prices(input=10, output=100, cache_read=1)
    reply = await desk.ask(desk.profile("fake-1", prices=prices))
    assert reply.cost_usd == pytest.approx((65 * 10 + 100 * 1 + 4 * 100) / 1e6)
    assert reply.cache_saved_usd == pytest.approx(100 * 9 / 1e6)
    dearer = await desk.ask(desk.profile("fake-1", prices=Prices(input=10, output=100)))
    assert dearer.cost_usd == pytest.approx((165 * 10 + 4 * 100) / 1e6)
    assert dearer.cache_saved_usd is None


async def test_a_model_nobody_has_a_price_of_costs_unknown_and_never_nothing(desk: Desk) -> None:
    reply = await desk.ask("fake-1")
    assert (reply.cost_usd, reply.cache_saved_usd) == (None, None)
    free = await desk.ask(desk.profile("fake-1", prices=Prices(input=0, output=0)))
    assert free.cost_usd == 0.0


async def test_a_model_litellm_knows_is_priced_and_limited_by_its_list(desk: Desk) -> None:
    profile = desk.profile("gpt-4o")
    watched = await desk.ask(profile, on_text=lambda text: None)
    reply = await desk.ask(profile)
    assert reply.cost_usd == watched.cost_usd == pytest.approx((65 * 2.5 + 100 * 1.25 + 4 * 10) / 1e6)
    assert reply.cache_saved_usd == pytest.approx(100 * 1.25 / 1e6)
    info = desk.models.info(profile)
    assert (info.context_window, info.max_output, info.scripted) == (128_000, 16_384, False)


async def test_the_profile_overrules_litellms_list_and_what_neither_knows_is_none(desk: Desk) -> None:
    await desk.models.warm()
    known = desk.models.info(desk.profile("gpt-4o", context_window=5000))
    assert (known.context_window, known.max_output) == (5000, 16_384)
    for name in ("openai/fake-1", "ollama_chat/nobody-has-this", "nonsense"):
        unknown = desk.models.info(desk.profile("x", model=name))
        assert (unknown.context_window, unknown.max_output, unknown.prices) == (None, None, None)


async def test_a_server_that_does_not_count_gets_an_estimate_and_an_unknown_cost(desk: Desk) -> None:
    profile = desk.profile("no-usage", prices=Prices(input=1, output=1))
    for watched in (None, lambda text: None):
        reply = await desk.ask(profile, on_text=watched)
        assert reply.usage.input > 100
        assert reply.usage.output > 0
        assert (reply.cost_usd, reply.cache_saved_usd) == (None, None)


async def test_an_overloaded_server_is_asked_again_with_growing_pauses(desk: Desk) -> None:
    reply = await desk.ask("flaky-2")
    assert [(attempt.model, attempt.error) for attempt in reply.attempts] == [("openai/flaky-2", "503")] * 2
    assert desk.waits == [0.5, 1.0]
    assert reply.because == "first choice, on try 3 (503 ×2)"


@pytest.mark.parametrize("code", ["408", "409", "429", "500", "503", "529"])
async def test_what_may_pass_is_tried_three_times_and_then_the_next_model_answers(desk: Desk, code: str) -> None:
    reply = await desk.ask(f"status-{code}", "fake-0")
    assert [attempt.error for attempt in reply.attempts] == ["Timeout" if code == "408" else code] * 3
    assert reply.profile == "fake-0"
    assert reply.because == f"after status-{code} failed ({'Timeout' if code == '408' else code} ×3)"


@pytest.mark.parametrize("code", ["400", "401", "403", "404", "422"])
async def test_what_will_not_pass_goes_to_the_next_model_at_once(desk: Desk, code: str) -> None:
    reply = await desk.ask(f"status-{code}", "fake-0")
    assert [attempt.error for attempt in reply.attempts] == [code]
    assert (reply.profile, desk.waits) == ("fake-0", [])


async def test_a_conversation_too_long_for_one_model_goes_to_the_next(desk: Desk) -> None:
    reply = await desk.ask("too-long", "fake-0")
    assert [attempt.error for attempt in reply.attempts] == ["ContextWindowExceededError"]


async def test_a_server_that_says_when_to_come_back_is_believed(desk: Desk) -> None:
    with pytest.raises(ModelsFailed):
        await desk.ask("status-429-after-7")
    assert desk.waits == [7.0, 7.0]


async def test_nobody_waits_long_for_one_model_while_another_may_answer(desk: Desk) -> None:
    reply = await desk.ask("status-429-after-60", "fake-0")
    assert (len(reply.attempts), desk.waits) == (1, [])
    with pytest.raises(ModelsFailed):
        await desk.ask("status-503-after-60")
    assert desk.waits == [20.0, 20.0]


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("kind", ["html", "json", "shape", "blank"])
async def test_garbage_is_tried_twice_and_then_the_next_model_answers(desk: Desk, kind: str, watched: bool) -> None:
    reply = await desk.ask(f"garbage-{kind}", "fake-0", on_text=(lambda text: None) if watched else None)
    assert [attempt.error for attempt in reply.attempts] == ["GarbledReply"] * 2
    assert reply.attempts[0].message.startswith("what it sent is no reply")
    assert reply.profile == "fake-0"


async def test_a_server_that_never_answers_times_out(desk: Desk) -> None:
    reply = await desk.ask(desk.profile("hang", timeout_seconds=0.1), "fake-0")
    assert [attempt.error for attempt in reply.attempts] == ["Timeout"] * 3


async def test_an_address_where_nothing_listens_is_said_to_be_one(desk: Desk) -> None:
    with pytest.raises(ModelsFailed) as failed:
        await desk.ask(desk.profile("x", api_base="http://127.0.0.1:9/v1"))
    assert [attempt.error for attempt in failed.value.attempts] == ["Unreachable"] * 3
    assert str(failed.value).startswith("openai/x did not answer (Unreachable): nothing answers at its address")


async def test_a_missing_secret_is_a_failed_attempt_like_any_other(desk: Desk) -> None:
    reply = await desk.ask(desk.profile("fake-0", name="no key", api_key="env:NOT_SET"), "fake-0")
    assert [attempt.error for attempt in reply.attempts] == ["KeyError"]
    assert "env:NOT_SET" in reply.attempts[0].message


async def test_no_model_is_given_somebodys_sign_in_as_its_key(desk: Desk, server: OpenAIServer) -> None:
    asked = len(server.requests())
    with pytest.raises(ModelsFailed, match="secret:oauth.notion is somebody's sign-in"):
        await desk.ask(desk.profile("curious", api_key="secret:oauth.notion"))
    assert len(server.requests()) == asked


async def test_when_all_fail_the_error_names_each_model_and_its_last_words(desk: Desk) -> None:
    with pytest.raises(ModelsFailed) as failed:
        await desk.ask("status-401", "flaky-9")
    assert str(failed.value) == (
        "openai/status-401 answered 401: the API key is missing or wrong (fake 401); openai/flaky-9 answered 503: "
        "it is overloaded or being restarted (fake 503). Nothing was lost: the session can go on from here."
    )
    assert all(attempt.latency_ms > 0 for attempt in failed.value.attempts)


async def test_an_empty_chain_fails_with_a_sentence(desk: Desk) -> None:
    with pytest.raises(ModelsFailed, match="no model was named"):
        await desk.ask()


async def test_trying_a_model_out_says_whether_it_answers_and_acts(desk: Desk) -> None:
    works = await desk.models.test(desk.profile("fake-1", prices=Prices(input=1, output=1)))
    assert (works.ok, works.tools_ok) == (True, True)
    assert works.cost_usd and works.because.endswith("and called the test tool.")
    assert [(one.what, one.ok) for one in works.traits] == [(what, True) for what in QUESTIONS]
    told: list[Trait] = []
    talks = await desk.models.test(desk.profile("talks"), told.append)
    assert tuple(told) == talks.traits
    assert {one.what: one.ok for one in told} == dict(zip(QUESTIONS, (True, False, False, False, True), strict=True))
    assert (talks.ok, talks.tools_ok, talks.cost_usd) == (True, False, None)
    refused = await desk.models.test(desk.profile("status-401"))
    assert (refused.ok, refused.tools_ok) == (False, False)
    assert "the API key is missing or wrong" in refused.because
    overloaded = await desk.models.test(desk.profile("status-503"))
    assert (overloaded.ok, desk.waits) == (False, [])


async def test_claudes_cache_marks_reach_the_wire(desk: Desk) -> None:
    with pytest.raises(ModelsFailed):  # the fake does not speak Anthropic, but it hears what was said
        await desk.ask(desk.profile("claude", model="anthropic/claude-x", api_key="env:KEY"))
    sent = desk.sent()
    assert sent["max_tokens"] == 8192
    assert "cache_control" in str(sent["system"]) and "cache_control" in str(sent["messages"][-1])
    assert "cache_control" not in str(QUESTION)
