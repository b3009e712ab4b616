"""Streams: heard piece by piece, broken off, stalled and cancelled."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from agents.config import Model
from agents.model_question import BROKE_OFF
from agents.models import Models
from store.events import Usage
from tests.fakes.openai_replies import ANSWER
from tests.fakes.processes import OpenAIServer, openai_server

pytestmark = pytest.mark.asyncio

QUESTION = [{"role": "user", "content": "Where is order 1043?"}]
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("one", "two")]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    calls = [{"id": f"c{n}", "name": name, "arguments": json.dumps({"n": n})} for n, name in enumerate(("one", "two"))]
    with openai_server({"two-calls": [{"text": "Both at once.", "calls": calls}]}) as running:
        yield running


async def nobody_waits(seconds: float) -> None: ...


def desk() -> Models:
    return Models(str, sleep=nobody_waits)


def profile(server: OpenAIServer, model: str, timeout_seconds: float = 5) -> Model:
    return Model(name=model, model=f"openai/{model}", api_base=server.base_url, timeout_seconds=timeout_seconds)


async def test_text_is_heard_word_by_word_and_counted_at_the_end(server: OpenAIServer) -> None:
    heard: list[str] = []
    reply = await desk().complete([profile(server, "fake-0")], QUESTION, [], on_text=heard.append)
    assert len(heard) == len(ANSWER.split())
    assert "".join(heard) == reply.text == ANSWER
    assert reply.usage == Usage(input=65, output=12)
    assert reply.finish_reason == "stop"
    assert reply.first_token_ms is not None and 0 < reply.first_token_ms <= reply.latency_ms


async def test_text_and_parallel_calls_arrive_whole_from_their_pieces(server: OpenAIServer) -> None:
    heard: list[str] = []
    reply = await desk().complete([profile(server, "two-calls")], QUESTION, TOOLS, on_text=heard.append)
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [("c0", "one", '{"n": 0}'), ("c1", "two", '{"n": 1}')]
    assert reply.text == "".join(heard) == "Both at once."


async def test_a_listener_that_fails_does_not_make_the_call_fail(server: OpenAIServer) -> None:
    def fail(text: str) -> None:
        raise RuntimeError("the page is gone")

    reply = await desk().complete([profile(server, "fake-0")], QUESTION, [], on_text=fail)
    assert (reply.text, reply.attempts) == (ANSWER, ())


@pytest.mark.parametrize("how", ["cut", "cut-politely"])
async def test_a_reply_broken_off_in_the_middle_is_not_taken_for_whole(server: OpenAIServer, how: str) -> None:
    heard: list[str] = []
    chain = [profile(server, how), profile(server, "fake-0")]
    reply = await desk().complete(chain, QUESTION, [], on_text=heard.append)
    assert [attempt.error for attempt in reply.attempts] == ["BrokenOff"] * 3
    assert reply.text == ANSWER
    assert heard.count(BROKE_OFF) == 3
    assert "".join(heard).endswith(BROKE_OFF + ANSWER)


async def test_a_stream_that_stalls_times_out_and_is_hung_up(server: OpenAIServer) -> None:
    before = server.hangups()
    chain = [profile(server, "stall", 0.15), profile(server, "fake-0")]
    heard: list[str] = []
    reply = await desk().complete(chain, QUESTION, [], on_text=heard.append)
    assert [attempt.error for attempt in reply.attempts] == ["Timeout"] * 3
    assert heard.count(BROKE_OFF) == 3
    assert server.hangups() == before + 3


@pytest.mark.parametrize("model", ["stall", "hang"])
async def test_cancelling_hangs_up_and_leaves_the_room_in_order(server: OpenAIServer, model: str) -> None:
    models, begun = desk(), asyncio.Event()
    before, received = server.hangups(), len(server.requests())
    watched = (lambda text: begun.set()) if model == "stall" else None
    asking = asyncio.create_task(models.complete([profile(server, model)], QUESTION, [], on_text=watched))
    if model == "stall":
        await begun.wait()
    while len(server.requests()) == received:
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    while server.hangups() == before:
        await asyncio.sleep(0.01)
    assert (await models.complete([profile(server, "fake-0")], QUESTION, [])).text == ANSWER
    await models.close()
