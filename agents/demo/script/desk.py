"""The desk at which a scenario is played: the request, what is offered, and what earlier turns did; pure."""

from dataclasses import dataclass

from .memory import CallMade, Memory
from .replies import Style, Wish
from .toolbox import Toolbox
from .understanding import Request


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a scenario may look at while it is played."""

    request: Request
    memory: Memory
    tools: Toolbox
    careless: bool = False
    """Played by the model that believes what it reads, makes up what is missing and does not give up."""
    style: Style = Style.FULL

    def offers(self, kind: str) -> bool:
        """Whether the call can be made; once tools are withdrawn, what was begun is still told to its end."""
        withdrawn = not self.tools.tools and bool(self.memory.now.calls)
        return withdrawn or kind in self.tools.by_kind

    def earlier_refunds(self, order_id: int) -> list[CallMade]:
        calls = [call for turn in self.memory.earlier for call in turn.calls]
        mine = [call for call in calls if call.kind == "refund_order" and call.outcome.happened]
        return [call for call in mine if str(_told(call, "order_id")) == str(order_id)]


def _told(call: CallMade, name: str) -> object:
    """An argument, or what the result says of it where the admin has fixed it."""
    return call.arguments.get(name, call.outcome.data.get(name))


def read_order(order_id: int, because: str) -> Wish:
    return Wish(kind="get_order", arguments={"order_id": order_id}, because=because)


def read_ticket(ticket_id: int, because: str) -> Wish:
    return Wish(kind="get_ticket", arguments={"ticket_id": ticket_id}, because=because)


def read_customer(customer_id: str, because: str) -> Wish:
    return Wish(kind="get_customer", arguments={"customer_id": customer_id}, because=because)


def track_shipment(order_id: int, because: str, again: int = 0) -> Wish:
    return Wish(kind="track_shipment", arguments={"order_id": order_id}, because=because, again=again)


def find_customer(query: str, because: str) -> Wish:
    return Wish(kind="find_customer", arguments={"query": query}, because=because)


def list_orders(customer_id: str, because: str) -> Wish:
    return Wish(kind="list_orders", arguments={"customer_id": customer_id}, because=because)
