"""The configuration as one document: validate, name every bad path, compare, export. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema
import yaml
from pydantic import ValidationError

from . import context, recall, residency
from .config import KINDS, Agent, Configuration, Connector, Policy, Toolset
from .errors import BadRequest
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
    yield from _beyond_one(configuration)
    for i, schedule in enumerate(configuration.schedules):
        if schedule.agent not in names["agent"]:
            yield f"/schedules/{i}/agent: there is no agent {schedule.agent!r}"
        if schedule.enabled:
            yield f"/schedules/{i}/enabled: running by schedule {NOT_YET}; set it to false"


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
        yield f"{path}/kind: connecting OpenAPI services {NOT_YET}"
    if connector.name == recall.CONNECTOR:
        yield f"{path}/name: {recall.CONNECTOR!r} is what Quarterdeck calls its own tools"


def _toolset_problems(path: str, toolset: Toolset, connectors: set[str]) -> Iterator[str]:
    for j, entry in enumerate(toolset.tools):
        if entry.connector not in connectors:
            yield f"{path}/tools/{j}/connector: there is no connector {entry.connector!r}"
    if toolset.limit is not None and len(toolset.tools) > toolset.limit:
        yield f"{path}/tools: {len(toolset.tools)} tools are picked, but the limit is {toolset.limit}"
    offered = [entry.as_ or entry.tool for entry in toolset.tools]
    yield from (f"{path}/tools/{j}: {name!r} is offered twice" for j, name in enumerate(offered) if name in offered[:j])


def _policy_problems(path: str, policy: Policy) -> Iterator[str]:
    for j, rule in enumerate(policy.rules):
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
