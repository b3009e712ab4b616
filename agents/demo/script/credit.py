"""Store credit: asked for by itself, or insisted on when a refund was turned down; pure."""

from .desk import Desk
from .memory import CallMade
from .people import people_meant
from .replies import Fate, Fields, Outcome, Play, Wish, asked
from .wording import cannot, euros, not_run, number_in, person, short


def grant(desk: Desk) -> Play:
    """To whom and how much from the request, else from the refund it is to stand in for."""
    if not desk.offers("grant_store_credit"):
        return cannot("give store credit or vouchers", [tool.name for tool in desk.tools.tools])
    refund = _last_refund(desk)
    people = _owner(desk, refund) if refund else (yield from people_meant(desk))
    if isinstance(people, str):
        return people
    amount = _amount(desk, refund)
    if not amount:
        return f"How many euros of store credit should I give {person(people[0])}?"
    (outcome,) = yield from asked(_wish(desk, people[0], amount, refund))
    return _told(people[0], amount, outcome)


def _last_refund(desk: Desk) -> CallMade | None:
    """The refund talked about last, unless the request is about somebody or something of its own."""
    calls = [call for turn in desk.memory.earlier for call in turn.calls if call.kind == "refund_order"]
    named = desk.request.about.orders
    fitting = [call for call in calls if not named or str(call.arguments.get("order_id")) in map(str, named)]
    return fitting[-1] if fitting else None


def _owner(desk: Desk, refund: CallMade) -> list[Fields] | str:
    order_id = str(refund.arguments.get("order_id"))
    calls = [call for turn in desk.memory.turns for call in turn.calls if call.kind == "get_order"]
    owners = [
        {"customer_id": call.outcome.data["customer_id"], "name": call.outcome.data.get("customer_name")}
        for call in calls
        if str(call.outcome.data.get("order_id")) == order_id and call.outcome.data.get("customer_id")
    ]
    return owners[-1:] or f"I can't tell whose order {order_id} is. Which customer should get the store credit?"


def _amount(desk: Desk, refund: CallMade | None) -> float:
    stated = desk.request.about.money.euros or desk.request.about.bare_amount
    said = desk.request.text.lower()
    own = [value for _, value in stated if f"{value:g}" in said.replace(",", ".")]
    return own[0] if own else number_in(refund.arguments, "amount") if refund else 0.0


def _wish(desk: Desk, customer: Fields, amount: float, refund: CallMade | None) -> Wish:
    order = f" instead of the refund on order {refund.arguments.get('order_id')}" if refund else ""
    return Wish(
        kind="grant_store_credit",
        arguments={
            "customer_id": customer["customer_id"],
            "amount": amount,
            "reason": str(refund.arguments.get("reason") or "") if refund else short(desk.request.words, 120),
        },
        because=f"{euros(amount)} of store credit{order} is what the request asks for.",
    )


def _told(customer: Fields, amount: float, outcome: Outcome) -> str:
    what = f"{euros(amount)} of store credit for {person(customer)}"
    if outcome.fate is Fate.CHANGED:
        ran = number_in(outcome.ran, "amount") or amount
        return f"A colleague changed it before approving; {person(customer)} got {euros(ran)} of store credit."
    if outcome.happened:
        return f"I gave {what}. It counts with the next order."
    return not_run(outcome, what)
