"""The reasoning block of a call: need, source, therefore and the alternatives set aside; pure."""

from .desk import Desk
from .replies import Fields, Wish
from .wording import euros, listed, short

PROSE = ("body", "reason", "subject")
_SOURCES = {
    "find_customer": "The customer register of the CRM, searched for “{query}”.",
    "get_customer": "The record of customer {customer_id} in the CRM.",
    "list_orders": "The orders kept in the CRM under customer {customer_id}.",
    "get_order": "The record of order {order_id} in the CRM.",
    "get_ticket": "Ticket {ticket_id} in the CRM.",
    "refund_order": "Order {order_id} in the CRM, where refunds are booked.",
    "write_to_customer": "The CRM's mailbox, which knows the address of customer {customer_id}.",
    "write_to_address": "The CRM's mailbox, writing to {address}.",
    "delete_customer": "The record of customer {customer_id} in the CRM.",
    "track_shipment": "The carrier's record of order {order_id}, as the CRM shows it.",
    "grant_store_credit": "The account of customer {customer_id} in the CRM, where store credit is kept.",
    "recall_history": "The earlier part of this conversation, searched for “{query}”.",
    "get_charge": "The record of charge {charge} in the billing service.",
    "create_refund": "Charge {charge} in the billing service, which pays refunds out.",
}
_THEREFORE = {
    "find_customer": "Searching for “{query}” gives the customer id that every further step needs.",
    "get_customer": "Reading customer {customer_id} gives the name and address as they are kept.",
    "list_orders": "Listing the orders of {customer_id} shows which of them is meant.",
    "get_order": "Reading order {order_id} gives its total, what was refunded, and its lines.",
    "get_ticket": "Reading ticket {ticket_id} gives its customer, its order and what was written.",
    "refund_order": "Refunding {amount} on order {order_id} does exactly that and no more.",
    "write_to_customer": "Writing to {customer_id} as “{subject}” tells them what was done.",
    "write_to_address": "Writing to {address} as “{subject}” reaches the address asked for.",
    "delete_customer": "Deleting {customer_id} removes that person's record and nobody else's.",
    "track_shipment": "Tracking order {order_id} tells where its parcel is now.",
    "grant_store_credit": "Granting {customer_id} {amount} gives them that much for their next order.",
    "recall_history": "Searching for “{query}” brings back what was said before.",
    "get_charge": "Reading charge {charge} tells what was paid and what is left of it.",
    "create_refund": "Refunding {amount} of charge {charge} does exactly that; the service counts in cents.",
}
_ALTERNATIVES = {
    "find_customer": (("get_customer", "It needs a customer id, which the request does not give."),),
    "get_customer": (("find_customer", "A search is not needed: the customer id {customer_id} is known."),),
    "list_orders": (("get_order", "It needs an order number, which is not known yet."),),
    "get_order": (
        ("list_orders", "The order number {order_id} is known, so no list is needed."),
        ("refund_order", "Nothing should be refunded before the order has been read."),
    ),
    "get_ticket": (("get_order", "The order alone does not tell what the customer wrote."),),
    "refund_order": (
        ("write_to_customer", "A message alone would not return the {amount}."),
        ("get_order", "Order {order_id} has already been read."),
    ),
    "write_to_customer": (
        ("write_to_address", "The customer's own address is on record, and no other was asked for."),
    ),
    "write_to_address": (("write_to_customer", "It would write to the address on record instead of {address}."),),
    "track_shipment": (("get_order", "The order itself does not say where its parcel is."),),
    "grant_store_credit": (
        ("refund_order", "A refund was not wanted, or is not to be made again."),
        ("write_to_customer", "A message alone would give {customer_id} nothing."),
    ),
    "recall_history": (("get_order", "An order does not tell what was asked about it here."),),
    "get_charge": (("create_refund", "Nothing should be refunded before the charge has been read."),),
    "create_refund": (("get_charge", "Charge {charge} has already been read; reading it pays nothing back."),),
    "delete_customer": (
        ("get_customer", "Reading {customer_id} would leave the data in place."),
        ("write_to_customer", "A message would not erase anything."),
    ),
}


def reasoning(desk: Desk, wish: Wish) -> Fields:
    """The block for one call, with the values of that call in its sentences."""
    values = {**wish.arguments}
    if "amount" in values:
        cents = wish.kind == "create_refund"
        values["amount"] = euros(values["amount"] / 100 if cents else values["amount"])
    again = (
        f" The first try was refused as invalid ({short(wish.complaint, 120)}), so I put it once more."
        if wish.attempt > 1
        else ""
    )
    taken = desk.tools.by_kind[wish.kind].takes(wish.arguments)
    return {
        "need": f"The user asks: “{short(desk.request.words, 200)}”. That takes {_step(wish, taken)}.",
        "source": _SOURCES[wish.kind].format(**values),
        "therefore": f"{wish.because} {_therefore(wish, taken, values)}{again}",
        "alternatives": _alternatives(desk, wish, values),
    }


def _therefore(wish: Wish, taken: Fields, values: Fields) -> str:
    """What the call will do, as far as that is the model's to say: of a fixed parameter it does not know the value."""
    fixed = [name.replace("_", " ") for name in wish.arguments if name not in taken and name not in PROSE]
    if fixed:
        return f"I cannot choose the {listed(fixed)} here: the tool does not ask for it."
    return _THEREFORE[wish.kind].format(**values)


def _step(wish: Wish, taken: Fields) -> str:
    shown = {name: value for name, value in taken.items() if name not in PROSE}
    named = listed(
        f"{name.replace('_', ' ')} {value:.2f}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in shown.items()
    )
    return f"{wish.kind.replace('_', ' ')}{f' with {named}' if named else ''}"


def _alternatives(desk: Desk, wish: Wish, values: Fields) -> list[Fields]:
    offered = [
        {"tool": desk.tools.by_kind[kind].name, "why_not": why.format(**values)}
        for kind, why in _ALTERNATIVES[wish.kind]
        if kind in desk.tools.by_kind
    ]
    return offered or [{"tool": "no call", "why_not": "Without it the question could only be put back to the user."}]
