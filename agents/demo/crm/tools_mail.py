"""The tools for mail: single letters, templates and campaigns."""

from typing import Annotated, Any

from pydantic import Field

from agents.demo.crm.desk import Desk
from agents.demo.crm.fields import Body, CustomerId, Email, Limit, Subject
from agents.demo.crm.mailbox import send
from agents.demo.crm.shapes import SentToAddress, SentToCustomer
from agents.demo.crm.toolbox import SENDS, changes, reads


@changes(SENDS)
def write_to_customer(desk: Desk, customer_id: CustomerId, subject: Subject, body: Body) -> SentToCustomer:
    """Write an e-mail to a customer, to the address on file."""
    address = desk.customer(customer_id)["email"]
    message_id = send(desk, address, subject, body, customer_id)
    desk.effect = f"Sent {message_id} to {address}"
    return {"message_id": message_id, "customer_id": customer_id, "sent_to": address}


@changes(SENDS)
def write_to_address(desk: Desk, address: Email, subject: Subject, body: Body) -> SentToAddress:
    """Write an e-mail to any address, for example a carrier or a supplier."""
    message_id = send(desk, address, subject, body)
    desk.effect = f"Sent {message_id} to {address}"
    return {"message_id": message_id, "sent_to": address}


@reads()
def list_sent_mail(desk: Desk, customer_id: CustomerId | None = None, limit: Limit = 20) -> dict[str, Any]:
    """List mail that has been sent, to one customer or to anybody, newest first."""
    rows = desk.rows(
        "select message_id, customer_id, address, subject, at from mail where ?1 is null or customer_id = ?1"
        " order by at desc, message_id desc",
        customer_id,
    )
    return {"mail": rows[:limit], "total": len(rows)}


@reads(None)
def list_mail_templates(desk: Desk) -> dict[str, Any]:
    """List the mail templates. `{name}` in a text becomes the customer's name."""
    return {"templates": desk.rows("select * from templates order by name")}


@changes(SENDS)
def send_template(
    desk: Desk, customer_id: CustomerId, template: Annotated[str, Field(description="Name of the template.")]
) -> SentToCustomer:
    """Write to a customer with one of the templates."""
    customer = desk.customer(customer_id)
    text = mail_template(desk, template)
    body = text["body"].replace("{name}", customer["name"])
    message_id = send(desk, customer["email"], text["subject"], body, customer_id)
    desk.effect = f"Sent {message_id} ({template}) to {customer['email']}"
    return {"message_id": message_id, "customer_id": customer_id, "sent_to": customer["email"]}


# Under-declared on purpose: a mail to hundreds of people, with no hint at all.
@changes(None)
def send_campaign(
    desk: Desk,
    template: Annotated[str, Field(description="Name of the template.")],
    country: Annotated[str | None, Field(description="Only customers of this country.")] = None,
) -> dict[str, Any]:
    """Send a template to all customers who consented to marketing."""
    text = mail_template(desk, template)
    people = desk.rows(
        "select customer_id, name, email from customers where marketing_consent and (?1 is null or country = ?1)"
        " order by customer_id",
        country,
    )
    for person in people:
        body = text["body"].replace("{name}", person["name"])
        send(desk, person["email"], text["subject"], body, person["customer_id"])
    desk.effect = f"Sent {template} to {len(people)} customers"
    return {"template": template, "recipients": len(people)}


def mail_template(desk: Desk, name: str) -> dict[str, Any]:
    return desk.row(f"There is no template {name}.", "select * from templates where name = ?", name)
