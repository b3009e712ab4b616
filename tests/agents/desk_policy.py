"""One order and short ways of writing rules about it, for the tests of policy."""

from typing import Any

from agents.config import Condition, Policy, Rule, When
from agents.policy import Ruling, judge
from store.events import Risk

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
