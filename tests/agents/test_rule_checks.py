"""What is said about rules that can never match or never matter, and about no others."""

import random
from itertools import product
from typing import Any

import pytest

from agents.circumstances import Circumstances
from agents.config import Policy
from agents.policy import judge
from agents.rule_checks import hard_denies, problems
from store.events import Evidence, Risk

TOOLS = [("crm", "refund"), ("crm", "get_order"), ("mail", "send")]


def policy(*rules: dict[str, Any]) -> Policy:
    return Policy.model_validate({"name": "p", "rules": [{"because": "b", "release": "ask", **rule} for rule in rules]})


def about(*conditions: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    arguments = [{"path": path, "op": op, "value": value} for path, op, value in conditions]
    return {"when": {"arguments": arguments, **more}}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (about(("/a", "eq", 1), ("/a", "eq", 2)), "/a cannot be 1 and something else"),
        (about(("/a", "lt", 5), ("/a", "ge", 5)), "/a cannot be 5 or more and less than 5"),
        (about(("/a", "eq", 7), ("/a", "le", 5)), "/a cannot be 7 or more and 5 or less"),
        (about(("/a", "gt", 5), ("/a", "lt", 9), ("/a", "lt", 4)), "more than 5 and less than 4"),
        (about(("/a", "in", [])), "the list for /a is empty"),
        (about(("/a", "exists", False), ("/a", "eq", 1)), "/a cannot be missing and have a value"),
        ({"when": {"connector": "cmr"}}, "there is no connector cmr"),
        ({"when": {"connector": "mail", "tool": "refund*"}}, "It matches no tool of mail that is known: refund*"),
        ({"when": {"tool": "refnd"}}, "It matches no tool that is known: refnd"),
        ({"when": {"hours": {"start": "08:00", "end": "08:00"}}}, "begins and ends at 08:00"),
        ({"when": {"hours": {"start": "08:00", "end": "09:00", "timezone": "Mars/Base"}}}, "Its time cannot be told"),
        ({"release": None}, "it neither verifies nor releases anything"),
    ],
)
def test_a_rule_that_can_never_match_is_named(rule: dict[str, Any], says: str) -> None:
    found = problems(policy(rule), TOOLS)
    assert list(found) == [0]
    assert says in " ".join(found[0])


@pytest.mark.parametrize(
    "rule",
    [
        about(("/a", "ge", 5), ("/a", "le", 5)),
        about(("/a", "eq", 5), ("/a", "eq", 5.0)),
        about(("/items/*", "eq", 1), ("/items/*", "eq", 2)),
        about(("/a", "lt", "5"), ("/a", "gt", 9)),
        about(("/a", "eq", True), ("/a", "lt", 0)),
        {"when": {"connector": "*", "tool": "ref*"}},
        {"when": {"hours": {"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin"}}},
    ],
)
def test_a_rule_that_may_match_is_left_alone(rule: dict[str, Any]) -> None:
    assert problems(policy(rule), TOOLS) == {}


def test_nonsense_that_restricts_still_counts_where_the_value_is_missing_and_the_words_say_so() -> None:
    contradictory = about(("/a", "eq", 1), ("/a", "eq", 2))
    strict, lax = problems(policy(contradictory), TOOLS)[0], problems(policy({**contradictory, "release": "allow"}), TOOLS)[0]  # fmt: skip
    assert strict[0].startswith("It only matches where /a is missing")
    assert lax[0].startswith("It never matches")


def test_nothing_is_said_about_the_tools_of_a_connector_that_has_not_been_listed() -> None:
    rule = policy({"when": {"connector": "crm", "tool": "anything"}})
    assert problems(rule, [("mail", "send")], connectors=["crm", "mail"]) == {}
    assert problems(rule, [], connectors=["crm"]) == {}


def test_a_tool_that_no_listed_connector_has_is_named_though_another_connector_is_down() -> None:
    rule = Policy.model_validate(
        {"name": "p", "rules": [{"when": {"tool": "sendd"}, "release": "deny", "because": "b"}]}
    )
    assert problems(rule, [("mail", "send")], connectors=["crm", "mail"]) == {
        0: ["It matches no tool that is known: sendd. What crm offers is not known at the moment."]
    }


def test_a_rule_that_a_stricter_one_always_covers_changes_nothing() -> None:
    every = {"when": {"connector": "crm"}, "release": "deny"}
    one = {"when": {"connector": "crm", "tool": "refund"}, "release": "ask"}
    assert problems(policy(every, one), TOOLS) == {
        1: ["It changes nothing: rule 1 always matches too and is at least as strict."]
    }
    assert list(problems(policy(one, every), TOOLS)) == [0]


def test_of_two_equal_rules_only_the_later_changes_nothing() -> None:
    assert list(problems(policy({}, {}), TOOLS)) == [1]


@pytest.mark.parametrize(
    ("strict", "rule"),
    [
        ({"release": "ask"}, {"release": "deny"}),
        ({"release": "deny"}, {"release": "ask", "verify": "check"}),
        ({"release": "ask"}, {"release": "ask", "approver": "role:admin"}),
        ({"release": "deny", "when": {"tool": "refund"}}, {"when": {"tool": "re*"}}),
        ({"release": "deny", "when": {"agent": "*"}}, {}),
        ({"release": "deny", **about(("/a", "gt", 5))}, about(("/a", "gt", 6))),
        ({"release": None, "verify": "check"}, {"release": "allow"}),
        ({"release": "deny", **about(evidence="user")}, {"release": "allow", **about(evidence="user")}),
        (
            {"release": "ask", "verify": "check", **about(evidence="user")},
            {"release": "ask", "verify": "none", **about(evidence="user")},
        ),
    ],
)
def test_a_rule_that_may_matter_is_left_alone(strict: dict[str, Any], rule: dict[str, Any]) -> None:
    assert problems(policy(strict, rule), TOOLS).get(1) is None


def test_a_rule_about_evidence_changes_nothing_beside_one_as_lax_or_one_that_does_not_look_at_it() -> None:
    lax = {"release": "allow", **about(evidence="user")}
    assert list(problems(policy(lax, lax), TOOLS)) == [1]
    assert list(problems(policy({"release": "deny"}, lax), TOOLS)) == [1]
    assert list(problems(policy({"release": "deny", **about(evidence="user")}, about(evidence="user")), TOOLS)) == [1]


WHENS: list[dict[str, Any]] = [{}, {"tool": "refund"}, {"tool": "*"}, {"connector": "crm"}, {"risk": "write"}]
WHENS += [{"agent": "A"}, {"evidence": "user"}]
ORIGINS: list[tuple[Evidence, ...] | None] = [None, (), (Evidence(path="/a", value="9", origin="user"),)]
TESTS = [[], [{"path": "/a", "op": "gt", "value": 5}], [{"path": "/l/*", "op": "eq", "value": 1}]]
CALLS: list[dict[str, Any]] = [{}, {"a": 9}, {"a": 3}, {"a": "x"}, {"l": [1, 2]}, {"l": [1], "a": 9}, {"l": []}]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_said_to_change_nothing_can_be_taken_out_without_a_difference(seed: int) -> None:
    chance = random.Random(seed)
    says = [{"release": one} for one in ("allow", "ask", "ask_two", "deny")]
    says += [{"verify": "check", "release": None}, {"verify": "check"}, {"verify": "none"}, {"approver": "role:admin"}]
    rules = [
        {"when": {**chance.choice(WHENS), "arguments": chance.choice(TESTS)}, **chance.choice(says)} for _ in range(5)
    ]
    whole = policy(*rules)
    for index, remarks in problems(whole, [("crm", "refund"), ("crm", "send")]).items():
        assert all("changes nothing" in one for one in remarks), remarks
        without = policy(*(rule for n, rule in enumerate(rules) if n != index))
        for call in product(CALLS, (None, "A", "B"), ("refund", "send"), ORIGINS):
            assert _verdict(whole, *call) == _verdict(without, *call), (rules, index, call)


def _verdict(
    rules: Policy, values: dict[str, Any], agent: str | None, tool: str, evidence: tuple[Evidence, ...] | None
) -> tuple[Any, ...]:
    found = judge(
        rules,
        1,
        connector="crm",
        tool=tool,
        risk=Risk.WRITE,
        arguments=values,
        evidence=evidence,
        circumstances=Circumstances(agent=agent),
    )
    return found.verify, found.release, found.approver


def test_hard_denials_are_listed() -> None:
    assert hard_denies(policy({"release": "deny"}, {}, {"release": "deny"})) == [0, 2]
