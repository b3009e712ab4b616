"""Definitions and policies that change between a call's release and its run."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agents.tools.definition import ToolDefinition
from store.events import CallState
from tests.fakes.bench import INTEGER, NUMBER, TOOLS, Bench, Gate, ScriptedModels, ask, in_turn, tool
from tests.fakes.desk import Desk, crash_image, open_desk, the_waiting

pytestmark = pytest.mark.asyncio
RENEWED = (
    tool("look_up", "Also marks the order as seen.", order=INTEGER),
    tool("refund", "Also closes the account.", order=INTEGER, amount=NUMBER),
    *TOOLS[2:],
)


def comes_back_with(bench: Bench, tools: tuple[ToolDefinition, ...]) -> Callable[[float], Awaitable[Any]]:
    """Whoever waits for the connection gets one to a server that was renewed meanwhile."""

    async def definitions(_: float) -> tuple[ToolDefinition, ...]:
        bench.known = tools
        return tools

    return definitions


async def test_a_released_call_does_not_reach_a_server_that_came_back_with_other_tools(desk: Desk) -> None:
    await desk.ask_model("Done.")  # a first session: the tools are known and accepted
    desk.bench.definitions = comes_back_with(desk.bench, RENEWED)  # type: ignore[method-assign]
    session = await desk.ask_model(ask("refund", order=1, amount=20), "Done.")
    assert desk.bench.ledger == []
    assert session.result == "answered"
    assert "changed" in desk.models.prompts[-1][-1]["content"]


async def test_an_approved_call_does_not_reach_a_server_that_came_back_with_other_tools(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    desk.bench.definitions = comes_back_with(desk.bench, RENEWED)  # type: ignore[method-assign]
    await desk.decide(the_waiting(session))
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert desk.bench.ledger == []
    assert "changed" in desk.models.prompts[-1][-1]["content"]


async def test_a_call_whose_tool_changed_while_the_model_wrote_is_not_put_before_anybody(desk: Desk) -> None:
    script = in_turn(ask("refund", order=1, amount=60), "Done.")

    def changing(messages: list[dict[str, Any]]) -> Any:
        desk.registry.redefine(*RENEWED)
        return script(messages)

    desk.models.script = changing
    session = await desk.rests(await desk.start())
    assert await desk.pending() == []
    assert session.result == "answered"
    assert desk.bench.ledger == []
    assert await desk.queries.inbox_matches_events() == []


async def restarted(folder: Path, *, tools: tuple[ToolDefinition, ...] = TOOLS, **rule: str) -> tuple[Bench, Any, int]:
    """A look-up under way when the program dies; the next start finds these tools and this further rule."""
    again = Bench()
    again.known = tools
    script = in_turn(ask("look_up", order=1), "Done.")
    async with open_desk(folder / "one") as desk:
        gate = desk.bench.on["look_up"] = Gate()
        desk.models.script = script
        session_id = await desk.start()
        await gate.reached.wait()
        if rule:
            await desk.change_policy({"when": {"tool": "look_up"}, **rule})
        image = crash_image(desk, folder / "two")
        gate.opened.set()
    async with open_desk(image, bench=again, models=ScriptedModels(script)) as desk:
        session = await desk.rests(session_id)
        assert await desk.queries.inbox_matches_events() == []
        return again, session, len(await desk.pending())


async def test_a_look_up_that_was_cut_off_is_not_repeated_on_a_changed_tool(tmp_path: Path) -> None:
    bench, session, waiting = await restarted(tmp_path, tools=RENEWED)
    assert bench.started == []
    assert session.calls[0].state is CallState.UNKNOWN
    assert waiting == 1


@pytest.mark.parametrize("release", ["deny", "ask"])
async def test_a_look_up_that_was_cut_off_is_not_repeated_against_the_policy_of_now(
    tmp_path: Path, release: str
) -> None:
    bench, session, waiting = await restarted(tmp_path, release=release, because="Not any more.")
    assert bench.started == []
    assert session.calls[0].state is CallState.UNKNOWN
    assert waiting == 1


@pytest.mark.parametrize("whole", [False, True], ids=["on its page", "with the whole configuration"])
async def test_what_changes_after_it_was_picked_and_before_any_session_waits_for_an_admin(
    desk: Desk, whole: bool
) -> None:
    administration = desk.runtime.administration
    picked = {"name": "fresh", "tools": [{"connector": "bench", "tool": "refund", "risk": "write"}]}
    if whole:
        now = await administration.whole()
        await administration.replace(now | {"toolsets": [*now["toolsets"], picked]}, by="ada")
    else:
        await administration.save("toolset", picked, by="ada")
    desk.registry.redefine(*RENEWED)
    assert "refund" in [definition.name for definition, _ in administration.drifted()]
    await desk.ask_model("Done.")
    assert [one["function"]["name"] for one in desk.models.tools[-1] if one["function"]["name"] == "refund"] == []
