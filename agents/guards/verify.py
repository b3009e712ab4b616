"""What a rule's `verify` asks for: which models look at a call, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from agents.config import Model
from agents.models import Models
from store.events import Seat, Verify
from store.events.guard import PanelVerdict

from . import consensus, panel, policy_check, verdicts
from .questions import CallToJudge


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The verdict on a call. Whatever is missing, fails or is in doubt makes it `ask`, never `allow`."""

    verdict: PanelVerdict
    because: str
    seats: tuple[Seat, ...] = ()
    effective_votes: float | None = None
    """How many independent votes were cast; None where nobody votes."""
    asked: str = "[]"
    """JSON: see `panel.Panel.asked`."""
    latency_ms: float = 0.0
    disputed: tuple[str, ...] = ()


async def verify(
    models: Models,
    level: Verify,
    call: CallToJudge,
    judge_chain: Sequence[Model],
    vote_models: Sequence[Model],
    seconds: float,
) -> Verified:
    """All models the level asks for, at once. `seconds` is for each question; a policy check has two in a row."""
    match level:
        case Verify.NONE:
            return Verified(verdict="allow", because="The rules ask for no verification.")
        case Verify.CHECK if not judge_chain:
            return _lacking("judge")
        case Verify.CHECK:
            return await _heard(call, [policy_check.chair(models, judge_chain, seconds)], verdicts.one)
        case Verify.CONSENSUS | Verify.UNANIMOUS if not vote_models:
            return _lacking("vote")
        case Verify.CONSENSUS | Verify.UNANIMOUS:
            rule = verdicts.majority if level == Verify.CONSENSUS else verdicts.unanimous
            chairs = consensus.chairs(models, vote_models, seconds)
            if judge_chain and call.policy.strip():
                chairs.append(policy_check.chair(models, judge_chain, seconds))
            return await _heard(call, chairs, verdicts.beside_policy_check(rule))
        case _:
            assert_never(level)


def _lacking(role: str) -> Verified:
    because = f"This has to be verified, and the agent has no model for the role {role}: a person decides."
    return Verified(verdict="ask", because=because)


async def _heard(call: CallToJudge, chairs: Sequence[panel.Chair[CallToJudge]], rule: verdicts.Rule) -> Verified:
    heard = await panel.ask(call, chairs, rule)
    votes = [seat for seat in heard.seats if seat.kind == "vote"]
    return Verified(
        verdict=heard.verdict.verdict,
        because=heard.verdict.because,
        seats=heard.seats,
        effective_votes=verdicts.effective_votes(votes) if votes else None,
        asked=heard.asked,
        latency_ms=heard.latency_ms,
        disputed=heard.verdict.disputed,
    )
