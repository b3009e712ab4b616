"""The parts without I/O: definitions and their hash, output checks, arithmetic, suggestions."""

from typing import Any

import pytest
from mcp.types import CallToolResult, TextContent

from agents.tools.arithmetic import NotArithmetic, work_out
from agents.tools.checks import output_problems
from agents.tools.definition import ToolDefinition, ToolOutput
from agents.tools.outputs import TEXT_CHARACTERS_AT_MOST, output
from agents.tools.suggestion import suggest_risk
from store.events import Risk

SCHEMA = {"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]}


def tool(name: str = "refund", **changes: Any) -> ToolDefinition:
    return ToolDefinition(**{"connector": "crm", "name": name, "description": "d", "input_schema": {}} | changes)


@pytest.mark.parametrize(
    "change",
    [
        {"connector": "other"},
        {"name": "refund2"},
        {"description": "e"},
        {"input_schema": {"type": "object"}},
        {"output_schema": {}},
        {"annotations": {"readOnlyHint": True}},
    ],
)
def test_the_hash_changes_with_each_thing_the_server_says(change: dict[str, Any]) -> None:
    assert tool(**change).hash != tool().hash


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert tool(input_schema={"a": 1, "b": 2}).hash == tool(input_schema={"b": 2, "a": 1}).hash


@pytest.mark.parametrize(
    ("schema", "structured", "said"),
    [
        (None, None, []),
        (SCHEMA, {"total": 1}, []),
        (SCHEMA, None, ["The tool promises structured output but returned none."]),
        (SCHEMA, {"total": "1"}, ["output.total: '1' is not of type 'integer'."]),
        (SCHEMA, {}, ["output: 'total' is a required property."]),
    ],
)
def test_output_is_held_against_its_schema(schema: dict[str, Any] | None, structured: Any, said: list[str]) -> None:
    assert output_problems(tool(output_schema=schema), ToolOutput(text="", structured=structured)) == said


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"$ref": "http://elsewhere.invalid/schema"}])
def test_an_output_schema_that_cannot_be_used_is_a_problem_and_nothing_is_fetched(schema: dict[str, Any]) -> None:
    problems = output_problems(tool(output_schema=schema), ToolOutput(text="", structured={"a": 1}))
    assert problems[0].startswith("The tool's output schema is not usable")


def test_an_error_is_not_held_against_the_schema() -> None:
    assert output_problems(tool(output_schema=SCHEMA), ToolOutput(text="x", is_error=True)) == []


def test_structured_output_without_text_becomes_its_text_and_a_huge_text_is_cut() -> None:
    assert output(CallToolResult(content=[], structured_content={"a": "é", "b": 2})).text == '{"a":"é","b":2}'
    huge = output(CallToolResult(content=[TextContent(type="text", text="x" * (TEXT_CHARACTERS_AT_MOST + 1))]))
    assert huge.text.endswith("[cut here: the output has 10,485,761 characters]")


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"),
        ("(89.90 - 12) * 3", "233.7"),
        ("2**64 + 1", "18446744073709551617"),
        ("7 // 2 + 7 % 4", "6"),
        ("round(2.675, 2) + max(1, 2) - abs(-1) + sum(1, 2, 3)", "9.68"),
        ("-0", "0"),
        ("1_000 / 8", "125"),
        ("100", "100"),
    ],
)
def test_the_calculator_is_exact(expression: str, result: str) -> None:
    assert work_out(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        "", "x", "__import__('os')", "1/0", "9**9**9", "10**1000*10**1000", "'a'*9", "True", "1 if 1 else 2", "[1]",
        "(" * 300 + ")" * 300, "1" * 600, "1e999999", "round(1, 10**9)", "(-1)**0.5", "abs()", "0**0", "1;2",
    ],
)  # fmt: skip
def test_the_calculator_refuses_everything_else(expression: str) -> None:
    with pytest.raises(NotArithmetic):
        work_out(expression)


@pytest.mark.parametrize(
    ("name", "annotations", "risk"),
    [
        ("get_order", {}, Risk.READ),
        ("get_order", {"readOnlyHint": True}, Risk.READ),
        ("getRefund", {}, Risk.READ),
        ("delete_customer", {}, Risk.DESTRUCTIVE),
        ("delete_customer", {"readOnlyHint": True}, Risk.DESTRUCTIVE),
        ("refund_order", {}, Risk.DESTRUCTIVE),
        ("send_email", {"readOnlyHint": True}, Risk.WRITE),
        ("send_email", {"destructiveHint": False}, Risk.WRITE),
        ("search_and_replace", {}, Risk.WRITE),
        ("post-search", {"destructiveHint": True}, Risk.DESTRUCTIVE),
        ("execute_sql", {"readOnlyHint": True}, Risk.UNKNOWN),
        ("manage_project", {}, Risk.UNKNOWN),
        ("widget", {}, Risk.UNKNOWN),
        ("widget", {"readOnlyHint": True}, Risk.READ),
        ("widget", {"readOnlyHint": False}, Risk.WRITE),
    ],
)
def test_a_risk_is_suggested_with_its_reason(name: str, annotations: dict[str, Any], risk: Risk) -> None:
    suggested, why = suggest_risk(tool(name, annotations=annotations))
    assert suggested is risk, why
    assert why.endswith(".")


def test_a_reading_tool_that_goes_where_it_is_told_is_not_suggested_as_reading() -> None:
    reaching = tool("get_webpage", input_schema={"properties": {"url": {}}}, annotations={"readOnlyHint": True})
    assert suggest_risk(reaching) == (Risk.UNKNOWN, "It reads, but “url” lets the model choose where a request goes.")
