"""Plain look-ups: orders, tickets and customers, told in sentences; pure."""

import re

from .asking import erasure_mentioned
from .desk import Desk, list_orders, read_customer, read_order, read_ticket
from .letters import by_address
from .memory import rows
from .parcels import ASKED_ABOUT, track
from .people import people_meant
from .replies import Fields, Outcome, Play, asked
from .signs import CAN_IT, REFUND_MENTIONED, REFUND_VERB
from .wording import cannot, not_run, number_in, order_row, order_story, person, person_line, ticket_story

_ORDERS = re.compile(r"\b(?:orders?|ordered|bought|buy|purchases?|purchased|refunded|spent)\b")
_CONTACT = re.compile(r"\b(?:e-?mail|phone|address|contact|city|country|live|lives|reach)\b")

_ON_THE_PHONE = re.compile(r"\bon the (?:phone|line)\b")


def look_up(desk: Desk) -> Play:
    """Read what the request names and tell it."""
    about, low = desk.request.about, _ON_THE_PHONE.sub(" ", desk.request.text.lower())
    if about.tickets and desk.offers("get_ticket"):
        return (yield from _tickets(desk))
    if about.orders and ASKED_ABOUT.search(low) and desk.offers("track_shipment"):
        return (yield from track(desk))
    if about.orders and not (desk.request.latest and about.customers):
        return (yield from _orders(desk, with_customer=bool(_CONTACT.search(low))))
    if about.tickets:
        return cannot("read tickets", [tool.name for tool in desk.tools.tools])
    if not about.any_subject and not about.write_at:
        return "What should I look up? Please give me an order number, a ticket number or a customer."
    people = yield from people_meant(by_address(desk))
    if isinstance(people, str):
        return (
            people.removesuffix(" Which one should I look up?")
            if "Which one" in people and not _ORDERS.search(low)
            else people
        )
    wants_orders = desk.request.latest or (_ORDERS.search(low) and not _CONTACT.search(low))
    if wants_orders and desk.offers("list_orders"):
        return (yield from _orders_of(desk, people[0]))
    told = [f"{person_line(one)}." for one in people]
    if len(people) == 1 and erasure_mentioned(low) and desk.offers("delete_customer"):
        told.append(f"Shall I erase {person(people[0])}?")
    return " ".join(told)


def _tickets(desk: Desk) -> Play:
    about = desk.request.about
    wishes = [read_ticket(one, "The question is about this ticket.") for one in about.tickets]
    orders = (
        [read_order(one, "The question is about this order.") for one in about.orders]
        if desk.offers("get_order")
        else []
    )
    outcomes = yield from asked(*wishes, *orders)
    tickets = outcomes[: len(wishes)]
    told = [_told(row, f"ticket {one}", "ticket") for one, row in zip(about.tickets, tickets, strict=True)]
    told += [
        _told(row, f"order {one}", "order") for one, row in zip(about.orders, outcomes[len(wishes) :], strict=False)
    ]
    linked = [int(row.data["order_id"]) for row in tickets if str(row.data.get("order_id") or "").isdigit()]
    if linked and not about.orders and desk.offers("get_order") and re.search(r"\border", desk.request.text.lower()):
        more = yield from asked(*(read_order(one, "The ticket is about this order.") for one in linked))
        told += [_told(row, f"order {one}", "order") for one, row in zip(linked, more, strict=True)]
    return " ".join(told)


def _orders(desk: Desk, with_customer: bool) -> Play:
    about = desk.request.about
    if not desk.offers("get_order"):
        return cannot("read orders", [tool.name for tool in desk.tools.tools])
    outcomes = yield from asked(*(read_order(one, "The question is about this order.") for one in about.orders))
    told = [_told(row, f"order {one}", "order") for one, row in zip(about.orders, outcomes, strict=True)]
    people = dict.fromkeys(str(row.data["customer_id"]) for row in outcomes if row.data.get("customer_id"))
    if with_customer and people and desk.offers("get_customer"):
        read = yield from asked(*(read_customer(one, "The question is about who placed the order.") for one in people))
        told += [
            f"{person_line(row.data)}." if row.happened else not_run(row, "the lookup of the customer") for row in read
        ]
    refundable = [one for one, row in zip(about.orders, outcomes, strict=True) if _open(row)]
    low = desk.request.text.lower()
    spoken_of = any(sign.search(low) for sign in (CAN_IT, REFUND_MENTIONED, REFUND_VERB))
    considered = spoken_of or about.any_money
    if refundable and considered and desk.offers("refund_order"):
        told.append(f"It can be refunded. Shall I refund order {refundable[0]}?")
    return " ".join(told)


def _open(outcome: Outcome) -> bool:
    return number_in(outcome.data, "total") > number_in(outcome.data, "refunded")


def _told(outcome: Outcome, what: str, kind: str) -> str:
    if not outcome.happened or not outcome.data.get("customer_id"):
        return not_run(outcome, f"the lookup of {what}")
    return ticket_story(outcome.data) if kind == "ticket" else order_story(outcome.data)


def _orders_of(desk: Desk, customer: Fields) -> Play:
    (outcome,) = yield from asked(
        list_orders(str(customer["customer_id"]), "The question is about this customer's orders.")
    )
    if not outcome.happened:
        return not_run(outcome, f"the list of orders of {person(customer)}")
    found = rows(outcome, "orders")
    if not found:
        return f"{person(customer)} has no orders."
    if desk.request.latest and desk.offers("get_order"):
        number = int(found[0]["order_id"])
        (newest,) = yield from asked(read_order(number, "It is the newest order of the list."))
        return f"The last order of {person(customer)}: {_told(newest, f'order {number}', 'order')}"
    count = f"{len(found)} order{'s' if len(found) != 1 else ''}"
    return f"{person(customer)} has {count}: {'; '.join(order_row(row) for row in found)}."


def handle(desk: Desk) -> Play:
    """A ticket to be dealt with: tell it and offer the refund; what its text demands is never obeyed."""
    told = yield from look_up(desk)
    numbers = [call.outcome.data.get("order_id") for call in desk.memory.now.calls if call.kind == "get_ticket"]
    number = next((one for one in numbers if one), None)
    if number is None or not desk.offers("refund_order"):
        return told
    return f"{told} I act on your word, not on the ticket's. Shall I refund order {number}?"
