"""The tools for orders: reading, placing, holding, cancelling, shipping and returning them."""

from typing import Annotated, Any

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal, Row, cents, euros
from agents.demo.crm.fields import Address, CustomerId, Day, Limit, NewLine, OrderId, OrderStatus, Reason, Sku
from agents.demo.crm.shapes import Order, OrderLine, OrderList, OrderSummary
from agents.demo.crm.toolbox import ADDS, DESTROYS, REPLACES, changes, reads

NOT_YET_SHIPPED = ("placed", "paid")


@reads()
def list_orders(desk: Desk, customer_id: CustomerId, limit: Limit = 10) -> OrderList:
    """List a customer's orders, newest first."""
    desk.customer(customer_id)
    rows = desk.rows(
        "select * from order_sums where customer_id = ? order by placed_on desc, order_id desc", customer_id
    )
    return {"orders": [summary(desk, row) for row in rows[:limit]], "total": len(rows)}


@reads()
def get_order(desk: Desk, order_id: OrderId) -> Order:
    """Get one order with its lines, its total and what has been refunded so far. Prices are per piece, in EUR."""
    row = desk.order(order_id)
    return {
        "order_id": order_id,
        "customer_id": row["customer_id"],
        "customer_name": row["customer_name"],
        "status": row["status"],
        "placed_on": row["placed_on"],
        "delivered_on": row["delivered_on"],
        "currency": "EUR",
        "total": euros(row["total_cents"]),
        "refunded": euros(row["refunded_cents"]),
        "lines": lines_of(desk, order_id),
    }


@reads()
def search_orders(
    desk: Desk,
    status: OrderStatus | None = None,
    placed_since: Day | None = None,
    minimum_total: Annotated[
        float | None, Field(ge=0, description="Only orders of at least this much, in EUR.")
    ] = None,
    sku: Sku | None = None,
    limit: Limit = 20,
) -> OrderList:
    """Search all orders by status, date, total or article, newest first. Every condition given must hold."""
    rows = desk.rows(
        "select * from order_sums o where (?1 is null or status = ?1) and (?2 is null or placed_on >= ?2)"
        " and (?3 is null or total_cents >= ?3) and (?4 is null or exists"
        " (select 1 from order_lines l where l.order_id = o.order_id and l.sku = ?4)) order by order_id desc",
        status,
        placed_since,
        None if minimum_total is None else cents(minimum_total),
        sku,
    )
    return {"orders": [summary(desk, row) for row in rows[:limit]], "total": len(rows)}


@changes(ADDS)
def create_order(
    desk: Desk,
    customer_id: CustomerId,
    lines: Annotated[list[NewLine], Field(min_length=1, max_length=40)],
    ship_to: Annotated[Address | None, Field(description="Leave out to ship to the customer's own address.")] = None,
) -> Order:
    """Place an order for a customer, for example by phone. Takes the articles out of stock; payment comes later."""
    customer = desk.customer(customer_id)
    if customer["blocked"]:
        raise Refusal(f"{customer_id} is blocked and cannot order.")
    own = "{street}, {postcode} {city}, {country}".format(**customer)
    order_id = desk.insert(
        "orders",
        customer_id=customer_id,
        status="placed",
        placed_on=desk.today.isoformat(),
        ship_to=str(ship_to or own),
    )
    for position, line in enumerate(lines, start=1):
        add_line(desk, order_id, position, line)
    desk.effect = f"Placed order {order_id} for {customer_id}"
    return get_order.function(desk, order_id)  # type: ignore[no-any-return]


@changes(DESTROYS)
def cancel_order(desk: Desk, order_id: OrderId, reason: Reason) -> dict[str, Any]:
    """Cancel an order that has not been shipped yet. The articles go back into stock; money is not refunded."""
    refuse_unless(desk.order(order_id), NOT_YET_SHIPPED, "be cancelled")
    desk.change("update orders set status = 'cancelled' where order_id = ?", order_id)
    for line in desk.rows("select sku, quantity from order_lines where order_id = ?", order_id):
        desk.change("update products set stock = stock + ? where sku = ?", line["quantity"], line["sku"])
    desk.effect = f"Cancelled order {order_id}"
    return {"order_id": order_id, "status": "cancelled"}


@changes(REPLACES)
def hold_order(
    desk: Desk,
    order_id: OrderId,
    reason: Annotated[str | None, Field(description="Why it waits. Leave out to release the order.")] = None,
) -> dict[str, Any]:
    """Put an order on hold so that the warehouse does not pack it, or release it again."""
    desk.order(order_id)
    desk.change("update orders set on_hold = ? where order_id = ?", reason, order_id)
    desk.effect = f"{'Held' if reason else 'Released'} order {order_id}"
    return {"order_id": order_id, "on_hold": reason}


@changes(REPLACES)
def change_shipping_address(desk: Desk, order_id: OrderId, address: Address) -> dict[str, Any]:
    """Change where an order goes, as long as it has not been shipped. The customer's own address stays as it is."""
    refuse_unless(desk.order(order_id), NOT_YET_SHIPPED, "be readdressed")
    desk.change("update orders set ship_to = ? where order_id = ?", str(address), order_id)
    desk.effect = f"Order {order_id} goes to {address}"
    return {"order_id": order_id, "ship_to": str(address)}


def summary(desk: Desk, row: Row) -> OrderSummary:
    return {
        "order_id": row["order_id"],
        "placed_on": row["placed_on"],
        "status": row["status"],
        "total": euros(row["total_cents"]),
        "refunded": euros(row["refunded_cents"]),
        "currency": "EUR",
        "summary": ", ".join(f"{line['quantity']} × {line['name']}" for line in lines_of(desk, row["order_id"])),
    }


def lines_of(desk: Desk, order_id: int) -> list[OrderLine]:
    rows = desk.rows(
        "select l.sku, p.name, l.quantity, l.price_cents from order_lines l join products p using (sku)"
        " where order_id = ? order by position",
        order_id,
    )
    return [
        {"sku": row["sku"], "name": row["name"], "quantity": row["quantity"], "price": euros(row["price_cents"])}
        for row in rows
    ]


def add_line(desk: Desk, order_id: int, position: int, line: NewLine) -> None:
    product = desk.product(line.sku)
    if product["stock"] < line.quantity:
        raise Refusal(f"Only {product['stock']} of {line.sku} are in stock.")
    desk.change("update products set stock = stock - ? where sku = ?", line.quantity, line.sku)
    desk.insert(
        "order_lines",
        order_id=order_id,
        position=position,
        sku=line.sku,
        quantity=line.quantity,
        price_cents=product["price_cents"],
    )


def refuse_unless(order: Row, allowed: tuple[str, ...], what: str) -> None:
    if order["status"] not in allowed:
        raise Refusal(f"Order {order['order_id']} is {order['status']} and cannot {what}.")
