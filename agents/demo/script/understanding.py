"""Turns what a person wrote into a request: an intent with what it is about; pure."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from .asking import erasure_asked, erasure_mentioned, refund_asked
from .entities import Entities, entities_in
from .signs import (
    CAN_IT,
    CORRECTING,
    CREDIT,
    CREDIT_NEGATED,
    DOMAIN,
    DONE_BEFORE,
    EARLIER,
    ERASE,
    ERASE_LOOSELY,
    ERASE_VERB,
    ERASED_BEFORE,
    GDPR,
    GREETING,
    HANDLE,
    HELP,
    LATEST,
    LETTER,
    LOOK_UP,
    MONEY_MOVES,
    NEGATED,
    NEVER_OURS,
    NOT_ERASABLE,
    ORDERED_ELSEWHERE,
    OUTSIDE,
    QUESTION,
    REFUND_ASKED,
    REFUND_MENTIONED,
    REFUND_QUESTION,
    REFUND_VERB,
    STATED_QUESTION,
    STOPPING,
    THANKS,
    WISHED,
    WRITE,
    WRITE_SIGN,
)
from .vocabulary import mended


class Intent(StrEnum):
    REFUND = "refund"
    ERASE = "erase"
    WRITE = "write"
    LOOK_UP = "look up"
    HANDLE = "handle a ticket"
    BOTH = "refund and erase"
    CREDIT = "store credit"
    RECALL = "recall"
    GREETING = "greeting"
    HELP = "help"
    THANKS = "thanks"
    STOP = "stop"
    OUTSIDE = "outside"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is wanted, about whom and what, in whose words."""

    intent: Intent
    text: str
    about: Entities = field(default_factory=Entities)
    latest: bool = False
    corrects: bool = False
    letter: str = ""
    quoted: str = ""  # the words the request was first made in, when an answer completed it

    @property
    def words(self) -> str:
        return self.quoted or self.text


def understood(text: str) -> Request:
    """The request a text makes on its own, without what was said before."""
    plain = mended(" ".join(text.split()).replace("’", "'"))
    low = plain.lower()
    about = entities_in(plain)
    intent = _intent(low, about)
    letter = _letter_in(plain) if intent is Intent.WRITE else ""
    return Request(
        intent=intent,
        text=plain,
        about=about,
        latest=bool(LATEST.search(low)),
        corrects=bool(CORRECTING.search(low)),
        letter=letter,
    )


def _intent(low: str, about: Entities) -> Intent:
    if EARLIER.search(low):
        return Intent.RECALL
    if CREDIT.search(low) and not (CREDIT_NEGATED.search(low) or QUESTION.search(low)):
        return Intent.CREDIT
    if NEGATED.search(low) and not REFUND_VERB.search(NEGATED.sub(" ", low)):
        return Intent.WRITE if _writing_first(low, about) else Intent.STOP
    if _not_ours(low, about):
        return Intent.OUTSIDE
    if _writing_first(low, about):
        return Intent.WRITE
    if _erasing(low, about):
        return Intent.BOTH if REFUND_VERB.search(low) and _refunding(low, about) else Intent.ERASE
    if _refunding(low, about):
        return Intent.REFUND
    return _mentioning(low, about) or _smaller(low, about)


def _mentioning(low: str, about: Entities) -> Intent | None:
    """A refund or an erasure that is spoken of but not asked for: look up what is named, and ask."""
    named = about.orders or about.tickets or about.customers or about.emails
    if not named or QUESTION.search(low) or not (REFUND_VERB.search(low) or erasure_mentioned(low)):
        return None
    return Intent.HANDLE if about.tickets and not about.orders and REFUND_VERB.search(low) else Intent.LOOK_UP


def _not_ours(low: str, about: Entities) -> bool:
    if NEVER_OURS.search(low):
        return True
    if STATED_QUESTION.search(low) and (about.orders or about.tickets):
        return False
    outside = (OUTSIDE.search(low) or ORDERED_ELSEWHERE.search(low)) and not REFUND_VERB.search(low)
    return bool(NOT_ERASABLE.search(low) or (outside and not _erasing(low, about)))


def _erasing(low: str, about: Entities) -> bool:
    return erasure_asked(low) and _speaks_of_erasing(low, about)


def _speaks_of_erasing(low: str, about: Entities) -> bool:
    subject = about.customers or about.emails or about.names
    if STATED_QUESTION.search(low) or ERASED_BEFORE.search(low):
        return False
    if ERASE.search(low):
        return True
    if REFUND_VERB.search(low) or about.money.euros:
        return False
    if ERASE_LOOSELY.search(low):
        return True
    if GDPR.search(low) and not QUESTION.search(low):
        return True
    verb = re.search(rf"\b(?:{ERASE_VERB}|forget)\b", low)
    return bool(verb and subject and not about.orders and not QUESTION.search(low))


def _refunding(low: str, about: Entities) -> bool:
    return refund_asked(low) and _speaks_of_refunding(low, about)


def _speaks_of_refunding(low: str, about: Entities) -> bool:
    if CAN_IT.search(low) or _only_mentioned(low):
        return False
    if REFUND_VERB.search(low):
        asks_about_it = REFUND_QUESTION.search(low) and not REFUND_ASKED.search(low)
        return not (asks_about_it and ("?" in low or QUESTION.search(low)))
    if about.any_money and re.search(r"\bback\b", low) and not QUESTION.search(low):
        return True
    if about.bare_amount and re.search(r"\bback\b", low) and not QUESTION.search(low):
        return True
    if (
        about.orders
        and (about.money.euros or about.money.share)
        and re.search(r"\b(?:please|pls|plz|bitte|svp)\b", low)
    ):
        return not QUESTION.search(low)
    return bool(about.money.euros and MONEY_MOVES.search(low) and not QUESTION.search(low))


def _only_mentioned(low: str) -> bool:
    """A refund that was, may be or is to come later (`I already refunded it`, `wait until she answers`)."""
    other = DONE_BEFORE.sub(" ", low)
    past = DONE_BEFORE.search(low) and not REFUND_VERB.search(other) and not WISHED.search(low)
    return bool(past or REFUND_MENTIONED.search(low))


def _writing_first(low: str, about: Entities) -> bool:
    """`Write to her that the refund is on its way` is a letter; `refund it and write to her` is a refund."""
    opening = WRITE.search(low)
    if not opening or re.search(r"\b(?:tell|let|send|show|give|remind) me\b", low) or QUESTION.search(low):
        return False
    verb = opening[0].split()[-1]
    refund, erase = REFUND_VERB.search(low), ERASE.search(low)
    first = min((hit.start() for hit in (refund, erase) if hit), default=len(low))
    letter = LETTER.search(low)
    told = letter is not None and letter.start() < first
    sent_on = verb in ("send", "drop") and not re.search(r"\b(?:e-?mail|message|note|letter|line|mail|word)\b", low)
    if verb in ("let", "ask") and not re.search(r"\bknow\b|\bask (?:her|him|them|customer|c-|[a-z]+ )", low):
        return False
    if verb == "answer" and (about.tickets and letter is None):
        return False
    return (told or first == len(low)) and not sent_on


def _smaller(low: str, about: Entities) -> Intent:
    if THANKS.search(low) and not about.any_subject:
        return Intent.THANKS
    if STOPPING.search(low) and not about.any_subject:
        return Intent.STOP
    if HELP.search(low) and not about.orders and not about.tickets:
        return Intent.HELP
    if QUESTION.search(low) or CAN_IT.search(low) or LOOK_UP.search(low):
        return _looking(low, about)
    if about.tickets and HANDLE.search(low):
        return Intent.HANDLE
    if GREETING.search(low) and len(low.split()) <= 6 and not about.orders:
        return Intent.GREETING
    if WRITE_SIGN.search(low) and (about.customers or about.write_at) and LETTER.search(low):
        return Intent.WRITE
    return Intent.NONE


def _looking(low: str, about: Entities) -> Intent:
    if about.orders or about.tickets or about.customers or about.emails or about.write_at:
        return Intent.HANDLE if about.tickets and HANDLE.search(low) and not QUESTION.search(low) else Intent.LOOK_UP
    if DOMAIN.search(low):
        return Intent.LOOK_UP
    return Intent.NONE if not QUESTION.search(low) else Intent.OUTSIDE


def _letter_in(plain: str) -> str:
    hit = LETTER.search(plain)
    return hit[1].strip().strip("\"“”'") if hit else ""
