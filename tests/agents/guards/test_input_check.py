"""The input check: what can be told without a model, what a model says is missing, and what a failed check says."""

import json
from typing import Any

import pytest

from agents.config import Agent
from agents.guards.input_check import Checked, before, input_check
from tests.fakes.room import Room

SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "string", "description": "the order's number"}, "tries": {"type": "integer"}},
    "required": ["order", "tries"],
}


def says(verdict: str, question: str = "", *missing: str, because: str = "Reasons.") -> dict[str, Any]:
    answer = {"because": because, "missing": list(missing), "question": question, "verdict": verdict}
    return {"input_check": [{"json": answer}]}


SCRIPT: dict[str, Any] = {
    "enough": says("enough"),
    "enough-but": says("enough", "Which one?", "order"),
    "missing": says("missing", "Which order is it?", "the order's number", because="No order is named."),
    "asks-nothing": says("missing", " ", "the order's number", "the amount"),
    "says-nothing": says("missing", "", " "),
    "prose": {"input_check": [{"text": "I would ask for the order number."}]},
    "outside": says("maybe"),
    "silent": {"input_check": [{"hang": True}]},
}


def agent(**more: Any) -> Agent:
    given = {"name": "Shop desk", "instructions": "You refund orders.", "toolset": "t", "policy": "p"}
    return Agent.model_validate({**given, "models": {"act": ["m"]}, **more})


async def check(room: Room, *names: str, request: str = "Refund my order", seconds: float = 30, **more: Any) -> Checked:
    inputs = more.pop("inputs", None)
    tools = ["find_order", "refund"]
    return await input_check(room.models, room.chain(*names), request, agent(**more), inputs, tools, seconds)


def test_an_empty_request_needs_no_model_to_be_found_empty() -> None:
    for text in ("", "  \n\t"):
        lacking = before(text, None, None)
        assert lacking and (lacking.question, lacking.because) == ("What is to be done?", "The message is empty.")


def test_an_endless_request_is_asked_for_again_in_fewer_words() -> None:
    lacking = before("x" * 100_001, None, None)
    assert lacking and "100,001 characters" in lacking.question and "in fewer" in lacking.question
    assert before("x" * 100_000, None, None) is None


def test_required_inputs_are_asked_for_by_the_admins_words() -> None:
    lacking = before("Refund it", {"order": " "}, SCHEMA)
    assert lacking and lacking.missing == ("order", "tries")
    assert lacking.question == "Before this can begin, please give: order (the order's number), tries."


def test_an_input_of_zero_or_false_is_there() -> None:
    assert before("Refund it", {"order": "1043", "tries": 0}, SCHEMA) is None
    assert before("Refund it", {"order": False, "tries": 0}, SCHEMA) is None


@pytest.mark.parametrize(
    "schema", [None, {}, {"required": "order"}, {"required": [7]}, {"type": "object"}, {"properties": []}]
)
def test_a_schema_that_requires_nothing_readable_asks_for_nothing(schema: Any) -> None:
    assert before("Refund it", None, schema) is None


def test_a_field_without_a_description_is_asked_for_by_its_name() -> None:
    for properties in ({}, {"order": True}, {"order": {"title": 7}}, []):
        lacking = before("Refund it", None, {"required": ["order"], "properties": properties})
        assert lacking and lacking.question.endswith("please give: order.")


async def test_the_model_hears_the_request_and_what_the_agent_needs(room: Room) -> None:
    checked = await check(room, "enough", inputs={"order": "1043"})
    assert (checked.verdict, checked.question, checked.missing) == ("enough", None, ())
    assert json.loads(room.asked("enough")[-1]["messages"][1]["content"]) == {
        "request": "Refund my order",
        "agent": "Shop desk",
        "needs": "You refund orders.",
        "inputs": {"order": "1043"},
        "tools": ["find_order", "refund"],
    }
    assert checked.seat and (checked.seat.kind, checked.seat.verdict) == ("judge", "allow")
    assert checked.asked and checked.seat.cost_usd


async def test_what_is_missing_is_asked_for(room: Room) -> None:
    checked = await check(room, "missing")
    assert (checked.verdict, checked.question) == ("missing", "Which order is it?")
    assert (checked.missing, checked.because) == (("the order's number",), "No order is named.")
    assert checked.seat and checked.seat.verdict == "ask"


async def test_a_question_is_made_of_what_is_missing_if_the_model_wrote_none(room: Room) -> None:
    checked = await check(room, "asks-nothing")
    assert checked.question == "What is still missing: the order's number, the amount?"


@pytest.mark.parametrize("name", ["says-nothing", "enough-but"])
async def test_a_complaint_without_a_question_or_a_question_without_a_complaint_stops_nobody(
    room: Room, name: str
) -> None:
    checked = await check(room, name)
    assert (checked.verdict, checked.question, checked.missing) == ("enough", None, ())


@pytest.mark.parametrize("name", ["prose", "outside", "silent"])
async def test_a_check_that_fails_says_so_and_asks_nothing(room: Room, name: str) -> None:
    await room.models.warm()
    checked = await check(room, name, seconds=0.1 if name == "silent" else 30)
    assert (checked.verdict, checked.question) == ("failed", None)
    assert checked.seat and checked.seat.verdict == "failed" and checked.because


async def test_nobody_to_ask_is_a_failed_check(room: Room) -> None:
    checked = await check(room)
    assert (checked.verdict, checked.seat, checked.asked) == ("failed", None, None)


async def test_what_needs_no_model_asks_none(room: Room) -> None:
    before = len(room.server.requests())
    checked = await check(room, "enough", request=" ")
    assert (checked.verdict, checked.question, checked.seat) == ("missing", "What is to be done?", None)
    assert len(room.server.requests()) == before


async def test_inputs_the_admin_declared_are_asked_for_before_any_model_is(room: Room) -> None:
    before = len(room.server.requests())
    given = agent(inputs=SCHEMA)
    checked = await input_check(room.models, room.chain("enough"), "Refund it", given, {"tries": 1}, [], 30)
    assert (checked.verdict, checked.missing) == ("missing", ("order",))
    assert len(room.server.requests()) == before
