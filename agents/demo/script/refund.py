"""The refund clerk: look at the order, refund the right amount, write to the customer, say what happened; pure."""

import re
from collections.abc import Generator
from dataclasses import dataclass

from .amounts import amount_for
from .desk import Desk, read_customer
from .letters import confirm_refunds
from .orders import orders_meant, stranger
from .replies import Fate, Fields, Outcome, Play, Wish, asked
from .understanding import Intent, understood
from .wording import cannot, euros, listed, not_run, number_in, short

_WHY = re.compile(
    r"(?:\bbecause(?: of)?\b|\bsince\b|\bdue to\b|\bas\b|[,;:–]|\s-\s)\s*(?!please)(.{8,160})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A refund to propose: the order as read and the amount in euros."""

    order: Fields
    amount: float

    @property
    def what(self) -> str:
        return f"the refund of {euros(self.amount)} on order {self.order['order_id']}"


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund that ran: on which order, how many euros, and the sentence that tells it."""

    order: Fields
    amount: float
    told: str


def refund(desk: Desk) -> Play:
    """From the request to the closing answer."""
    if not desk.offers("refund_order"):
        return cannot("refund orders", [tool.name for tool in desk.tools.tools])
    orders = yield from orders_meant(desk)
    if isinstance(orders, str):
        return orders
    planned, problems = _planned(desk, orders)
    if not planned:
        return " ".join(problems)
    customers = yield from _customers(desk, [plan.order for plan in planned])
    outcomes = yield from asked(*(_wish(desk, plan) for plan in planned))
    done, stopped = yield from _settled(desk, planned, outcomes)
    letters = yield from confirm_refunds(desk, customers, [(row.order, row.amount) for row in done])
    return " ".join([*(row.told for row in done), *letters, *stopped, *problems])


def _planned(desk: Desk, orders: list[Fields]) -> tuple[list[Planned], list[str]]:
    planned: list[Planned] = []
    problems: list[str] = []
    for place, order in enumerate(orders):
        amount = _objection(desk, order) or amount_for(order, desk.request, place, len(orders))
        if isinstance(amount, str):
            problems.append(amount)
        else:
            planned.append(Planned(order, amount))
    return planned, problems


def _objection(desk: Desk, order: Fields) -> str:
    """Why nothing is planned yet: another customer's order, or a refund that ran and cannot be lowered."""
    earlier = desk.earlier_refunds(int(order["order_id"]))
    if desk.request.corrects and earlier and desk.request.text.lower().find("refund") < 0:
        ran = earlier[-1].outcome.ran.get("amount") or earlier[-1].arguments.get("amount")
        ran = ran or earlier[-1].outcome.data.get("amount")
        return (
            f"The refund of {euros(ran)} on order {order['order_id']} has already run, and I can't take it back "
            f"or change it. "
            "If more is due, which further amount should I refund?"
        )
    return stranger(desk, order)


def _customers(desk: Desk, orders: list[Fields]) -> Generator[tuple[Wish, ...], tuple[Outcome, ...], dict[str, Fields]]:
    """The customers of the orders by id, read unless a search has shown them already."""
    known = {
        str(order["customer"]["customer_id"]): order["customer"]
        for order in orders
        if order.get("customer", {}).get("name")
    }
    ids = dict.fromkeys(str(order["customer_id"]) for order in orders if order.get("customer_id"))
    names = {str(order.get("customer_id")): order.get("customer_name") for order in orders}
    missing = [one for one in ids if one not in known]
    if missing and desk.offers("get_customer"):
        outcomes = yield from asked(*(read_customer(one, "Its customer gets the confirmation.") for one in missing))
        known |= {one: row.data for one, row in zip(missing, outcomes, strict=True) if row.data.get("customer_id")}
    return {one: known.get(one) or {"customer_id": one, "name": names.get(one)} for one in ids}


def _wish(desk: Desk, plan: Planned) -> Wish:
    left = (
        f"; {euros(number_in(plan.order, 'total') - number_in(plan.order, 'refunded'))} of the order is open"
        if "total" in plan.order
        else ""
    )
    return Wish(
        kind="refund_order",
        arguments={"order_id": plan.order["order_id"], "amount": plan.amount, "reason": _reason(desk.request.words)},
        because=f"{euros(plan.amount)} is what the request asks for on order {plan.order['order_id']}{left}.",
    )


def _reason(text: str) -> str:
    hit = _WHY.search(text)
    given = hit[1].strip(" .") if hit else ""
    given = given if len(re.findall(r"[^\W\d_]{3,}", given)) > 2 else ""
    return given[:1].upper() + given[1:] if given else f"Refund requested: {short(text, 160)}"


def _settled(
    desk: Desk, planned: list[Planned], outcomes: tuple[Outcome, ...]
) -> Generator[tuple[Wish, ...], tuple[Outcome, ...], tuple[list[Refunded], list[str]]]:
    """What ran and what did not; a person who answers with another amount gets a new proposal, once."""
    pairs = list(zip(planned, outcomes, strict=True))
    changed = [(index, plan) for index, (old, outcome) in enumerate(pairs) if (plan := _as_answered(old, outcome))]
    if changed:
        second = yield from asked(*(_wish(desk, plan) for _, plan in changed))
        for (index, plan), outcome in zip(changed, second, strict=True):
            pairs[index] = (plan, outcome)
    done = [_told(plan, outcome) for plan, outcome in pairs if outcome.happened or _ran_unreadably(outcome)]
    stopped = [_stopped(plan, outcome) for plan, outcome in pairs if not (outcome.happened or _ran_unreadably(outcome))]
    return done, stopped


def _as_answered(plan: Planned, outcome: Outcome) -> Planned | None:
    """The refund with the amount that a person answered with, if it is one that can be made."""
    if outcome.fate is not Fate.ANSWERED:
        return None
    answer = understood(outcome.text)
    gives = answer.about.money.euros or answer.about.money.share is not None or answer.about.bare_amount
    if answer.intent in (Intent.STOP, Intent.ERASE) or not gives:
        return None
    amount = amount_for(plan.order, answer)
    return Planned(plan.order, amount) if isinstance(amount, float) and amount != plan.amount else None


def _ran_unreadably(outcome: Outcome) -> bool:
    """A result cut short is still a result: the call ran."""
    return outcome.fate is Fate.UNREADABLE and outcome.text.startswith("{")


def _stopped(plan: Planned, outcome: Outcome) -> str:
    told = not_run(outcome, plan.what)
    return (
        told if outcome.fate is Fate.UNREADABLE else f"{told} Nothing was refunded on order {plan.order['order_id']}."
    )


def _told(plan: Planned, outcome: Outcome) -> Refunded:
    ran: Fields = {
        **outcome.ran,
        **{name: outcome.data[name] for name in ("amount", "order_id") if name in outcome.data},
    }
    amount = number_in(ran, "amount") or plan.amount
    order_id = ran.get("order_id", plan.order["order_id"])
    refund_id = f" (refund {outcome.data['refund_id']})" if outcome.data.get("refund_id") else ""
    told = f"I refunded {euros(amount)} on order {order_id}{refund_id}."
    if outcome.fate is Fate.CHANGED:
        told = f"{_changes(plan, outcome, amount)} {euros(amount)} was refunded on order {order_id}{refund_id}."
    if outcome.fate is Fate.CONFIRMED_DONE:
        told = f"A person confirmed that {plan.what} was carried out; what the tool answered was lost."
    if outcome.fate is Fate.UNREADABLE:
        told += f" I could not read all of the tool's answer: “{short(outcome.text, 120)}”"
    if "remaining" in outcome.data:
        told += f" {euros(outcome.data['remaining'])} of the order is left unrefunded."
    return Refunded({**plan.order, "order_id": order_id}, amount, told)


def _changes(plan: Planned, outcome: Outcome, amount: float) -> str:
    changes = [f"the amount from {euros(plan.amount)} to {euros(amount)}"] if round(amount - plan.amount, 2) else []
    ran_on = outcome.ran.get("order_id", plan.order["order_id"])
    changes += (
        [f"the order from {plan.order['order_id']} to {ran_on}"] if str(ran_on) != str(plan.order["order_id"]) else []
    )
    changes += [f"the reason to “{outcome.ran['reason']}”"] if not changes and outcome.ran.get("reason") else []
    return f"A colleague changed {listed(changes) or 'the arguments'} before approving."
