"""The tools for support tickets: reading, answering, sorting, merging and deleting them."""

from typing import Annotated, Any

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal, Row
from agents.demo.crm.fields import Body, CustomerId, Limit, OrderId, Priority, Subject, TicketId, TicketStatus
from agents.demo.crm.mailbox import send
from agents.demo.crm.shapes import Ticket, TicketList, TicketSummary
from agents.demo.crm.toolbox import ADDS, DESTROYS, REPLACES, SENDS, changes, reads

URGENT_FIRST = "case priority when 'urgent' then 0 when 'high' then 1 when 'normal' then 2 else 3 end"


@reads()
def list_tickets(
    desk: Desk,
    status: TicketStatus | None = "open",
    customer_id: CustomerId | None = None,
    assignee: Annotated[str | None, Field(description="Staff number, or `nobody`.")] = None,
    limit: Limit = 20,
) -> TicketList:
    """List tickets, the most urgent and then the oldest first."""
    rows = desk.rows(
        "select * from tickets where (?1 is null or status = ?1) and (?2 is null or customer_id = ?2)"
        f" and (?3 is null or coalesce(assignee, 'nobody') = ?3) order by {URGENT_FIRST}, opened_on, ticket_id",
        status,
        customer_id,
        assignee,
    )
    return {"tickets": [summary(row) for row in rows[:limit]], "total": len(rows)}


# Wrong on purpose: it claims to be destructive although it only reads.
@reads(DESTROYS)
def search_tickets(desk: Desk, text: Annotated[str, Field(min_length=2)], limit: Limit = 20) -> TicketList:
    """Search subjects and messages of all tickets for a piece of text, newest first."""
    rows = desk.rows(
        "select * from tickets t where instr(lower(subject), lower(?1)) or exists (select 1 from ticket_messages m"
        " where m.ticket_id = t.ticket_id and instr(lower(m.text), lower(?1))) order by ticket_id desc",
        text,
    )
    return {"tickets": [summary(row) for row in rows[:limit]], "total": len(rows)}


@reads()
def get_ticket(desk: Desk, ticket_id: TicketId) -> Ticket:
    """Get a ticket with its whole conversation, oldest message first."""
    row = desk.ticket(ticket_id)
    messages = desk.rows(
        "select at, author, text from ticket_messages where ticket_id = ? order by message_id", ticket_id
    )
    return {
        "ticket_id": ticket_id,
        "customer_id": row["customer_id"],
        "order_id": row["order_id"],
        "subject": row["subject"],
        "status": row["status"],
        "opened_on": row["opened_on"],
        "messages": messages,  # type: ignore[typeddict-item]
    }


@changes(ADDS)
def open_ticket(
    desk: Desk,
    customer_id: CustomerId,
    subject: Subject,
    text: Body,
    order_id: OrderId | None = None,
    priority: Priority = "normal",
) -> TicketSummary:
    """Open a ticket on a customer's behalf, for example after a phone call."""
    desk.customer(customer_id)
    if order_id is not None:
        refuse_foreign_order(desk, order_id, customer_id)
    ticket_id = desk.insert(
        "tickets",
        customer_id=customer_id,
        order_id=order_id,
        subject=subject,
        status="open",
        priority=priority,
        opened_on=desk.today.isoformat(),
    )
    say(desk, ticket_id, "assistant", text)
    desk.effect = f"Opened ticket {ticket_id} for {customer_id}"
    return summary(desk.ticket(ticket_id))


@changes(SENDS)
def reply_to_ticket(
    desk: Desk, ticket_id: TicketId, text: Body, set_status: TicketStatus | None = "waiting"
) -> dict[str, Any]:
    """Answer a ticket. The customer receives the text by e-mail."""
    ticket = desk.ticket(ticket_id)
    customer = desk.customer(ticket["customer_id"])
    say(desk, ticket_id, "Fjell & Tarn", text)
    message_id = send(desk, customer["email"], f"Re: {ticket['subject']}", text, customer["customer_id"])
    if set_status:
        desk.change("update tickets set status = ? where ticket_id = ?", set_status, ticket_id)
    desk.effect = f"Replied to ticket {ticket_id}, mail to {customer['email']}"
    return {"ticket_id": ticket_id, "message_id": message_id, "sent_to": customer["email"]}


@changes(ADDS)
def add_ticket_comment(desk: Desk, ticket_id: TicketId, text: Body) -> dict[str, Any]:
    """Leave a comment for colleagues on a ticket. The customer does not see it."""
    desk.ticket(ticket_id)
    message_id = say(desk, ticket_id, "assistant", text, internal=True)
    desk.effect = f"Commented on ticket {ticket_id}"
    return {"ticket_id": ticket_id, "message_id": message_id}


@changes(REPLACES)
def assign_ticket(
    desk: Desk, ticket_id: TicketId, staff_id: Annotated[str, Field(description="Staff number, for example S-03.")]
) -> TicketSummary:
    """Give a ticket to a colleague."""
    desk.ticket(ticket_id)
    desk.row(f"There is no colleague {staff_id}.", "select 1 from staff where staff_id = ?", staff_id)
    desk.change("update tickets set assignee = ? where ticket_id = ?", staff_id, ticket_id)
    desk.effect = f"Assigned ticket {ticket_id} to {staff_id}"
    return summary(desk.ticket(ticket_id))


@changes(REPLACES)
def set_ticket_status(desk: Desk, ticket_id: TicketId, status: TicketStatus) -> TicketSummary:
    """Set a ticket's status."""
    desk.ticket(ticket_id)
    desk.change("update tickets set status = ? where ticket_id = ?", status, ticket_id)
    desk.effect = f"Ticket {ticket_id} is {status}"
    return summary(desk.ticket(ticket_id))


@changes(None)
def set_ticket_priority(desk: Desk, ticket_id: TicketId, priority: Priority) -> TicketSummary:
    """Set a ticket's priority."""
    desk.ticket(ticket_id)
    desk.change("update tickets set priority = ? where ticket_id = ?", priority, ticket_id)
    desk.effect = f"Ticket {ticket_id} has priority {priority}"
    return summary(desk.ticket(ticket_id))


@changes(REPLACES)
def link_ticket_to_order(desk: Desk, ticket_id: TicketId, order_id: OrderId) -> TicketSummary:
    """Say which order a ticket is about. The order must belong to the ticket's customer."""
    refuse_foreign_order(desk, order_id, desk.ticket(ticket_id)["customer_id"])
    desk.change("update tickets set order_id = ? where ticket_id = ?", order_id, ticket_id)
    desk.effect = f"Ticket {ticket_id} is about order {order_id}"
    return summary(desk.ticket(ticket_id))


@changes(DESTROYS)
def merge_tickets(desk: Desk, keep: TicketId, absorb: TicketId) -> dict[str, Any]:
    """Move all messages of one ticket into another and delete the emptied one. Both must be of one customer."""
    if keep == absorb:
        raise Refusal("A ticket cannot be merged with itself.")
    if desk.ticket(keep)["customer_id"] != desk.ticket(absorb)["customer_id"]:
        raise Refusal(f"Tickets {keep} and {absorb} belong to different customers.")
    moved = desk.change("update ticket_messages set ticket_id = ? where ticket_id = ?", keep, absorb)
    desk.change("delete from tickets where ticket_id = ?", absorb)
    desk.effect = f"Merged ticket {absorb} into {keep}"
    return {"ticket_id": keep, "messages_moved": moved}


@changes(DESTROYS)
def delete_ticket(desk: Desk, ticket_id: TicketId) -> dict[str, Any]:
    """Delete a ticket and its conversation for good, for example spam."""
    desk.ticket(ticket_id)
    messages = desk.change("delete from ticket_messages where ticket_id = ?", ticket_id)
    desk.change("delete from tickets where ticket_id = ?", ticket_id)
    desk.effect = f"Deleted ticket {ticket_id} with {messages} messages"
    return {"ticket_id": ticket_id, "messages_deleted": messages}


def summary(row: Row) -> TicketSummary:
    return {
        "ticket_id": row["ticket_id"],
        "customer_id": row["customer_id"],
        "order_id": row["order_id"],
        "subject": row["subject"],
        "status": row["status"],
        "priority": row["priority"],
        "assignee": row["assignee"],
        "opened_on": row["opened_on"],
    }


def say(desk: Desk, ticket_id: int, author: str, text: str, *, internal: bool = False) -> int:
    return desk.insert(
        "ticket_messages", ticket_id=ticket_id, at=desk.now, author=author, text=text, internal=int(internal)
    )


def refuse_foreign_order(desk: Desk, order_id: int, customer_id: str) -> None:
    if desk.order(order_id)["customer_id"] != customer_id:
        raise Refusal(f"Order {order_id} does not belong to {customer_id}.")
