"""Asks the model for the next step, and records its reply with every call it proposes."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from store.events import BestPicked, CallState, Candidate, Usage

from .. import context, meters, window
from ..commands.calls import Checked
from ..commands.replies import RecordFailure, RecordReply, output_text
from ..config import Agent
from ..errors import Missing
from ..folded import Session
from ..guards.best_of import Best, best_of
from ..hub import Words
from ..model_calls import ModelsFailed, Reply
from ..proposals import Proposal, propose
from ..schema_check import problems
from ..world import Situation
from . import fallback, memory, reading
from .calls import checked
from .work import Measured, Work


async def ask_model(work: Work, closing: str | None) -> tuple[str, ...]:
    """One model call and the record of its reply. Returns the ids of the calls that were started with it."""
    desk = work.desk
    situation = await desk.world.situation(work.session)
    await memory.put_back(work, situation)
    session, agent = work.session, situation.agent
    await work.read(context.needed(session, agent))
    windows = [found.context_window for model in situation.models if (found := desk.models.info(model))]
    smallest = min((one for one in windows if one), default=None)
    tools = [] if closing else [dict(tool.wire) for tool in situation.tools.values()]
    tools_text = None if closing else situation.tools_text
    vault = await work.vault()
    limit = window.prompt_limit(agent, smallest, situation.models[0].max_output)
    built = context.build(
        session,
        agent,
        work.texts,
        closing,
        work.messages,
        limit_tokens=limit,
        tools_characters=len(tools_text or ""),
        per_token=work.built.weights.per_token if work.built else window.CHARACTERS_PER_TOKEN,
        hide=(lambda text: reading.masked(text, vault)) if vault else None,
    )
    work.built = Measured(weights=built.weights, limit_tokens=limit)
    check = _answer_check(agent)
    try:
        reply, best, outputs = await _reply(work, situation, built, tools, check)
    except ModelsFailed as failed:
        work.recording = True
        over = await fallback.prepared(work, agent, str(failed)) if fallback.declared(agent) else None
        await work.insist(RecordFailure(known=session, attempts=failed.attempts, because=str(failed), fall_back=over))
        return ()
    work.recording = True
    offered = {} if closing else situation.tools
    read = await reading.reading(work, built)
    now = await _now(work, situation)
    proposals = [propose(call, offered, situation.rules, read) for call in reply.calls]
    started: tuple[str, ...] = await work.insist(
        RecordReply(
            known=session,
            agent=agent,
            reply=reply,
            prompt=built,
            closing=closing,
            tools_text=tools_text,
            tools_ref=_same(session, work.texts, tools_text),
            context_limit=min((one for one in (windows[0], agent.context.window_tokens) if one), default=None),
            segments=meters.segments({**built.sizes, "tools": len(tools_text or "")}, reply.usage),
            proposals=proposals,
            answer_problems=check,
            clear=desk.world.clear(now, _checked(session.step + 1, proposals)),
            unrunnable=desk.world.unrunnable,
            role=situation.route.role,
            route=situation.route.because,
            best=best,
            outputs=outputs,
        )
    )
    return started


async def _now(work: Work, situation: Situation) -> Situation:
    """The tools as they are by now, for what starts at once; what the model was offered may be minutes old."""
    try:
        return await work.desk.world.situation(work.session)
    except Missing:  # the next move says so, and waits
        return replace(situation, tools={})


NOTHING = '{"text": "", "calls": []}'
"""The output of a candidate that did not reply."""
Told = tuple[Reply, BestPicked | None, tuple[str, ...]]


async def _reply(
    work: Work,
    situation: Situation,
    built: context.Built,
    tools: list[dict[str, Any]],
    check: Callable[[str], Sequence[str]],
) -> Told:
    """The reply; where it is critical, the best of several, with what is to be recorded of the others."""
    models, guards = work.desk.models, situation.guards
    first: Reply | None = None
    if not _always_critical(situation, work.session):
        first = await models.complete(situation.models, built.messages, tools, on_text=_listener(work))
        if guards.best_of < 2 or not tools or not _critical(first, situation):
            return first, None, ()
    best = await best_of(
        models,
        situation.models,
        built.messages,
        tools,
        guards.best_of,
        situation.judge,
        await _masked(work, await work.request()),
        lambda reply: _unusable(reply, situation, check),
        guards.seconds,
        first=first,
    )
    outputs = tuple(output_text(one.reply) if one.reply else NOTHING for one in best.contenders)
    return best.reply, _picked(best, work.session.step + 1), outputs


async def _masked(work: Work, text: str) -> str:
    return reading.masked(text, await work.vault())


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


def _unusable(reply: Reply, situation: Situation, check: Callable[[str], Sequence[str]]) -> Sequence[str]:
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


def _checked(step: int, proposals: Sequence[Proposal]) -> dict[str, Checked]:
    """What the rules are asked about once more before a call may run at once, by the ids the calls will have."""
    return {
        f"{step}.{index}": checked(one.details)
        for index, one in enumerate(proposals, start=1)
        if one.state is CallState.ALLOWED
    }


def _listener(work: Work) -> Callable[[str], None] | None:
    session_id, step, hub = work.session.id, work.session.step + 1, work.desk.hub
    if not hub.is_watched(session_id):
        return None
    return lambda text: hub.words(Words(session_id=session_id, step=step, text=text))


def _same(session: Session, texts: dict[str, str | None], tools_text: str | None) -> str | None:
    """The ref under which these very tools are recorded already."""
    ref = session.prompt.tools if session.prompt else None
    return ref if ref and tools_text is not None and texts.get(ref) == tools_text else None


def _answer_check(agent: Agent) -> Callable[[str], Sequence[str]]:
    """Does an answer fit the agent's output schema?"""
    schema = agent.output_schema
    if schema is None:
        return lambda _: ()

    def check(text: str) -> Sequence[str]:
        bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
        try:
            value = json.loads(bare)
        except (ValueError, RecursionError) as error:
            return (f"it has to be one JSON value and nothing else ({error})",)
        return problems({"answer": value}, {"type": "object", "properties": {"answer": schema}})

    return check
