"""What still stands between an agent and work, from facts of this moment: each with a sentence and where to mend it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import quote

from agents.config import Agent, Connector, Model, Policy, Rule, ToolEntry, Toolset
from agents.presets import guards_of
from store.events import Release, Risk

MANY_TOOLS = 20
"""From here on models choose visibly worse; the toolset's page warns at the same number."""
Tool = tuple[str, str]
"""Connector, and the connector's own name of the tool."""


class Severity(StrEnum):
    BLOCKS = "blocks"
    """It cannot work, or not with all it was given."""
    WARNS = "warns"
    NOTES = "notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`link` is a quoted path of the console, without what a proxy puts before it; `words` are for a chip."""

    severity: Severity
    words: str
    sentence: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at this moment; the documents are the current ones."""

    models: Mapping[str, Model]
    connectors: Mapping[str, Connector]
    toolsets: Mapping[str, Toolset]
    policies: Mapping[str, Policy]
    up: frozenset[str]
    """Connectors that are connected; `offered` says what they listed."""
    offered: Mapping[str, frozenset[str]]
    connecting: frozenset[str] = frozenset()
    drifted: frozenset[Tool] = frozenset()
    without_key: frozenset[str] = frozenset()
    """Models whose key is named and not there."""
    unpriced: frozenset[str] = frozenset()
    """Models of which neither the profile nor litellm's list knows a price."""
    deciders: int
    """People who can sign in and decide."""
    sessions: Mapping[str, int] = field(default_factory=dict)
    """Agent → sessions so far; 0 where one is missing."""
    spent_usd: float = 0.0
    """Today, by all."""
    budget_usd: float | None = None
    agent_spent_usd: Mapping[str, float] = field(default_factory=dict)
    agent_budgets_usd: Mapping[str, float] = field(default_factory=dict)
    stopped: Mapping[str, str] = field(default_factory=dict)
    """Agent → why it is stopped, by itself or with everything."""
    stops: Mapping[str, str] = field(default_factory=dict)
    """Connector, or `connector/tool` → why it is stopped."""


def findings(agent: Agent, facts: Facts) -> list[Finding]:
    """The gravest first; none when nothing is missing."""
    found = [
        *_models(agent, facts),
        *_tools(agent, facts),
        *_policy(agent, facts),
        *_people(agent, facts),
        *_guards(agent),
        *_money(agent, facts),
        *_trials(agent, facts),
    ]
    order = list(Severity)
    return sorted(found, key=lambda one: order.index(one.severity))


def _models(agent: Agent, facts: Facts) -> Iterator[Finding]:
    named = dict.fromkeys(name for _, chain in agent.models for name in chain)
    for name in named:
        if name not in facts.models:
            yield _blocks("model gone", f"Its model {name} is no longer there.", _form(agent, "models"))
        elif name in facts.without_key:
            yield _blocks("key missing", f"The key of the model {name} is not there.", _page("models", name))
        elif name in facts.unpriced and (limits := " and ".join(_limits(agent, facts))):
            said = f"The price of {name} is not known, so {limits} cannot bite."
            yield _warns("price unknown", said, _page("models", name))


def _limits(agent: Agent, facts: Facts) -> Iterator[str]:
    """What a model whose price is not known gets around."""
    if agent.limits.cost_usd is not None:
        yield f"its limit of USD {agent.limits.cost_usd:g}"
    own = facts.agent_budgets_usd.get(agent.name)
    if own is not None:
        yield f"its budget of USD {own:g} a day"
    if facts.budget_usd is not None:
        yield f"the budget of USD {facts.budget_usd:g} a day"


def _tools(agent: Agent, facts: Facts) -> Iterator[Finding]:
    toolset = facts.toolsets.get(agent.toolset)
    tools = toolset.tools if toolset else ()
    if not tools:
        yield _notes("no tools", "It has no tools: it can talk, and do nothing.", _form(agent, "tools"))
    yield from _connections(tools, facts)
    yield from _stops(tools, facts)
    held = [one.tool for one in tools if (one.connector, one.tool) in facts.drifted]
    if held:
        said = f"Changed since they were accepted, so held back: {_listed(held)}."
        yield _blocks(f"{len(held)} held back", said, "/connectors#changed")
    if len(tools) > MANY_TOOLS:
        said = f"It is offered {len(tools)} tools; from {MANY_TOOLS} on models choose worse."
        yield _warns(f"{len(tools)} tools", said, _form(agent, "tools"))
    if unknown := [one.tool for one in tools if one.risk is Risk.UNKNOWN]:
        said = f"Nobody has said what these can do, so each call waits for a person: {_listed(unknown)}."
        yield _warns("risk not set", said, _form(agent, "tools"))


def _connections(tools: tuple[ToolEntry, ...], facts: Facts) -> Iterator[Finding]:
    for connector in dict.fromkeys(one.connector for one in tools):
        if connector in facts.connecting:
            yield _notes(f"{connector} connects", f"{connector} is being connected.", "/connectors")
            continue
        if connector not in facts.up:
            yield _blocks(
                f"{connector} down", f"{connector} is not connected, so its tools cannot be used.", "/connectors"
            )
            continue
        missing = [one.tool for one in tools if one.connector == connector and one.tool not in facts.offered[connector]]
        if missing:
            said = f"{connector} no longer offers {_listed(missing)}."
            yield _blocks(f"{len(missing)} not offered", said, _page("connectors", connector))


def _stops(tools: tuple[ToolEntry, ...], facts: Facts) -> Iterator[Finding]:
    """A stopped tool of a connector that is stopped as a whole is not worth a sentence of its own."""
    for connector in dict.fromkeys(one.connector for one in tools):
        if connector in facts.stops:
            said = f"{connector} is stopped, so none of its tools runs: {facts.stops[connector]}"
            yield _blocks(f"{connector} stopped", said, "/settings")
    for one in tools:
        name = f"{one.connector}/{one.tool}"
        if name in facts.stops and one.connector not in facts.stops:
            yield _blocks(f"{one.tool} stopped", f"{name} is stopped: {facts.stops[name]}", "/settings")


def _policy(agent: Agent, facts: Facts) -> Iterator[Finding]:
    policy, toolset = facts.policies.get(agent.policy), facts.toolsets.get(agent.toolset)
    if policy is None or toolset is None:
        return
    grave = [one for one in toolset.tools if one.risk is Risk.DESTRUCTIVE]
    if silent := [one.tool for one in grave if not any(_speaks_of(rule, one) for rule in policy.rules)]:
        said = f"No rule of {policy.name} speaks of {_listed(silent)}: one person is asked, whatever the values."
        yield _notes("no rule", said, _page("policies", policy.name))


def _speaks_of(rule: Rule, tool: ToolEntry) -> bool:
    when = rule.when
    return (
        when.connector in (None, tool.connector)
        and (when.tool is None or fnmatchcase(tool.tool, when.tool))
        and when.risk in (None, tool.risk)
    )


def _people(agent: Agent, facts: Facts) -> Iterator[Finding]:
    policy = facts.policies.get(agent.policy)
    asks_two = agent.approval.people == 2 or any(
        rule.release is Release.ASK_TWO for rule in (policy.rules if policy else ())
    )
    if not facts.deciders:
        yield _blocks("nobody decides", "Nobody can decide: there is no operator and no admin.", "/people")
    elif asks_two and facts.deciders == 1:
        said = "Some of its calls need two people to agree, and only one can decide."
        yield _blocks("no second approver", said, "/people")
    elif asks_two and facts.deciders == 2:
        said = (
            "Some of its calls need two others to agree: where one of the two who can decide has asked, nobody is left."
        )
        yield _warns("few approvers", said, "/people")


def _guards(agent: Agent) -> Iterator[Finding]:
    if left_out := guards_of(agent).left_out:
        yield _warns(f"{len(left_out)} guards left out", " ".join(left_out), _form(agent, "guards"))


def _money(agent: Agent, facts: Facts) -> Iterator[Finding]:
    if agent.name in facts.stopped:
        yield _blocks("stopped", f"It is stopped: {facts.stopped[agent.name]}", "/settings")
    if facts.budget_usd is not None and facts.spent_usd >= facts.budget_usd:
        said = f"Today's budget of USD {facts.budget_usd:g} is used up; sessions wait for a person."
        yield _blocks("budget used up", said, "/settings")
    own = facts.agent_budgets_usd.get(agent.name)
    if own is not None and facts.agent_spent_usd.get(agent.name, 0.0) >= own:
        yield _blocks("its budget used up", f"Its budget of USD {own:g} for today is used up.", "/settings")


def _trials(agent: Agent, facts: Facts) -> Iterator[Finding]:
    if not facts.sessions.get(agent.name):
        yield _notes(
            "never run",
            "It has never run; try it once before it is relied upon.",
            f"/sessions/new?agent={quote(agent.name)}",
        )
    if not agent.scenarios:
        said = "It has no scenarios: nobody has written down what should come of a request."
        yield _notes("no scenarios", said, _form(agent, "scenarios"))


def _form(agent: Agent, section: str) -> str:
    return f"{_page('agents', agent.name)}#{section}"


def _page(kind: str, name: str) -> str:
    return f"/{kind}/{quote(name)}"


def _listed(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _blocks(words: str, sentence: str, link: str) -> Finding:
    return Finding(severity=Severity.BLOCKS, words=words, sentence=sentence, link=link)


def _warns(words: str, sentence: str, link: str) -> Finding:
    return Finding(severity=Severity.WARNS, words=words, sentence=sentence, link=link)


def _notes(words: str, sentence: str, link: str) -> Finding:
    return Finding(severity=Severity.NOTES, words=words, sentence=sentence, link=link)
