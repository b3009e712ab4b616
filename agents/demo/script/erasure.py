"""The privacy officer: find the one person meant, erase the record, say what happened; pure."""

from .desk import Desk, list_orders
from .letters import by_address
from .memory import rows
from .people import people_meant
from .replies import Fate, Fields, Outcome, Play, Wish, asked
from .wording import cannot, not_run, number_in, person, short


def erase(desk: Desk) -> Play:
    """From the request to the closing answer; more than one match is a question, never a guess."""
    if not desk.offers("delete_customer"):
        return cannot("erase customers", [tool.name for tool in desk.tools.tools])
    people = yield from people_meant(by_address(desk))
    if isinstance(people, str):
        return people
    orders: tuple[Outcome, ...] = ()
    if desk.offers("list_orders"):
        why = "What goes with the record should be known before it is erased."
        orders = yield from asked(*(list_orders(str(one["customer_id"]), why) for one in people))
    outcomes = yield from asked(*(_wish(desk, one) for one in people))
    told = [
        _told(one, outcome, _order_note(orders, place))
        for place, (one, outcome) in enumerate(zip(people, outcomes, strict=True))
    ]
    return " ".join(told)


def _wish(desk: Desk, customer: Fields) -> Wish:
    return Wish(
        kind="delete_customer",
        arguments={
            "customer_id": customer["customer_id"],
            "reason": f"Erasure request (GDPR): {short(desk.request.words, 160)}",
        },
        because=f"{person(customer)} is the one person the request fits, and only deleting the record erases it.",
    )


def _order_note(orders: tuple[Outcome, ...], place: int) -> str:
    if place >= len(orders) or not orders[place].happened:
        return ""
    found = rows(orders[place], "orders")
    unpaid = [row for row in found if number_in(row, "total") > number_in(row, "refunded")]
    count = f"{len(found)} order{'s' if len(found) != 1 else ''}"
    return f" The record had {count}, {len(unpaid)} not fully refunded." if found else " The record had no orders."


def _told(customer: Fields, outcome: Outcome, note: str) -> str:
    what = f"the erasure of {person(customer)}"
    match outcome.fate:
        case Fate.DONE:
            return f"I erased {person(customer)} from the CRM.{note}"
        case Fate.CHANGED:
            ran = outcome.ran.get("customer_id", customer["customer_id"])
            other = f" to {ran}" if ran != customer["customer_id"] else ""
            return f"A colleague changed the erasure{other} before approving; customer {ran} was erased."
        case Fate.CONFIRMED_DONE:
            return f"A person confirmed that {what} was carried out; what the tool answered was lost."
        case Fate.UNREADABLE:
            return not_run(outcome, what)
        case _:
            return f"{not_run(outcome, what)} The customer has not been erased."
