"""Writes to customers: the confirmation of a refund, and letters asked for in so many words; pure."""

import re
from collections.abc import Generator
from dataclasses import replace

from .desk import Desk
from .people import people_meant
from .replies import Fate, Fields, Outcome, Play, Style, Wish, asked
from .wording import cannot, euros, listed, not_run, person, short

_QUIETLY = re.compile(
    r"\b(?:don't|do not|without|no need to|needn't|not)\b[^.;]{0,15}\b(?:write|writing|e-?mail\w*|tell\w*|"
    r"inform\w*|notif\w*|message|contact\w*|confirmation)\b"
)
_NOT_OWNED = r"today|tomorrow|soon|again|that|the|a|an|in|on|for|by|to|and|when|if|about|back|with|as|at|\d"
_TURNED = (
    (r"\b(?:she|he) is\b|\bthey are\b", "you are"),
    (r"\b(?:she|he) has\b|\bthey have\b", "you have"),
    (r"\b(?:she|he|they)\b|\bhim\b|\bthem\b", "you"),
    (r"\b(?:his|their)\b", "your"),
    (rf"\bher\b(?=\s+(?!(?:{_NOT_OWNED})\b)\w)", "your"),
    (r"\bher\b", "you"),
    (r"\bi\b", "we"),
)


def confirm_refunds(
    desk: Desk, customers: dict[str, Fields], refunds: list[tuple[Fields, float]]
) -> Generator[tuple[Wish, ...], tuple[Outcome, ...], list[str]]:
    """One letter to each customer with what ran; returns the sentences that tell of it."""
    if not refunds or _QUIETLY.search(desk.request.words.lower()):
        return ["I did not write to the customer, as you asked."] if refunds else []
    wishes: list[tuple[Fields, Wish]] = []
    for customer_id in dict.fromkeys(str(order.get("customer_id")) for order, _ in refunds):
        mine = [(order, amount) for order, amount in refunds if str(order.get("customer_id")) == customer_id]
        customer = customers.get(customer_id, {})
        wishes += [(customer, wish) for wish in _letter_of(desk, customer, *_confirmation(desk, customer, mine))]
    if not wishes:
        return ["I could not confirm it to the customer: no tool for writing is offered to me."]
    outcomes = yield from asked(*(wish for _, wish in wishes))
    return [_sent(customer, wish, outcome) for (customer, wish), outcome in zip(wishes, outcomes, strict=True)]


def _confirmation(desk: Desk, customer: Fields, refunds: list[tuple[Fields, float]]) -> tuple[str, str]:
    told = listed(f"{euros(amount)} on order {order['order_id']}" for order, amount in refunds)
    numbers = listed(str(order["order_id"]) for order, _ in refunds)
    body = (
        f"we have refunded {told}. The money goes back to you the way you paid; please allow a few days for "
        f"it to arrive."
    )
    return f"Your refund for order {numbers}", _letter(desk, customer, body)


def _letter(desk: Desk, customer: Fields, body: str) -> str:
    if desk.style is Style.TERSE:
        return re.split(r"[.;!?](?:\s|$)", body)[0] + "."
    if desk.style is Style.EFFUSIVE:
        body = "thank you so much for being with us! All is taken care of, and we wish you wonderful days outdoors."
    return f"Dear {customer.get('name') or 'customer'},\n\n{body}\n\nKind regards\nYour support team"


def _letter_of(desk: Desk, customer: Fields, subject: str, body: str) -> list[Wish]:
    """The letter to the address asked for, else to the customer; nothing if no offered tool can write it."""
    address = desk.request.about.write_at
    text = {"subject": subject, "body": body}
    elsewhere = address and address.lower() != str(customer.get("email", "")).lower()
    if elsewhere and desk.offers("write_to_address"):
        why = f"The request asks to write to {address}."
        return [Wish(kind="write_to_address", arguments={"address": address, **text}, because=why)]
    if elsewhere or not customer.get("customer_id") or not desk.offers("write_to_customer"):
        return []
    why = f"{person(customer)} is who the message is for."
    return [Wish(kind="write_to_customer", arguments={"customer_id": customer["customer_id"], **text}, because=why)]


def _sent(customer: Fields, wish: Wish, outcome: Outcome) -> str:
    to = str(wish.arguments.get("address") or person(customer))
    if outcome.fate is Fate.CHANGED:
        return f"A colleague changed the message to {outcome.ran.get('address') or to} before approving; it was sent."
    if outcome.happened:
        return f"I wrote to {to} with the subject “{wish.arguments['subject']}”."
    if outcome.fate is Fate.UNREADABLE:
        return f"I wrote to {to}; the tool answered “{short(outcome.text, 120)}”."
    return f"The message to {to} was not sent. {not_run(outcome, 'it')}"


def write(desk: Desk) -> Play:
    """A letter in the words of the request."""
    if not desk.offers("write_to_customer") and not desk.offers("write_to_address"):
        return cannot("write to anyone", [tool.name for tool in desk.tools.tools])
    about = desk.request.about
    customers: list[Fields] = [{}]
    if not (about.write_at and desk.offers("write_to_address")):
        people = yield from people_meant(by_address(desk))
        if isinstance(people, str):
            return people
        customers = people
    if not desk.request.letter:
        return f"What should I write to {about.write_at or listed(person(one) for one in customers)}?"
    pairs = [(one, wish) for one in customers for wish in _letter_of(desk, one, _subject(desk), _worded(desk, one))]
    if not pairs:
        return cannot(
            f"write to {about.write_at or listed(person(one) for one in customers)}",
            [tool.name for tool in desk.tools.tools],
        )
    outcomes = yield from asked(*(wish for _, wish in pairs))
    return " ".join(_sent(one, wish, outcome) for (one, wish), outcome in zip(pairs, outcomes, strict=True))


def letter_at(desk: Desk, customer: Fields, address: str) -> Play:
    """The letter of the request, to this address instead of the customer's own."""
    about = replace(desk.request.about, write_at=address)
    there = replace(desk, request=replace(desk.request, about=about))
    wishes = _letter_of(there, customer, _subject(desk), _worded(desk, customer))
    outcomes = yield from asked(*wishes)
    return " ".join(_sent(customer, wish, outcome) for wish, outcome in zip(wishes, outcomes, strict=True))


def by_address(desk: Desk) -> Desk:
    """The same desk with the address to write at standing for the customer, when no other subject is named."""
    about = desk.request.about
    if not about.write_at or about.any_subject:
        return desk
    return replace(desk, request=replace(desk.request, about=replace(about, emails=(about.write_at,))))


def _subject(desk: Desk) -> str:
    orders = desk.request.about.orders
    return f"About your order {orders[0]}" if orders else short(desk.request.letter.strip(" ."), 60).capitalize()


def _worded(desk: Desk, customer: Fields) -> str:
    """The letter in the second person: `her parcel` becomes `your parcel`."""
    text = desk.request.letter.strip()
    for pattern, turned in _TURNED:
        text = re.sub(pattern, turned, text, flags=re.IGNORECASE)
    text = text.rstrip(" .") + ("" if text.endswith(("?", "!")) else ".")
    return _letter(desk, customer, text[:1].upper() + text[1:])
