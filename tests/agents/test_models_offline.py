"""The scripted demo model behind the real litellm path, and that nothing here needs a network."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.config import Model
from agents.models import Models

pytestmark = pytest.mark.asyncio

OPERATOR = Model(name="operator", model="offline/operator")
REFUND = {"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {}}}}
START = [{"role": "system", "content": "You refund orders. " * 20}, {"role": "user", "content": "Refund order 1043."}]
ARGUMENTS = {"reasoning": {"need": "a refund"}, "order": 1043, "amount": 50.0, "note": "für Zoë"}


@dataclass(frozen=True)
class Call:
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Scripted:
    text: str = ""
    calls: tuple[Call, ...] = field(default=())


def script(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Scripted:
    if tools and messages[-1]["role"] == "user":
        return Scripted("I will refund it.", (Call(tools[0]["function"]["name"], ARGUMENTS), Call("refund", {})))
    return Scripted("The order has been refunded.")


def resolve(reference: str) -> str:
    raise KeyError(reference)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_OFFLINE_WORD_MS", "0")


@pytest.mark.parametrize("watched", [False, True])
async def test_the_script_answers_with_text_and_calls_that_keep_their_order(watched: bool) -> None:
    heard: list[str] = []
    models = Models(resolve, script=script)
    reply = await models.complete([OPERATOR], START, [REFUND], on_text=heard.append if watched else None)
    assert reply.text == "I will refund it."
    assert [call.name for call in reply.calls] == ["refund", "refund"]
    assert len({call.id for call in reply.calls}) == 2
    assert list(json.loads(reply.calls[0].arguments)) == list(ARGUMENTS)
    assert '"amount": 50.0' in reply.calls[0].arguments
    assert reply.finish_reason == "tool_calls"
    assert heard == (["I ", "will ", "refund ", "it."] if watched else [])
    await models.close()


async def test_it_reports_usage_cost_and_what_the_cache_saved() -> None:
    models = Models(resolve, script=script)
    first = await models.complete([OPERATOR], START, [REFUND])
    longer = [*START, {"role": "assistant", "content": "I will."}, {"role": "user", "content": "Do it."}]
    second = await models.complete([OPERATOR], longer, [REFUND], on_text=lambda text: None)
    assert first.usage.cache_read == 0 and first.usage.input > 100 and first.usage.output > 0
    assert second.usage.cache_read == first.usage.input
    assert first.cost_usd == pytest.approx(first.usage.input * 1e-7 + first.usage.output * 4e-7)
    assert second.cost_usd == pytest.approx(
        second.usage.input * 1e-7 + second.usage.cache_read * 1e-8 + second.usage.output * 4e-7
    )
    assert second.cache_saved_usd == pytest.approx(second.usage.cache_read * 9e-8)
    await models.close()


async def test_it_is_known_to_be_scripted_even_before_litellm_is_there() -> None:
    models = Models(resolve, script=script)
    early = models.info(OPERATOR)
    await models.warm()
    assert early == models.info(OPERATOR)
    assert (early.context_window, early.scripted) == (32_000, True)
    tried = await models.test(OPERATOR)
    assert tried.ok and tried.tools_ok and "scripted demo model" in tried.because


async def test_the_demo_desks_own_script_answers() -> None:
    reply = await Models(resolve).complete([OPERATOR], [{"role": "user", "content": "Good morning!"}], [])
    assert reply.text


WITHOUT_NETWORK = """
import asyncio, socket, sys, time
import agents.models
assert "litellm" not in sys.modules, "imported too early"
attempts = []
def refuse(self, address):
    attempts.append(address)
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda *address, **more: attempts.append(address) or []
async def main():
    profile = agents.config.Model(name="operator", model="offline/operator")
    models = agents.models.Models(str)
    reply = await models.complete([profile], [{"role": "user", "content": "Good morning!"}], [])
    assert reply.text
    models.info(agents.config.Model(name="x", model="ollama_chat/nobody-has-this"))
    models.info(agents.config.Model(name="x", model="gpt-4o"))
    await models.close()
    assert "mcp" not in sys.modules, "mcp was imported"
asyncio.run(main())
assert not attempts, attempts
"""


async def test_importing_and_the_demo_model_touch_no_network_and_print_nothing() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT_NETWORK], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
