"""Two admins at one document: what a form saves on top of what somebody else saved meanwhile."""

from typing import Any

import pytest

from console import agent_draft
from console.components.differences import difference, pretty
from console.components.overtaken import conflicts
from console.merging import defaults_of, merge

REFUND = {"when": {"tool": "refund"}, "release": "ask", "because": "Money."}
DENY = {"when": {"tool": "delete_*"}, "release": "deny", "because": "Never."}
MINE = {"when": {"tool": "send"}, "release": "ask", "because": "Letters."}


def on_top(mine: dict[str, Any], opened: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Where nobody disagrees."""
    merged = merge(mine, opened, theirs)
    assert merged.conflicts == ()
    return merged.document


def test_only_what_was_changed_here_is_put_on_top_of_theirs() -> None:
    opened = {"name": "a", "x": 1, "y": 1, "gone": 1, "dropped": 1}
    mine = {"name": "a", "x": 2, "y": 1, "gone": 1, "new": 5}
    theirs = {"name": "a", "x": 1, "y": 3, "dropped": 1, "their": 7}
    assert on_top(mine, opened, theirs) == {"name": "a", "x": 2, "y": 3, "their": 7, "new": 5}


def test_where_nobody_was_first_a_document_keeps_its_order() -> None:
    opened = {"b": 1, "a": 1}
    assert list(on_top({"a": 2, "b": 1}, opened, dict(opened))) == ["a", "b"]


def rules(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"name": "p", "rules": list(listed)}


def test_a_deny_that_somebody_else_wrote_stays_when_a_rule_is_saved_on_top() -> None:
    assert on_top(rules(REFUND, MINE), rules(REFUND), rules(REFUND, DENY)) == rules(REFUND, DENY, MINE)
    assert on_top(rules(MINE, REFUND), rules(REFUND), rules(DENY, REFUND)) == rules(DENY, MINE, REFUND)
    assert on_top(rules(MINE), {"name": "p"}, rules(DENY)) == rules(DENY, MINE)


def test_what_either_of_two_took_away_stays_away() -> None:
    assert on_top(rules(DENY), rules(REFUND, DENY), rules(REFUND, DENY, MINE)) == rules(DENY, MINE)
    assert on_top(rules(REFUND, DENY, MINE), rules(REFUND, DENY), rules(DENY)) == rules(DENY, MINE)


def test_two_who_changed_different_things_of_one_rule_both_get_what_they_wanted() -> None:
    both = on_top(
        rules(REFUND | {"because": "Money goes out."}), rules(REFUND), rules(REFUND | {"release": "ask_two"}, DENY)
    )
    assert both == rules(REFUND | {"because": "Money goes out.", "release": "ask_two"}, DENY)


def test_rules_of_the_same_condition_are_told_apart_by_all_they_say() -> None:
    twice = REFUND | {"because": "Again."}
    assert on_top(rules(REFUND, twice, MINE), rules(REFUND, twice), rules(twice, DENY)) == rules(twice, DENY, MINE)
    assert on_top(rules(DENY, DENY, MINE), rules(DENY, DENY), rules(DENY)) == rules(DENY, MINE)


def test_budgets_of_other_agents_stay() -> None:
    opened = {"name": "desk", "agent_budgets_usd": {"A": 1.0}}
    theirs = {"name": "desk", "agent_budgets_usd": {"A": 1.0, "B": 2.0}, "timezone": "UTC"}
    mine = {"name": "desk", "agent_budgets_usd": {"A": 5.0}}
    assert on_top(mine, opened, theirs)["agent_budgets_usd"] == {"A": 5.0, "B": 2.0}


def toolset(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"name": "t", "tools": [{"connector": "crm", **one} for one in tools]}


def test_two_who_changed_the_same_tool_both_get_what_they_wanted() -> None:
    opened = toolset({"tool": "a", "risk": "read"}, {"tool": "b", "risk": "read"}, {"tool": "c"})
    mine = toolset({"tool": "a", "risk": "write"}, {"tool": "b", "risk": "read"}, {"tool": "mine"})
    theirs = toolset(
        {"tool": "a", "risk": "read", "description": "A."}, {"tool": "b", "risk": "write"}, {"tool": "c"}, {"tool": "d"}
    )
    assert on_top(mine, opened, theirs) == toolset(
        {"tool": "a", "risk": "write", "description": "A."},
        {"tool": "b", "risk": "write"},
        {"tool": "mine"},
        {"tool": "d"},
    )


def test_an_order_given_here_stays_and_what_is_new_follows_what_it_followed() -> None:
    opened, mine = ({"workflow": [{"stage": one} for one in names]} for names in ("abc", "cab"))
    theirs = {"workflow": [{"stage": one} for one in "abxc"]}
    assert [one["stage"] for one in on_top(mine, opened, theirs)["workflow"]] == ["c", "a", "b", "x"]


@pytest.mark.parametrize(
    ("mine", "opened", "theirs", "where"),
    [
        ({"x": 1}, {"x": 2}, {"x": 3}, ("x",)),
        ({"agent_budgets_usd": {"A": 1}}, {"agent_budgets_usd": {"A": 2}}, {"agent_budgets_usd": {"A": 3}}, None),
        (rules(REFUND | {"release": "allow"}), rules(REFUND), rules(REFUND | {"release": "deny"}), None),
        (rules(), rules(REFUND), rules(REFUND | {"release": "deny"}), ("rules", "Money.")),
        (toolset({"tool": "a", "risk": "read"}), toolset({"tool": "a"}), toolset(), ("tools", "crm/a")),
        ({"models": {"act": ["b"]}}, {"models": {"act": ["a"]}}, {"models": {"act": ["c"]}}, ("models", "act")),
        ({"args": ["-v"]}, {"args": []}, {"args": ["--root", "x"]}, ("args",)),
        ({"inputs": {"type": "string"}}, {"inputs": {"type": "object"}}, {}, ("inputs",)),
        ({"x": [1]}, {"x": 0}, {"x": {}}, ("x",)),
    ],
)
def test_where_both_changed_the_same_mine_is_saved_and_the_place_is_named(
    mine: Any, opened: Any, theirs: Any, where: tuple[str, ...] | None
) -> None:
    merged = merge(mine, opened, theirs)
    places = {"agent_budgets_usd": ("agent_budgets_usd", "A"), "rules": ("rules", "Money.", "release")}
    assert merged.conflicts == (where or next(place for key, place in places.items() if key in mine),)
    assert merged.document == {**theirs, **mine}


def test_the_places_that_both_changed_are_said_in_words() -> None:
    merged = merge(rules(REFUND | {"release": "allow"}), rules(REFUND), rules(REFUND | {"release": "deny"}))
    said = conflicts(merged)
    assert said == "You both changed this, and yours would replace theirs: rules, Money., release."
    budgets = merge({"budget_usd_per_day": 1}, {"budget_usd_per_day": 2}, {"budget_usd_per_day": 3})
    assert conflicts(budgets).endswith("theirs: budget per day.")
    assert conflicts(merge(rules(REFUND), rules(), rules(DENY))) == ""


def test_a_default_that_a_form_writes_out_undoes_nothing() -> None:
    opened, theirs = {"name": "s", "message": "Go."}, {"name": "s", "message": "Go.", "enabled": False}
    mine = {"name": "s", "message": "Go on.", "enabled": True, "missed": "run_once"}
    merged = merge(mine, opened, theirs, defaults_of("schedule"))
    assert merged.document == {"name": "s", "message": "Go on.", "enabled": False}
    assert merged.conflicts == ()


def test_ticks_are_put_on_top_of_theirs() -> None:
    opened = {"crm/read": "read", "crm/refund": "write", "crm/old": "read"}
    mine = {"crm/read": "write", "crm/refund": "write", "crm/mine": "read"}
    theirs = {"crm/read": "read", "crm/old": "read", "crm/their": "write"}
    assert agent_draft.picks(opened, mine, theirs) == {"crm/read": "write", "crm/their": "write", "crm/mine": "read"}
    assert agent_draft.picks(opened, mine, opened) == mine
    assert agent_draft.picks({}, mine, {}) == mine


def test_a_toolset_says_what_it_picks() -> None:
    toolset = {"tools": [{"connector": "crm", "tool": "a", "risk": "read"}, {"connector": "crm", "tool": "b"}]}
    assert agent_draft.picked(toolset) == {"crm/a": "read", "crm/b": "unknown"}
    assert agent_draft.picked({}) == {}


def test_a_difference_shows_long_texts_by_their_lines_and_escapes_them() -> None:
    shown = difference(pretty({"text": "one\ntwo"}), pretty({"text": "one\n<b>three"}), 'a "label"')
    assert "two" in shown and "&lt;b&gt;three" in shown and "<b>" not in shown
    assert 'aria-label="a &quot;label&quot;"' in shown
    assert not any(line.startswith("+") and "one" in line for line in shown.splitlines())
