"""Which tools are suggested, and why."""

from agents.suggesting import MOST_SUGGESTED, suggest, unused
from agents.tools.definition import ToolDefinition

TEXT = ["Answer customers. Use issue_voucher where something broke. Refund orders that arrived damaged."]


def tool(name: str, connector: str = "crm") -> ToolDefinition:
    return ToolDefinition(connector=connector, name=name, description="", input_schema={"type": "object"})


TOOLS = [tool(name) for name in ("issue_voucher", "refund_order", "get_parcel", "launch_rocket", "check_window")]


def test_what_the_instructions_name_comes_before_what_they_speak_of_and_the_rest_is_left_out() -> None:
    found = suggest(TEXT, TOOLS, set(), {})
    assert [(one.key, one.do) for one in found] == [("crm/issue_voucher", "pick"), ("crm/refund_order", "pick")]
    assert found[0].because == "Named in the instructions."
    assert "“refund” and “order" in found[1].because


def test_what_was_called_before_is_suggested_with_its_numbers() -> None:
    found = suggest([], TOOLS, set(), {"crm/launch_rocket": {"offered": 90, "called": 64, "rejected": 3}})
    assert [(one.key, one.because) for one in found] == [("crm/launch_rocket", "Called 64 times, 3 rejected.")]


def test_a_picked_tool_whose_calls_do_not_fit_is_to_be_dropped_or_described_better() -> None:
    use = {"crm/check_window": {"offered": 600, "called": 88, "invalid": 22}}
    first = suggest(TEXT, TOOLS, {"crm/check_window"}, use)[0]
    assert (first.do, first.because) == ("drop", "Drop or describe better: 22 of 88 calls were invalid.")
    assert "crm/check_window" not in [one.key for one in suggest(TEXT, TOOLS, set(), use)]


def test_a_few_calls_say_nothing_about_a_tool() -> None:
    assert not suggest([], TOOLS, {"crm/check_window"}, {"crm/check_window": {"called": 3, "invalid": 3}})


def test_picked_tools_are_never_suggested_again_and_there_are_never_many() -> None:
    many = [tool(f"refund_order_{number}") for number in range(40)]
    found = suggest(TEXT, many, {"crm/refund_order_1"}, {})
    assert len(found) == MOST_SUGGESTED
    assert "crm/refund_order_1" not in [one.key for one in found]


def test_what_was_offered_often_and_never_called_is_unused() -> None:
    use = {"crm/a": {"offered": 100, "called": 0}, "crm/b": {"offered": 100, "called": 1}, "crm/c": {"offered": 2}}
    assert unused(["crm/a", "crm/b", "crm/c", "crm/d"], use) == ["crm/a"]
