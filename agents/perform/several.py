"""The reply of one step: asked for once, or, where it is critical, the best of several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from store.events import BestPicked, CallState, Candidate, Usage

from .. import context
from ..commands.replies import output_text
from ..folded import Session
from ..guards.best_of import Best, best_of
from ..hub import Words
from ..model_calls import Reply
from ..proposals import propose
from ..world import Situation
from . import reading
from .work import Work

NOTHING = '{"text": "", "calls": []}'
"""The output of a candidate that did not reply."""
Check = Callable[[str], Sequence[str]]
"""What is wrong with an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The reply that goes on, and what is to be recorded of the others."""

    reply: Reply
    best: BestPicked | None = None
    outputs: tuple[str, ...] = ()


async def reply_to(
    work: Work, situation: Situation, built: context.Built, tools: list[dict[str, Any]], check: Check
) -> Told:
    """Raises ModelsFailed where nothing usable came back from anybody."""
    models, guards = work.desk.models, situation.guards
    first: Reply | None = None
    if not _always_critical(situation, work.session):
        first = await models.complete(situation.models, built.messages, tools, on_text=_listener(work))
        if guards.best_of < 2 or not tools or not _critical(first, situation):
            return Told(reply=first)
    best = await best_of(
        models,
        situation.models,
        built.messages,
        tools,
        guards.best_of,
        situation.judge,
        reading.masked(await work.request(), await work.vault()),
        lambda reply: _unusable(reply, situation, check),
        guards.seconds,
        first=first,
    )
    outputs = tuple(output_text(one.reply) if one.reply else NOTHING for one in best.contenders)
    return Told(reply=best.reply, best=_picked(best, work.session.step + 1), outputs=outputs)


def _listener(work: Work) -> Callable[[str], None] | None:
    session_id, step, hub = work.session.id, work.session.step + 1, work.desk.hub
    if not hub.is_watched(session_id):
        return None
    return lambda text: hub.words(Words(session_id=session_id, step=step, text=text))


def _always_critical(situation: Situation, session: Session) -> bool:
    """Is it known before the model has said anything?"""
    if situation.guards.best_of < 2:
        return False
    stages = situation.agent.workflow
    marked = session.stage is not None and session.stage < len(stages) and stages[session.stage].critical
    return marked or situation.guards.critical == "all"


def _critical(reply: Reply, situation: Situation) -> bool:
    if not reply.calls:
        return situation.guards.critical == "answers"
    risks = [situation.tools[call.name].entry.risk for call in reply.calls if call.name in situation.tools]
    return situation.guards.critical == "writes" and any(risk != "read" for risk in risks)


def _unusable(reply: Reply, situation: Situation, check: Check) -> Sequence[str]:
    """Why a candidate cannot be taken."""
    if not reply.calls:
        text = reply.text.strip()
        return check(text) if text else ("it is empty",)
    proposals = [propose(call, situation.tools, situation.rules) for call in reply.calls]
    return [f"{one.tool}: {one.because}" for one in proposals if one.state is CallState.INVALID]


def _picked(best: Best, step: int) -> BestPicked:
    """As it will be recorded; the outputs get their refs in the transaction."""
    candidates = tuple(
        Candidate(
            profile=one.profile,
            model=one.model,
            output="",
            problems=one.problems,
            usage=one.reply.usage if one.reply else Usage(),
            cost_usd=one.reply.cost_usd if one.reply else None,
            latency_ms=round(one.reply.latency_ms, 1) if one.reply else 0.0,
        )
        for one in best.contenders
    )
    return BestPicked(
        step=step,
        candidates=candidates,
        picked=best.picked,
        because=best.because,
        judge=best.judge,
        asked=best.asked,
        latency_ms=round(best.latency_ms, 1),
    )
