"""Commands of a session's own life: start, message, pause, resume, stop, stage, end of turn."""

import json
from dataclasses import dataclass
from typing import Any

from store.events import (
    CallState,
    MessageReceived,
    Result,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    StageEntered,
    TurnEnded,
)

from ..errors import NotNow
from ..folded import Session
from .calls import withdraw
from .command import Book, Command


@dataclass
class StartSession(Command):
    """The first two events of a session: it started, and somebody said something."""

    agent: str
    pins: dict[str, int]
    title: str
    message: str
    inputs: dict[str, Any] | None
    by: str

    must_exist = False

    def decide(self, book: Book) -> None:
        if book.session.seq:
            raise NotNow("The session was started already.")
        inputs = book.keep(json.dumps(self.inputs, ensure_ascii=False)) if self.inputs else None
        book.add(
            SessionStarted(agent=self.agent, pins=self.pins, title=book.keep(self.title), inputs=inputs, by=self.by)
        )
        _receive(book, self.message, self.by)


@dataclass
class ReceiveMessage(Command):
    """A person wrote: opens a turn, or joins the one under way at its next step."""

    text: str
    by: str

    def decide(self, book: Book) -> None:
        if book.session.stopped:
            raise NotNow("The session was stopped for good. Start a new one; its record stays here.")
        _receive(book, self.text, self.by)


def _receive(book: Book, text: str, by: str) -> None:
    session = book.session
    opens = not session.turn_open
    turn = session.turn + 1 if opens else session.turn
    book.add(MessageReceived(text=book.keep(text), turn=turn, opens_turn=opens, by=by))


def written_since(session: Session, known: Session | None) -> bool:
    """Did a person write after `known`?"""
    return known is not None and any(e.kind == "user" and e.seq > known.seq for e in session.entries)


@dataclass
class Pause(Command):
    by: str
    because: str

    def decide(self, book: Book) -> None:
        if book.session.stopped:
            raise NotNow("The session was stopped; there is nothing to pause.")
        if not book.session.paused:
            book.add(SessionPaused(by=self.by, because=self.because))


@dataclass
class Resume(Command):
    by: str
    because: str

    def decide(self, book: Book) -> None:
        if book.session.stopped:
            raise NotNow("The session was stopped for good and cannot be resumed.")
        if book.session.paused:
            book.add(SessionResumed(by=self.by, because=self.because))


@dataclass
class Stop(Command):
    """Final: whatever waits is withdrawn in the same transaction, so nothing can run after it."""

    by: str
    because: str

    def decide(self, book: Book) -> None:
        if book.session.stopped:
            return
        was_open = book.session.turn_open
        book.add(SessionStopped(by=self.by, because=self.because))
        withdraw_all(book, "The session was stopped.")
        if was_open:
            book.add(TurnEnded(turn=book.session.turn, result="stopped", because=self.because))


def withdraw_all(book: Book, because: str) -> None:
    """Void every open request for a call and withdraw what has not started; unknown outcomes stay with people."""
    for call in book.session.calls:
        if call.state not in (CallState.PROPOSED, CallState.HELD, CallState.ALLOWED):
            continue
        withdraw(book, call, because)


@dataclass
class MoveOn(Command):
    """Enter a workflow stage, if the turn still stands where the decision was made."""

    known: Session | None
    index: int
    stage: str
    because: str

    def decide(self, book: Book) -> None:
        if book.session.turn_open and not book.session.paused:
            book.add(StageEntered(index=self.index, stage=self.stage, because=self.because))


@dataclass
class EndTheTurn(Command):
    """End a turn without another reply: a limit, or an error that nothing can mend by itself."""

    known: Session | None
    result: Result
    because: str
    answer: str | None = None

    def decide(self, book: Book) -> None:
        if book.session.turn_open:
            withdraw_all(book, "The turn ended before it could run.")
            answer = book.keep(self.answer) if self.answer else None
            turn = book.session.turn
            book.add(TurnEnded(turn=turn, result=self.result, because=self.because, answer=answer))
