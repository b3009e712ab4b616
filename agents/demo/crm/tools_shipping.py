"""The tools for parcels: shipments on their way out and returns on their way back."""

from typing import Annotated, Any, Literal

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal
from agents.demo.crm.fields import OrderId, Reason, Sku
from agents.demo.crm.toolbox import ADDS, REPLACES, changes, reads
from agents.demo.crm.tools_orders import NOT_YET_SHIPPED, refuse_unless

Carrier = Literal["Nordpost", "Pakkeriet", "EuroKurier", "Snailmail"]


@reads()
def track_shipment(desk: Desk, order_id: OrderId) -> dict[str, Any]:
    """Where an order's parcels are: carrier, tracking number and status of each."""
    desk.order(order_id)
    parcels = desk.rows(
        "select shipment_id, carrier, tracking, status, shipped_on from shipments where order_id = ?", order_id
    )
    return {"order_id": order_id, "shipments": parcels}


@changes(ADDS)
def create_shipment(desk: Desk, order_id: OrderId, carrier: Carrier) -> dict[str, Any]:
    """Hand an order to a carrier and mark it as shipped. Fails for orders on hold."""
    order = desk.order(order_id)
    refuse_unless(order, NOT_YET_SHIPPED, "be shipped")
    if order["on_hold"]:
        raise Refusal(f"Order {order_id} is on hold: {order['on_hold']}")
    tracking = f"{carrier[:2].upper()}{order_id:06d}{desk.today:%y%m%d}"
    shipment_id = desk.insert(
        "shipments",
        order_id=order_id,
        carrier=carrier,
        tracking=tracking,
        status="in transit",
        shipped_on=desk.today.isoformat(),
    )
    desk.change("update orders set status = 'shipped' where order_id = ?", order_id)
    desk.effect = f"Shipped order {order_id} with {carrier}"
    return {"shipment_id": shipment_id, "order_id": order_id, "tracking": tracking}


@changes(None)
def mark_delivered(desk: Desk, order_id: OrderId) -> dict[str, Any]:
    """Record that an order's parcels have arrived today."""
    refuse_unless(desk.order(order_id), ("shipped",), "be marked as delivered")
    day = desk.today.isoformat()
    desk.change("update orders set status = 'delivered', delivered_on = ? where order_id = ?", day, order_id)
    desk.change("update shipments set status = 'delivered' where order_id = ?", order_id)
    desk.effect = f"Order {order_id} was delivered"
    return {"order_id": order_id, "status": "delivered", "delivered_on": day}


@changes(ADDS)
def create_return(
    desk: Desk, order_id: OrderId, sku: Sku, reason: Reason, quantity: Annotated[int, Field(ge=1)] = 1
) -> dict[str, Any]:
    """Announce that a customer sends an article back. Refund it separately once it has arrived."""
    refuse_unless(desk.order(order_id), ("shipped", "delivered"), "be returned")
    bought = desk.count("select sum(quantity) from order_lines where order_id = ? and sku = ?", order_id, sku)
    back = desk.count("select sum(quantity) from returns where order_id = ? and sku = ?", order_id, sku)
    if quantity > bought - back:
        raise Refusal(f"Order {order_id} has {bought - back} of {sku} left to return, not {quantity}.")
    return_id = desk.insert(
        "returns", order_id=order_id, sku=sku, quantity=quantity, reason=reason, status="announced", at=desk.now
    )
    desk.effect = f"Announced return {return_id} of {quantity} x {sku} from order {order_id}"
    return {"return_id": return_id, "order_id": order_id, "status": "announced"}


@reads()
def list_returns(desk: Desk, status: Literal["announced", "received"] | None = None) -> dict[str, Any]:
    """List returns, newest first."""
    rows = desk.rows("select * from returns where ?1 is null or status = ?1 order by at desc, return_id desc", status)
    return {"returns": rows}


@changes(REPLACES)
def receive_return(
    desk: Desk,
    return_id: int,
    condition: Annotated[Literal["as new", "worn", "broken"], Field(description="Only `as new` goes back to stock.")],
) -> dict[str, Any]:
    """Record that a returned article has arrived and in what condition."""
    row = desk.row(f"There is no return {return_id}.", "select * from returns where return_id = ?", return_id)
    if row["status"] == "received":
        raise Refusal(f"Return {return_id} has already been received.")
    desk.change("update returns set status = 'received' where return_id = ?", return_id)
    if restocked := condition == "as new":
        desk.change("update products set stock = stock + ? where sku = ?", row["quantity"], row["sku"])
    desk.effect = f"Received return {return_id} ({condition})"
    return {"return_id": return_id, "status": "received", "restocked": restocked}
