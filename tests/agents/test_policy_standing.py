"""What a standing approval releases, and what it never does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.conditions import Call, Circumstances
from agents.config import Policy, StandingApproval
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
