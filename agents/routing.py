"""Which of the agent's models takes the next step, by rules that can be read from top to bottom. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from store.events import CallState, Risk

from .config import Agent
from .folded import Session

Role = Literal["act", "plan", "small"]

WENT_WRONG = frozenset({CallState.FAILED, CallState.INVALID, CallState.DENIED, CallState.REJECTED, CallState.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    role: Role
    chain: tuple[str, ...]
    """Names of model profiles: the first is asked first."""
    because: str
    """Which rule; empty where the agent has one chain only, so that there was nothing to choose."""


def _first(session: Session, recovering: bool) -> bool:
    return session.stage_steps == 0


def _went_wrong(session: Session, recovering: bool) -> bool:
    return recovering or any(call.state in WENT_WRONG for call in session.calls)


def _only_looked(session: Session, recovering: bool) -> bool:
    return bool(session.calls) and all(
        call.risk is Risk.READ and call.state is CallState.SUCCEEDED for call in session.calls
    )


RULES: tuple[tuple[Callable[[Session, bool], bool], Role, str], ...] = (
    (_first, "plan", "the first step is planned"),
    (_went_wrong, "plan", "the last step went wrong, so the way on is planned"),
    (_only_looked, "small", "the last step only looked things up"),
)
"""The first that holds decides; none: the agent acts."""


def route(session: Session, agent: Agent, *, recovering: bool) -> Route:
    """`recovering`: the model was told that it is stuck, or that its reply could not be used.

    Behind every chain stands the one that acts, so that a model that is down never ends a turn it could have left out.
    """
    models = agent.models
    role, because = next(
        ((role, because) for holds, role, because in RULES if holds(session, recovering)), ("act", "the agent acts")
    )
    if not models.plan and not models.small:
        return Route(role="act", chain=models.act, because="")
    if not (chain := getattr(models, role)):
        return Route(role="act", chain=models.act, because=f"{because}, but there is no model in the role {role}")
    return Route(role=role, chain=tuple(dict.fromkeys((*chain, *models.act))), because=because)
