"""Commands that record what the guards found, and what follows from it at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from store.events import (
    CallState,
    CallVerified,
    HandedOver,
    InputChecked,
    PassagesRecalled,
    ProgressNoted,
    Release,
    ResultsStubbed,
    Seat,
    Summarised,
    SummaryFailed,
    TurnEnded,
    Usage,
)

from ..config import Agent
from ..folded import Call, Session
from ..guards.progress import Stuck, stuck
from ..guards.verify import Verified
from .calls import withdraw
from .command import Book, Command
from .conversation import withdraw_all, written_since
from .requests import ask, the_call

RELEASES = {"allow": Release.ALLOW, "ask": Release.ASK, "deny": Release.DENY}


@dataclass
class RecordVerified(Command):
    """Models have looked at a proposed call: it is released, held for a person, or denied."""

    known: Session | None
    agent: Agent
    call_id: str
    found: Verified
    unrunnable: Callable[[Call], str | None]
    """Why the call could not run even if a person approved it; None if it could."""

    def decide(self, book: Book) -> None:
        call, found = book.session.call(self.call_id), self.found
        if call is None or call.state is not CallState.PROPOSED:
            return
        release = max(call.release, RELEASES[found.verdict], key=list(Release).index)
        if not book.session.turn_open:
            release = Release.DENY
        state: Literal[CallState.DENIED, CallState.HELD, CallState.ALLOWED] = CallState.HELD
        if release in (Release.DENY, Release.ALLOW):
            state = CallState.DENIED if release is Release.DENY else CallState.ALLOWED
        because = found.because if found.verdict == "deny" else f"{call.because} {found.because}"
        book.add(
            CallVerified(
                call_id=call.id,
                verify=call.verify,
                verdict=found.verdict,
                because=because,
                seats=found.seats,
                effective_votes=found.effective_votes,
                asked=book.keep(found.asked),
                state=state,
                release=release,
                approver=call.approver,
                rule=call.rule,
                latency_ms=round(found.latency_ms, 1),
            )
        )
        if state is CallState.HELD:
            ask(book, self.agent, call.id, approver=call.approver, because=because, checks=found.seats)
            if changed := self.unrunnable(call):  # then nobody is bothered with it
                withdraw(book, the_call(book, call.id), changed)


@dataclass
class RecordInputCheck(Command):
    """Whether the request says enough. If not, the person is asked, and nothing of this turn goes on meanwhile."""

    known: Session | None
    turn: int
    verdict: Literal["enough", "missing", "failed"]
    because: str
    question: str | None = None
    asked: str | None = None
    seat: Seat | None = None
    latency_ms: float = 0.0

    def decide(self, book: Book) -> None:
        session = book.session
        if session.stopped or session.turn != self.turn or session.input_checked >= self.turn or session.awaiting:
            return
        because, question = self.because, self.question
        if question and written_since(session, self.known):
            because, question = f"{because} Somebody wrote meanwhile, so it is looked at once more.", None
        if question and session.turn_open:
            withdraw_all(book, "The request is incomplete, so the person is asked first.")
        book.add(
            InputChecked(
                turn=self.turn,
                verdict=self.verdict,
                because=because,
                question=book.keep(question) if question else None,
                asked=book.keep(self.asked) if self.asked else None,
                seat=self.seat,
                latency_ms=round(self.latency_ms, 1),
            )
        )


@dataclass
class NoteProgress(Command):
    """The agent goes round in circles: it is told so, or the turn comes to its end."""

    known: Session | None
    stuck: Stuck

    def decide(self, book: Book) -> None:
        session, seen = book.session, self.stuck
        if not session.turn_open or session.paused or session.stopped or session.awaiting:
            return
        if stuck(session.done, session.refusals, session.nudged) != seen:
            return  # somebody wrote meanwhile
        note = book.keep(seen.note) if seen.action == "nudge" else None
        book.add(ProgressNoted(pattern=seen.pattern, action=seen.action, key=seen.key, because=seen.because, note=note))


@dataclass
class RecordSummary(Command):
    """An older part of the conversation is from now on told as its summary."""

    known: Session | None
    upto: int
    turns: int
    text: str
    asked: str
    before_tokens: int
    after_tokens: int
    profile: str
    model: str
    usage: Usage
    cost_usd: float | None
    latency_ms: float

    def decide(self, book: Book) -> None:
        session = book.session
        if session.stopped or (session.summary and session.summary.upto >= self.upto):
            return
        book.add(
            Summarised(
                upto=self.upto,
                turns=self.turns,
                summary=book.keep(self.text),
                asked=book.keep(self.asked),
                before_tokens=self.before_tokens,
                after_tokens=self.after_tokens,
                profile=self.profile,
                model=self.model,
                usage=self.usage,
                cost_usd=self.cost_usd,
                latency_ms=round(self.latency_ms, 1),
            )
        )


@dataclass
class RecordNoSummary(Command):
    """A summary that could not be used; after a few of them nobody tries again."""

    known: Session | None
    because: str
    usage: Usage
    cost_usd: float | None

    def decide(self, book: Book) -> None:
        if not book.session.stopped:
            book.add(SummaryFailed(because=self.because, usage=self.usage, cost_usd=self.cost_usd))


@dataclass
class StubResults(Command):
    """Old tool results are from now on told as stubs."""

    known: Session | None
    upto: int
    because: str

    def decide(self, book: Book) -> None:
        if not book.session.stopped and book.session.stubbed < self.upto:
            book.add(ResultsStubbed(upto=self.upto, because=self.because))


@dataclass
class PutBack(Command):
    """Passages of the older conversation come back into the prompt, before the model is asked."""

    known: Session | None
    turn: int
    query: str
    text: str
    seqs: tuple[int, ...]
    latency_ms: float

    def decide(self, book: Book) -> None:
        session = book.session
        if not session.turn_open or session.paused or session.awaiting:
            return
        if session.turn != self.turn or session.recalled >= self.turn:
            return
        book.add(
            PassagesRecalled(
                turn=self.turn,
                query=self.query,
                passages=book.keep(self.text),
                seqs=self.seqs,
                latency_ms=round(self.latency_ms, 1),
            )
        )


@dataclass
class FallBackOn(Command):
    """The turn cannot be answered: a fixed answer, a person, or another agent takes over."""

    known: Session | None
    because: str
    text: str
    """The fixed answer, or what whoever takes over has to know."""
    to: Literal["person", "agent"] | None = None
    agent: str | None = None
    session_id: str | None = None

    def decide(self, book: Book) -> None:
        if not book.session.turn_open:
            return
        withdraw_all(book, "The turn ended before it could run.")
        text = book.keep(self.text)
        if self.to:
            book.add(
                HandedOver(to=self.to, because=self.because, summary=text, agent=self.agent, session_id=self.session_id)
            )
        book.add(TurnEnded(turn=book.session.turn, result="fallback", because=self.because, answer=text))
