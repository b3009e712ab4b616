"""What the script answers with and what a scenario wishes for; values only, pure."""

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One call of an offered tool; `arguments` starts with the tool's reasoning property."""

    name: str
    arguments: Fields


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """A model's turn: text for the person, or calls to make (several run in parallel)."""

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A call that a scenario wants made, by the shop's own name for the tool (its kind)."""

    kind: str
    arguments: Fields
    because: str
    attempt: int = 1
    again: int = 0
    """How often the very same call has been made before, on purpose."""
    complaint: str = ""


class Style(StrEnum):
    """How letters are written: with all that belongs in one, curtly, or with more warmth than content."""

    FULL = "full"
    TERSE = "terse"
    EFFUSIVE = "effusive"


class Fate(StrEnum):
    """What became of a call, read off the text of its tool message."""

    DONE = "done"
    CHANGED = "changed"
    CONFIRMED_DONE = "confirmed done"
    UNREADABLE = "unreadable"
    REJECTED = "rejected"
    DENIED = "denied"
    EXPIRED = "expired"
    ANSWERED = "answered"
    INVALID = "invalid"
    FAILED = "failed"
    CONFIRMED_NOT_DONE = "confirmed not done"
    NOT_OFFERED = "not offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The fate of a call with what came back: `data` if it was JSON, `ran` if a person changed the arguments."""

    fate: Fate
    text: str = ""
    data: Fields = field(default_factory=dict)
    ran: Fields = field(default_factory=dict)

    @property
    def happened(self) -> bool:
        return self.fate in (Fate.DONE, Fate.CHANGED, Fate.CONFIRMED_DONE)


Play = Generator[tuple[Wish, ...], tuple[Outcome, ...], str]


def asked(*wishes: Wish) -> Generator[tuple[Wish, ...], tuple[Outcome, ...], tuple[Outcome, ...]]:
    """Have these calls made side by side; one that was invalid is tried once more."""
    outcomes = list((yield wishes) if wishes else ())
    invalid = [index for index, outcome in enumerate(outcomes) if outcome.fate is Fate.INVALID]
    if invalid:
        again = yield tuple(_once_more(wishes[index], outcomes[index].text) for index in invalid)
        for index, outcome in zip(invalid, again, strict=True):
            outcomes[index] = outcome
    return tuple(outcomes)


def _once_more(wish: Wish, complaint: str) -> Wish:
    return Wish(kind=wish.kind, arguments=wish.arguments, because=wish.because, attempt=2, complaint=complaint)
