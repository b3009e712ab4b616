"""The frame every command shares: fold what is known, decide, and collect the events that follow. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.event_log import Draft, History, Outcome
from store.events import Status
from store.payloads import Payload, seal

from .. import session as fold
from ..errors import NotFound, NotNow
from ..folded import FOLD_VERSION, Session, load


class Book:
    """Collects events and their payloads, folding the session along, so each decision sees the one before."""

    def __init__(self, session: Session, at: datetime) -> None:
        self.session = session
        self.at = at
        self.drafts: list[Draft] = []
        self.payloads: list[Payload] = []
        self.texts: dict[str, str] = {}

    def add(self, event: Any) -> None:
        self.session = fold.apply(self.session, event, self.session.seq + 1, self.at)
        self.drafts.append(Draft(event=event, status=self.session.status or Status.QUEUED))

    def keep(self, text: str) -> str:
        """Store a text apart from the chain; returns its ref."""
        payload = seal(text)
        self.payloads.append(payload)
        self.texts[payload.ref] = payload.content
        return payload.ref

    def outcome(self, value: Any = None) -> Outcome:
        done = Done(value=value, session=self.session, texts=self.texts)
        return Outcome(drafts=tuple(self.drafts), payloads=tuple(self.payloads), value=done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command hands back: its own value, the session as it then stood, and the texts it stored by ref."""

    value: Any
    session: Session
    texts: dict[str, str]


class Command:
    """Base of all commands. `known` is what the caller has folded already; the rest is read in the transaction."""

    must_exist = True
    known: Session | None
    """Commands of the loop say what they know already; those of people start from what is recorded."""

    @property
    def after(self) -> int:
        known = self._known()
        return known.seq if known else 0

    def _known(self) -> Session | None:
        return getattr(self, "known", None)

    def __call__(self, history: History, at: datetime) -> Outcome:
        session = caught_up(self._known(), history)
        if self.must_exist and session.seq == 0:
            raise NotFound(f"There is no session {history.session_id}.")
        if session.foreign:
            raise NotNow("The session holds events of a newer version of Quarterdeck; it can only be read.")
        book = Book(session, at)
        value = self.decide(book)
        return book.outcome(value)

    def decide(self, book: Book) -> Any:
        raise NotImplementedError


def caught_up(known: Session | None, history: History) -> Session:
    """The session at the head of its history, starting from whatever is already folded."""
    session = known if known and known.seq else fold.new(history.session_id)
    tail: Sequence[Any] = history.tail
    if session.seq == 0 and history.snapshot and history.snapshot.version == FOLD_VERSION:
        session = load(history.snapshot.data)
    return fold.replay(session, (event for event in tail if event.seq > session.seq))
