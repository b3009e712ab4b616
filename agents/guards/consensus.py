"""Voting: three models judge a call at once, each by itself; by majority (`consensus`) or all (`unanimous`)."""

from collections.abc import Sequence
from itertools import cycle, islice

from agents.asking import ask_aside
from agents.config import Model
from agents.models import Models

from . import questions, verdicts
from .panel import NO_ANSWER, Chair, Panel, Said, ask, disputed_path, said
from .questions import CallToJudge


async def consensus(models: Models, voters: Sequence[Model], call: CallToJudge, seconds: float) -> Panel:
    """Two of three release it."""
    return await ask(call, chairs(models, voters, seconds), verdicts.majority)


async def unanimous(models: Models, voters: Sequence[Model], call: CallToJudge, seconds: float) -> Panel:
    """Three of three release it; one dissent is a veto."""
    return await ask(call, chairs(models, voters, seconds), verdicts.unanimous)


def chairs(models: Models, voters: Sequence[Model], seconds: float) -> list[Chair[CallToJudge]]:
    """Three of them, each a chain of one: a vote that another model casts in its place would be counted twice.

    Fewer than three voters are asked repeatedly; `verdicts.effective_votes` says what that is worth.
    """
    return [_chair(models, voter, seconds) for voter in islice(cycle(voters), verdicts.SEATS)]


def _chair(models: Models, voter: Model, seconds: float) -> Chair[CallToJudge]:
    async def answer(call: CallToJudge) -> Said:
        return await _vote(models, voter, call, seconds)

    return Chair(kind="vote", profile=voter.name, model=voter.model, answer=answer)


async def _vote(models: Models, voter: Model, call: CallToJudge, seconds: float) -> Said:
    aside = await ask_aside(models, [voter], questions.vote(call), seconds=seconds)
    if aside.data is None:
        return said("vote", "failed", aside.failed or NO_ANSWER, aside)
    path = disputed_path(aside.data["path"], call.arguments)
    return said("vote", aside.data["verdict"], aside.data["because"], aside, path=path)
