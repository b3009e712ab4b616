"""One tool of a toolset, opened: what is typed into its fields, and what of it may be published."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import Client
from nicegui.page import page

from agents.tools.definition import ToolDefinition
from console.pages.toolset import ToolsetForm
from console.pages.toolset_details import Details
from console.toolset_draft import Draft

KEY = "crm/find"
TOOL = ToolDefinition(
    connector="crm",
    name="find",
    description="",
    input_schema={
        "type": "object",
        "properties": {"retries": {"type": "integer"}, "as": {"type": "integer"}, "verbose": {"type": "boolean"}},
    },
)


class Opened:
    """The fields of the tool, as they are after it was opened."""

    def __init__(self, client: Client, **entry: Any) -> None:
        stored = {"connector": "crm", "tool": "find", **entry}
        self.draft = Draft({"name": "desk", "tools": [stored]})
        self.client = client
        with self.client:
            self.details = Details(self.draft, fixed=False, on_change=lambda key: None, on_close=lambda: None)
            self.details.show(KEY, TOOL, None)

    def field(self, label: str) -> Any:
        found = [one for one in self.client.elements.values() if one.props.get("aria-label") == label]
        return found[-1]

    def type(self, label: str, value: Any) -> None:
        with self.client:
            self.field(label).value = value

    @property
    def entry(self) -> dict[str, Any]:
        return self.draft.whole("desk")["tools"][0]

    @property
    def missing(self) -> dict[str, str]:
        return ToolsetForm.missing(SimpleNamespace(draft=self.draft, details=self.details))  # type: ignore[arg-type]


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(page(""))
    yield made
    made.delete()


def test_a_value_that_does_not_fit_leaves_the_one_before_in_force_and_is_not_published(client: Client) -> None:
    opened = Opened(client, pinned={"retries": 3})
    opened.type("Value of retries", "three")
    assert opened.entry["pinned"] == {"retries": 3}
    assert list(opened.missing) == ["toolsets/crm/find/parameter/retries"]
    opened.type("Value of retries", "")
    assert opened.entry["pinned"] == {"retries": 3} and opened.missing
    opened.type("Value of retries", "4")
    assert opened.entry["pinned"] == {"retries": 4} and not opened.missing
    opened.type("What retries is", "open")
    assert "pinned" not in opened.entry


def test_a_hidden_parameter_stays_hidden_until_the_value_typed_for_it_fits(client: Client) -> None:
    opened = Opened(client, hidden=["verbose"])
    opened.type("What verbose is", "pinned")
    assert opened.entry["hidden"] == ["verbose"] and opened.missing
    opened.type("Value of verbose", "true")
    assert opened.entry["pinned"] == {"verbose": True} and "hidden" not in opened.entry


@pytest.mark.parametrize(("name", "other", "value"), [("retries", "Retries", 2), ("as", "Name for the model", "seek")])
def test_what_is_wrong_with_a_parameter_is_not_forgiven_by_a_field_of_the_same_name(
    client: Client, name: str, other: str, value: Any
) -> None:
    opened = Opened(client, pinned={name: 3})
    opened.type(f"Value of {name}", "three")
    opened.type(other, value)
    assert list(opened.missing) == [f"toolsets/crm/find/parameter/{name}"]


def test_a_tool_that_is_not_picked_any_more_keeps_nobody_from_publishing(client: Client) -> None:
    opened = Opened(client, pinned={"retries": 3})
    opened.type("Value of retries", "three")
    opened.draft.pick({})
    assert not opened.missing
    opened.draft.pick({KEY: "unknown"})
    assert opened.missing


def test_a_tool_opened_again_shows_what_holds_and_has_nothing_to_complain_of(client: Client) -> None:
    opened = Opened(client, pinned={"retries": 3})
    opened.type("Value of retries", "three")
    with opened.client:
        opened.details.show(KEY, TOOL, None)
    assert opened.field("Value of retries").value == "3"
    assert not opened.missing
