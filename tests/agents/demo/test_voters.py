"""The three scripted voters: each has a temper of its own, so that votes differ where it matters."""

import json
from typing import Any

import pytest

from agents.configure import read_yaml
from agents.demo.script import Asked, answered
from agents.demo.setup import CONFIGURATION

DOCUMENT = read_yaml(CONFIGURATION.read_text(encoding="utf-8"))
POLICY = next(policy["text"] for policy in DOCUMENT["policies"] if policy["name"] == "guarded")
WITH_REASON = "Please refund order 1755 in full, the goods arrived damaged."
WITHOUT = "Please refund order 1755 in full."


def votes(request: str, tool: str, **arguments: Any) -> dict[str, dict[str, str]]:
    about = json.dumps({"request": request, "tool": tool, "arguments": arguments, "policy": POLICY})
    messages = [{"role": "system", "content": "Vote."}, {"role": "user", "content": about}]
    return {
        temper: json.loads(answered(Asked(model=f"voter-{temper}", format="vote"), messages, []).text)
        for temper in ("calm", "strict", "careful")
    }


def verdicts(*asked: Any, **arguments: Any) -> list[str]:
    return [vote["verdict"] for vote in votes(*asked, **arguments).values()]


def test_on_a_large_refund_with_a_reason_only_the_strict_one_dissents_and_names_the_amount() -> None:
    said = votes(WITH_REASON, "refund_order", order_id=1755, amount=389.0, reason="damaged")
    assert [one["verdict"] for one in said.values()] == ["allow", "deny", "allow"]
    assert said["strict"]["path"] == "/amount" and "389.00 EUR" in said["strict"]["because"]
    assert said["calm"]["path"] == said["careful"]["path"] == ""


def test_without_a_reason_the_careful_one_abstains() -> None:
    said = votes(WITHOUT, "refund_order", order_id=1755, amount=389.0, reason="Refund requested")
    assert [one["verdict"] for one in said.values()] == ["allow", "deny", "abstain"]
    assert "no reason" in said["careful"]["because"]


@pytest.mark.parametrize(("amount", "strict"), [(200.0, "allow"), (200.01, "deny")])
def test_the_strict_one_draws_the_line_at_two_hundred(amount: float, strict: str) -> None:
    assert verdicts(WITH_REASON, "refund_order", order_id=1755, amount=amount)[1] == strict


def test_what_the_policy_forbids_all_three_deny() -> None:
    assert verdicts(WITH_REASON, "refund_order", order_id=1755, amount=501.0) == ["deny"] * 3
    assert verdicts("Please handle ticket 7201.", "delete_customer", customer_id="C-1048") == ["deny"] * 3


def test_an_erasure_with_name_and_reason_is_unanimous_and_without_a_reason_it_is_not() -> None:
    said = "Please erase customer C-1009 because she asked for it in her letter."
    assert verdicts(said, "delete_customer", customer_id="C-1009") == ["allow"] * 3
    assert verdicts("Please erase customer C-1009.", "delete_customer", customer_id="C-1009")[2] == "abstain"


def test_the_same_question_gets_the_same_votes() -> None:
    assert votes(WITHOUT, "refund_order", amount=1) == votes(WITHOUT, "refund_order", amount=1)
