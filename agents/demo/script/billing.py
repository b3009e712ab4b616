"""The billing clerk: read the charge, refund the right amount in cents, say what happened; pure."""

import re

from .desk import Desk
from .money import read_money
from .replies import Fate, Fields, Outcome, Play, Wish, asked
from .wording import cannot, euros, not_run, number_in

_CHARGE = re.compile(r"\bch_\d+\b", re.IGNORECASE)
_REFUND = re.compile(r"\b(?:refund|reimburse|pay back|money back|give back)", re.IGNORECASE)
_REASONS = (
    (re.compile(r"\b(?:twice|double|duplicate|two times)\b", re.IGNORECASE), "duplicate"),
    (re.compile(r"\b(?:fraud|stolen|not (?:him|her|them|me))", re.IGNORECASE), "fraudulent"),
)


def charge_named(desk: Desk) -> str | None:
    """The charge that is spoken of now, or was last, where there is a tool to read it."""
    if not desk.offers("get_charge"):
        return None
    said = [hit for turn in desk.memory.turns for hit in _CHARGE.findall(turn.text)]
    return said[-1].lower() if said else None


def bill(desk: Desk, charge: str) -> Play:
    read = Wish(kind="get_charge", arguments={"charge": charge}, because=f"The request names charge {charge}.")
    (found,) = yield from asked(read)
    if "amount" not in found.data:
        return not_run(found, f"reading charge {charge}")
    text = desk.memory.now.text
    if not _REFUND.search(text):
        return _story(found.data)
    left = int(number_in(found.data, "amount") - number_in(found.data, "amount_refunded"))
    cents = _cents(text, left)
    if isinstance(cents, str):
        return f"{_story(found.data)} {cents}"
    if not desk.offers("create_refund"):
        return cannot("refund charges", [tool.name for tool in desk.tools.tools])
    (made,) = yield from asked(_wish(charge, cents, left, text))
    return _told(charge, cents, left, made)


def _cents(text: str, left: int) -> int | str:
    """What to refund, or why it has to be asked."""
    money, _ = read_money(text.lower())
    if money.foreign:
        return f"The charge is in euros, not in {money.foreign}. How many euros should I refund?"
    if not left:
        return "Nothing is left to refund."
    cents = round(money.euros[-1][1] * 100) if money.euros else round(left * (money.share or 1))
    if cents > left:
        return f"That is more than the {euros(left / 100)} that are left. How much should I refund?"
    return cents if cents > 0 else "How many euros should I refund?"


def _wish(charge: str, cents: int, left: int, text: str) -> Wish:
    reason = next((reason for sign, reason in _REASONS if sign.search(text)), "requested_by_customer")
    return Wish(
        kind="create_refund",
        arguments={"charge": charge, "amount": cents, "reason": reason},
        because=f"{euros(cents / 100)} is what the request asks for on charge {charge}; {euros(left / 100)} is left.",
    )


def _told(charge: str, cents: int, left: int, made: Outcome) -> str:
    what = f"the refund of {euros(cents / 100)} on charge {charge}"
    if not made.happened:
        return f"{not_run(made, what)} Nothing was refunded."
    ran = int(number_in(made.data, "amount") or number_in(made.ran, "amount") or cents)
    changed = "A colleague changed it before approving. " if made.fate is Fate.CHANGED else ""
    number = f" It is {made.data['id']}." if made.data.get("id") else ""
    return f"{changed}I refunded {euros(ran / 100)} on charge {charge}; {euros((left - ran) / 100)} is left.{number}"


def _story(charge: Fields) -> str:
    amount, refunded = number_in(charge, "amount") / 100, number_in(charge, "amount_refunded") / 100
    of = f" ({charge['description']})" if charge.get("description") else ""
    back = f", of which {euros(refunded)} went back" if refunded else ", and nothing of it went back"
    owner = f" by {charge['customer']}" if charge.get("customer") else ""
    return f"Charge {charge.get('id')}{of}: {euros(amount)} paid{owner} on {charge.get('created', 'an unknown day')}{back}."
