"""The reasoning block goes into every tool's schema and comes out of every call."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agents.reasoning import LONGEST_TEXT, MOST_ALTERNATIVES, Alternative, Reasoning, name_for, offer, take

REFUND: dict[str, Any] = {
    "type": "object",
    "title": "Refund",
    "properties": {"order_id": {"type": "integer"}, "amount": {"type": "number"}, "currency": {"type": "string"}},
    "required": ["order_id", "currency"],
    "additionalProperties": False,
}
BLOCK: dict[str, Any] = {
    "need": "The user wants order 1043 refunded.",
    "source": "The shop's order system; the number is in the user's message.",
    "therefore": "Refunding is the only way to return the money.",
    "alternatives": [{"tool": "cancel_order", "why_not": "It was already delivered."}],
}
TAKEN = Reasoning(
    need=BLOCK["need"],
    source=BLOCK["source"],
    therefore=BLOCK["therefore"],
    alternatives=(Alternative(tool="cancel_order", why_not="It was already delivered."),),
)


def test_the_block_is_the_first_property_and_the_first_required_one() -> None:
    offered = offer(REFUND, {})
    assert list(offered["properties"]) == ["reasoning", "order_id", "amount", "currency"]
    assert offered["required"] == ["reasoning", "order_id", "currency"]
    assert offered["additionalProperties"] is False
    assert offered["title"] == "Refund"
    block = offered["properties"]["reasoning"]
    assert list(block["properties"]) == ["need", "source", "therefore", "alternatives"]
    assert block["required"] == ["need", "source", "therefore", "alternatives"]
    assert all(part["description"] for part in block["properties"].values())


def test_pinned_parameters_are_not_offered() -> None:
    offered = offer(REFUND, {"currency": "EUR"})
    assert list(offered["properties"]) == ["reasoning", "order_id", "amount"]
    assert offered["required"] == ["reasoning", "order_id"]


def test_the_tools_own_schema_is_left_as_it_was() -> None:
    before = copy.deepcopy(REFUND)
    offered = offer(REFUND, {"currency": "EUR"})
    offered["properties"]["order_id"]["type"] = "string"
    offered["properties"]["reasoning"]["type"] = "string"
    assert before == REFUND
    assert offer(REFUND, {})["properties"]["reasoning"]["type"] == "object"


BRANCH = {"properties": {"a": {}, "secret": {}}, "required": ["a", "secret"], "additionalProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": ["object", "null"], "properties": None, "required": None},
        {"properties": {"a": {}, "secret": {}}, "required": ["secret"]},
        {"type": "object", "additionalProperties": {"type": "object"}},
        {"anyOf": [BRANCH, {"required": ["b"]}, True]},
        {"allOf": [{"oneOf": [BRANCH]}], "oneOf": [{"type": "object"}]},
        {"if": BRANCH, "then": True, "else": {"properties": {"secret": {}}}},
        {"$ref": "#/$defs/Branch", "$defs": {"Branch": BRANCH}},
        {"$ref": "#/$defs/One", "$defs": {"One": {"$ref": "#/$defs/Branch"}, "Branch": BRANCH}},
        {"anyOf": [{"$ref": "#/$defs/Branch"}], "$defs": {"Branch": BRANCH}},
        {"$ref": "#", "title": "Circle"},
        {"anyOf": [{"$ref": "#/$defs/Outer"}], "$defs": {"Outer": {"oneOf": [BRANCH]}}},
        {"anyOf": [{"$ref": "#"}]},
    ],
)
def test_schemas_of_any_shape_take_the_block_and_lose_what_is_pinned(schema: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    offered = offer(schema, {"secret": 1})
    assert schema == before
    assert offered["type"] == "object"
    assert next(iter(offered["properties"])) == offered["required"][0] == "reasoning"
    assert "secret" not in json.dumps({key: value for key, value in offered.items() if key != "$defs"})
    Draft202012Validator.check_schema(offered)


@pytest.mark.parametrize("ref", [5, "https://schemas.example/a", "#/$defs/missing", "#/a~2", "#anchor"])
def test_a_reference_that_cannot_be_followed_is_kept(ref: Any) -> None:
    assert offer({"$ref": ref}, {})["$ref"] == ref


def test_a_call_that_follows_the_offer_fits_closed_alternatives() -> None:
    offered = offer({"$defs": {"B": BRANCH}, "anyOf": [{"$ref": "#/$defs/B"}]}, {"secret": 1})
    Draft202012Validator(offered).validate({"reasoning": BLOCK, "a": 1})


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({}, "reasoning"),
        (REFUND, "reasoning"),
        ({"properties": {"reasoning": {}}}, "quarterdeck_reasoning"),
        ({"required": ["reasoning", 5]}, "quarterdeck_reasoning"),
        ({"anyOf": [{"properties": {"reasoning": {}}}]}, "quarterdeck_reasoning"),
        ({"if": {"properties": {"reasoning": {}}}}, "quarterdeck_reasoning"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"reasoning": {}}}}}, "quarterdeck_reasoning"),
        ({"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"reasoning": {}}}, "quarterdeck_reasoning"),
        ({"properties": {"reasoning": {}, "quarterdeck_reasoning": {}}}, "quarterdeck_reasoning_2"),
        ({"required": ["reasoning", "quarterdeck_reasoning", "quarterdeck_reasoning_2"]}, "quarterdeck_reasoning_3"),
    ],
)
def test_a_tool_with_a_parameter_of_that_name_keeps_it(schema: dict[str, Any], name: str) -> None:
    assert name_for(schema) == name
    assert offer(schema, {})["required"][0] == name
    reasoning, rest, problems = take({name: BLOCK, "own": 1}, schema)
    assert (reasoning, rest, problems) == (TAKEN, {"own": 1}, [])


def test_a_tools_own_reasoning_stays_with_the_tool() -> None:
    schema = {"properties": {"reasoning": {"type": "string"}}}
    assert take({"quarterdeck_reasoning": BLOCK, "reasoning": "mine"}, schema)[1] == {"reasoning": "mine"}
    assert offer(schema, {})["properties"]["reasoning"] == {"type": "string"}
    assert "reasoning" not in offer(schema, {"reasoning": "pinned"})["properties"]


def test_the_block_is_taken_out_of_the_arguments() -> None:
    arguments = {"reasoning": BLOCK, "order_id": 1043}
    assert take(arguments, REFUND) == (TAKEN, {"order_id": 1043}, [])
    assert "reasoning" in arguments


@pytest.mark.parametrize(
    "block",
    [
        {**BLOCK, "alternatives": []},
        {**BLOCK, "alternatives": None},
        {key: value for key, value in BLOCK.items() if key != "alternatives"},
        {**BLOCK, "alternatives": [], "mood": "good"},
        json.dumps({**BLOCK, "alternatives": []}),
    ],
)
def test_what_small_models_do_is_forgiven(block: Any) -> None:
    reasoning, rest, problems = take({"reasoning": block, "a": 1}, REFUND)
    assert reasoning == TAKEN.model_copy(update={"alternatives": ()})
    assert (rest, problems) == ({"a": 1}, [])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ['Put "reasoning" first in every call']),
        ({"reasoning": None}, ['"reasoning" must be an object with the texts need, source and therefore']),
        ({"reasoning": "because"}, ['"reasoning" must be an object']),
        ({"reasoning": '"because"'}, ['"reasoning" must be an object']),
        ({"reasoning": "[" * 100_000}, ['"reasoning" must be an object']),
        ({"reasoning": []}, ['"reasoning" must be an object']),
        ({"reasoning": {}}, ['"reasoning.need" must', '"reasoning.source" must', '"reasoning.therefore" must']),
        ({"reasoning": {**BLOCK, "need": " \n"}}, ['"reasoning.need" must be a sentence, not empty.']),
        ({"reasoning": {**BLOCK, "source": 5}}, ['"reasoning.source" must be a sentence']),
        ({"reasoning": {**BLOCK, "need": "x" * (LONGEST_TEXT + 1)}}, ['"reasoning.need" is longer than 4,000']),
        ({"reasoning": json.dumps({**BLOCK, "need": "\ud800"})}, ['"reasoning.need" holds half a surrogate pair']),
        ({"reasoning": {**BLOCK, "alternatives": "none"}}, ['"reasoning.alternatives" must be a list']),
        ({"reasoning": {**BLOCK, "alternatives": ["a"]}}, ['"reasoning.alternatives" must be a list']),
        (
            {"reasoning": {**BLOCK, "alternatives": [{"tool": ""}]}},
            ['"reasoning.alternatives[0].tool" must', '"reasoning.alternatives[0].why_not" must'],
        ),
        (
            {"reasoning": {**BLOCK, "alternatives": BLOCK["alternatives"] * (MOST_ALTERNATIVES + 1)}},
            ['"reasoning.alternatives" names more than 20 tools.'],
        ),
    ],
    ids=range(15),
)
def test_a_missing_or_hollow_block_is_explained_to_the_model(arguments: dict[str, Any], expected: list[str]) -> None:
    reasoning, rest, problems = take({**arguments, "order_id": 1}, REFUND)
    assert reasoning is None
    assert rest == {"order_id": 1}
    assert [problem[: len(start)] for problem, start in zip(problems, expected, strict=True)] == expected


def test_the_longest_text_is_accepted() -> None:
    assert take({"reasoning": {**BLOCK, "need": "x" * LONGEST_TEXT}}, REFUND)[2] == []


names = st.sampled_from(["reasoning", "quarterdeck_reasoning", "a", "b"])
plain = st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("object"),
        "properties": st.dictionaries(names, st.just({"type": "integer"})),
        "required": st.lists(names, unique=True),
        "additionalProperties": st.booleans(),
    },
)


@given(plain, st.dictionaries(names, st.integers()), st.dictionaries(names, st.integers()))
def test_what_is_offered_is_what_is_taken(
    schema: dict[str, Any], pinned: dict[str, int], arguments: dict[str, int]
) -> None:
    name = name_for(schema)
    arguments.pop(name, None)
    assert set(offer(schema, pinned)["required"]) == ({*schema.get("required", [])} - {*pinned}) | {name}
    assert take({name: BLOCK, **arguments}, schema) == (TAKEN, arguments, [])
