"""How much of an order to refund, or the sentence that says why that cannot be told; pure."""

import re

from .lines import ambiguous, lines_meant, lines_named, unknown_item
from .money import NUMBER_WORDS
from .replies import Fields
from .signs import REFUND_VERB
from .understanding import Request
from .wording import euros, lines_told, number_in

_PARTIAL = re.compile(r"\b(?:partial(?:ly)?|teilweise|partiel(?:lement)?|(?:a )?part of)\b")
_SOME = re.compile(
    r"(?<!all )\b(?:one|an|single|two|three|some|a few|\d) (?:of the )?"
    r"(?:items?|things?|articles?|products?|pieces?|lines?)\b"
)
_COUNT_ONLY = re.compile(
    rf"(?:{REFUND_VERB.pattern})\s+(?:just |only )?(?P<count>one|two|three)"
    rf"(?:\s+of\s+(?:them|these|those))?\s*(?:please|pls|[.,;!?]|$)"
)


def amount_for(order: Fields, request: Request, place: int = 0, places: int = 1) -> float | str:
    """Euros to refund on the order that stands at `place` of `places` in the request."""
    order_id, about = order.get("order_id"), request.about
    if about.money.foreign and not about.money.euros:
        return (
            f"The shop works in euros, and you wrote {about.money.foreign}. How many euros should I refund on "
            f"order {order_id}?"
        )
    if about.unclear_amount:
        return _which_amount(order)
    if "total" not in order:
        wanted = _stated(request, place, places)
        return wanted if wanted else f"I can't read order {order_id} here. How many euros should I refund on it?"
    left = round(number_in(order, "total") - number_in(order, "refunded"), 2)
    if left <= 0:
        return (
            f"Order {order_id} is already fully refunded ({euros(order.get('refunded'))} of "
            f"{euros(order['total'])}), so I have not refunded anything."
        )
    asked_for = _wanted(order, request, left, place, places)
    return asked_for if isinstance(asked_for, str) else _within(order, asked_for, left)


def _within(order: Fields, wanted: float, left: float) -> float | str:
    amount = round(wanted, 2)
    if amount <= 0:
        return (
            f"How many euros should I refund on order {order.get('order_id')}? {euros(amount)} is not an amount I "
            f"can refund."
        )
    if amount > left + 0.001:
        already = (
            f", as {euros(order['refunded'])} of {euros(order['total'])} is already refunded"
            if number_in(order, "refunded")
            else ""
        )
        return (
            f"I have not refunded anything: {euros(amount)} is more than the {euros(left)} that is left on order "
            f"{order.get('order_id')}{already}. Which amount should I refund instead?"
        )
    return amount


def _wanted(order: Fields, request: Request, left: float, place: int, places: int) -> float | str:
    stated = _stated(request, place, places)
    if stated is not None:
        return stated
    base = _of_lines(order, request)
    if isinstance(base, str):
        return base
    share = request.about.money.share
    if share is not None:
        return share * (base if base is not None else number_in(order, "total"))
    if base is None and _PARTIAL.search(request.words.lower()) and not request.about.money.full:
        return _which_amount(order)
    return base if base is not None else left


def _which_amount(order: Fields) -> str:
    return f"Which amount in euros should I refund on order {order.get('order_id')}? Its lines: {lines_told(order)}."


def _stated(request: Request, place: int, places: int) -> float | None:
    """The amount written: of several, the one for this order, or the first after the verb."""
    amounts = request.about.money.euros or (() if request.about.money.share is not None else request.about.bare_amount)
    if not amounts:
        return None
    if len(amounts) == places:
        return amounts[place][1]
    verb = REFUND_VERB.search(request.text.lower())
    after = [value for position, value in amounts if verb and position >= verb.start()]
    return after[0] if after else amounts[0][1]


def _of_lines(order: Fields, request: Request) -> float | str | None:
    """The price of the lines singled out; None when the whole order is meant."""
    lines = [line for line in order.get("lines") or () if isinstance(line, dict)]
    low = request.words.lower()
    counted = _COUNT_ONLY.search(low)
    some = _SOME.search(low) or counted
    found = lines_meant(request.words, lines)
    if counted and not found:
        named = lines_named(low[: counted.start()], lines) or [(line, 1) for line in lines if len(lines) == 1]
        found = [(line, int(NUMBER_WORDS[counted["count"]])) for line, _ in named]
    elif some and not found:
        one = some[0].startswith(("one", "an", "single"))
        found = [(line, 1 if one else count) for line, count in lines_named(request.text, lines)]
    either = len(found) > 1 and re.search(r"\bor\b", low)
    few = next((line for line, count in found if count > max(number_in(line, "quantity"), 1)), None)
    if few or either or (some and not found and len(lines) > 1):
        return (
            f"Which of the lines of order {order.get('order_id')} should I refund, and how many? {lines_told(order)}."
        )
    if found and ambiguous(found, request.words):
        return (
            f"Order {order.get('order_id')} has more than one line like that: {lines_told(order)}. Which one "
            f"should I refund?"
        )
    if found:
        return sum(number_in(line, "price") * count for line, count in found)
    strange = unknown_item(request.words, lines)
    if strange:
        return (
            f"Order {order.get('order_id')} has no “{strange}”. Its lines: {lines_told(order)}. Which of them, or "
            f"which amount, should I refund?"
        )
    return None
