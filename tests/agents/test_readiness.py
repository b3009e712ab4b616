"""What an agent still lacks is told in sentences, each with the page on which it is mended."""

from typing import Any

import pytest

from agents.config import Agent, Connector, Model, Policy, Toolset
from agents.readiness import Facts, Severity, findings


def agent(**changes: Any) -> Agent:
    document = {
        "name": "Refund clerk",
        "instructions": "Refund.",
        "toolset": "desk",
        "policy": "house",
        "models": {"act": ["big"]},
        "scenarios": [{"given": "Refund 1", "expect": "A refund"}],
    }
    return Agent.model_validate(document | changes)


def facts(*, tools: tuple[dict[str, Any], ...] = (), rules: tuple[dict[str, Any], ...] = (), **changes: Any) -> Facts:
    """Everything there: one tool that reads, two people who can decide, one session so far."""
    picked = tools or ({"connector": "crm", "tool": "look_up", "risk": "read"},)
    toolset = Toolset.model_validate({"name": "desk", "tools": picked})
    known: dict[str, Any] = {
        "models": {"big": Model(name="big", model="openai/big")},
        "connectors": {"crm": Connector(name="crm", kind="mcp_stdio", command="crm")},
        "toolsets": {"desk": toolset},
        "policies": {"house": Policy.model_validate({"name": "house", "rules": rules})},
        "up": frozenset({"crm"}),
        "offered": {"crm": frozenset(one["tool"] for one in picked)},
        "deciders": 3,
        "sessions": {"Refund clerk": 1},
    }
    return Facts(**known | changes)


REFUND = {"connector": "crm", "tool": "refund", "risk": "destructive"}
TWO = {"release": "ask_two", "because": "Money leaves."}


def test_an_agent_that_lacks_nothing_has_no_findings() -> None:
    assert findings(agent(), facts()) == []


@pytest.mark.parametrize(
    ("made", "known", "words", "link"),
    [
        (agent(), facts(models={}), "model gone", "/agents/Refund%20clerk#models"),
        (agent(), facts(without_key=frozenset({"big"})), "key missing", "/models/big"),
        (agent(), facts(up=frozenset()), "crm down", "/connectors"),
        (agent(), facts(offered={"crm": frozenset()}), "1 not offered", "/connectors/crm"),
        (agent(), facts(stops={"crm": "Smoke."}), "crm stopped", "/settings"),
        (agent(), facts(stops={"crm/look_up": "Smoke."}), "look_up stopped", "/settings"),
        (agent(), facts(drifted=frozenset({("crm", "look_up")})), "1 held back", "/connectors#changed"),
        (agent(), facts(deciders=0), "nobody decides", "/people"),
        (agent(approval={"people": 2}), facts(deciders=1), "no second approver", "/people"),
        (agent(), facts(rules=(TWO,), deciders=1), "no second approver", "/people"),
        (agent(), facts(budget_usd=5, spent_usd=5.01), "budget used up", "/settings"),
        (
            agent(),
            facts(agent_budgets_usd={"Refund clerk": 1}, agent_spent_usd={"Refund clerk": 1}),
            "its budget used up",
            "/settings",
        ),
        (agent(), facts(stopped={"Refund clerk": "A strange refund."}), "stopped", "/settings"),
    ],
)
def test_what_keeps_it_from_working_comes_with_the_page_that_mends_it(
    made: Agent, known: Facts, words: str, link: str
) -> None:
    [found] = findings(made, known)
    assert (found.severity, found.words, found.link) == (Severity.BLOCKS, words, link)


@pytest.mark.parametrize(
    ("made", "known", "words"),
    [
        (agent(approval={"people": 2}), facts(deciders=2), "few approvers"),
        (agent(limits={"cost_usd": 1}), facts(unpriced=frozenset({"big"})), "price unknown"),
        (agent(), facts(unpriced=frozenset({"big"}), budget_usd=5), "price unknown"),
        (agent(), facts(unpriced=frozenset({"big"}), agent_budgets_usd={"Refund clerk": 1}), "price unknown"),
        (agent(profile="back_office"), facts(), "3 guards left out"),
        (agent(), facts(tools=({"connector": "crm", "tool": "odd"},)), "risk not set"),
        (
            agent(),
            facts(tools=tuple({"connector": "crm", "tool": f"t{n}", "risk": "read"} for n in range(21))),
            "21 tools",
        ),
    ],
)
def test_what_makes_it_worse_is_a_warning(made: Agent, known: Facts, words: str) -> None:
    [found] = findings(made, known)
    assert (found.severity, found.words) == (Severity.WARNS, words)


@pytest.mark.parametrize(
    ("made", "known", "words"),
    [
        (agent(), facts(sessions={}), "never run"),
        (agent(scenarios=[]), facts(), "no scenarios"),
        (agent(), facts(toolsets={}), "no tools"),
        (agent(), facts(up=frozenset(), connecting=frozenset({"crm"})), "crm connects"),
        (agent(), facts(tools=(REFUND,), rules=({"when": {"tool": "look_*"}, "because": "x"},)), "no rule"),
    ],
)
def test_what_would_be_good_to_have_is_a_note(made: Agent, known: Facts, words: str) -> None:
    [found] = findings(made, known)
    assert (found.severity, found.words) == (Severity.NOTES, words)


def test_a_stop_of_what_it_was_not_given_is_none_of_its_business() -> None:
    assert findings(agent(), facts(stops={"billing": "Smoke.", "crm/refund": "Smoke."})) == []
    [one] = findings(agent(), facts(stops={"crm": "Smoke.", "crm/look_up": "Fire."}))
    assert one.sentence == "crm is stopped, so none of its tools runs: Smoke."


def test_every_limit_that_an_unknown_price_gets_around_is_named() -> None:
    known = facts(unpriced=frozenset({"big"}), budget_usd=5, agent_budgets_usd={"Refund clerk": 1.5, "Other": 2})
    [found] = findings(agent(limits={"cost_usd": 0.2}), known)
    assert found.sentence == (
        "The price of big is not known, so its limit of USD 0.2 and its budget of USD 1.5 a day and "
        "the budget of USD 5 a day cannot bite."
    )
    assert findings(agent(), facts(unpriced=frozenset({"big"}), agent_budgets_usd={"Other": 2})) == []


@pytest.mark.parametrize("when", [{}, {"tool": "ref*"}, {"risk": "destructive"}, {"connector": "crm"}])
def test_a_rule_that_speaks_of_the_destructive_tool_is_enough(when: dict[str, Any]) -> None:
    assert findings(agent(), facts(tools=(REFUND,), rules=({"when": when, "release": "ask", "because": "x"},))) == []


def test_a_policy_that_is_gone_says_nothing_here_for_saving_refuses_it() -> None:
    assert findings(agent(), facts(policies={}, tools=(REFUND,))) == []


def test_the_gravest_comes_first_and_long_lists_are_cut() -> None:
    tools = tuple({"connector": "crm", "tool": f"t{n}"} for n in range(5))
    found = findings(agent(scenarios=[]), facts(tools=tools, offered={"crm": frozenset()}))
    assert [one.severity for one in found] == [Severity.BLOCKS, Severity.WARNS, Severity.NOTES]
    assert found[0].sentence == "crm no longer offers t0, t1, t2 and 2 more."
