"""The outgoing mail: nothing leaves the machine, every message is a row that a test can read."""

from agents.demo.crm.desk import Desk


def send(desk: Desk, address: str, subject: str, body: str, customer_id: str | None = None) -> str:
    """The new message's number."""
    number = desk.count("select coalesce(max(cast(substr(message_id, 3) as integer)), 5000) + 1 from mail")
    message_id = f"M-{number}"
    desk.insert(
        "mail",
        message_id=message_id,
        customer_id=customer_id,
        address=address,
        subject=subject,
        body=body,
        at=desk.now,
    )
    return message_id
