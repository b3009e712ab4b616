"""Commands that record what came of asking a model: its reply with every proposed call, or its failure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from store.events import (
    AnswerRefused,
    BestPicked,
    CallProposed,
    CallState,
    FailedAttempt,
    ModelFailed,
    ModelReplied,
    Prompt,
    Release,
    Risk,
    RuleRef,
    Segment,
    StageEntered,
    ToolStarted,
    TurnEnded,
    Verify,
)

from .. import context
from ..config import Agent
from ..decide import input_unchecked, may_run
from ..folded import Call, Session
from ..model_calls import Reply
from ..presets import guards_of
from ..proposals import Proposal, State
from .calls import Cleared, withdraw
from .command import Book, Command
from .conversation import written_since
from .guards import FallBackOn
from .requests import ask


@dataclass
class RecordReply(Command):
    """A reply, its proposals under the rules, their approval requests, and the start of all that may run at once."""

    known: Session | None
    agent: Agent
    reply: Reply
    prompt: context.Built
    closing: str | None
    tools_text: str | None
    tools_ref: str | None
    context_limit: int | None
    segments: tuple[Segment, ...]
    proposals: Sequence[Proposal]
    answer_problems: Callable[[str], Sequence[str]]
    clear: Callable[[Call], Cleared]
    """The rules and definitions as they are inside the transaction: they may have changed while the model wrote."""
    unrunnable: Callable[[Call], str | None]
    """Why a call could not run even if a person approved it; None if it could."""
    role: Literal["act", "plan", "small"] = "act"
    route: str = ""
    """By which rule that role was asked."""
    best: BestPicked | None = None
    """Where the reply is the best of several: the others, with their outputs in `outputs`."""
    outputs: tuple[str, ...] = ()

    def decide(self, book: Book) -> tuple[str, ...]:
        """Returns the ids of the calls that were started."""
        if book.session.stopped or not book.session.turn_open:
            return ()
        fresh = written_since(book.session, self.known)
        if self.best:
            kept = zip(self.best.candidates, self.outputs, strict=True)
            candidates = tuple(one.model_copy(update={"output": book.keep(text)}) for one, text in kept)
            asked = book.keep(self.best.asked) if self.best.asked else None
            book.add(self.best.model_copy(update={"candidates": candidates, "asked": asked}))
        book.add(self._replied(book))
        if self.proposals and not self.closing:
            return self._propose(book)
        self._answer(book, fresh)
        return ()

    def _replied(self, book: Book) -> ModelReplied:
        session, reply = book.session, self.reply
        output = output_text(reply)
        parts = self.prompt.parts
        if self.prompt.appends and session.prompt:
            last = session.prompt.last
            parts = tuple(part for part in parts if part.kind == "closing" or (part.entry or 0) > last)
        refs = tuple(part.ref or book.keep(part.text) for part in parts)
        leading = sum(1 for part in self.prompt.parts if part.kind in ("system", "summary"))
        tools = self.tools_ref or (book.keep(self.tools_text) if self.tools_text else None)
        return ModelReplied(
            step=session.step + 1,
            turn=session.turn,
            purpose="closing" if self.closing else "agent",
            profile=reply.profile,
            model=reply.model,
            role=self.role,
            because=f"{self.route}; {reply.because}" if self.route else reply.because,
            prompt=Prompt(
                parent=session.prompt.seq if self.prompt.appends and session.prompt else None, parts=refs, tools=tools
            ),
            entries=tuple(part.entry for part in parts if part.entry is not None),
            leading=leading,
            output=book.keep(output),
            calls=len(reply.calls),
            finish_reason=reply.finish_reason,
            usage=reply.usage,
            cost_usd=reply.cost_usd,
            cache_saved_usd=reply.cache_saved_usd,
            latency_ms=round(reply.latency_ms, 1),
            first_token_ms=reply.first_token_ms and round(reply.first_token_ms, 1),
            context_limit=self.context_limit,
            segments=self.segments,
            attempts=reply.attempts,
        )

    def _propose(self, book: Book) -> tuple[str, ...]:
        step = book.session.step
        for index, proposal in enumerate(_unique_ids(self.proposals, step), start=1):
            _record(book, self.agent, f"{step}.{index}", _limited(book.session, self.agent, proposal))
        self._withdraw_outdated(book)
        if book.session.paused:
            return ()
        started = []
        unchecked = input_unchecked(book.session, self.agent)
        for call in book.session.calls:
            if call.state is not CallState.ALLOWED or call.step != step or not may_run(call, unchecked):
                continue
            ruling = self.clear(call).ruling
            # else StartCalls says what is to be done about it
            if ruling and ruling.release is Release.ALLOW and ruling.verify is Verify.NONE:
                book.add(ToolStarted(call_id=call.id, attempt=1, action_digest=call.digest or "", rule=ruling.rule))
                started.append(call.id)
        return tuple(started)

    def _withdraw_outdated(self, book: Book) -> None:
        """Nobody is asked about a tool whose definition changed while the model wrote."""
        for call in book.session.calls:
            if call.state in (CallState.PROPOSED, CallState.HELD) and (because := self.unrunnable(call)):
                withdraw(book, call, because)

    def _answer(self, book: Book, fresh: bool) -> None:
        session, text = book.session, self.reply.text.strip()
        problems = self.answer_problems(text) if text else (context.NUDGE,)
        if session.awaiting:
            return  # a person has been asked: the turn goes on with what they write
        if self.closing:
            answer = book.keep(_encodable(text)) if text and not problems else None
            book.add(TurnEnded(turn=session.turn, result="limit", because=self.closing, answer=answer))
        elif problems:
            note = "; ".join(problems) if text == "" else f"Your answer cannot be used: {'; '.join(problems)}"
            book.add(AnswerRefused(step=session.step, note=book.keep(note)))
        elif fresh:
            return  # somebody wrote meanwhile: the model reads that before the turn can end
        elif session.stage is not None and session.stage + 1 < len(self.agent.workflow):
            stage = self.agent.workflow[session.stage + 1]
            book.add(StageEntered(index=session.stage + 1, stage=stage.stage, because="The stage's goal was answered."))
        else:
            answer = book.keep(_encodable(text))
            book.add(TurnEnded(turn=session.turn, result="answered", because="The model answered.", answer=answer))


@dataclass
class RecordFailure(Command):
    """No model replied: the turn ends with an error, and a message tries again."""

    known: Session | None
    attempts: tuple[FailedAttempt, ...]
    because: str
    fall_back: FallBackOn | None = None

    def decide(self, book: Book) -> None:
        session = book.session
        if session.stopped or not session.turn_open:
            return
        because = _encodable(self.because)
        book.add(ModelFailed(step=session.step + 1, turn=session.turn, attempts=self.attempts, because=because))
        if session.awaiting:
            return  # a person has been asked: with what they write it is tried again
        if self.fall_back:
            self.fall_back.decide(book)
        else:
            book.add(TurnEnded(turn=session.turn, result="error", because=because))


def _record(book: Book, agent: Agent, call_id: str, proposal: Proposal) -> None:
    details = book.keep(_encodable(proposal.details.model_dump_json()))
    tool = proposal.offered
    book.add(
        CallProposed(
            call_id=call_id,
            provider_id=proposal.provider_id,
            step=book.session.step,
            tool=_encodable(proposal.tool[:200]),
            connector=tool.entry.connector if tool else None,
            own_name=tool.entry.tool if tool else None,
            definition_hash=tool.definition.hash if tool else None,
            risk=tool.entry.risk if tool else Risk.UNKNOWN,
            idempotent=tool.entry.idempotent if tool else False,
            details=details,
            action_digest=proposal.digest,
            state=proposal.state,
            verify=proposal.verify,
            release=proposal.release,
            approver=proposal.approver,
            rule=proposal.rule,
            because=proposal.because,
        )
    )
    if proposal.state is CallState.HELD:
        ask(book, agent, call_id, approver=proposal.approver, because=proposal.because)


def _limited(session: Session, agent: Agent, proposal: Proposal) -> Proposal:
    """What the session's own history adds to the rules: limits, and what a person has already refused."""
    if proposal.state in (CallState.INVALID, CallState.DENIED):
        return proposal
    if session.awaiting:
        return _deny(proposal, "The request is incomplete, so the person is asked first.")
    if proposal.tool in session.suspended:
        return _deny(proposal, "People rejected this tool several times in a row; it is suspended in this session.")
    limit = proposal.offered.entry.limits.calls_per_turn if proposal.offered and proposal.offered.entry.limits else None
    if session.stage_calls >= agent.limits.tool_calls:
        return _deny(proposal, f"The limit of {agent.limits.tool_calls} tool calls was reached.")
    if limit is not None and dict(session.tool_uses).get(proposal.tool, 0) >= limit:
        return _deny(proposal, f"{proposal.tool} may be called {limit} times per turn.")
    if proposal.digest in session.rejected_now:
        return _deny(proposal, "A person rejected exactly this call; it is refused until the user writes again.")
    if proposal.digest in session.rejected_before:
        return _asked(proposal, "a person rejected exactly this call before.")
    if proposal.repeat and guards_of(agent).progress:
        return _asked(proposal, proposal.repeat)
    return proposal


def _asked(proposal: Proposal, repeats: str) -> Proposal:
    """Not by itself any more: a person decides, after the models have looked where they were to look."""
    release = max(proposal.release, Release.ASK, key=list(Release).index)
    state: State = CallState.PROPOSED if proposal.state is CallState.PROPOSED else CallState.HELD
    by_a_rule = proposal.rule is None or proposal.rule.standing is None
    because = f"A repeat: {repeats} {proposal.because}" if by_a_rule else f"A repeat: {repeats}"
    return replace(proposal, state=state, release=release, rule=_by_no_word_in_advance(proposal), because=because)


def _deny(proposal: Proposal, because: str) -> Proposal:
    rule = _by_no_word_in_advance(proposal)
    return replace(proposal, state=CallState.DENIED, release=Release.DENY, rule=rule, because=because)


def _by_no_word_in_advance(proposal: Proposal) -> RuleRef | None:
    """The rule alone: a standing approval that releases nothing is not on record as if it had."""
    rule = proposal.rule
    return rule.model_copy(update={"standing": None, "standing_version": None}) if rule else None


def _unique_ids(proposals: Sequence[Proposal], step: int) -> list[Proposal]:
    """Providers sometimes send no id, or the same twice; results must still find their calls."""
    seen: set[str] = set()
    unique = []
    for index, proposal in enumerate(proposals, start=1):
        wanted = _encodable(proposal.provider_id)[:100]
        provider_id = wanted if wanted and wanted not in seen else f"call_{step}_{index}"
        seen.add(provider_id)
        unique.append(replace(proposal, provider_id=provider_id))
    return unique


def output_text(reply: Reply) -> str:
    """JSON of what the model wrote, as it is recorded."""
    calls = [
        {"id": _encodable(c.id), "name": _encodable(c.name), "arguments": _encodable(c.arguments)} for c in reply.calls
    ]
    return json.dumps({"text": _encodable(reply.text), "calls": calls}, ensure_ascii=False)


def _encodable(text: str) -> str:
    """Model text may hold lone surrogates, which neither UTF-8 nor a database can carry: make them visible."""
    return text.encode("utf-8", "backslashreplace").decode()
