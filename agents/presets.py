"""Which safeguards stand around an agent: what its document says, and for the rest the preset of its profile. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .config import Agent, Guards

Critical = Literal["answers", "writes", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The guards as they are; nothing is left open."""

    input_check: bool = False
    input_alongside: bool = False
    """The check runs while the first step does; only calls that do more than read wait for it."""
    best_of: int = 1
    critical: Critical = "answers"
    policy_check: bool = False
    consensus: bool = False
    progress: bool = False
    seconds: float = 30
    left_out: tuple[str, ...] = ()
    """Sentences: what the preset would switch on, had the agent the models for it."""


OFF = Effective()
BACK_OFFICE = Effective(
    input_check=True, best_of=3, critical="writes", policy_check=True, consensus=True, progress=True, seconds=60
)
"""Accuracy first: nobody waits at the other end, and a mistake costs more than three model calls."""
USER_FACING = Effective(input_check=True, input_alongside=True, progress=True, seconds=15)
"""Latency first: nothing that delays the first word, and no extra calls."""

GIVEN = ("input_check", "best_of", "critical", "policy_check", "consensus", "progress", "seconds")


def guards_of(agent: Agent) -> Effective:
    """What is given stays as it is, also where a model is missing for it: then a person decides instead."""
    given = {name: value for name in GIVEN if (value := getattr(agent.guards, name)) is not None}
    if agent.profile is None and not given:
        return OFF
    preset = _preset(agent)
    left_out = tuple(_left_out(agent, preset))
    without = {name: getattr(OFF, name) for name, _ in left_out}
    effective = replace(preset, **{**without, **given}, left_out=tuple(sentence for _, sentence in left_out))
    return replace(effective, input_alongside=effective.input_check and preset.input_alongside)


def _preset(agent: Agent) -> Effective:
    match agent.profile:
        case "back_office":
            # a structured answer is what somebody will work with; without one it is the changes that count
            return replace(BACK_OFFICE, critical="answers") if agent.output_schema else BACK_OFFICE
        case "user_facing":
            return USER_FACING
        case None:
            return OFF


def _left_out(agent: Agent, preset: Effective) -> Iterator[tuple[str, str]]:
    """(guard, sentence) for each that the preset wants and the agent has no model for."""
    guards: Guards = agent.guards
    wants = (
        ("best_of", preset.best_of > 1, "judge", f"Comparing {preset.best_of} replies"),
        ("policy_check", preset.policy_check, "judge", "The policy check"),
        ("consensus", preset.consensus, "vote", "The vote on destructive calls"),
    )
    for name, wanted, role, what in wants:
        if wanted and getattr(guards, name) is None and not getattr(agent.models, role):
            yield name, f"{what} is left out: the agent has no model in the role {role}."
