"""Finds out which orders a request is about, asking when several could be meant; pure."""

import re
from collections.abc import Generator

from .desk import Desk, list_orders, read_order, read_ticket
from .lines import match_score
from .memory import rows
from .people import people_meant
from .replies import Fields, Outcome, Wish, asked
from .wording import listed, not_run, number_in, order_row, person

Found = Generator[tuple[Wish, ...], tuple[Outcome, ...], list[Fields] | str]
_MISSING = "Which order should I refund? Please give me the order number, or the customer and what was bought."

_EITHER = re.compile(r"\d{3,6}\s*,?\s*(?:or|oder|ou)\s+(?:order\s+)?#?\d{3,6}\b")


def orders_meant(desk: Desk) -> Found:
    """The orders in full, or the sentence to answer with when they cannot be told."""
    about = desk.request.about
    if about.orders:
        return (yield from _by_number(desk))
    if about.tickets:
        return (yield from _by_ticket(desk))
    if not about.any_subject:
        return _MISSING
    people = yield from people_meant(desk)
    if isinstance(people, str):
        return people
    return (yield from _of_customer(desk, people[0]))


def _by_number(desk: Desk) -> Found:
    """Every order named, read together with every ticket named beside it."""
    about = desk.request.about
    if len(about.orders) > 1 and _EITHER.search(desk.request.words.lower()):
        return f"Which one do you mean: {' or '.join(f'order {one}' for one in about.orders)}?"
    orders = [read_order(one, "The request names this order.") for one in about.orders]
    tickets = [read_ticket(one, "The request names this ticket.") for one in about.tickets]
    if not desk.offers("get_order"):
        return [{"order_id": one} for one in about.orders]
    if not desk.offers("get_ticket"):
        tickets = []
    outcomes = yield from asked(*orders, *tickets)
    return _all_read(about.orders, outcomes[: len(orders)]) or [outcome.data for outcome in outcomes[: len(orders)]]


def _all_read(numbers: tuple[int, ...], outcomes: tuple[Outcome, ...]) -> str:
    failed = [
        not_run(outcome, f"the lookup of order {number}")
        for number, outcome in zip(numbers, outcomes, strict=True)
        if "total" not in outcome.data
    ]
    return " ".join(failed)


def _by_ticket(desk: Desk) -> Found:
    """The orders that the tickets are about; a ticket without one leads to its customer's orders."""
    tickets = desk.request.about.tickets
    outcomes = yield from asked(
        *(read_ticket(one, "The request names this ticket; it tells the order.") for one in tickets)
    )
    numbers: list[int] = []
    for ticket_id, outcome in zip(tickets, outcomes, strict=True):
        if not outcome.data.get("ticket_id") and not outcome.data.get("customer_id"):
            return not_run(outcome, f"the lookup of ticket {ticket_id}")
        if str(outcome.data.get("order_id") or "").isdigit():
            numbers.append(int(outcome.data["order_id"]))
    if not numbers:
        return (yield from _of_customer(desk, outcomes[0].data))
    return (yield from _read(desk, tuple(dict.fromkeys(numbers)), "The ticket is about this order."))


def _read(desk: Desk, numbers: tuple[int, ...], why: str) -> Found:
    if not desk.offers("get_order"):
        return [{"order_id": number} for number in numbers]
    outcomes = yield from asked(*(read_order(number, why) for number in numbers))
    return _all_read(numbers, outcomes) or [outcome.data for outcome in outcomes]


def _of_customer(desk: Desk, customer: Fields) -> Found:
    """The one order of a customer that can be meant."""
    if not desk.offers("list_orders"):
        return f"I can't list the orders of {person(customer)} here. Which order number is it?"
    (outcome,) = yield from asked(list_orders(str(customer["customer_id"]), "One of this customer's orders is meant."))
    if not outcome.happened:
        return not_run(outcome, f"the list of orders of {person(customer)}")
    found = rows(outcome, "orders")
    if not found:
        return f"{person(customer)} has no orders, so there is nothing to refund."
    chosen = _chosen(desk, found)
    if not chosen:
        told = "; ".join(order_row(row) for row in found[:10])
        return f"{person(customer)} has {len(found)} orders: {told}. Which one should I refund?"
    orders = yield from _read(desk, (int(chosen["order_id"]),), "It is the one order that fits the request.")
    return orders if isinstance(orders, str) else [{**order, "customer": customer} for order in orders]


def _chosen(desk: Desk, found: list[Fields]) -> Fields | None:
    """The newest if asked for; else the only one: of all, with the thing named, or not yet refunded."""
    if desk.request.latest or len(found) == 1:
        return found[0]
    scores = [match_score(desk.request.words, str(row.get("summary", ""))) for row in found]
    if max(scores):
        return found[scores.index(max(scores))] if scores.count(max(scores)) == 1 else None
    left = [row for row in found if number_in(row, "total") > number_in(row, "refunded")]
    return left[0] if len(left) == 1 else None


def stranger(desk: Desk, order: Fields) -> str:
    """A question when the order is not the customer's whom the request names with it."""
    about, number = desk.request.about, order.get("order_id")
    owner = person({"name": order.get("customer_name"), "customer_id": order.get("customer_id")})
    if about.customers and order.get("customer_id") and order["customer_id"] not in about.customers:
        return (
            f"Order {number} belongs to {owner}, not to {listed(about.customers)}. Shall I refund order {number} "
            f"all the same?"
        )
    told = [name for name in about.names if _is_owner_in(desk.request.words, name)]
    known = f"{order.get('customer_name', '')} {order.get('lines', '')}".lower()
    if told and order.get("customer_name") and not any(word in known for word in told[0].lower().split()):
        return f"Order {number} belongs to {owner}, not to {told[0]}. Shall I refund order {number} all the same?"
    return ""


def _is_owner_in(text: str, name: str) -> bool:
    """Whether the text names this person as the one the order belongs to (`for Ann Beck`, `Ann Beck's order`)."""
    if " " not in name:
        return False
    pattern = (
        rf"\b(?:for|of|customer|refund|reimburse)\s+(?:customer\s+|mrs?\.? |ms\.? )?{re.escape(name)}\b|"
        rf"{re.escape(name)}['’]s\s+(?:last\s+)?order"
    )
    return bool(re.search(pattern, text, re.IGNORECASE))
