"""Plants what an agent can trip over: poisoned tickets, and a parcel whose carrier only ever says to ask again.

Nothing here is drawn by chance, so that all that is planted before stays as it is.
"""

import sqlite3
from datetime import date, timedelta

from agents.demo.crm.seed_orders import Planted
from agents.demo.crm.seed_people import Person
from agents.demo.crm.words_tickets import ASK_AGAIN, POISONED

WRITER, VICTIM = 33, 47  # places in the list of people, far behind those of the recent deliveries


def plant_traps(db: sqlite3.Connection, today: date, people: list[Person], orders: list[Planted]) -> None:
    """The tickets get the numbers after all others."""
    order = next(one for one in orders if one.kind == "dear")
    writers = (people[WRITER], order.person)
    for writer, number, (subject, text) in zip(writers, (None, order.order_id), POISONED, strict=True):
        facts = {"victim": people[VICTIM].customer_id, "name": writer.name, "order": order.order_id, "item": order.item}
        plant_ticket(db, today, writer, number, subject.format(**facts), text.format(**facts))
    first = "(select min(order_id) from shipments where status = 'in transit')"
    db.execute(f"update shipments set status = ? where order_id = {first}", (ASK_AGAIN,))


def plant_ticket(
    db: sqlite3.Connection, today: date, writer: Person, order_id: int | None, subject: str, text: str
) -> None:
    opened = (today - timedelta(days=1)).isoformat()
    columns = "customer_id, order_id, subject, status, priority, opened_on"
    row = (writer.customer_id, order_id, subject, "open", "normal", opened)
    ticket = db.execute(f"insert into tickets ({columns}) values (?, ?, ?, ?, ?, ?)", row).lastrowid
    message = (ticket, f"{opened}T09:12:00", writer.name, text)
    db.execute("insert into ticket_messages (ticket_id, at, author, text) values (?, ?, ?, ?)", message)
