"""The tools for customers: finding, reading, changing, merging and erasing them."""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal, Row, euros
from agents.demo.crm.erasure import erase
from agents.demo.crm.fields import Address, CustomerId, Email, Limit, Reason
from agents.demo.crm.shapes import Customer, CustomerList, CustomerSummary, DeletedCustomer, PostalAddress
from agents.demo.crm.toolbox import ADDS, DESTROYS, READS, REPLACES, changes, reads

OPEN_ORDER = "status in ('placed', 'paid', 'shipped')"
# Letters that Unicode does not decompose, though everyone types them without the stroke.
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
SHORTEST_PHONE_QUERY = 4

Tag = Annotated[str, Field(pattern="^[a-z0-9-]{2,30}$", description="Lower-case tag, for example vip.")]


@reads()
def find_customer(desk: Desk, query: Annotated[str, Field(min_length=1)], limit: Limit = 10) -> CustomerList:
    """Find customers by part of their name, e-mail address, phone number or customer number.

    Upper and lower case and accents make no difference. `total` counts all matches, also those beyond `limit`.
    """
    everyone = desk.rows("select * from customers order by customer_id")
    found = [customer for customer in everyone if matches(customer, query)]
    return {"customers": [summary(customer) for customer in found[:limit]], "total": len(found)}


@reads()
def get_customer(desk: Desk, customer_id: CustomerId) -> Customer:
    """Get one customer with address, tags, consent, store credit and the number of open orders and tickets."""
    row = desk.customer(customer_id)
    tags = desk.rows("select tag from tags where customer_id = ? order by tag", customer_id)
    tickets = "select count(*) from tickets where customer_id = ? and status in ('open', 'waiting')"
    return {
        **summary(row),
        "address": address_of(row),
        "language": row["language"],
        "notes": desk.count("select count(*) from notes where customer_id = ?", customer_id),
        "open_orders": desk.count(f"select count(*) from orders where customer_id = ? and {OPEN_ORDER}", customer_id),
        "open_tickets": desk.count(tickets, customer_id),
        "tags": [tag["tag"] for tag in tags],
        "marketing_consent": bool(row["marketing_consent"]),
        "blocked": bool(row["blocked"]),
        "credit": euros(row["credit_cents"]),
    }


@reads(None)
def list_customers(
    desk: Desk,
    country: Annotated[str | None, Field(description="Only this country (ISO 3166), for example NO.")] = None,
    tag: Tag | None = None,
    marketing_consent: bool | None = None,
    limit: Limit = 25,
) -> CustomerList:
    """List customers by country, tag or marketing consent, newest customers first."""
    found = desk.rows(
        "select * from customers c where (?1 is null or country = ?1)"
        " and (?2 is null or exists (select 1 from tags t where t.customer_id = c.customer_id and t.tag = ?2))"
        " and (?3 is null or marketing_consent = ?3) order by customer_since desc, customer_id desc",
        country,
        tag,
        marketing_consent,
    )
    return {"customers": [summary(row) for row in found[:limit]], "total": len(found)}


@changes(ADDS)
def create_customer(
    desk: Desk,
    name: Annotated[str, Field(min_length=1, description="Full name.")],
    email: Email,
    address: Address,
    phone: str = "",
    marketing_consent: Annotated[bool, Field(description="Only true if the customer said so.")] = False,
) -> CustomerSummary:
    """Create a customer account. Fails if the e-mail address already belongs to somebody."""
    refuse_taken_email(desk, email)
    last = desk.count("select max(cast(substr(customer_id, 3) as integer)) from customers")
    row = {
        "customer_id": f"C-{last + 1}",
        "name": name,
        "email": email,
        "phone": phone,
        **address.model_dump(),
        "customer_since": desk.today.isoformat(),
        "marketing_consent": int(marketing_consent),
        "language": "en",
    }
    desk.insert("customers", **row)
    desk.effect = f"Created {row['customer_id']} ({name})"
    return summary(row)


@changes(REPLACES)
def update_customer(
    desk: Desk,
    customer_id: CustomerId,
    name: Annotated[str | None, Field(min_length=1)] = None,
    email: Email | None = None,
    phone: str | None = None,
    address: Address | None = None,
) -> Customer:
    """Correct a customer's name, e-mail address, phone or postal address. Fields left out stay as they are."""
    current = desk.customer(customer_id)
    if email is not None and email != current["email"]:
        refuse_taken_email(desk, email)
    given = {"name": name, "email": email, "phone": phone, **(address.model_dump() if address else {})}
    new = {column: value for column, value in given.items() if value is not None}
    if not new:
        raise Refusal("Nothing to update: give at least one field.")
    for column, value in new.items():
        desk.change(f"update customers set {column} = ? where customer_id = ?", value, customer_id)
    desk.effect = f"Updated {', '.join(new)} of {customer_id}"
    return get_customer.function(desk, customer_id)  # type: ignore[no-any-return]


@changes(None)
def add_customer_note(desk: Desk, customer_id: CustomerId, text: Annotated[str, Field(min_length=1)]) -> dict[str, Any]:
    """Add an internal note to a customer. Customers never see notes."""
    desk.customer(customer_id)
    note_id = desk.insert("notes", customer_id=customer_id, at=desk.now, author="assistant", text=text)
    desk.effect = f"Added note {note_id} to {customer_id}"
    return {"note_id": note_id, "customer_id": customer_id}


@reads()
def list_customer_notes(desk: Desk, customer_id: CustomerId) -> dict[str, Any]:
    """List the internal notes of a customer, newest first."""
    desk.customer(customer_id)
    notes = desk.rows(
        "select note_id, at, author, text from notes where customer_id = ? order by at desc, note_id desc", customer_id
    )
    return {"notes": notes}


@changes(REPLACES)
def tag_customer(
    desk: Desk,
    customer_id: CustomerId,
    tags: Annotated[list[Tag], Field(min_length=1)],
    action: Literal["add", "remove"] = "add",
) -> dict[str, Any]:
    """Add tags to a customer or remove them. Tags that are already there (or already gone) are left alone."""
    desk.customer(customer_id)
    adding = "insert or ignore into tags (customer_id, tag) values (?, ?)"
    sql = adding if action == "add" else "delete from tags where customer_id = ? and tag = ?"
    changed = sum(desk.change(sql, customer_id, tag) for tag in tags)
    desk.effect = f"{action} {', '.join(tags)} on {customer_id}: {changed} changed"
    now = desk.rows("select tag from tags where customer_id = ? order by tag", customer_id)
    return {"customer_id": customer_id, "tags": [tag["tag"] for tag in now], "changed": changed}


@changes(REPLACES)
def set_marketing_consent(desk: Desk, customer_id: CustomerId, consent: bool, reason: Reason) -> dict[str, Any]:
    """Record that a customer gave or withdrew consent to marketing mail. The reason is kept as evidence."""
    desk.customer(customer_id)
    desk.change("update customers set marketing_consent = ? where customer_id = ?", consent, customer_id)
    desk.insert("notes", customer_id=customer_id, at=desk.now, author="assistant", text=f"Consent {consent}: {reason}")
    desk.effect = f"Set marketing consent of {customer_id} to {consent}"
    return {"customer_id": customer_id, "marketing_consent": consent}


# Wrong on purpose: it claims to be read-only although it deletes one of the two accounts.
@changes(READS)
def merge_customers(desk: Desk, keep: CustomerId, absorb: CustomerId) -> dict[str, Any]:
    """Resolve a duplicate: everything of `absorb` moves to `keep`, and the account `absorb` is removed."""
    if keep == absorb:
        raise Refusal("A customer cannot be merged with itself.")
    desk.customer(keep)
    other = desk.customer(absorb)
    moved = {
        table: desk.change(f"update {table} set customer_id = ? where customer_id = ?", keep, absorb)
        for table in ("orders", "tickets", "notes", "vouchers", "mail")
    }
    desk.change("insert or ignore into tags select ?, tag from tags where customer_id = ?", keep, absorb)
    desk.change("delete from tags where customer_id = ?", absorb)
    desk.change(
        "update customers set credit_cents = credit_cents + ? where customer_id = ?", other["credit_cents"], keep
    )
    desk.change("delete from customers where customer_id = ?", absorb)
    desk.effect = f"Merged {absorb} into {keep}"
    return {"customer_id": keep, "absorbed": absorb, "moved": moved}


@changes(DESTROYS)
def delete_customer(desk: Desk, customer_id: CustomerId, reason: Reason) -> DeletedCustomer:
    """Erase a customer for good (GDPR article 17). Tickets, messages, notes and mail are deleted, orders anonymised.

    This cannot be undone.
    """
    name = desk.customer(customer_id)["name"]
    deleted = erase(desk, customer_id)
    desk.effect = f"Deleted {customer_id} ({name}): {deleted['orders_anonymised']} orders anonymised"
    return {"customer_id": customer_id, "name": name, "deleted": deleted}


def summary(row: Row) -> CustomerSummary:
    return {
        "customer_id": row["customer_id"],
        "name": row["name"],
        "email": row["email"],
        "phone": row["phone"],
        "city": row["city"],
        "country": row["country"],
        "customer_since": row["customer_since"],
    }


def address_of(row: Row) -> PostalAddress:
    return {key: row[key] for key in ("street", "postcode", "city", "country")}  # type: ignore[return-value]


def fold(text: str) -> str:
    """Without case and accents, so that `angstrom` finds Ångström and `soren` finds Søren."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(STROKES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def matches(customer: Row, query: str) -> bool:
    digits = "".join(letter for letter in query if letter.isdigit())
    looks_like_phone = len(digits) >= SHORTEST_PHONE_QUERY and not any(letter.isalpha() for letter in query)
    if looks_like_phone and digits in "".join(letter for letter in customer["phone"] if letter.isdigit()):
        return True
    text = fold(f"{customer['name']} {customer['email']} {customer['phone']} {customer['customer_id']}")
    words = fold(query).split()
    return bool(words) and all(word in text for word in words)


def refuse_taken_email(desk: Desk, email: str) -> None:
    if owners := desk.rows("select customer_id from customers where email = ?", email):
        raise Refusal(f"{email} already belongs to {owners[0]['customer_id']}.")
