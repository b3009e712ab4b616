"""Tool calls written as text: every form a small local model is known to use, and what must stay text."""

import json

import pytest

from agents.fenced import extract

OFFERED = {"refund", "look_up"}
ARGUMENTS = '{"order": 1043, "amount": 50.0}'


@pytest.mark.parametrize(
    "call",
    [
        f'{{"name": "refund", "arguments": {ARGUMENTS}}}',
        f'{{"name": "refund", "parameters": {ARGUMENTS}}}',
        f'{{"tool": "refund", "args": {ARGUMENTS}}}',
        f'{{"function": {{"name": "refund", "arguments": {ARGUMENTS}}}}}',
        f'{{"type": "function", "id": "c1", "function": {{"name": "refund", "parameters": {ARGUMENTS}}}}}',
        f'{{"function": "refund", "arguments": {ARGUMENTS}}}',
        f'{{"tool_calls": [{{"name": "refund", "arguments": {ARGUMENTS}}}]}}',
        f'{{"name": "refund", "arguments": {json.dumps(ARGUMENTS)}}}',
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "```json\n%s\n```",
        "```\n%s```",
        "```tool_call\n%s\n```",
        "<tool_call>\n%s\n</tool_call>",
        "<tool_call>%s",
        "[TOOL_CALLS] %s",
        "%s",
    ],
)
def test_every_form_and_every_wrapping_is_a_call_with_its_arguments_as_written(call: str, around: str) -> None:
    calls, text = extract(around % call, OFFERED)
    assert [(found.id, found.name, found.arguments) for found in calls] == [("", "refund", ARGUMENTS)]
    assert text == ""


def test_the_text_around_a_call_remains() -> None:
    calls, text = extract('First this.\n```json\n{"name": "look_up", "arguments": {}}\n```\nThen I will see.', OFFERED)
    assert [call.name for call in calls] == ["look_up"]
    assert text == "First this.\n\nThen I will see."


def test_several_calls_in_a_list_in_a_row_and_in_several_blocks() -> None:
    one, two = '{"name": "look_up", "arguments": {"n": 1}}', '{"name": "refund", "arguments": {"n": 2}}'
    for text in (
        f"```json\n[{one}, {two}]\n```",
        f"<tool_call>{one}</tool_call>\n<tool_call>{two}</tool_call>",
        f"```\n{one}\n{two}\n```",
    ):
        assert [call.name for call in extract(text, OFFERED)[0]] == ["look_up", "refund"]


def test_a_call_without_arguments_has_none() -> None:
    assert extract('```\n{"name": "look_up"}\n```', OFFERED)[0][0].arguments == "{}"


def test_arguments_that_must_be_refused_later_are_not_repaired_here() -> None:
    arguments = '{"a": 1, "a": 2, "b": NaN, "c": 1e400, "d": "\\ud800", "e": 12345678901234567890123}'
    calls, _ = extract(f'```json\n{{"name": "refund", "arguments": {arguments}}}\n```', OFFERED)
    assert calls[0].arguments == arguments


def test_backticks_inside_an_argument_do_not_end_the_block() -> None:
    arguments = '{"note": "see ```code``` here"}'
    calls, text = extract(f'```json\n{{"name": "refund", "arguments": {arguments}}}\n```\nDone.', OFFERED)
    assert (calls[0].arguments, text) == (arguments, "Done.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing to call here {at all}.",
        '```json\n{"name": "drop_tables", "arguments": {}}\n```',
        '```json\n[{"name": "refund", "arguments": {}}, {"name": "drop_tables", "arguments": {}}]\n```',
        '```json\n{"name": "refund", "arguments": {"order": \n```',
        '```json\n{"name": "refund", "colour": "green"}\n```',
        '```json\n{"name": ["refund"], "arguments": {}}\n```',
        '```json\n{"order": 1043, "amount": 50}\n```',
        '```json\n["refund", 3]\n```',
        'In passing: {"name": "refund", "arguments": {}} is how it would look.',
        "<tool_call>" * 2000,
        "```[" * 2000,
        "```json\n" + "[" * 100_000,
        "<tool_call>[" * 50_000,
        '```\n{"name": "refund", "arguments": {}}\n```' + " " * 1_000_000,
    ],
)
def test_what_is_not_a_call_of_an_offered_tool_stays_text(text: str) -> None:
    assert extract(text, OFFERED) == ((), text)


def test_nothing_is_a_call_when_nothing_is_offered() -> None:
    text = '```json\n{"name": "refund", "arguments": {}}\n```'
    assert extract(text, set()) == ((), text)
