"""What models and servers send when they are at their worst, over the real litellm path and real MCP processes."""

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from agents.models import Models
from store.events import CallProposed, CallState, ModelFailed, ModelReplied, OutcomeUnknown, Status, ToolFinished
from tests.fakes.bench import THOUGHT
from tests.fakes.desk import Desk, as_bytes, configuration, open_desk, rebuilt, the_waiting
from tests.fakes.openai_replies import Script
from tests.fakes.processes import ROOT, OpenAIServer, openai_server

pytestmark = pytest.mark.asyncio
REASON = json.dumps(THOUGHT)
MEGABYTE = "x" * 1_000_000


def call(name: str, arguments: str, id_: str = "c1") -> dict[str, Any]:
    return {"calls": [{"id": id_, "name": name, "arguments": arguments}]}


def look_up(fields: str) -> dict[str, Any]:
    return call("look_up", f'{{"reasoning": {REASON}, {fields}}}')


BAD_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown-tool": (call("launch", "{}"), "There is no tool named 'launch'"),
    "nameless": (call("", "{}"), "There is no tool named ''"),
    "odd-name": (call("l\ud800\n" + "x" * 300, "{}"), "There is no tool named"),
    "not-json": (call("look_up", "order 7, please"), "cannot be read"),
    "half-json": (call("look_up", '{"order": 7'), "cannot be read"),
    "a-list": (call("look_up", "[7]"), "must be a JSON object"),
    "no-arguments": (call("look_up", ""), "reasoning"),
    "duplicate-keys": (look_up('"order": 7, "order": 8'), "appears twice"),
    "wrong-type": (look_up('"order": "seven"'), "/order"),
    "missing": (call("look_up", f'{{"reasoning": {REASON}}}'), "'order' is a required property"),
    "extra": (look_up('"order": 7, "approved": true'), "approved"),
    "nan": (look_up('"order": NaN'), "not finite"),
    "infinity": (look_up('"order": -1e400'), "not finite"),
    "megabyte": (look_up(f'"order": 7, "note": "{MEGABYTE}"'), "the limit is 1,000,000"),
    "surrogate-escape": (look_up('"order": 7, "note": "\\ud800"'), "half a surrogate pair"),
    "surrogate": (look_up('"order": 7, "note": "\ud800"'), "surrogate"),
    "no-reasoning": (call("look_up", '{"order": 7}'), "reasoning"),
    "empty-reasoning": (call("look_up", '{"reasoning": {}, "order": 7}'), "reasoning"),
    "odd-reasoning": (call("look_up", '{"reasoning": "because", "order": 7}'), "reasoning"),
}
SCRIPT: Script = {
    **{name: [reply, {"text": "Done."}] for name, (reply, _) in BAD_CALLS.items()},
    # litellm itself cannot read this one, so for us it is a model that failed
    "deep": [look_up('"order": ' + "[" * 50_000)],
    "odd-words": [{"text": "half \ud800 a character \x00 and \u202e more"}],
    "twins": [
        {
            "calls": [
                {"id": "c1", "name": "look_up", "arguments": f'{{"reasoning": {REASON}, "order": {n}}}'} for n in (1, 2)
            ]
        },
        {"text": "Done."},
    ],
    "works": [look_up('"order": 7'), {"text": "Done."}, {"text": "Still here."}],
    "long": [look_up('"order": 7'), look_up('"order": 8'), {"text": ""}, {"text": "Grüße \U0001f600 “done”"}],
    "dies": [call("die", f'{{"reasoning": {REASON}}}'), {"text": "Done."}],
    "pauses": [call("pause", f'{{"reasoning": {REASON}, "seconds": 30}}'), {"text": "Done."}],
    "grows": [
        call("grow", f'{{"reasoning": {REASON}, "announce": true}}'),
        call("added", f'{{"reasoning": {REASON}}}'),
        {"text": "Done."},
    ],
}


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with openai_server(SCRIPT) as running:
        yield running


async def _at_once(_: float) -> None:
    """Waiting between tries is another test's subject."""


def desk_on(
    server: OpenAIServer, folder: Path, *models: str, document: dict[str, Any] | None = None, **agent: Any
) -> AbstractAsyncContextManager[Desk]:
    whole = document or configuration(**agent)
    whole["agents"][0] |= {"models": {"act": list(models)}}
    whole["models"] = [
        {
            "name": name,
            "model": f"openai/{name}",
            "api_base": server.base_url,
            "timeout_seconds": 5 if name != "hang" else 0.3,
        }
        for name in models
    ]
    return open_desk(folder, whole, models=Models({}.__getitem__, sleep=_at_once))


@pytest.mark.parametrize("name", BAD_CALLS)
async def test_a_bad_call_is_explained_to_the_model_and_the_session_goes_on(
    server: OpenAIServer, tmp_path: Path, name: str
) -> None:
    async with desk_on(server, tmp_path, name) as desk:
        session = await desk.rests(await desk.start())
        assert (session.status, session.result) == (Status.COMPLETED, "answered")
        (proposed,) = await desk.events(session.id, CallProposed)
        assert proposed.state is CallState.INVALID
        assert desk.bench.started == []
        prompts = await rebuilt(desk, session.id)
        assert BAD_CALLS[name][1] in prompts[-1][0][-1]["content"]
        assert await desk.queries.inbox_matches_events() == []
        assert len(await desk.queries.events(session.id)) == session.seq  # pages can show all of it


async def test_words_with_half_a_character_are_kept_visibly(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "odd-words") as desk:
        session = await desk.rests(await desk.start())
        assert session.result == "answered"
        await desk.runtime.send(session.id, "What was that?", by="rita")
        session = await desk.until(session.id, lambda s: s.turn == 2 and s.result is not None)
        assert session.result == "answered"


async def test_the_same_id_twice_is_told_apart(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "twins") as desk:
        session = await desk.rests(await desk.start())
        assert session.result == "answered"
        assert sorted(arguments["order"] for arguments in desk.bench.ran("look_up")) == [1, 2]
        ids = [one["tool_call_id"] for one in server.requests()[-1]["messages"] if one["role"] == "tool"]
        assert len(set(ids)) == 2


async def test_neither_text_nor_call_ends_at_the_limit(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "empty", limits={"steps": 2}) as desk:
        session = await desk.rests(await desk.start())
        assert (session.result, session.because) == ("limit", "The limit of 2 steps per turn was reached.")


FAILING = [
    "status-401",
    "status-429",
    "status-500",
    "garbage-html",
    "garbage-json",
    "garbage-shape",
    "garbage-blank",
    "hang",
    "too-long",
    "deep",
]


@pytest.mark.parametrize("name", FAILING)
async def test_a_model_that_fails_ends_the_turn_with_its_words(server: OpenAIServer, tmp_path: Path, name: str) -> None:
    async with desk_on(server, tmp_path, name) as desk:
        session = await desk.until(await desk.start(), lambda s: s.result is not None)
        assert (session.status, session.result) == (Status.FAILED, "error")
        (failed,) = await desk.events(session.id, ModelFailed)
        assert failed.attempts
        assert f"openai/{name}" in session.because
        await desk.runtime.send(session.id, "Try again.", by="rita")
        session = await desk.until(session.id, lambda s: s.turn == 2 and s.result is not None)
        assert session.status is Status.FAILED


async def test_the_next_model_of_the_chain_takes_over(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "status-500", "garbage-json", "works") as desk:
        session = await desk.rests(await desk.start())
        assert session.result == "answered"
        replies = await desk.events(session.id, ModelReplied)
        assert {reply.profile for reply in replies} == {"works"}
        assert "status-500" in replies[0].because
        assert len(replies[0].attempts) >= 2


async def test_every_prompt_is_in_the_record_byte_for_byte(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "long") as desk:
        session = await desk.rests(await desk.start("Grüß Gott \U0001f44b, “please” </script>"))
        await desk.runtime.send(session.id, "And again.", by="rita")
        await desk.until(session.id, lambda s: s.turn == 2 and s.result is not None)
        prompts = await rebuilt(desk, session.id)
        received = [one for one in server.requests() if one["model"] == "long"]
        assert len(prompts) == len(received) == 5
        for (messages, tools), body in zip(prompts, received, strict=True):
            assert as_bytes(messages) == as_bytes(body["messages"])
            assert as_bytes(tools) == as_bytes(body.get("tools", []))


def with_mcp(*tools: dict[str, Any], fake: str = "mcp_faults") -> dict[str, Any]:
    document = configuration()
    command = {"command": sys.executable, "args": [str(ROOT / f"tests/fakes/{fake}.py")]}
    document["connectors"] = [{"name": "desk", "kind": "mcp_stdio"} | command]
    document["toolsets"] = [{"name": "bench-tools", "tools": [{"connector": "desk"} | tool for tool in tools]}]
    return document


async def test_a_server_that_dies_in_a_call_leaves_its_fate_to_a_person(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "dies", document=with_mcp({"tool": "die", "risk": "write"})) as desk:
        session = await desk.rests(await desk.start())
        await desk.decide(the_waiting(session))
        session = await desk.until(session.id, lambda s: s.calls[0].state is CallState.UNKNOWN)
        assert len(await desk.events(session.id, OutcomeUnknown)) == 1
        await desk.decide(the_waiting(session), "not_happened")
        assert (await desk.rests(session.id)).result == "answered"


async def test_a_server_that_dies_while_reading_is_a_failed_call(server: OpenAIServer, tmp_path: Path) -> None:
    async with desk_on(server, tmp_path, "dies", document=with_mcp({"tool": "die", "risk": "read"})) as desk:
        session = await desk.rests(await desk.start())
        (finished,) = await desk.events(session.id, ToolFinished)
        assert finished.state is CallState.FAILED
        assert session.result == "answered"


async def test_a_server_that_hangs_leaves_the_fate_of_a_change_to_a_person(
    server: OpenAIServer, tmp_path: Path
) -> None:
    slow = {"tool": "pause", "risk": "write", "timeout_seconds": 0.3}
    async with desk_on(server, tmp_path, "pauses", document=with_mcp(slow)) as desk:
        session = await desk.rests(await desk.start())
        await desk.decide(the_waiting(session))
        session = await desk.until(session.id, lambda s: s.calls[0].state is CallState.UNKNOWN)
        assert the_waiting(session).kind == "unknown_outcome"


async def test_a_tool_that_appears_is_not_offered_by_itself(server: OpenAIServer, tmp_path: Path) -> None:
    document = with_mcp({"tool": "grow", "risk": "read"}, fake="mcp_desk")
    async with desk_on(server, tmp_path, "grows", document=document) as desk:
        session = await desk.rests(await desk.start())
        assert session.result == "answered"
        assert [call.state for call in await desk.events(session.id, CallProposed)] == [
            CallState.ALLOWED,
            CallState.INVALID,
        ]
        offered = [one["function"]["name"] for one in server.requests()[-1]["tools"]]
        assert offered == ["grow"]
