"""The configuration as one document: validate, name every bad path, compare, export. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema
import yaml
from pydantic import ValidationError

from . import context, halting, recall, residency
from .config import (
    KINDS,
    Agent,
    Auth,
    Configuration,
    Connector,
    Halt,
    Hours,
    Policy,
    Schedule,
    Settings,
    StandingApproval,
    Toolset,
)
from .errors import BadRequest
from .hours import UnknownZone, zone
from .offering import MOST_TOOLS
from .scheduling import cron, messages
from .window import prompt_limit

PLURAL = {kind: {"policy": "policies", "settings": "settings"}.get(kind, f"{kind}s") for kind in KINDS}
OPTIONAL = frozenset({"standing_approvals", "settings"})
"""What an export leaves out where there is none of it."""
NOT_YET = "is not available yet"


def parse(document: Any) -> Configuration:
    """A whole configuration from parsed JSON or YAML. Raises BadRequest naming every bad path."""
    try:
        configuration = Configuration.model_validate(document)
    except ValidationError as error:
        problems = tuple(f"/{'/'.join(map(str, one['loc']))}: {_words(one)}" for one in error.errors())
        raise BadRequest("The configuration was not changed: it has mistakes.", problems) from error
    if problems := tuple(_problems(configuration)):
        raise BadRequest("The configuration was not changed: it has mistakes.", problems)
    return configuration


def read_yaml(text: str) -> Any:
    """YAML text → plain values. Raises BadRequest with the line."""
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadRequest(f"This is not YAML: {str(error)[:300]}") from error


def write_yaml(documents: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(documents), sort_keys=False, allow_unicode=True, width=110)


def documents(configuration: Configuration) -> dict[tuple[str, str], dict[str, Any]]:
    """(kind, name) → the document as stored: only what was set, so defaults can improve."""
    return {
        (kind, document.name): document.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for kind, plural in PLURAL.items()
        for document in getattr(configuration, plural)
    }


def whole(current: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The stored documents by kind and name → one exportable configuration."""
    every = {plural: list(current.get(kind, {}).values()) for kind, plural in PLURAL.items()}
    return {plural: listed for plural, listed in every.items() if listed or plural not in OPTIONAL}


def _words(error: Any) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def _problems(configuration: Configuration) -> Iterator[str]:
    for plural in PLURAL.values():
        yield from _twice(plural, [document.name for document in getattr(configuration, plural)])
    names = {kind: {one.name for one in getattr(configuration, plural)} for kind, plural in PLURAL.items()}
    for i, connector in enumerate(configuration.connectors):
        yield from _connector_problems(f"/connectors/{i}", connector)
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


def _connector_problems(path: str, connector: Connector) -> Iterator[str]:
    if connector.kind == "mcp_stdio" and not connector.command:
        yield f"{path}/command: an MCP server over stdio needs the command that starts it"
    if connector.kind == "mcp_http" and not (connector.url or "").startswith(("http://", "https://")):
        yield f"{path}/url: an MCP server over HTTP needs its http:// or https:// address"
    if connector.kind == "openapi":
        yield from _openapi_problems(path, connector)
    if connector.auth is not None:
        yield from _auth_problems(f"{path}/auth", connector.kind, connector.auth)
    yield from _allow_problems(f"{path}/allow", connector)
    if connector.name == recall.CONNECTOR:
        yield f"{path}/name: {recall.CONNECTOR!r} is what Quarterdeck calls its own tools"


def _openapi_problems(path: str, connector: Connector) -> Iterator[str]:
    if not connector.spec and not connector.spec_text:
        yield f"{path}/spec: an OpenAPI service needs its description, by address (spec) or as text (spec_text)"
    if connector.spec and connector.spec_text:
        yield f"{path}/spec_text: there is an address for the description already; keep one of the two"
    for key in ("spec", "url"):
        value = getattr(connector, key)
        if value and not value.startswith(("http://", "https://")):
            yield f"{path}/{key}: it needs to begin with http:// or https://"
        elif value and "@" in value.split("/")[2]:
            yield f"{path}/{key}: leave name and password out of the address and enter them as the sign-in"


_AUTH_NEEDS = {
    "header": ("name", "value"),
    "bearer": ("value",),
    "basic": ("username", "password"),
    "client_credentials": ("token_url", "client_id", "client_secret"),
    "oauth": (),
}


def _auth_problems(path: str, kind: str, auth: Auth) -> Iterator[str]:
    if kind in ("mcp_stdio", "builtin"):
        yield f"{path}: only services reached over HTTP are signed in to"
    if kind == "openapi" and auth.kind == "oauth":
        yield f"{path}/kind: signing in by OAuth is for remote MCP servers; use client_credentials"
    for key in _AUTH_NEEDS[auth.kind]:
        if not getattr(auth, key):
            yield f"{path}/{key}: a sign-in of kind {auth.kind} needs it"
    if auth.name and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", auth.name):
        yield f"{path}/name: {auth.name!r} is no name of a header"
    if auth.token_url and not auth.token_url.startswith(("http://", "https://")):
        yield f"{path}/token_url: it needs to begin with http:// or https://"


def _allow_problems(path: str, connector: Connector) -> Iterator[str]:
    if connector.allow and connector.kind != "builtin":
        yield f"{path}: only the built-in tools have a list of hosts to read from"
    for i, host in enumerate(connector.allow):
        if (
            not re.fullmatch(r"(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?", host)
            or host == "*."
        ):
            yield f"{path}/{i}: {host!r} is no host; write example.org, *.example.org or example.org:8080"


def _toolset_problems(path: str, toolset: Toolset, connectors: set[str]) -> Iterator[str]:
    for j, entry in enumerate(toolset.tools):
        if entry.connector not in connectors:
            yield f"{path}/tools/{j}/connector: there is no connector {entry.connector!r}"
    if toolset.limit is not None and len(toolset.tools) > toolset.limit:
        yield f"{path}/tools: {len(toolset.tools)} tools are picked, but the limit is {toolset.limit}"
    if len(toolset.tools) > MOST_TOOLS and toolset.over_limit_because is None:
        yield (
            f"{path}/tools: {len(toolset.tools)} tools are more than {MOST_TOOLS}, which models cannot choose well from; "
            "pick fewer, or say why in `over_limit_because`"
        )
    offered = [entry.as_ or entry.tool for entry in toolset.tools]
    yield from (f"{path}/tools/{j}: {name!r} is offered twice" for j, name in enumerate(offered) if name in offered[:j])


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


def differences(current: Mapping[str, Iterable[str]], wanted: Mapping[tuple[str, str], Any]) -> list[tuple[str, str]]:
    """(kind, name) of the documents that a replacement would delete."""
    return [(kind, name) for kind in PLURAL for name in current.get(kind, ()) if (kind, name) not in wanted]


def lifted(halts: Iterable[Halt], wanted: Configuration) -> tuple[str, ...]:
    """The emergency stops in force that a replacement would lift, as problems: that is only done on purpose."""
    kept = {halting.key(one) for settings in wanted.settings for one in settings.halts}
    return tuple(
        f"/settings/0/halts: {halting.what(one)} is stopped; lift that in Settings first, or leave `settings` out"
        for one in halts
        if halting.key(one) not in kept
    )
