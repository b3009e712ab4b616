"""Which rule decides about a call, in which direction doubt falls, and in which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.config import Condition, Policy, Rule, When
from agents.policy import DEFAULTS, RELEASE_ORDER, VERIFY_ORDER, Ruling, judge, stricter
from store.events import Release, Risk, RuleRef, Verify
from tests.agents.desk_policy import ORDER, about, outcome, rule, ruling

CALL: dict[str, Any] = {"connector": "crm", "tool": "refund_order", "risk": Risk.WRITE, "arguments": ORDER}

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
        ([rule(verify="check"), rule(verify="unanimous"), rule(verify="consensus")], ("unanimous", "allow"), None),
        ([rule("allow", "check")], ("check", "allow"), 0),
        ([rule("allow"), rule(verify="check")], ("check", "allow"), 0),
        ([rule("deny"), rule(verify="check")], ("check", "deny"), 0),
        ([rule("allow", "none")], ("none", "allow"), 0),
    ],
)
def test_the_strictest_matching_rule_decides(rules: list[Rule], expected: tuple[str, str], index: int | None) -> None:
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
    assert found.because == "Is it right? A person looks."


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
        ({"evidence": "nowhere"}, None, "nobody has looked where its values come from"),
        ({"evidence": "nowhere", "tool": "x"}, False, "the tool refund_order is not x"),
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
    evidence=st.sampled_from([None, None, "nowhere"]),
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
def test_models_that_verify_never_release_what_no_rule_allows(some: list[Rule], risk: Risk) -> None:
    found = ruling(*some, risk=risk)
    if found.release == Release.ALLOW and risk is not Risk.READ:
        assert any(one.release == Release.ALLOW for one in some)
    assert found.because
    assert len(found.matches) == len(some)


@given(st.lists(any_rule, max_size=3), st.lists(any_rule, max_size=3))
def test_the_stricter_of_two_is_at_least_as_strict_as_either(first: list[Rule], second: list[Rule]) -> None:
    one, other = ruling(*first), ruling(*second, risk=Risk.READ)
    both = strictness(stricter(one, other))
    assert both == tuple(map(max, strictness(one), strictness(other)))
    assert both == strictness(stricter(other, one))
