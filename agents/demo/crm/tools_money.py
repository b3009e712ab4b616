"""The tools for money: payments, refunds, invoices, vouchers and store credit."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal, Row, cents, euros, money
from agents.demo.crm.fields import Amount, CustomerId, OrderId, Reason
from agents.demo.crm.mailbox import send
from agents.demo.crm.shapes import Refund
from agents.demo.crm.toolbox import ADDS, DESTROYS, SENDS, changes, reads

PAYMENT_TERM = timedelta(days=14)
Code = Annotated[str, Field(description="Voucher code, for example FT-7KQ2-M9.")]


@changes(DESTROYS)
def refund_order(desk: Desk, order_id: OrderId, amount: Amount, reason: Reason) -> Refund:
    """Pay back part or all of an order to the customer's original means of payment.

    Every call is a new refund. Fails if the amount is more than what is left of the order's total.
    """
    order = desk.order(order_id)
    left = order["total_cents"] - order["refunded_cents"]
    asked = cents(amount)
    if asked > left:
        raise Refusal(f"Order {order_id} has {money(left)} left to refund, not {money(asked)}.")
    refund_id = desk.insert("refunds", order_id=order_id, amount_cents=asked, reason=reason, at=desk.now)
    desk.effect = f"Refunded {money(asked)} of order {order_id}"
    return {
        "refund_id": refund_id,
        "order_id": order_id,
        "amount": euros(asked),
        "refunded_total": euros(order["refunded_cents"] + asked),
        "remaining": euros(left - asked),
    }


@reads()
def list_refunds(desk: Desk, order_id: OrderId) -> dict[str, Any]:
    """List the refunds of an order with their reasons, oldest first."""
    desk.order(order_id)
    return {"refunds": with_euros(desk.rows("select * from refunds where order_id = ? order by refund_id", order_id))}


@reads()
def list_payments(desk: Desk, order_id: OrderId) -> dict[str, Any]:
    """List what has been paid for an order, and how."""
    desk.order(order_id)
    rows = desk.rows("select * from payments where order_id = ? order by payment_id", order_id)
    return {"payments": with_euros(rows)}


@changes(None)
def capture_payment(
    desk: Desk, order_id: OrderId, method: Literal["card", "invoice", "transfer", "wallet"]
) -> dict[str, Any]:
    """Charge the customer for an order that has not been paid yet."""
    order = desk.order(order_id)
    if order["status"] != "placed":
        raise Refusal(f"Order {order_id} is {order['status']}; only placed orders can be charged.")
    payment_id = desk.insert(
        "payments",
        order_id=order_id,
        method=method,
        amount_cents=order["total_cents"],
        status="captured",
        at=desk.now,
    )
    desk.change("update orders set status = 'paid' where order_id = ?", order_id)
    desk.effect = f"Charged {money(order['total_cents'])} for order {order_id}"
    return {"payment_id": payment_id, "order_id": order_id, "amount": euros(order["total_cents"])}


@changes(ADDS)
def create_invoice(desk: Desk, order_id: OrderId) -> dict[str, Any]:
    """Write the invoice of an order, due in 14 days. Fails if the order already has one."""
    order = desk.order(order_id)
    invoice_id = f"INV-{order_id}"
    if desk.rows("select 1 from invoices where order_id = ?", order_id):
        raise Refusal(f"Order {order_id} already has the invoice {invoice_id}.")
    row = {
        "invoice_id": invoice_id,
        "order_id": order_id,
        "issued_on": desk.today.isoformat(),
        "due_on": (desk.today + PAYMENT_TERM).isoformat(),
        "total_cents": order["total_cents"],
    }
    desk.insert("invoices", **row)
    desk.effect = f"Issued {invoice_id} over {money(order['total_cents'])}"
    return with_euros([row])[0]


@reads()
def get_invoice(desk: Desk, invoice_id: Annotated[str, Field(description="For example INV-1310.")]) -> dict[str, Any]:
    """Get an invoice with its due date and the reminders sent so far."""
    return with_euros([invoice(desk, invoice_id)])[0]


@changes(SENDS)
def send_payment_reminder(desk: Desk, invoice_id: str) -> dict[str, Any]:
    """Remind the customer of an unpaid invoice by e-mail. The third reminder mentions debt collection."""
    row = invoice(desk, invoice_id)
    customer = desk.customer(str(desk.order(row["order_id"])["customer_id"]))
    number = row["reminders"] + 1
    desk.change("update invoices set reminders = ? where invoice_id = ?", number, invoice_id)
    body = f"Dear {customer['name']},\n\n{money(row['total_cents'])} for {invoice_id} was due on {row['due_on']}."
    message_id = send(desk, customer["email"], f"Reminder {number}: {invoice_id}", body, customer["customer_id"])
    desk.effect = f"Sent reminder {number} of {invoice_id} to {customer['email']}"
    return {"message_id": message_id, "invoice_id": invoice_id, "reminders": number}


@changes(ADDS)
def create_voucher(
    desk: Desk,
    amount: Amount,
    valid_days: Annotated[int, Field(ge=1, le=730)] = 365,
    customer_id: Annotated[CustomerId | None, Field(description="Leave out for a voucher anyone can use.")] = None,
) -> dict[str, Any]:
    """Create a gift voucher and return its code. Vouchers are worth money: whoever has the code can spend it."""
    if customer_id:
        desk.customer(customer_id)
    number = desk.count("select count(*) from vouchers") + 1
    row = {
        "code": f"FT-{number:04d}-{desk.today:%y%m}",
        "customer_id": customer_id,
        "amount_cents": cents(amount),
        "left_cents": cents(amount),
        "expires_on": (desk.today + timedelta(days=valid_days)).isoformat(),
        "status": "active",
    }
    desk.insert("vouchers", **row)
    desk.effect = f"Created voucher {row['code']} worth {money(cents(amount))}"
    return with_euros([row])[0]


@reads()
def get_voucher(desk: Desk, code: Code) -> dict[str, Any]:
    """Check a voucher: what is left on it and until when it is valid."""
    return with_euros([voucher(desk, code)])[0]


@changes(ADDS)
def redeem_voucher(desk: Desk, code: Code, order_id: OrderId, amount: Amount) -> dict[str, Any]:
    """Use part or all of a voucher to pay for an order."""
    row = voucher(desk, code)
    desk.order(order_id)
    asked = cents(amount)
    if row["status"] != "active" or row["expires_on"] < desk.today.isoformat():
        raise Refusal(f"Voucher {code} is no longer valid.")
    if asked > row["left_cents"]:
        raise Refusal(f"Voucher {code} has {money(row['left_cents'])} left, not {money(asked)}.")
    desk.change("update vouchers set left_cents = left_cents - ? where code = ?", asked, code)
    payment_id = desk.insert(
        "payments", order_id=order_id, method="voucher", amount_cents=asked, status="captured", at=desk.now
    )
    desk.effect = f"Redeemed {money(asked)} of voucher {code} for order {order_id}"
    return {"payment_id": payment_id, "code": code, "left": euros(row["left_cents"] - asked)}


@changes(DESTROYS)
def void_voucher(desk: Desk, code: Code, reason: Reason) -> dict[str, Any]:
    """Void a voucher so that nobody can use what is left on it. This cannot be undone."""
    row = voucher(desk, code)
    desk.change("update vouchers set status = 'void', left_cents = 0 where code = ?", code)
    desk.effect = f"Voided voucher {code}, losing {money(row['left_cents'])}"
    return {"code": code, "status": "void", "lost": euros(row["left_cents"])}


@changes(None)
def grant_store_credit(desk: Desk, customer_id: CustomerId, amount: Amount, reason: Reason) -> dict[str, Any]:
    """Give a customer store credit as a goodwill gesture. It is used automatically with the next order."""
    customer = desk.customer(customer_id)
    credit = customer["credit_cents"] + cents(amount)
    desk.change("update customers set credit_cents = ? where customer_id = ?", credit, customer_id)
    desk.effect = f"Granted {money(cents(amount))} of credit to {customer_id}"
    return {"customer_id": customer_id, "credit": euros(credit)}


def with_euros(rows: list[Row]) -> list[Row]:
    """Every `..._cents` column as EUR under its plain name."""
    return [
        {
            column.removesuffix("_cents"): euros(value) if column.endswith("_cents") else value
            for column, value in row.items()
        }
        for row in rows
    ]


def voucher(desk: Desk, code: str) -> Row:
    return desk.row(f"There is no voucher {code}.", "select * from vouchers where code = ?", code)


def invoice(desk: Desk, invoice_id: str) -> Row:
    return desk.row(f"There is no invoice {invoice_id}.", "select * from invoices where invoice_id = ?", invoice_id)
