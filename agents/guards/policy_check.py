"""The policy check: one model judges a call blind, and only then reads the agent's reasoning.

Blind means: without a word of the agent or of a tool, because agents argue their checkers round.
"""

from collections.abc import Sequence

from agents.asking import Aside, ask_aside
from agents.config import Model
from agents.models import Models
from store.events.guard import SeatVerdict

from . import questions
from .panel import NO_ANSWER, Chair, Said, disputed_path, said
from .questions import CallToJudge

__all__ = ["CallToJudge", "chair", "policy_check"]

_QUOTES = "\"'“”„‘’«»`"


def chair(models: Models, chain: Sequence[Model], seconds: float) -> Chair[CallToJudge]:
    """The judge's seat in a panel; the chain must not be empty."""

    async def answer(call: CallToJudge) -> Said:
        return await policy_check(models, chain, call, seconds)

    return Chair(kind="policy_check", profile=chain[0].name, model=chain[0].model, answer=answer)


async def policy_check(models: Models, chain: Sequence[Model], call: CallToJudge, seconds: float) -> Said:
    """Two questions at most, each within `seconds`. A failure is said, not raised."""
    blind = await ask_aside(models, chain, questions.policy_check(call), seconds=seconds)
    if blind.data is None:
        return said("policy_check", "failed", blind.failed or NO_ANSWER, blind)
    verdict, because, clause = _held_against_the_policy(blind.data, call.policy)
    path = disputed_path(blind.data["path"], call.arguments)
    if verdict == "deny" or call.reasoning is None:
        return said("policy_check", verdict, because, blind, clause=clause, path=path)
    read = await ask_aside(models, _same_judge(chain, blind), questions.reasoning_check(call), seconds=seconds)
    if read.data is None:
        doubt = f"{because} Whether the reasoning supports the arguments is not known. {read.failed}"
        return said("policy_check", "ask", doubt, blind, read, clause=clause, path=path)
    if supports := bool(read.data["supports"]):
        return said("policy_check", verdict, because, blind, read, clause=clause, supports=supports, path=path)
    because = f"{because} The reasoning does not support the arguments: {read.data['because']}"
    path = path or disputed_path(read.data["path"], call.arguments)
    return said("policy_check", "ask", because, blind, read, clause=clause, supports=False, path=path)


def _held_against_the_policy(data: dict[str, str], policy: str) -> tuple[SeatVerdict, str, str | None]:
    """Verdict, reason and clause. A quote that is not in the policy is dropped, and with it an `allow` built on it."""
    verdict: SeatVerdict = "deny" if data["verdict"] == "deny" else "allow" if data["verdict"] == "allow" else "ask"
    clause = " ".join(data["clause"].split())
    for quote in (clause, clause.strip(_QUOTES + " …")):
        if not quote or quote in " ".join(policy.split()):
            return verdict, data["because"], quote or None
    because = f"{data['because']} (The clause it quotes was not found in the policy.)"
    return "ask" if verdict == "allow" else verdict, because, None


def _same_judge(chain: Sequence[Model], blind: Aside) -> Sequence[Model]:
    """Whoever judged blind goes on; the others only if it cannot any more."""
    return sorted(chain, key=lambda model: model.name != blind.profile)
