"""Which conversations may not leave, and which models would take them out. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from .config import Agent, Connector, Model, Toolset


def kept_local(agent: Agent, toolset: Toolset, connectors: Mapping[str, Connector]) -> str | None:
    """Why no external model may see any of this agent's conversation; None: it may leave. A clause, with a full stop."""
    if agent.local_only:
        return f"the agent {agent.name} is kept to local models."
    for name in dict.fromkeys(entry.connector for entry in toolset.tools):
        connector = connectors.get(name)
        if connector is not None and connector.sensitivity == "restricted":
            return f"its toolset {toolset.name} uses the restricted connector {name}."
        if connector is None:  # deleted since: what it told the session is still in the conversation
            return f"its toolset {toolset.name} uses {name}, which is gone, so nobody can say how sensitive it was."
    return None


def external(models: Iterable[Model]) -> tuple[str, ...]:
    """The names of those that lie outside the house."""
    return tuple(dict.fromkeys(model.name for model in models if model.residency != "local"))


def refused(
    agent: Agent,
    toolset: Toolset,
    connectors: Mapping[str, Connector],
    models_by_name: Mapping[str, Model],
    agents: Mapping[str, Agent] | None = None,
) -> list[str]:
    """One problem, with its path in the agent, for every role whose chain holds an external model.

    `agents`: with them the agent that takes over is looked at too, and the one that takes over from that one: it is
    given a summary of the conversation.
    """
    because = kept_local(agent, toolset, connectors)
    if because is None:
        return []
    outside = [
        f"/models/{role}: {name} is an external model, but {because[:-1]}"
        for role, name in _external_in(agent, models_by_name)
    ]
    handed_over = [
        f"/fallback/agent: {other} asks {name}, which is an external model, but {because[:-1]}"
        for other, name in handed_outside(agent, models_by_name, agents or {})
    ]
    return [*outside, *handed_over]


def _external_in(agent: Agent, models_by_name: Mapping[str, Model]) -> Iterator[tuple[str, str]]:
    """A name without a model cannot be asked, and is refused elsewhere."""
    for role, chain in agent.models:
        yield from ((role, name) for name in external(models_by_name[one] for one in chain if one in models_by_name))


def handed_outside(
    agent: Agent, models_by_name: Mapping[str, Model], agents: Mapping[str, Agent]
) -> Iterator[tuple[str, str]]:
    """(agent, external model) of whoever takes over from this agent, and from that one in turn."""
    seen = {agent.name}
    following = agents.get(agent.fallback.agent or "")
    while following is not None and following.name not in seen:
        seen.add(following.name)
        yield from (
            (following.name, name) for name in dict.fromkeys(n for _, n in _external_in(following, models_by_name))
        )
        following = agents.get(following.fallback.agent or "")
