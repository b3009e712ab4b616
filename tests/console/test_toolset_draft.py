"""A toolset while it is being curated, its rows, and two admins at the same one."""

from typing import Any

import pytest

from agents.tools.definition import ToolDefinition
from console import toolset_rows
from console.merging import merge
from console.toolset_draft import Draft

STORED: dict[str, Any] = {
    "name": "desk",
    "limit": 9,
    "tools": [
        {"connector": "crm", "tool": "get_order", "risk": "read", "idempotent": True},
        {"connector": "crm", "tool": "refund", "risk": "write", "pinned": {"currency": "EUR"}},
    ],
}
SCHEMA = {
    "type": "object",
    "properties": {
        "currency": {"$ref": "#/$defs/Currency"},
        "count": {"type": "integer", "minimum": 1},
        "note": {"type": ["string", "null"]},
    },
    "required": ["count"],
    "$defs": {"Currency": {"type": "string", "enum": ["EUR", "NOK"]}},
}


def tool(name: str, connector: str = "crm", **more: Any) -> ToolDefinition:
    return ToolDefinition(connector=connector, name=name, description=f"{name}.\nMore.", input_schema=SCHEMA, **more)


def test_an_untouched_draft_is_what_is_stored() -> None:
    draft = Draft(STORED)
    assert draft.whole("desk") == STORED
    assert not draft.is_changed


def test_what_was_said_of_a_tool_survives_being_unpicked_and_picked_again() -> None:
    draft = Draft(STORED)
    draft.pick({"crm/get_order": "read"})
    assert draft.is_changed
    draft.pick({"crm/get_order": "read", "crm/refund": "destructive"})
    assert draft.whole("desk")["tools"][1] == STORED["tools"][1] | {"risk": "destructive"}


def test_a_default_takes_a_field_away_again() -> None:
    draft = Draft(STORED)
    draft.say("crm/get_order", "idempotent", False)
    draft.say("crm/get_order", "as", "order")
    draft.say("crm/get_order", "as", "")
    assert draft.whole("desk")["tools"][0] == {"connector": "crm", "tool": "get_order", "risk": "read"}


def test_the_same_tool_name_of_another_system_gets_its_systems_name_too() -> None:
    draft = Draft({})
    draft.pick({"crm/search": "read", "my wiki/search": "read"})
    assert [one.get("as") for one in draft.whole("x")["tools"]] == [None, "my_wiki_search"]


def test_two_admins_who_changed_different_tools_both_get_what_they_wanted() -> None:
    mine, theirs = Draft(STORED), Draft(STORED)
    mine.pick({"crm/refund": "write", "crm/mine": "read"})
    theirs.say("crm/refund", "as", "pay_back")
    theirs.pick({"crm/get_order": "read", "crm/refund": "write", "crm/theirs": "read"})
    both = merge(mine.whole("desk"), STORED, theirs.whole("desk") | {"limit": 12}).document
    assert both["limit"] == 12
    assert [(one["tool"], one.get("as")) for one in both["tools"]] == [
        ("refund", "pay_back"),
        ("theirs", None),
        ("mine", None),
    ]


def test_rows_show_what_is_offered_what_is_picked_and_what_is_gone() -> None:
    draft = Draft(STORED)
    rows = toolset_rows.rows([tool("get_order"), tool("delete_all")], draft, [tool("get_order")])
    assert [(row["key"], row["picked"], row["note"]) for row in rows] == [
        ("crm/get_order", True, "definition changed"),
        ("crm/delete_all", False, ""),
        ("crm/refund", True, "not offered now"),
    ]
    assert rows[1]["risk"] == "destructive" and "delete" in rows[1]["why"]
    assert rows[0]["first"] == "get_order."


def test_hidden_and_pinned_parameters_make_a_tool_smaller() -> None:
    one = tool("refund")
    entry = {"connector": "crm", "tool": "refund", "pinned": {"count": 1}, "hidden": ["note"]}
    assert toolset_rows.words(one, entry)["tokens"] < toolset_rows.words(one, None)["tokens"]
    assert toolset_rows.tags(one, entry)[:2] == [["o", "count = 1"], ["o", "1 hidden"]]


@pytest.mark.parametrize(
    ("annotations", "name", "says"),
    [
        ({}, "get_order", "none"),
        ({"readOnlyHint": True}, "get_order", ""),
        ({"readOnlyHint": True}, "delete_order", "disagrees"),
        ({"readOnlyHint": False, "destructiveHint": False}, "delete_order", "disagrees"),
        ({"readOnlyHint": False}, "create_order", ""),
    ],
)
def test_an_annotation_that_says_less_than_the_name_is_pointed_out(annotations: Any, name: str, says: str) -> None:
    row = toolset_rows.rows([tool(name, annotations=annotations)], Draft({}), [])[0]
    assert row["hint"] == says


def test_a_pinned_value_is_read_and_held_against_the_tools_own_schema() -> None:
    one = tool("refund")
    assert toolset_rows.read_value("12", {"type": "integer"}) == (12, "")
    assert toolset_rows.read_value("12", {"type": "string"}) == ("12", "")
    assert "write it as JSON" in toolset_rows.read_value("twelve", {"type": "integer"})[1]
    assert toolset_rows.misfit(one, "currency", "EUR") == ""
    assert "USD" in toolset_rows.misfit(one, "currency", "USD")
    assert toolset_rows.misfit(one, "count", 0)
