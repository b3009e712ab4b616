"""One condition of a policy rule: true, false, or it cannot be told."""

from typing import Any

import pytest

from agents.conditions import same
from agents.patterns import CannotSearch, found
from tests.agents.desk_policy import ORDER, about, outcome, rule, ruling


@pytest.mark.parametrize(
    ("path", "op", "value", "truth"),
    [
        ("/amount", "eq", 412, True),
        ("/amount", "eq", "412.0", False),
        ("/urgent", "eq", 1, False),
        ("/urgent", "eq", True, True),
        ("/order_id", "ne", 1043, False),
        ("/order_id", "ne", True, True),
        ("/big", "eq", 10**30 + 1, False),
        ("/big", "gt", 10**30 - 1, True),
        ("/big", "gt", 1e30, False),
        ("", "eq", ORDER, True),
        ("/a~1b", "eq", {"~": None}, True),
        ("/a~1b/~0", "eq", None, True),
        ("/amount", "lt", 412.5, True),
        ("/amount", "lt", 412, False),
        ("/amount", "le", 412, True),
        ("/amount", "gt", 412, False),
        ("/amount", "ge", 412, True),
        ("/amount", "gt", "50", None),
        ("/amount", "gt", None, None),
        ("/amount", "gt", float("nan"), None),
        ("/to", "gt", "a", None),
        ("/urgent", "ge", 1, None),
        ("/amount", "ge", True, None),
        ("/order_id", "in", [1, 1043.0], True),
        ("/order_id", "in", ["1043"], False),
        ("/order_id", "in", 1043, None),
        ("/order_id", "not_in", [1], True),
        ("/order_id", "not_in", [1043], False),
        ("/order_id", "not_in", "1043", None),
        ("/to", "matches", "@shop[.]example$", True),
        ("/to", "matches", "^shop", False),
        ("/to", "matches", "(", None),
        ("/to", "matches", "x" * 501, None),
        ("/to", "matches", 5, None),
        ("/order_id", "matches", "1", None),
        ("/to", "starts_with", "anna@", True),
        ("/to", "starts_with", "shop", False),
        ("/to", "ends_with", ".example", True),
        ("/to", "ends_with", "anna", False),
        ("/to", "ends_with", None, None),
        ("/order_id", "starts_with", "1", None),
        ("/to", "contains", "@", True),
        ("/to", "contains", "#", False),
        ("/to", "contains", 5, None),
        ("/tags", "contains", "vip", True),
        ("/tags", "contains", 5.0, True),
        ("/tags", "contains", "5", False),
        ("/prices", "contains", "a", None),
        ("/tags/1", "eq", 5, True),
        ("/tags/2", "eq", 5, None),
        ("/tags/x", "eq", 5, None),
        ("/to/x", "eq", 5, None),
        ("/to", "exists", None, True),
        ("/to", "exists", True, True),
        ("/to", "exists", False, False),
        ("/missing", "exists", None, False),
        ("/missing", "exists", False, True),
        ("/to/deeper", "exists", False, True),
        ("/to", "exists", "yes", None),
    ],
)
def test_a_condition_on_one_argument(path: str, op: str, value: Any, truth: bool | None) -> None:
    (denied,) = ruling(rule("deny", arguments=about(path, op, value))).matches
    (allowed,) = ruling(rule("allow", arguments=about(path, op, value))).matches
    assert denied.matched is truth
    assert allowed.matched is truth
    assert outcome(rule("deny", arguments=about(path, op, value)))[1] == ("ask" if truth is False else "deny")
    assert outcome(rule("allow", arguments=about(path, op, value)))[1] == ("allow" if truth else "ask")


@pytest.mark.parametrize(
    ("path", "op", "value", "any_element", "all_elements"),
    [
        ("/lines/*/qty", "le", 5, True, False),
        ("/lines/*/qty", "le", 9, True, True),
        ("/lines/*/qty", "gt", 9, False, False),
        ("/lines/*", "exists", None, True, True),
        ("/prices/*", "gt", 1, True, False),
        ("/sparse/*/qty", "eq", 1, True, None),
        ("/sparse/*/qty", "eq", 2, None, False),
        ("/sparse/*/qty", "exists", None, True, False),
        ("/sparse/*/qty", "exists", False, True, False),
        ("/empty/*", "eq", 1, None, None),
        ("/empty/*", "exists", None, False, False),
        ("/empty/*/qty", "exists", False, True, True),
        ("/missing/*/qty", "gt", 0, None, None),
        ("/amount/*", "gt", 0, None, None),
        ("/*/*/sku", "eq", "T-1", True, False),
    ],
)
def test_under_a_star_one_element_restricts_and_only_all_allow(
    path: str, op: str, value: Any, any_element: bool | None, all_elements: bool | None
) -> None:
    arguments = about(path, op, value)
    for restrictive in (rule("deny", arguments=arguments), rule(verify="check", arguments=arguments)):
        assert ruling(restrictive).matches[0].matched is any_element
    for lax in (rule("allow", arguments=arguments), rule(verify="none", arguments=arguments)):
        assert ruling(lax).matches[0].matched is all_elements
    assert outcome(rule("deny", arguments=arguments))[1] == ("ask" if any_element is False else "deny")
    assert outcome(rule("allow", arguments=arguments))[1] == ("allow" if all_elements else "ask")


def test_a_pattern_that_runs_away_cannot_be_evaluated() -> None:
    runaway = about("/note", "matches", "(a|a)*$")
    assert outcome(rule("deny", arguments=runaway), note="a" * 60 + "!") == ("none", "deny")
    assert outcome(rule("allow", arguments=runaway), note="a" * 60 + "!") == ("none", "ask")
    assert outcome(rule("allow", arguments=about("/note", "matches", "a")), note="a" * 10_001) == ("none", "ask")


def test_a_pattern_nested_too_deeply_cannot_be_evaluated() -> None:
    def from_far_down(frames: int) -> bool:
        return from_far_down(frames - 1) if frames else found("(" * 249 + "a" + ")" * 249, "a")

    with pytest.raises(CannotSearch, match="nested too deeply"):
        from_far_down(800)


def test_equality_is_that_of_json() -> None:
    assert same([1, {"a": [50]}], [1.0, {"a": [50.0]}])
    assert not same([1], [True])
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})
    assert not same({"a": 1}, {"a": False})
    assert not same({}, [])
    assert not same([], {})
    assert same(None, None)
