"""The pure parts of asking models: requests, buckets, prices, failures and how they read."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.config import Model, Prices
from agents.model_calls import ModelsFailed, why_this_one
from agents.model_failures import explain, pause_seconds
from agents.model_replies import buckets, price, read_card, saved
from agents.model_requests import ANTHROPIC_MAX_OUTPUT, request
from agents.model_streams import Pieces
from store.events import FailedAttempt, Usage

ASKED = [{"role": "user", "content": "hello"}]


def asked(model: str, **more: Any) -> dict[str, Any]:
    return request(Model.model_validate({"name": "x", "model": model} | more), None, ASKED, [])


@pytest.mark.parametrize("model", ["anthropic/claude-x", "bedrock/eu.anthropic.claude-x", "vertex_ai/claude-x"])
def test_claude_gets_cache_marks_and_always_an_output_limit(model: str) -> None:
    assert asked(model)["max_tokens"] == ANTHROPIC_MAX_OUTPUT
    assert asked(model, max_output=50)["max_tokens"] == 50
    assert len(asked(model)["cache_control_injection_points"]) == 2


@pytest.mark.parametrize("model", ["openai/gpt-x", "openai/claude-lookalike", "bedrock/llama", "ollama_chat/x"])
def test_others_get_neither(model: str) -> None:
    assert not {"max_tokens", "cache_control_injection_points"} & set(asked(model))


def test_parameters_of_a_profile_never_overrule_what_keeps_a_call_ours() -> None:
    sent = asked("openai/x", parameters={"num_retries": 9, "timeout": 0.1, "temperature": 0.0})
    assert (sent["num_retries"], sent["max_retries"], sent["timeout"], sent["temperature"]) == (0, 0, 120, 0.0)


def test_cache_reads_and_writes_are_taken_out_of_the_prompt_tokens() -> None:
    details = SimpleNamespace(cached_tokens=30, cache_write_tokens=20)
    tokens = SimpleNamespace(prompt_tokens=60, completion_tokens=5, prompt_tokens_details=details)
    assert buckets(tokens) == Usage(input=10, cache_read=30, cache_write=20, output=5)


def test_a_server_that_reports_more_cached_than_sent_never_makes_a_bucket_negative() -> None:
    details = SimpleNamespace(cached_tokens=90, cache_write_tokens=90)
    tokens = SimpleNamespace(prompt_tokens=60, completion_tokens=None, prompt_tokens_details=details)
    assert buckets(tokens) == Usage(input=0, cache_read=60, cache_write=0, output=0)


def test_unset_cache_prices_are_the_input_price_and_savings_are_then_unknown() -> None:
    usage = Usage(input=1, cache_read=2, cache_write=3, output=4)
    assert price(usage, Prices(input=10, output=100)) == pytest.approx(460e-6)
    assert price(usage, Prices(input=10, output=100, cache_read=1, cache_write=12)) == pytest.approx(448e-6)
    assert saved(usage, Prices(input=10, output=100)) is None
    assert saved(usage, Prices(input=10, output=100, cache_read=1)) == pytest.approx(18e-6)


def test_a_card_that_charges_nothing_is_a_card_without_prices() -> None:
    assert read_card({"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "max_input_tokens": 9}).prices is None


def test_parallel_calls_that_all_claim_index_0_stay_apart() -> None:
    pieces = Pieces()
    for id, name, arguments in (("a", "one", '{"n"'), (None, None, ": 1}"), ("b", "two", "{}")):
        call = SimpleNamespace(index=0, id=id, function=SimpleNamespace(name=name, arguments=arguments))
        delta = SimpleNamespace(content=None, tool_calls=[call])
        pieces.add(SimpleNamespace(choices=[SimpleNamespace(finish_reason=None, delta=delta)]))
    heard = pieces.heard(None, counted=False)
    assert [(c.id, c.name, c.arguments) for c in heard.calls] == [("a", "one", '{"n": 1}'), ("b", "two", "{}")]


def test_an_explanation_is_one_line_without_keys_or_class_names() -> None:
    problem = Exception(
        "litellm.BadRequestError: OpenAIException - bad key qwerty-key and sk-abcdefghijklmnop\nTraceback…"
    )
    failure = explain(problem, ["qwerty-key"])
    assert failure.message == "bad key ••• and •••"
    assert len(explain(Exception("x" * 5000)).message) == 500


def test_the_pause_is_fully_jittered_and_never_shorter_than_the_server_asked_for() -> None:
    plain = explain(_problem(503))
    assert [pause_seconds(plain, attempt, 1.0) for attempt in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, 8.0]
    assert pause_seconds(plain, 3, 0.0) == 0.0
    told = explain(_problem(503, {"retry-after": "3"}))
    assert pause_seconds(told, 1, 0.5) == 3.0
    dated = explain(_problem(503, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}))
    assert dated.retry_after_seconds is None


def _problem(status: int, headers: dict[str, str] | None = None) -> Exception:
    problem = Exception("no")
    problem.status_code = status  # type: ignore[attr-defined]
    problem.litellm_response_headers = headers  # type: ignore[attr-defined]
    return problem


def test_the_reason_names_what_failed_before() -> None:
    def failed(error: str) -> FailedAttempt:
        return FailedAttempt(model="m", error=error, message="no", latency_ms=1)

    assert why_this_one([], "large") == "first choice"
    tried = [("large", failed("429"))] * 3 + [("middle", failed("401"))]
    assert why_this_one(tried, "small") == "after large failed (429 ×3) and middle failed (401)"
    assert why_this_one([("large", failed("503"))], "large") == "first choice, on try 2 (503)"


def test_the_failure_of_all_is_a_sentence() -> None:
    attempt = FailedAttempt(model="openai/gpt-x", error="401", message="the API key is missing or wrong", latency_ms=3)
    assert str(ModelsFailed([attempt])) == (
        "openai/gpt-x answered 401: the API key is missing or wrong. Nothing was lost: the session can go on from here."
    )
