"""What lets a conversation last: stubs for old results, summaries written beside the work, passages put back."""

import json
import logging
import time
from functools import partial

from store.events import Usage

from .. import context, recall, summarise, window
from ..commands.guards import PutBack, RecordNoSummary, RecordSummary, StubResults
from ..config import Agent, Model
from ..errors import Missing
from ..model_calls import ModelsFailed, Reply
from ..world import Situation
from .reading import masked
from .work import Work

log = logging.getLogger(__name__)
PUT_BACK = 5
"""Passages at most; each is a few hundred tokens."""


Due = int | summarise.Span
"""Seq of the entry up to which results become stubs, or the turns to summarise."""


def due(work: Work, agent: Agent) -> Due | None:
    """What the newest prompt calls for; asked once for each. Stubs first: they cost nothing."""
    prompt, measured, session = work.session.prompt, work.built, work.session
    if measured is None or prompt is None or prompt.seq <= work.shortened or session.stopped:
        return None
    work.shortened = prompt.seq
    upto = window.stub_upto(session, agent, measured.weights, measured.limit_tokens)
    if upto or not (agent.models.summarize or agent.models.small):
        return upto
    return summarise.due(session, agent, measured.weights, measured.limit_tokens)


async def shorten(work: Work, agent: Agent, what: Due) -> None:
    """Goes on beside the work, and what goes wrong with it is no reason to break that off."""
    try:
        if isinstance(what, int):
            because = f"The prompt has reached {agent.context.summarize_at:.0%} of what it may have."
            await work.append(StubResults(work.session, what, because))
        else:
            await _summarise(work, await work.desk.world.situation(work.session), what)
    except Missing:
        pass  # the next step of the agent itself says so, and waits
    except Exception:
        log.exception("The conversation of session %s could not be shortened", work.session.id)


async def _summarise(work: Work, situation: Situation, span: summarise.Span) -> None:
    chain, session = situation.summarize, work.session
    if not chain:
        return
    await work.read(summarise.needed(span, session) | context.needed(session, situation.agent))
    asked = summarise.question(span, session, situation.agent, work.texts, _room(work, chain[0]))
    if not summarise.worth_asking(asked):
        return
    asked = summarise.veiled(asked, partial(masked, vault=await work.vault()))
    try:
        reply = await work.desk.models.complete(chain, asked.messages, [])
    except ModelsFailed as failed:
        await work.insist(RecordNoSummary(session, str(failed), Usage(), None))
        return
    await _record(work, asked, reply)


async def _record(work: Work, asked: summarise.Question, reply: Reply) -> None:
    text = summarise.composed(asked, reply.text)
    wrong = summarise.acceptable(text, asked.replaced_characters, asked.most_characters, reply.finish_reason)
    if wrong:
        await work.insist(RecordNoSummary(work.session, wrong, reply.usage, reply.cost_usd))
        return
    await work.insist(
        RecordSummary(
            known=work.session,
            upto=asked.upto,
            turns=asked.turns,
            text=text,
            asked=json.dumps(asked.messages, ensure_ascii=False),
            before_tokens=window.estimate(asked.replaced_characters),
            after_tokens=window.estimate(len(text)),
            profile=reply.profile,
            model=reply.model,
            usage=reply.usage,
            cost_usd=reply.cost_usd,
            latency_ms=reply.latency_ms,
        )
    )


def _room(work: Work, model: Model) -> int | None:
    """Tokens that the summariser's prompt may have."""
    window_tokens = work.desk.models.info(model).context_window
    return window_tokens - min(window.RESERVE_TOKENS, window_tokens // 4) if window_tokens else None


async def put_back(work: Work, situation: Situation) -> None:
    """Before the first step of a turn: what the older conversation says about the newest message, if anything."""
    session, passages = work.session, work.desk.passages
    before = _first_told(work)
    if not situation.agent.context.recall or max(session.recalled, work.looked_back) >= session.turn:
        return
    work.looked_back = session.turn
    began = time.perf_counter()
    indexed = await passages.indexed_upto(session.id)
    if indexed < before - 1:
        await passages.index(session.id, await passages.texts_between(session.id, indexed, before - 1))
    terms = recall.terms(await work.request())
    found = await passages.search(session.id, terms, PUT_BACK, before_seq=before) if terms else []
    if not recall.worth_recalling(terms, found):
        return
    await work.append(
        PutBack(
            known=session,
            turn=session.turn,
            query=" ".join(terms),
            text=masked(recall.told(found), await work.vault()),
            seqs=tuple(one.seq for one in found),
            latency_ms=(time.perf_counter() - began) * 1000,
        )
    )


def _first_told(work: Work) -> int:
    """Seq of the first entry that the next prompt tells word for word; what is older may be worth recalling."""
    prompt, session = work.session.prompt, work.session
    kept = session.entries[0].seq if session.entries else 0
    return max(prompt.first if prompt else 0, session.summary.upto + 1 if session.summary else 0, kept)
