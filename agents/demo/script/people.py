"""Finds out which customers a request is about, asking when it is not certain; pure."""

import re
from collections.abc import Generator

from .desk import Desk, find_customer, read_customer, read_order, read_ticket
from .memory import rows
from .names import folded, several
from .replies import Fields, Outcome, Wish, asked
from .understanding import Intent
from .wording import listed, not_run, person, person_line

Found = Generator[tuple[Wish, ...], tuple[Outcome, ...], list[Fields] | str]
_DOING = {Intent.ERASE: "erase", Intent.WRITE: "write to", Intent.REFUND: "refund", Intent.CREDIT: "credit"}


def people_meant(desk: Desk) -> Found:
    """The customers, or the sentence to answer with when they cannot be told."""
    about = desk.request.about
    if about.customers:
        return (yield from _by_id(desk, about.customers))
    if about.emails:
        return (yield from _by_search(desk, about.emails))
    if about.names:
        return (yield from _by_name(desk))
    if about.tickets or about.orders:
        return (yield from _behind(desk))
    doing = _DOING.get(desk.request.intent, "look up")
    return f"Which customer should I {doing}? Please give me the name, the e-mail address or the customer id."


def _by_id(desk: Desk, ids: tuple[str, ...]) -> Found:
    if not desk.offers("get_customer"):
        return [{"customer_id": customer_id} for customer_id in ids]
    outcomes = yield from asked(*(read_customer(one, "The request names this customer.") for one in ids))
    for customer_id, outcome in zip(ids, outcomes, strict=True):
        if not outcome.data.get("customer_id"):
            return not_run(outcome, f"the lookup of customer {customer_id}")
    return [outcome.data for outcome in outcomes]


def _by_name(desk: Desk) -> Found:
    """By the likeliest name; if nobody is called that, by the next one in the text."""
    names = desk.request.about.names
    together = several(desk.request.words, names) if desk.request.intent is Intent.ERASE else names[:1]
    if len(together) > 1 or len(names) < 2 or not desk.offers("find_customer"):
        return (yield from _by_search(desk, together))
    (first,) = yield from asked(find_customer(names[0], "The request names this person."))
    nobody = first.happened and not rows(first, "customers")
    return (yield from _by_search(desk, names[1:2] if nobody else names[:1]))


def _by_search(desk: Desk, queries: tuple[str, ...]) -> Found:
    if not desk.offers("find_customer"):
        return (
            f"I have no tool to search for customers, so I can't tell who {listed(queries)} is. Which customer id "
            f"is it?"
        )
    outcomes = yield from asked(*(find_customer(query, "The request names this person.") for query in queries))
    people: list[Fields] = []
    for query, outcome in zip(queries, outcomes, strict=True):
        if not outcome.happened:
            return not_run(outcome, f"the search for {query}")
        one = _the_one(desk, query, rows(outcome, "customers"))
        if isinstance(one, str):
            return one
        people.append(one)
    return people


def _the_one(desk: Desk, query: str, found: list[Fields]) -> Fields | str:
    if not found:
        return (
            f"I found no customer for “{query}”, so I have done nothing. Do you have another spelling, an e-mail "
            f"address or the id?"
        )
    narrowed = _narrowed(desk, query, found)
    doing = _DOING.get(desk.request.intent, "look up")
    if len(narrowed) > 1:
        told = "; ".join(person_line(row) for row in narrowed[:10])
        more = f" and {len(narrowed) - 10} more" if len(narrowed) > 10 else ""
        return f"I found {len(narrowed)} customers for “{query}”: {told}{more}. Which one should I {doing}?"
    if not _fits(query, narrowed[0]):
        offer = f"erase {person(narrowed[0])}" if doing == "erase" else f"go on with {person(narrowed[0])}"
        return f"Nobody is called exactly “{query}”; the nearest is {person_line(narrowed[0])}. Shall I {offer}?"
    return narrowed[0]


def _narrowed(desk: Desk, query: str, found: list[Fields]) -> list[Fields]:
    """Those whose address, or failing that whose place, phone or exact name, the request gives."""
    same = [row for row in found if str(row.get("email", "")).lower() == query.lower()]
    if same:
        return same
    said = desk.request.words.lower()
    placed = [row for row in found if _mentioned(row, said)]
    if len(placed) == 1:
        return placed
    exact = [row for row in found if str(row.get("name", "")).lower() == query.lower()]
    return exact if len(exact) == 1 and desk.request.intent is not Intent.ERASE else found


def _mentioned(row: Fields, said: str) -> bool:
    values = [str(row[name]).lower() for name in ("email", "city", "phone", "customer_id") if row.get(name)]
    return any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said) for value in values)


def _fits(query: str, row: Fields) -> bool:
    """Whether every word asked for is part of the name or the address found."""
    found = " ".join(str(row.get(name, "")) for name in ("name", "email", "customer_id", "phone")).lower()
    return all(word in folded(found) for word in re.findall(r"[^\W_]+", folded(query))) or not row.get("name")


def _behind(desk: Desk) -> Found:
    """The customers that tickets and orders belong to."""
    about = desk.request.about
    why = "Its customer is who the request is about."
    wishes = [read_ticket(one, why) for one in about.tickets] or [read_order(one, why) for one in about.orders]
    outcomes = yield from asked(*wishes)
    for wish, outcome in zip(wishes, outcomes, strict=True):
        if not outcome.data.get("customer_id"):
            return not_run(outcome, f"{wish.kind.replace('_', ' ')} {next(iter(wish.arguments.values()))}")
    return (yield from _by_id(desk, tuple(dict.fromkeys(str(outcome.data["customer_id"]) for outcome in outcomes))))
