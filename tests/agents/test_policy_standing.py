"""What a standing approval releases, and what it never does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.circumstances import Circumstances
from agents.conditions import Call
from agents.config import Policy, StandingApproval
from agents.configure import parse
from agents.errors import BadRequest
from agents.policy import judge
from agents.standing import released
from store.events import Release, Risk, RuleRef, Verify
from tests.agents.desk_policy import about, rule

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AROUND = Circumstances(agent="Clerk", at=NOW, session_cost_usd=0.0)


def ruled(*rules: Any, risk: Risk = Risk.WRITE, around: Circumstances = AROUND, **standing: Any) -> Any:
    call = Call(connector="crm", tool="refund", risk=risk, arguments={"amount": 60}, circumstances=around)
    named = {name: getattr(call, name) for name in ("connector", "tool", "risk", "arguments", "circumstances")}
    given = {"name": "usual", "connector": "crm", "tool": "refund", "because": "Agreed."} | standing
    one = StandingApproval.model_validate(given)
    return released(judge(Policy(name="desk", rules=rules), 3, **named), {"usual": (7, one)}, call)


@pytest.mark.parametrize(
    ("release", "becomes"), [("ask", "allow"), ("ask_two", "ask_two"), ("deny", "deny"), ("allow", "allow")]
)
def test_it_turns_only_ask_into_allow(release: str, becomes: str) -> None:
    assert ruled(rule(release)).release == becomes


def test_it_is_named_with_its_version_beside_the_rule_that_asked() -> None:
    found = ruled(rule("ask"))
    assert found.rule == RuleRef(policy="desk", version=3, index=0, standing="usual", standing_version=7)
    assert found.because == "A standing approval releases it, usual: Agreed."
    assert ruled().rule == RuleRef(policy="desk", version=3, standing="usual", standing_version=7)


def test_models_still_verify_what_it_releases() -> None:
    assert ruled(rule("ask", "check")).verify is Verify.CHECK


@pytest.mark.parametrize(
    "standing",
    [
        {"connector": "mail"},
        {"tool": "ref*"},
        {"agent": "Night watch"},
        {"expires_at": NOW},
        {"expires_at": NOW - timedelta(days=1)},
        {"expires_at": datetime(2030, 1, 1)},
        {"arguments": about("/amount", "le", 50)},
        {"arguments": about("/missing", "le", 50)},
        {"arguments": about("/amount", "le", "100")},
    ],
)
def test_what_it_does_not_cover_or_cannot_tell_is_asked_as_before(standing: dict[str, Any]) -> None:
    assert ruled(rule("ask"), **standing).release is Release.ASK


def test_it_holds_until_it_expires_and_never_where_nobody_knows_the_time() -> None:
    later = NOW + timedelta(seconds=1)
    assert ruled(rule("ask"), expires_at=later).release is Release.ALLOW
    assert ruled(rule("ask"), expires_at=later, around=Circumstances(agent="Clerk")).release is Release.ASK


def test_an_unknown_risk_and_a_rule_that_cannot_be_told_still_go_to_a_person() -> None:
    assert ruled(rule("ask"), risk=Risk.UNKNOWN).release is Release.ASK
    assert ruled(rule("ask"), rule("ask", arguments=about("/missing", "gt", 1))).release is Release.ASK


def test_doubt_about_a_rule_that_only_allows_or_verifies_holds_nothing_up() -> None:
    missing = about("/missing", "gt", 1)
    assert ruled(rule("ask"), rule("allow", arguments=missing)).release is Release.ALLOW
    checked = ruled(rule("ask"), rule(None, "check", arguments=missing))
    assert (checked.release, checked.verify) == (Release.ALLOW, Verify.CHECK)


def test_of_several_the_first_by_name_is_the_one_that_is_told() -> None:
    call = Call(connector="crm", tool="refund", risk=Risk.WRITE, arguments={}, circumstances=AROUND)
    one = StandingApproval(name="any", connector="crm", tool="refund", because="Agreed.")
    asked = judge(Policy(name="desk"), 3, connector="crm", tool="refund", risk=Risk.WRITE, arguments={})
    found = released(asked, {"b": (2, one), "a": (9, one)}, call)
    assert found.rule is not None
    assert (found.rule.standing, found.rule.standing_version) == ("a", 9)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"connector": "crm"}, "connector: there is no connector 'crm'"),
        ({"agent": "Clerk"}, "agent: there is no agent 'Clerk'"),
        ({"expires_at": "2030-01-31T18:00:00"}, "expires_at: it needs a time zone, 2030-01-31T18:00:00Z say"),
    ],
)
def test_one_about_what_is_not_there_or_without_a_clear_end_is_refused(wrong: dict[str, Any], problem: str) -> None:
    usual = {"name": "usual", "connector": "desk", "tool": "refund", "because": "Agreed."} | wrong
    connectors = [{"name": "desk", "kind": "builtin"}]
    with pytest.raises(BadRequest) as refused:
        parse({"connectors": connectors, "standing_approvals": [usual]})
    assert refused.value.problems == (f"/standing_approvals/0/{problem}",)
