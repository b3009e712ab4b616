"""The demo's models behind the real litellm path: told apart by name and by the wanted format, each at its own price."""

import json
from typing import Any

import pytest

from agents.config import Model
from agents.demo.provider import CARD
from agents.models import Models

pytestmark = pytest.mark.asyncio

POLICY = "Nobody refunds more than 500 EUR at once. Refunds above 200 EUR need a reason."
ABOUT = {
    "request": "Refund order 1755, it leaks.",
    "tool": "refund_order",
    "arguments": {"order_id": 1755, "amount": 389.0},
    "policy": POLICY,
}


def resolve(reference: str) -> str:
    raise KeyError(reference)


def wanted(name: str) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": {"type": "object"}}}


def question(about: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "system", "content": "A task."}, {"role": "user", "content": json.dumps(about)}]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_OFFLINE_WORD_MS", "0")


async def test_each_voter_answers_as_itself_and_costs_what_it_costs() -> None:
    models = Models(resolve)
    said = {}
    for temper in ("calm", "strict", "careful"):
        model = Model(name=temper, model=f"offline/voter-{temper}")
        reply = await models.complete([model], question(ABOUT), [], response_format=wanted("vote"))
        said[temper] = (json.loads(reply.text)["verdict"], reply.cost_usd)
    assert [verdict for verdict, _ in said.values()] == ["allow", "deny", "allow"]
    assert len({cost for _, cost in said.values()}) == 3 and all(cost for _, cost in said.values())
    await models.close()


FORMATS = {
    "input_check": {"verdict", "missing", "question", "because"},
    "policy_check": {"verdict", "clause", "because", "path"},
    "reasoning_check": {"supports", "because", "path"},
    "vote": {"verdict", "because", "path"},
    "best_of": {"pick", "because"},
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("watched", [False, True])
async def test_the_format_decides_what_is_answered_whichever_model_is_asked(name: str, watched: bool) -> None:
    models = Models(resolve)
    listener = (lambda text: None) if watched else None
    chain = [Model(name="demo", model="offline/operator")]
    reply = await models.complete(chain, question(ABOUT), [], response_format=wanted(name), on_text=listener)
    assert json.loads(reply.text).keys() == FORMATS[name] and not reply.calls
    await models.close()


async def test_an_unknown_format_is_answered_by_the_desk() -> None:
    models = Models(resolve)
    chain = [Model(name="demo", model="offline/operator")]
    hello = [{"role": "user", "content": "Good morning!"}]
    reply = await models.complete(chain, hello, [], response_format=wanted("shipping_label"))
    assert "scripted model" in reply.text
    await models.close()


async def test_a_request_to_mend_the_answer_does_not_change_the_question() -> None:
    models = Models(resolve)
    chain = [Model(name="judge", model="offline/judge")]
    mend = [{"role": "assistant", "content": "Hm."}, {"role": "user", "content": "That was no JSON. Again, please."}]
    reply = await models.complete(chain, question(ABOUT) + mend, [], response_format=wanted("policy_check"))
    assert json.loads(reply.text)["clause"] in POLICY and json.loads(reply.text)["verdict"] == "allow"
    await models.close()


async def test_every_model_of_the_demo_has_a_price_of_its_own() -> None:
    prices = {(card["input_cost_per_token"], card["output_cost_per_token"]) for card in CARD.values()}
    assert len(prices) == len(CARD)
    models = Models(resolve)
    await models.warm()
    for name in CARD:
        info = models.info(Model(name="one", model=name))
        assert info.scripted and info.prices and info.context_window
    await models.close()
