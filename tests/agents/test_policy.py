"""Which rule decides about a call, in which direction doubt falls, and in which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conditions import same
from agents.config import Condition, Policy, Rule, When
from agents.policy import DEFAULTS, RELEASE_ORDER, VERIFY_ORDER, Ruling, judge, stricter
from store.events import Release, Risk, RuleRef, Verify

ORDER = {
    "order_id": 1043,
    "amount": 412.0,
    "to": "anna@shop.example",
    "urgent": True,
    "tags": ["vip", 5],
    "lines": [{"sku": "T-1", "qty": 1}, {"sku": "T-2", "qty": 9}],
    "sparse": [{"qty": 1}, {}],
    "empty": [],
    "prices": {"a": 1, "b": 2},
    "a/b": {"~": None},
    "big": 10**30,
}
CALL: dict[str, Any] = {"connector": "crm", "tool": "refund_order", "risk": Risk.WRITE, "arguments": ORDER}


def rule(release: str | None = None, verify: str | None = None, *, approver: str | None = None, **when: Any) -> Rule:
    because = when.pop("because", "It is the rule.")
    return Rule(when=When(**when), release=release, verify=verify, approver=approver, because=because)  # type: ignore[arg-type]


def ruling(*rules: Rule, risk: Risk = Risk.WRITE, tool: str = "refund_order", **arguments: Any) -> Ruling:
    policy = Policy(name="desk", rules=rules)
    return judge(policy, 3, connector="crm", tool=tool, risk=risk, arguments=arguments or ORDER)


def outcome(*rules: Rule, **call: Any) -> tuple[str, str]:
    found = ruling(*rules, **call)
    return found.verify.value, found.release.value


def about(path: str, op: str, value: Any = None) -> tuple[Condition]:
    return (Condition(path=path, op=op, value=value),)  # type: ignore[arg-type]


# ── defaults ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("risk", "release", "because"),
    [
        (Risk.READ, Release.ALLOW, "Reading is allowed unless a rule says otherwise."),
        (Risk.WRITE, Release.ASK, "Writes are asked about unless a rule allows them."),
        (Risk.DESTRUCTIVE, Release.ASK, "Destructive calls are asked about unless a rule allows them."),
        (Risk.UNKNOWN, Release.ASK, "Nobody has said what this tool can do, so a person is asked."),
    ],
)
def test_without_a_rule_the_risk_decides(risk: Risk, release: Release, because: str) -> None:
    found = ruling(rule("deny", tool="delete_*"), risk=risk)
    assert (found.verify, found.release, found.because) == (Verify.NONE, release, because)
    assert found.rule == RuleRef(policy="desk", version=3, index=None)
    assert found.approver == "anyone"
    assert [match.matched for match in found.matches] == [False]


def test_every_risk_has_a_default() -> None:
    assert set(DEFAULTS) == set(Risk)


def test_the_default_fills_only_what_no_matching_rule_names() -> None:
    assert outcome(rule("allow")) == ("none", "allow")
    assert outcome(rule(verify="none")) == ("none", "ask")
    assert outcome(rule(verify="none"), risk=Risk.READ) == ("none", "allow")
    assert outcome(rule("deny"), risk=Risk.READ) == ("none", "deny")
    assert outcome(rule()) == ("none", "ask")


def test_refunds_up_to_fifty_run_is_one_rule() -> None:
    small = rule("allow", tool="refund_*", arguments=about("/amount", "le", 50), because="Small refunds run")
    assert outcome(small, amount=50) == ("none", "allow")
    assert outcome(small, amount=50.0) == ("none", "allow")
    assert outcome(small, amount=50.01) == ("none", "ask")
    assert outcome(small, amount="5") == ("none", "ask")
    assert outcome(small, other=1) == ("none", "ask")
    found = ruling(small, amount=50)
    assert found.because == "Small refunds run."
    assert found.rule == RuleRef(policy="desk", version=3, index=0)


# ── the strictest wins ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rules", "expected", "index"),
    [
        ([rule("allow"), rule("ask")], ("none", "ask"), 1),
        ([rule("ask"), rule("allow")], ("none", "ask"), 0),
        ([rule("deny"), rule("ask_two"), rule("allow")], ("none", "deny"), 0),
        ([rule("ask"), rule("ask_two"), rule("ask_two")], ("none", "ask_two"), 1),
        ([rule(verify="check"), rule(verify="unanimous"), rule(verify="consensus")], ("unanimous", "ask"), 0),
        ([rule("allow", "check")], ("check", "ask"), 0),
        ([rule("allow"), rule(verify="check")], ("check", "ask"), 1),
        ([rule("deny"), rule(verify="check")], ("check", "deny"), 0),
        ([rule("allow", "none")], ("none", "allow"), 0),
    ],
)
def test_the_strictest_matching_rule_decides(rules: list[Rule], expected: tuple[str, str], index: int) -> None:
    found = ruling(*rules, risk=Risk.READ)
    assert (found.verify.value, found.release.value) == expected
    assert found.rule is not None
    assert found.rule.index == index


def test_the_reason_is_that_of_all_rules_that_decided_and_of_no_other() -> None:
    found = ruling(
        rule("allow", because="Small ones run"),
        rule("ask", because="Is it right?"),
        rule("ask", because="A person looks"),
        rule("ask", because="A person looks"),
        rule(verify="check", because="Checked too."),
    )
    assert found.because == "Is it right? A person looks. Checked too."


@pytest.mark.parametrize(
    ("rules", "approver"),
    [
        ([rule("ask")], "anyone"),
        ([rule("ask", approver="not_requester")], "not_requester"),
        ([rule("ask", approver="role:admin"), rule("ask", approver="not_requester")], "role:admin"),
        ([rule("ask", approver="role:operator"), rule("ask", approver="not_requester")], "not_requester"),
        ([rule("ask", approver="role:admin"), rule("ask", approver="role:treasurer")], "role:treasurer"),
        ([rule("ask_two")], "not_requester"),
        ([rule("ask_two", approver="anyone")], "not_requester"),
        ([rule("ask_two"), rule("ask", approver="role:admin")], "role:admin"),
        ([rule("ask"), rule("ask", approver="role:admin", tool="other")], "anyone"),
        ([rule(verify="check", approver="role:admin")], "role:admin"),
    ],
)
def test_the_strictest_approver_of_the_rules_in_force_is_asked(rules: list[Rule], approver: str) -> None:
    assert ruling(*rules).approver == approver
    assert ruling(*reversed(rules)).approver == approver


# ── what a rule is about ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("when", "matched", "why"),
    [
        ({}, True, "it is about every call"),
        ({"connector": "crm"}, True, "the connector crm is crm"),
        ({"connector": "CRM"}, False, "the connector crm is not CRM"),
        ({"tool": "refund_*", "risk": "write"}, True, "the tool refund_order is refund_*; its risk is write"),
        ({"tool": "Refund_*"}, False, "the tool refund_order is not Refund_*"),
        ({"risk": "read"}, False, "its risk is write, not read"),
        ({"evidence": "invented"}, None, "evidence is not available yet"),
        ({"evidence": "invented", "tool": "x"}, False, "the tool refund_order is not x"),
        ({"arguments": about("/amount", "gt", 50)}, True, "/amount is 412.0, which fits gt 50"),
        ({"arguments": about("/amount", "lt", 50)}, False, "/amount is 412.0, which does not fit lt 50"),
        ({"arguments": about("/nothing", "gt", 50)}, None, "/nothing cannot be tested: it is missing"),
        ({"arguments": about("/nothing", "exists")}, False, "/nothing is missing, which does not fit exists True"),
        ({"arguments": about("/a~2", "exists")}, None, "/a~2 is not a JSON Pointer"),
        ({"arguments": (*about("/no", "eq", 1), *about("/amount", "eq", 1))}, False, "/amount is 412.0"),
        ({"arguments": (*about("/no", "eq", 1), *about("/amount", "eq", 412))}, None, "/no cannot be tested"),
    ],
)
def test_all_parts_of_a_rule_must_hold_and_it_says_which_did_not(
    when: dict[str, Any], matched: bool | None, why: str
) -> None:
    (match,) = ruling(rule("deny", **when)).matches
    assert match.matched is matched
    assert match.why.startswith(why)


def test_a_long_value_is_shortened_in_the_explanation() -> None:
    (match,) = ruling(rule("deny", arguments=about("/note", "eq", "y" * 500)), note="x" * 500).matches
    assert len(match.why) < 200


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
    nested = about("/note", "matches", "(" * 249 + "a" + ")" * 249)
    assert outcome(rule("deny", arguments=nested), note="b")[1] in {"deny", "ask"}


def test_a_rule_that_both_verifies_and_allows_is_judged_for_each_by_itself() -> None:
    both = rule("allow", "check", arguments=about("/lines/*/qty", "le", 5))
    found = ruling(both)
    assert (found.verify, found.release) == (Verify.CHECK, Release.ASK)
    assert found.matches[0].matched is True
    assert "it does not allow, since /lines/*/qty is 9" in found.matches[0].why
    neither = ruling(both, lines=[{"qty": 9}])
    assert (neither.verify, neither.release) == (Verify.NONE, Release.ASK)
    strict_and_lax = ruling(rule("deny", "none", arguments=about("/lines/*/qty", "le", 5)))
    assert strict_and_lax.release == Release.DENY


def test_doubt_is_told_in_the_reason() -> None:
    found = ruling(rule("ask_two", arguments=about("/total", "gt", 5), because="Large refunds need two people."))
    assert found.release == Release.ASK_TWO
    assert found.because == (
        "Large refunds need two people (counted as matching: /total cannot be tested: it is missing)."
    )


def test_equality_is_that_of_json() -> None:
    assert same([1, {"a": [50]}], [1.0, {"a": [50.0]}])
    assert not same([1], [True])
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})
    assert not same({"a": 1}, {"a": False})
    assert not same({}, [])
    assert same(None, None)


# ── two policies ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_rulings_the_stricter_of_each_kind_holds() -> None:
    checked = ruling(rule(verify="check", because="Checked.", approver="role:admin"))
    two = ruling(rule("ask_two", because="Two people."))
    for found in (stricter(checked, two), stricter(two, checked)):
        assert (found.verify, found.release) == (Verify.CHECK, Release.ASK_TWO)
        assert found.because == "Two people."
        assert found.rule == two.rule
        assert found.approver == "role:admin"


def test_of_two_equally_strict_rulings_the_first_speaks() -> None:
    one = judge(Policy(name="old", rules=(rule("ask", because="Old."),)), 1, **CALL)
    other = judge(Policy(name="new", rules=(rule("ask", because="New."),)), 2, **CALL)
    assert stricter(one, other).because == "Old."
    assert stricter(other, one).because == "New."
    assert [match.ref.policy for match in stricter(one, other).matches] == ["old", "new"]
    assert stricter(one, one) == one


# ── properties ────────────────────────────────────────────────────────────────────────────────────────────────────

conditions = st.builds(
    Condition,
    path=st.sampled_from(["/amount", "/lines/*/qty", "/sparse/*/qty", "/empty/*", "/missing", "/to", "/tags/*", ""]),
    op=st.sampled_from(list(Condition.model_fields["op"].annotation.__args__)),  # type: ignore[union-attr]
    value=st.sampled_from([None, True, False, 1, 5.0, 412, "a", "(", ["vip", 5], {}]),
)
whens = st.builds(
    When,
    connector=st.sampled_from([None, "crm", "*", "x"]),
    tool=st.sampled_from([None, "refund_*", "delete_*"]),
    risk=st.none() | st.sampled_from(Risk),
    arguments=st.lists(conditions, max_size=2).map(tuple),
    evidence=st.sampled_from([None, None, "invented"]),
)
approvers = st.sampled_from([None, "anyone", "not_requester", "role:operator", "role:admin", "role:other"])


def rules(verifies: Any, releases: Any) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule, when=whens, verify=verifies, release=releases, approver=approvers, because=st.sampled_from(["A.", "b"])
    )


any_rule = rules(st.none() | st.sampled_from(Verify), st.none() | st.sampled_from(Release))
restrictive_rule = rules(st.none() | st.sampled_from(VERIFY_ORDER[1:]), st.none() | st.sampled_from(RELEASE_ORDER[1:]))


def strictness(found: Ruling) -> tuple[int, int]:
    return VERIFY_ORDER.index(found.verify), RELEASE_ORDER.index(found.release)


@given(st.lists(any_rule, max_size=4), restrictive_rule, st.integers(0, 4), st.sampled_from(Risk))
def test_adding_a_restrictive_rule_never_loosens(existing: list[Rule], added: Rule, at: int, risk: Risk) -> None:
    before = ruling(*existing, risk=risk)
    after = ruling(*existing[:at], added, *existing[at:], risk=risk)
    assert all(one <= other for one, other in zip(strictness(before), strictness(after), strict=True))
    assert stricter(before, after).approver == after.approver


@given(st.lists(any_rule, max_size=5).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_rules_does_not_matter(orders: tuple[list[Rule], list[Rule]]) -> None:
    one, other = (ruling(*order) for order in orders)
    assert strictness(one) == strictness(other)
    assert one.approver == other.approver


@given(st.lists(any_rule, max_size=5), st.sampled_from(Risk))
def test_whatever_is_to_be_verified_asks_a_person_for_now(some: list[Rule], risk: Risk) -> None:
    found = ruling(*some, risk=risk)
    if found.verify != Verify.NONE:
        assert found.release != Release.ALLOW
    assert found.because
    assert len(found.matches) == len(some)


@given(st.lists(any_rule, max_size=3), st.lists(any_rule, max_size=3))
def test_the_stricter_of_two_is_at_least_as_strict_as_either(first: list[Rule], second: list[Rule]) -> None:
    one, other = ruling(*first), ruling(*second, risk=Risk.READ)
    both = strictness(stricter(one, other))
    assert both == tuple(map(max, strictness(one), strictness(other)))
    assert both == strictness(stricter(other, one))
