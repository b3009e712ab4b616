"""The facts of this moment from which an agent's readiness is told, gathered from the rooms below."""

from collections.abc import Collection, Iterable, Mapping

from agents.config import Agent, Halt, Model, Settings
from agents.readiness import Facts, Finding, findings
from store.people import Role

from .desk import Desk


async def readiness(desk: Desk) -> dict[str, list[Finding]]:
    """Agent → what is missing, the gravest first."""
    facts = await facts_of(desk)
    agents: dict[str, Agent] = desk.runtime.administration.documents("agent")
    return {name: findings(one, facts) for name, one in agents.items()}


async def facts_of(desk: Desk) -> Facts:
    administration, registry = desk.runtime.administration, desk.runtime.registry
    models: dict[str, Model] = administration.documents("model")
    connectors = administration.documents("connector")
    settings: Settings = administration.documents("settings").get("desk", Settings())
    halts = desk.runtime.world.halts()
    spending = await desk.runtime.holds.fresh()
    return Facts(
        models=models,
        connectors=connectors,
        toolsets=administration.documents("toolset"),
        policies=administration.documents("policy"),
        up=frozenset(name for name in connectors if registry.health(name).state == "up"),
        connecting=frozenset(name for name in connectors if registry.health(name).state == "connecting"),
        offered={name: frozenset(one.name for one in registry.known(name) or ()) for name in connectors},
        drifted=frozenset((one.connector, one.name) for one, _ in administration.drifted()),
        without_key=frozenset(name for name, one in models.items() if not has_key(desk, one)),
        unpriced=frozenset(name for name, one in models.items() if desk.runtime.models.info(one).prices is None),
        deciders=await _deciders(desk),
        sessions=await _sessions(desk),
        spent_usd=spending.cost_usd,
        agent_spent_usd=spending.by_agent,
        budget_usd=settings.budget_usd_per_day,
        agent_budgets_usd=settings.agent_budgets_usd,
        stopped=_stopped(halts, administration.documents("agent")),
        stops={str(one.name): one.because for one in halts if one.what in ("connector", "tool")},
    )


def _stopped(halts: Collection[Halt], agents: Iterable[str]) -> dict[str, str]:
    """Agent → the reason of the emergency stop that holds it."""
    stopped = {halt.name: halt.because for halt in halts if halt.what == "agent" and halt.name}
    everything = {name: halt.because for halt in halts if halt.what == "everything" for name in agents}
    return stopped | everything


def has_key(desk: Desk, model: Model) -> bool:
    """Whether the key a profile names is there; one that names none needs none."""
    if model.api_key is None:
        return True
    try:
        desk.secrets.resolve(model.api_key)
    except KeyError:
        return False
    return True


async def _deciders(desk: Desk) -> int:
    people = await desk.people.who_can_sign_in()
    return sum(one.role.rank >= Role.OPERATOR.rank for one in people)


async def _sessions(desk: Desk) -> Mapping[str, int]:
    """Whether each agent has ever run: 1 if it has."""
    names = desk.runtime.administration.documents("agent")
    return {name: len((await desk.queries.sessions(agent=name, limit=1)).items) for name in names}
