"""Asks the model for the next step, and records its reply with every call it proposes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from store.events import CallState

from .. import context, meters, window
from ..commands.calls import Checked
from ..commands.replies import RecordFailure, RecordReply
from ..config import Agent
from ..errors import Missing
from ..folded import Session
from ..model_calls import ModelsFailed
from ..proposals import PLAIN, Proposal, propose
from ..schema_check import problems
from ..world import Situation
from . import fallback, memory, reading
from .calls import checked
from .several import Check, Told, reply_to
from .work import Measured, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is about to be sent, and what it was built from."""

    situation: Situation
    session: Session
    built: context.Built
    closing: str | None
    tools_text: str | None
    """None for a closing call, which has no tools."""
    context_limit: int | None
    """Tokens, as the meters show it."""
    check: Check


async def ask_model(work: Work, closing: str | None) -> tuple[str, ...]:
    """One model call and the record of its reply. Returns the ids of the calls that were started with it."""
    prompt = await _prompt(work, closing)
    situation = prompt.situation
    tools = [] if closing else [dict(tool.wire) for tool in situation.tools.values()]
    try:
        told = await reply_to(work, situation, prompt.built, tools, prompt.check)
    except ModelsFailed as failed:
        work.recording = True
        await _give_up(work, situation.agent, failed)
        return ()
    work.recording = True
    started: tuple[str, ...] = await work.insist(await _record(work, prompt, told))
    return started


async def _prompt(work: Work, closing: str | None) -> Prompt:
    desk = work.desk
    situation = await desk.world.situation(work.session)
    await memory.put_back(work, situation)
    session, agent = work.session, situation.agent
    await work.read(context.needed(session, agent))
    tools_text = None if closing else situation.tools_text
    windows = [desk.models.info(model).context_window for model in situation.models]
    # whichever of the chain it comes to, it has to fit
    limit = window.prompt_limit(agent, _least(*windows), situation.models[0].max_output)
    vault = await work.vault()
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
    return Prompt(
        situation=situation,
        session=session,
        built=built,
        closing=closing,
        tools_text=tools_text,
        context_limit=_least(windows[0], agent.context.window_tokens),
        check=_answer_check(agent),
    )


def _least(*tokens: int | None) -> int | None:
    return min((one for one in tokens if one), default=None)


async def _give_up(work: Work, agent: Agent, failed: ModelsFailed) -> None:
    known = work.session
    over = await fallback.prepared(work, agent, str(failed)) if fallback.declared(agent) else None
    await work.insist(RecordFailure(known=known, attempts=failed.attempts, because=str(failed), fall_back=over))


async def _record(work: Work, prompt: Prompt, told: Told) -> RecordReply:
    """The command that records the reply, with its calls read, judged and ready to start."""
    world, situation, session = work.desk.world, prompt.situation, prompt.session
    offered = {} if prompt.closing else situation.tools
    calls = told.reply.calls
    read = await reading.reading(work, prompt.built) if calls else PLAIN
    now = await _now(work, situation) if calls else situation
    now = replace(now, rules=now.rules.after_paying(*_paid(told)))
    rules = situation.rules.after_paying(*_paid(told)).at(world.now())
    proposals = [propose(call, offered, rules, read) for call in calls]
    sizes = {**prompt.built.sizes, "tools": len(prompt.tools_text or "")}
    return RecordReply(
        known=session,
        agent=situation.agent,
        reply=told.reply,
        prompt=prompt.built,
        closing=prompt.closing,
        tools_text=prompt.tools_text,
        tools_ref=_same(session, work.texts, prompt.tools_text),
        context_limit=prompt.context_limit,
        segments=meters.segments(sizes, told.reply.usage),
        proposals=proposals,
        answer_problems=prompt.check,
        clear=world.clear(now, _checked(session.step + 1, proposals)),
        unrunnable=world.unrunnable,
        role=situation.route.role,
        route=situation.route.because,
        best=told.best,
        outputs=told.outputs,
    )


def _paid(told: Told) -> tuple[float | None, ...]:
    """What this reply cost, with those it was picked from: the rules are asked with it, as it is recorded with it."""
    best = told.best
    others = [one.cost_usd for i, one in enumerate(best.candidates) if i != best.picked] if best else []
    judge = [best.judge.cost_usd] if best and best.judge else []
    return (told.reply.cost_usd, *others, *judge)


async def _now(work: Work, situation: Situation) -> Situation:
    """The tools as they are by now, for what starts at once; what the model was offered may be minutes old."""
    try:
        return await work.desk.world.situation(work.session)
    except Missing:  # the next move says so, and waits
        return replace(situation, tools={})


def _checked(step: int, proposals: Sequence[Proposal]) -> dict[str, Checked]:
    """What the rules are asked about once more before a call may run at once, by the ids the calls will have."""
    return {
        f"{step}.{index}": checked(one.details)
        for index, one in enumerate(proposals, start=1)
        if one.state is CallState.ALLOWED
    }


def _same(session: Session, texts: dict[str, str | None], tools_text: str | None) -> str | None:
    """The ref under which these very tools are recorded already."""
    ref = session.prompt.tools if session.prompt else None
    return ref if ref and tools_text is not None and texts.get(ref) == tools_text else None


def _answer_check(agent: Agent) -> Check:
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
