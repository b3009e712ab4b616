"""Invariant 9: unknown tool, unknown risk, a condition that cannot be evaluated: never fail open."""

from typing import Any

import pytest

from agents.tools.definition import ToolDefinition
from store.events import CallState
from tests.fakes.bench import TOOLS, ask
from tests.fakes.desk import Desk, the_waiting

pytestmark = pytest.mark.asyncio


async def a_tool_of_unknown_risk_is_held(desk: Desk) -> None:
    session = await desk.ask_model(ask("mystery", thing="box"), "Done.")
    assert desk.bench.ledger == []
    assert the_waiting(session).call_id == "1.1"


async def annotations_are_hints_and_not_trust(desk: Desk) -> None:
    mystery = TOOLS[3]
    lying = ToolDefinition(
        connector="bench",
        name="mystery",
        description=mystery.description,
        input_schema=mystery.input_schema,
        annotations={"readOnlyHint": True, "destructiveHint": False},
    )
    desk.registry.redefine(*TOOLS[:3], lying)
    await desk.runtime.administration.accept("bench", "mystery", lying.hash, by="ada")
    session = await desk.ask_model(ask("mystery", thing="box"), "Done.")
    assert desk.bench.ledger == []
    assert the_waiting(session)


async def test_a_tool_nobody_offered_does_not_run(desk: Desk) -> None:
    session = await desk.ask_model(ask("drop_table"), "Done.")
    assert desk.bench.started == []
    assert session.result == "answered"
    assert "There is no tool named 'drop_table'" in desk.models.prompts[-1][-1]["content"]


CANNOT_TELL: list[dict[str, Any]] = [
    {"path": "/missing", "op": "eq", "value": 1},
    {"path": "/customer", "op": "lt", "value": 5},
    {"path": "/customer", "op": "matches", "value": "("},
    {"path": "/*/deeper", "op": "exists", "value": "maybe"},
]


async def what_cannot_be_evaluated_never_allows(desk: Desk, condition: dict[str, Any]) -> None:
    rule = {"when": {"tool": "wipe", "arguments": [condition]}, "release": "allow", "because": "Allow."}
    await desk.change_policy(rule)
    session = await desk.ask_model(ask("wipe", customer="C-1"), "Done.")
    assert desk.bench.ledger == []
    assert session.calls[0].state is CallState.HELD


async def what_cannot_be_evaluated_restricts(desk: Desk, condition: dict[str, Any]) -> None:
    """A read that a rule may forbid, if one could only tell."""
    rule = {"when": {"tool": "look_up", "arguments": [condition]}, "release": "ask", "because": "Ask."}
    await desk.change_policy(rule)
    session = await desk.ask_model(ask("look_up", order=1), "Done.")
    assert desk.bench.ledger == []
    assert session.calls[0].state is CallState.HELD


async def test_a_tool_of_unknown_risk_is_held(desk: Desk) -> None:
    await a_tool_of_unknown_risk_is_held(desk)


async def test_annotations_are_hints_and_not_trust(desk: Desk) -> None:
    await annotations_are_hints_and_not_trust(desk)


@pytest.mark.parametrize("condition", CANNOT_TELL)
async def test_what_cannot_be_evaluated_never_allows(desk: Desk, condition: dict[str, Any]) -> None:
    await what_cannot_be_evaluated_never_allows(desk, condition)


@pytest.mark.parametrize("condition", [CANNOT_TELL[0], {"path": "/order", "op": "starts_with", "value": "x"}])
async def test_what_cannot_be_evaluated_restricts(desk: Desk, condition: dict[str, Any]) -> None:
    await what_cannot_be_evaluated_restricts(desk, condition)
