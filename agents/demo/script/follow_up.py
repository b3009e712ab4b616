"""Understands what a person wrote in the light of the turns before: answers, corrections, `and also`; pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from .asking import doubtful
from .entities import Entities
from .memory import Turn
from .replies import Fields
from .signs import STOPPING
from .understanding import Intent, Request, understood
from .vocabulary import known

_ACTING = (Intent.REFUND, Intent.ERASE, Intent.WRITE, Intent.LOOK_UP, Intent.HANDLE, Intent.CREDIT)
_YES = re.compile(
    r"^(?:yes|yep|yeah|yup|sure|ok|okay|correct|right|exactly|please do|do it|do so|go ahead|go on|confirm(?:ed)?|"
    r"that's (?:right|correct|the one|her|him)|"
    r"that one|ja|oui|absolutely|of course|definitely|indeed|affirmative|please)\b"
)
_ALSO = re.compile(
    r"^(?:and|also|plus|same|ditto|as well|then|now|what about|how about|likewise)\b|\b(?:too|as well|also)\b[.!]?$"
)
_OFFER = re.compile(r"\bShall I ([^?]+)\?")
_ORDINALS = (
    (r"(?:first|1st|top|newest|latest|most recent)", 0),
    (r"(?:second|2nd)", 1),
    (r"(?:third|3rd)", 2),
    (r"(?:fourth|4th)", 3),
    (r"(?:oldest|bottom)", -1),
)


def request_of(turns: Sequence[Turn]) -> Request:
    """The request that the last turn makes, each turn understood after the one before."""
    request: Request | None = None
    before: Turn | None = None
    for turn in turns:
        request = _next(request, before, turn.text)
        before = turn
        if turn is not turns[-1]:
            request = _enriched(request, turn)
    return request or understood("")


def _next(last: Request | None, before: Turn | None, text: str) -> Request:
    fresh = understood(text)
    if last is None or before is None or fresh.intent is Intent.RECALL:
        return fresh
    unanswered = not (before.answer or before.calls)  # a guard has asked before the model was
    asked = "?" in before.answer or unanswered
    if asked:
        fresh = _with_choice(fresh, before)
    offered = _accepted_offer(last, before, fresh)
    if offered:
        return _joined(offered, fresh, last)
    if fresh.intent in _ACTING:
        return _in_context(fresh, last, asked)
    if fresh.intent in (Intent.STOP, Intent.THANKS) or (
        STOPPING.search(fresh.text.lower()) and not _has_content(fresh)
    ):
        return replace(fresh, intent=Intent.THANKS if fresh.intent is Intent.THANKS else Intent.STOP)
    if last.intent in _ACTING and (asked or fresh.corrects or _ALSO.search(fresh.text.lower())):
        return _completed(last, fresh, asked)
    return fresh


def _has_content(request: Request) -> bool:
    about = request.about
    return about.any_subject or about.any_money or bool(about.bare_amount or about.write_at)


def _accepted_offer(last: Request, before: Turn, fresh: Request) -> Request | None:
    """What `Shall I …?` offered, when the answer is yes; the offer itself is worded as a request."""
    offers = _OFFER.findall(before.answer)
    if not offers or fresh.intent in (Intent.LOOK_UP, Intent.ERASE, Intent.WRITE, Intent.STOP):
        return None
    if not _YES.search(fresh.text.lower()) or doubtful(fresh.text.lower()):
        return None
    offer = understood(offers[-1])
    if offer.intent is Intent.NONE:
        return _joined(last, offer, last)
    if offer.intent is last.intent and not offer.about.any_money:
        kept = replace(
            offer.about, money=last.about.money, bare_amount=last.about.bare_amount, write_at=last.about.write_at
        )
        return replace(offer, about=kept)
    return offer


def _joined(base: Request, fresh: Request, last: Request) -> Request:
    """The base request with whatever the new words say instead."""
    about, new = base.about, fresh.about
    named = new.any_subject
    joined = replace(
        about,
        orders=new.orders or about.orders,
        tickets=new.tickets or (() if new.orders else about.tickets),
        customers=new.customers or (() if named else about.customers),
        emails=new.emails or (() if named else about.emails),
        names=new.names if named else about.names,
        write_at=new.write_at or about.write_at,
        money=new.money if new.any_money or new.money.foreign else about.money,
        bare_amount=() if new.any_money else new.bare_amount or about.bare_amount,
        unclear_amount=new.unclear_amount,
    )
    if new.bare_amount and not new.any_money:
        joined = replace(joined, money=replace(about.money, euros=(), share=None, full=False))
    quoted = last.words if last.words == fresh.text else f"{last.words} … {fresh.text}"
    return replace(
        base, text=fresh.text, about=joined, quoted=quoted, latest=base.latest or fresh.latest, corrects=fresh.corrects
    )


def _completed(last: Request, fresh: Request, asked: bool) -> Request:
    """The earlier request with its gap filled or a detail corrected."""
    if fresh.intent in (Intent.OUTSIDE, Intent.GREETING, Intent.HELP) and not _has_content(fresh):
        return fresh
    if last.intent is Intent.WRITE and asked and not last.letter:
        return replace(_joined(last, replace(fresh, about=Entities()), last), letter=fresh.text)
    if asked and not _has_content(fresh) and not last.about.any_subject:
        fresh = _as_name(fresh)
    also = fresh.about.orders and _ALSO.search(fresh.text.lower())
    if also and not asked:
        last = replace(last, about=replace(last.about, money=Entities().money, tickets=()))
    joined = _joined(last, fresh, last)
    return replace(joined, corrects=fresh.corrects and not also and not asked)


def _as_name(fresh: Request) -> Request:
    """A short answer in small letters to `which customer?` is a name."""
    words = [word for word in re.findall(r"[^\W\d_][\w'-]*", fresh.text) if not known(word)]
    if 0 < len(words) <= 3 and len(fresh.text.split()) <= 6:
        return replace(fresh, about=replace(fresh.about, names=(" ".join(words),)))
    return fresh


def _in_context(fresh: Request, last: Request, asked: bool) -> Request:
    """A request of its own that leaves its subject to what was talked about (`erase her`, `refund it`)."""
    about, old = fresh.about, last.about
    if asked and fresh.intent is last.intent and not about.any_subject:
        return replace(_joined(last, fresh, last), latest=fresh.latest or last.latest)
    if about.any_subject:
        return fresh
    same_person = replace(about, customers=old.customers, emails=() if old.customers else old.emails)
    same_person = replace(same_person, names=() if old.customers or old.emails else old.names)
    if fresh.latest or fresh.intent is Intent.ERASE:
        return replace(fresh, about=same_person)
    lists = fresh.intent is Intent.LOOK_UP and re.search(
        r"\borders\b|\b(?:her|his|their) (?:e-?mail|phone|address)\b", fresh.text.lower()
    )
    if lists and same_person.any_subject:
        return replace(fresh, about=same_person)
    return replace(fresh, about=replace(same_person, orders=old.orders, tickets=() if old.orders else old.tickets))


def _enriched(request: Request, turn: Turn) -> Request:
    """The request with what its turn found out: the one order and the one customer it came to."""
    orders = [call.outcome.data.get("order_id") for call in turn.calls if call.kind == "get_order"]
    seen = [
        call.outcome.data.get("customer_id")
        for call in turn.calls
        if call.kind in ("get_order", "get_customer", "get_ticket")
    ]
    for call in turn.calls:
        if call.kind == "find_customer" and len(call.rows("customers")) == 1:
            seen.append(call.rows("customers")[0].get("customer_id"))
    people = tuple(dict.fromkeys(str(value) for value in seen if value))
    numbers = tuple(dict.fromkeys(int(str(value)) for value in orders if str(value).isdigit()))
    about = request.about
    about = replace(about, orders=about.orders or (numbers if len(numbers) == 1 else ()))
    return replace(request, about=replace(about, customers=about.customers or (people if len(people) == 1 else ())))


def _with_choice(fresh: Request, before: Turn) -> Request:
    """The answer with the candidate it points at (`the second one`, `the one in Bergen`, `both`) named."""
    fresh = _as_customer(fresh, before)
    if fresh.about.orders or fresh.about.customers or fresh.about.emails or fresh.about.tickets:
        return fresh
    listed = [(call.kind, call.rows("customers") + call.rows("orders")) for call in before.calls]
    listed = [(kind, rows) for kind, rows in listed if len(rows) > 1]
    if not listed:
        return fresh
    kind, rows = listed[-1]
    chosen = _chosen(fresh.text.lower(), rows)
    if not chosen:
        return fresh
    if kind == "find_customer":
        people = tuple(str(row["customer_id"]) for row in chosen if row.get("customer_id"))
        return replace(fresh, about=replace(fresh.about, customers=people, names=()))
    orders = tuple(int(row["order_id"]) for row in chosen if str(row.get("order_id", "")).isdigit())
    return replace(fresh, about=replace(fresh.about, orders=orders))


def _chosen(low: str, rows: list[Fields]) -> list[Fields]:
    if re.search(r"\b(?:both|all of (?:them|those)|all (?:two|three|four)|every one)\b|^all\b", low):
        return rows
    said = {word for word in re.findall(r"[^\W_]{3,}", low) if not known(word)} | set(re.findall(r"[^\W_]{5,}", low))
    scores = [len(said & set(re.findall(r"[^\W_]{3,}", " ".join(map(str, row.values())).lower()))) for row in rows]
    best = max(scores)
    if best and scores.count(best) == 1:
        return [rows[scores.index(best)]]
    ordinal = next((place for word, place in _ORDINALS if _points(word, low)), None)
    if ordinal is None and _points("last", low):
        ordinal = 0 if "order_id" in rows[0] else -1
    return [rows[ordinal]] if ordinal is not None and -len(rows) <= ordinal < len(rows) else []


def _points(word: str, low: str) -> bool:
    """`the first`, `first one` and `first` alone point at a row; `I will ask him first` does not."""
    return bool(
        re.search(rf"\bthe (?:very )?{word}\b|^\W*{word}\b|\b{word} (?:one|order|customer|person|entry)\b", low)
    )


def _as_customer(fresh: Request, before: Turn) -> Request:
    """A bare number that is a listed customer's (`the one with number 1050`) names the customer."""
    listed = {str(row.get("customer_id")) for call in before.calls for row in call.rows("customers")}
    people = tuple(f"C-{number}" for number in fresh.about.orders if f"C-{number}" in listed)
    if not people or len(people) < len(fresh.about.orders):
        return fresh
    return replace(fresh, about=replace(fresh.about, orders=(), customers=people))
