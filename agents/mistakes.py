"""What is wrong with a whole configuration beyond the shape of its documents. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from . import connector_mistakes, context, model_mistakes, residency
from .config import (
    PLURAL,
    Agent,
    Configuration,
    Hours,
    Policy,
    Schedule,
    Settings,
    StandingApproval,
    Toolset,
)
from .hidden import hidden_characters
from .hours import UnknownZone, zone
from .offering import MOST_TOOLS
from .scheduling import cron, messages
from .window import prompt_limit

NOT_YET = "is not available yet"
OFFERED_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def found(configuration: Configuration) -> Iterator[str]:
    """As sentences, each with its path."""
    for plural in PLURAL.values():
        named = [document.name for document in getattr(configuration, plural)]
        yield from _twice(plural, named)
        yield from _taken(plural, named)
    names = {kind: {one.name for one in getattr(configuration, plural)} for kind, plural in PLURAL.items()}
    for i, model in enumerate(configuration.models):
        yield from model_mistakes.found(f"/models/{i}", model)
    for i, connector in enumerate(configuration.connectors):
        yield from connector_mistakes.found(f"/connectors/{i}", connector)
    for i, toolset in enumerate(configuration.toolsets):
        yield from _toolset_problems(f"/toolsets/{i}", toolset, names["connector"])
    for i, policy in enumerate(configuration.policies):
        yield from _policy_problems(f"/policies/{i}", policy)
    for i, agent in enumerate(configuration.agents):
        yield from _agent_problems(f"/agents/{i}", agent, names)
    for i, standing in enumerate(configuration.standing_approvals):
        yield from _standing_problems(f"/standing_approvals/{i}", standing, names)
    yield from _beyond_one(configuration)
    for i, schedule in enumerate(configuration.schedules):
        if schedule.agent not in names["agent"]:
            yield f"/schedules/{i}/agent: there is no agent {schedule.agent!r}"
        yield from _schedule_problems(f"/schedules/{i}", schedule)
    for settings in configuration.settings:
        yield from _settings_problems("/settings/0", settings, names["agent"])


def _schedule_problems(path: str, schedule: Schedule) -> Iterator[str]:
    if wrong := cron.comes_true(schedule.cron):
        yield f"{path}/cron: {wrong}"
    if wrong := _zone_problem(schedule.timezone):
        yield f"{path}/timezone: {wrong}"
    if wrong := messages.wrong_with(schedule.message):
        yield f"{path}/message: {wrong}"


def _settings_problems(path: str, settings: Settings, agents: set[str]) -> Iterator[str]:
    if wrong := _zone_problem(settings.timezone):
        yield f"{path}/timezone: {wrong}"
    for agent, usd in settings.agent_budgets_usd.items():
        if agent not in agents:
            yield f"{path}/agent_budgets_usd/{agent}: there is no agent {agent!r}"
        if not 0 < usd < float("inf"):
            yield f"{path}/agent_budgets_usd/{agent}: a budget is more than nothing"


def _zone_problem(name: str) -> str | None:
    try:
        cron.zone_named(name)
    except cron.BadCron as error:
        return str(error)
    return None


def _beyond_one(configuration: Configuration) -> Iterator[str]:
    """What only shows where an agent meets the models, toolset and connectors it names."""
    toolsets = {one.name: one for one in configuration.toolsets}
    connectors = {one.name: one for one in configuration.connectors}
    models = {one.name: one for one in configuration.models}
    agents = {one.name: one for one in configuration.agents}
    for i, agent in enumerate(configuration.agents):
        if (toolset := toolsets.get(agent.toolset)) is not None:
            refused = residency.refused(agent, toolset, connectors, models, agents)
            yield from (f"/agents/{i}{one}" for one in refused)
        if circle := _circle(agent, agents):
            yield f"/agents/{i}/fallback/agent: {' hands over to '.join(circle)}, and so on for ever"
        for name in agent.models.act:
            model = models.get(name)
            limit = prompt_limit(agent, model.context_window, model.max_output) if model else None
            if small := context.too_small(agent, 0, limit):
                yield f"/agents/{i}/models/act: {name}: {small}"


def _circle(agent: Agent, agents: Mapping[str, Agent]) -> list[str] | None:
    """The names on the way from this agent back to itself, where agents hand over to each other."""
    way = [agent.name]
    following = agents.get(agent.fallback.agent or "")
    while following is not None and following.name not in way:
        way.append(following.name)
        following = agents.get(following.fallback.agent or "")
    return [*way, agent.name] if following is agent and len(way) > 1 else None


def _twice(plural: str, names: list[str]) -> Iterator[str]:
    for i, name in enumerate(names):
        if name in names[:i]:
            yield f"/{plural}/{i}/name: {name!r} is used twice"


def _taken(plural: str, names: list[str]) -> Iterator[str]:
    """Such a document could be saved and never opened: its address is another page."""
    for i, name in enumerate(names):
        if name == "new" or (plural, name) == ("policies", "standing"):
            yield f"/{plural}/{i}/name: {name!r} is the name of a page; choose another"


def _toolset_problems(path: str, toolset: Toolset, connectors: set[str]) -> Iterator[str]:
    for j, entry in enumerate(toolset.tools):
        if entry.connector not in connectors:
            yield f"{path}/tools/{j}/connector: there is no connector {entry.connector!r}"
        if entry.as_ and not OFFERED_NAME.fullmatch(entry.as_):
            yield f"{path}/tools/{j}/as: {entry.as_[:80]!r} is no name that models take; use letters, digits, _ and -, at most 64"
    if toolset.limit is not None and len(toolset.tools) > toolset.limit:
        yield f"{path}/tools: {len(toolset.tools)} tools are picked, but the limit is {toolset.limit}"
    if len(toolset.tools) > MOST_TOOLS and not _is_said(toolset.over_limit_because):
        yield (
            f"{path}/tools: {len(toolset.tools)} tools are more than {MOST_TOOLS}, which models cannot choose well from; "
            "pick fewer, or say why in `over_limit_because`"
        )
    offered = [entry.as_ or entry.tool for entry in toolset.tools]
    yield from (f"{path}/tools/{j}: {name!r} is offered twice" for j, name in enumerate(offered) if name in offered[:j])


def _is_said(reason: str | None) -> bool:
    """Whether there is anything in it that a person can read."""
    unseen = {one.index for one in hidden_characters(reason or "")}
    return any(not one.isspace() and index not in unseen for index, one in enumerate(reason or ""))


def _standing_problems(path: str, one: StandingApproval, names: Mapping[str, set[str]]) -> Iterator[str]:
    if one.connector not in names["connector"]:
        yield f"{path}/connector: there is no connector {one.connector!r}"
    if one.agent is not None and one.agent not in names["agent"]:
        yield f"{path}/agent: there is no agent {one.agent!r}"
    if one.expires_at is not None and one.expires_at.tzinfo is None:
        yield f"{path}/expires_at: it needs a time zone, 2030-01-31T18:00:00Z say"


def _hours_problems(path: str, hours: Hours) -> Iterator[str]:
    try:
        zone(hours.timezone)
    except UnknownZone as problem:
        yield f"{path}/timezone: {problem}"
    if hours.start == hours.end:
        yield f"{path}/end: it begins and ends at {hours.start}, so it never holds"


def _policy_problems(path: str, policy: Policy) -> Iterator[str]:
    for j, rule in enumerate(policy.rules):
        if rule.when.hours is not None:
            yield from _hours_problems(f"{path}/rules/{j}/when/hours", rule.when.hours)
        approver = rule.approver
        if approver is not None and approver not in ("anyone", "not_requester"):
            known = approver in ("role:operator", "role:admin")
            if not known:
                yield f"{path}/rules/{j}/approver: {approver!r} {NOT_YET}; use anyone, not_requester, role:operator or role:admin"


def _agent_problems(path: str, agent: Agent, names: Mapping[str, set[str]]) -> Iterator[str]:
    for kind, name in (("toolset", agent.toolset), ("policy", agent.policy)):
        if name not in names[kind]:
            yield f"{path}/{kind}: there is no {kind} {name!r}"
    for role, chain in agent.models:
        for name in chain:
            if name not in names["model"]:
                yield f"{path}/models/{role}: there is no model {name!r}"
    for key in ("inputs", "output_schema"):
        yield from _schema_problems(f"{path}/{key}", getattr(agent, key))
    if agent.fallback.agent and agent.fallback.agent not in names["agent"]:
        yield f"{path}/fallback/agent: there is no agent {agent.fallback.agent!r}"
    if agent.fallback.agent == agent.name:
        yield f"{path}/fallback/agent: an agent cannot take over from itself"
    yield from (f"{path}/guards/{key}: it needs a model in the role `{role}`" for key, role in _roleless(agent))


def _roleless(agent: Agent) -> Iterator[tuple[str, str]]:
    """Guards that are asked for by name and have no model: those of a preset are left out instead."""
    guards, models = agent.guards, agent.models
    if guards.policy_check and not models.judge:
        yield "policy_check", "judge"
    if guards.consensus and not models.vote:
        yield "consensus", "vote"
    if guards.best_of and guards.best_of > 1 and not models.judge:
        yield "best_of", "judge"


def _schema_problems(path: str, schema: dict[str, Any] | None) -> Iterator[str]:
    if schema is None:
        return
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        yield f"{path}: this is not a JSON schema: {error.message[:200]}"
