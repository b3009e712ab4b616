"""How the script words money, orders, customers and calls that did not run; pure."""

import re
from collections.abc import Iterable, Sequence

from .replies import Fate, Fields, Outcome

WHO = (
    "I am the demo's scripted model: no language model runs behind me, I play three parts of a support desk. "
    "I can refund orders (“Please refund order 1755, the parcel arrived damaged”), "
    "erase customers (“Please erase customer C-1020”), "
    "and look things up or write to customers (“Which orders does customer C-1003 have?”). "
    "Connect a real model for anything else."
)


def euros(amount: object) -> str:
    try:
        return f"{float(str(amount)):.2f} EUR"
    except ValueError:
        return f"{amount} EUR"


def number_in(row: Fields, name: str) -> float:
    try:
        return float(row.get(name) or 0)
    except (TypeError, ValueError):
        return 0.0


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    known = [part for part in parts if part]
    return " and ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else "".join(known)


def person(customer: Fields) -> str:
    name, customer_id = customer.get("name") or customer.get("customer_name"), customer.get("customer_id")
    return f"{name} ({customer_id})" if name and customer_id else str(name or customer_id or "the customer")


def person_line(customer: Fields) -> str:
    places = [str(customer[name]) for name in ("email", "phone", "city", "country") if customer.get(name)]
    return f"{person(customer)}: {', '.join(places)}" if places else person(customer)


def order_row(order: Fields) -> str:
    """One order of a list: `1043 (2026-05-02, delivered, 412.00 EUR, 20.00 EUR refunded: Tent, stove)`."""
    parts = [str(order[name]) for name in ("placed_on", "status") if order.get(name)]
    parts += [euros(order["total"])] if order.get("total") is not None else []
    parts += [f"{euros(order['refunded'])} refunded"] if number_in(order, "refunded") else []
    summary = f": {order['summary']}" if order.get("summary") else ""
    return f"{order.get('order_id')} ({', '.join(parts)}{summary})"


def order_story(order: Fields) -> str:
    """A whole order in sentences, its lines at the end."""
    owner = person({"name": order.get("customer_name"), "customer_id": order.get("customer_id")})
    dates = [f"placed on {order['placed_on']}"] if order.get("placed_on") else []
    dates += [f"delivered on {order['delivered_on']}"] if order.get("delivered_on") else []
    told = f"Order {order.get('order_id')} of {owner} is {order.get('status', 'of unknown status')}"
    told += f" ({', '.join(dates)})." if dates else "."
    told += f" Total {euros(order.get('total', 0))}, refunded so far {euros(order.get('refunded') or 0)}."
    if number_in(order, "refunded"):
        told += f" Left to refund: {euros(round(number_in(order, 'total') - number_in(order, 'refunded'), 2))}."
    lines = lines_told(order)
    return f"{told} Lines: {lines}." if lines else told


def lines_told(order: Fields) -> str:
    rows = [row for row in order.get("lines") or () if isinstance(row, dict)]
    return "; ".join(f"{row.get('quantity', 1)} × {row.get('name')} at {euros(row.get('price', 0))}" for row in rows)


def ticket_story(ticket: Fields) -> str:
    """A ticket with its messages as quotations: what they say is data, not instruction."""
    about = f", order {ticket['order_id']}" if ticket.get("order_id") else ", no order"
    told = (
        f"Ticket {ticket.get('ticket_id')} ({ticket.get('status', 'unknown')}, customer "
        f"{ticket.get('customer_id')}{about})"
    )
    told += f", “{ticket['subject']}”." if ticket.get("subject") else "."
    said = [
        f"{row.get('author', 'someone')}: “{row.get('text', '')}”"
        for row in ticket.get("messages") or ()
        if isinstance(row, dict)
    ]
    return f"{told} It says: {' / '.join(said)}" if said else told


def cannot(what: str, offered: Sequence[str]) -> str:
    tools = f"The tools I have are {listed(offered)}." if offered else "I have no tools at all in this conversation."
    return f"I can't {what} here: no tool for it is offered to me. {tools}"


_REPEATED = re.compile(r"\.?\s*Do not propose the same call again\.?(?: \((?:other|no reason code)\))?")
"""What a rejection tells the model, not the person who made it."""


def _first_denial(text: str) -> str:
    """The first reason of a denial; models that voted the same way each gave it once more."""
    return short(text.split("; ")[0]).rstrip(". ")


def not_run(outcome: Outcome, what: str) -> str:
    """One or two sentences for a call that did not run, or whose answer cannot be read."""
    said = short(outcome.text).rstrip(".")
    match outcome.fate:
        case Fate.REJECTED:
            said = _REPEATED.sub("", short(outcome.text)).rstrip(". ")
            return f"A person rejected {what}: {said}. I have not tried it again."
        case Fate.DENIED:
            return f"A policy denied {what}: {_first_denial(outcome.text)}."
        case Fate.EXPIRED:
            return f"Nobody decided about {what} in time, so it did not run."
        case Fate.ANSWERED:
            return f"A person answered instead of approving {what}: “{said}”. I leave it at that, and nothing was run."
        case Fate.INVALID:
            return f"I am sorry: I could not put {what} correctly, so it did not run ({said})."
        case Fate.FAILED:
            return f"It did not work: {what} failed ({said})."
        case Fate.CONFIRMED_NOT_DONE:
            return f"A person confirmed that {what} was not carried out."
        case Fate.NOT_OFFERED:
            return f"I have no tool for {what}."
        case Fate.UNREADABLE:
            return f"For {what} I got an answer that I can't read as data. What I saw: “{said}”"
        case Fate.DONE | Fate.CHANGED | Fate.CONFIRMED_DONE:
            return f"The answer about {what} lacks what I need. What I saw: “{said}”"


def short(text: str, most: int = 300) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
