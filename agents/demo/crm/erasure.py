"""Erasing a person from every table; the orders stay for the books, without a name or an address."""

from agents.demo.crm.desk import Desk
from agents.demo.crm.shapes import DeletedRecords

ERASED = "(erased)"
OF_CUSTOMER = "ticket_id in (select ticket_id from tickets where customer_id = ?)"


def erase(desk: Desk, customer_id: str) -> DeletedRecords:
    """`messages_deleted` counts ticket messages and mail alike."""
    messages = desk.change(f"delete from ticket_messages where {OF_CUSTOMER}", customer_id)
    messages += desk.change("delete from mail where customer_id = ?", customer_id)
    tickets = desk.change("delete from tickets where customer_id = ?", customer_id)
    for table in ("notes", "tags", "vouchers"):
        desk.change(f"delete from {table} where customer_id = ?", customer_id)
    orders = desk.change("update orders set customer_id = null, ship_to = ? where customer_id = ?", ERASED, customer_id)
    desk.change("delete from customers where customer_id = ?", customer_id)
    return {"orders_anonymised": orders, "tickets_deleted": tickets, "messages_deleted": messages}
