"""The CRM's tables and how a connection to them is opened; money is always integer cents of EUR."""

import sqlite3
from pathlib import Path
from typing import Any

TABLES = """
create table staff (staff_id text primary key, name text not null, email text not null, team text not null);
create table customers (
    customer_id text primary key, name text not null, email text not null unique, phone text not null,
    street text not null, postcode text not null, city text not null, country text not null,
    customer_since text not null, marketing_consent integer not null, credit_cents integer not null default 0,
    language text not null, blocked integer not null default 0);
create table notes (note_id integer primary key, customer_id text not null references customers,
    at text not null, author text not null, text text not null);
create table tags (customer_id text not null references customers, tag text not null, primary key (customer_id, tag));
create table suppliers (supplier_id text primary key, name text not null, email text not null,
    country text not null, lead_time_days integer not null);
create table products (
    sku text primary key, name text not null, category text not null, description text not null,
    price_cents integer not null, stock integer not null, reorder_at integer not null,
    supplier_id text not null references suppliers, active integer not null default 1);
create table purchase_orders (purchase_order_id integer primary key, supplier_id text not null references suppliers,
    sku text not null references products, quantity integer not null, status text not null, ordered_on text not null);
create table orders (
    order_id integer primary key, customer_id text references customers, status text not null,
    placed_on text not null, delivered_on text, ship_to text not null, on_hold text);
create table order_lines (
    order_id integer not null references orders, position integer not null, sku text not null references products,
    quantity integer not null, price_cents integer not null, primary key (order_id, position));
create table payments (payment_id integer primary key, order_id integer not null references orders,
    method text not null, amount_cents integer not null, status text not null, at text not null);
create table refunds (refund_id integer primary key, order_id integer not null references orders,
    amount_cents integer not null, reason text not null, at text not null);
create table shipments (shipment_id integer primary key, order_id integer not null references orders,
    carrier text not null, tracking text not null, status text not null, shipped_on text not null);
create table returns (return_id integer primary key, order_id integer not null references orders,
    sku text not null, quantity integer not null, reason text not null, status text not null, at text not null);
create table invoices (invoice_id text primary key, order_id integer not null references orders,
    issued_on text not null, due_on text not null, total_cents integer not null, reminders integer not null default 0);
create table vouchers (code text primary key, customer_id text references customers, amount_cents integer not null,
    left_cents integer not null, expires_on text not null, status text not null);
create table tickets (
    ticket_id integer primary key, customer_id text not null references customers,
    order_id integer references orders, subject text not null, status text not null, priority text not null,
    assignee text references staff, opened_on text not null);
create table ticket_messages (message_id integer primary key, ticket_id integer not null references tickets,
    at text not null, author text not null, text text not null, internal integer not null default 0);
create table mail (message_id text primary key, customer_id text, address text not null, subject text not null,
    body text not null, at text not null);
create table templates (name text primary key, subject text not null, body text not null);
create table articles (article_id text primary key, title text not null, body text not null,
    published integer not null, updated_on text not null);
create table webhooks (webhook_id integer primary key, url text not null, event text not null, active integer not null);
create table settings (key text primary key, value text not null);
create table exports (export_id integer primary key, address text not null, tables text not null,
    rows integer not null, at text not null);
create table ledger (id integer primary key autoincrement, at text not null, tool text not null,
    arguments text not null, effect text not null);
create index orders_by_customer on orders (customer_id);
create index tickets_by_customer on tickets (customer_id);
create index refunds_by_order on refunds (order_id);
create view order_sums as
    select o.*, coalesce(c.name, '(erased)') as customer_name,
        coalesce((select sum(quantity * price_cents) from order_lines l where l.order_id = o.order_id), 0)
            as total_cents,
        coalesce((select sum(amount_cents) from refunds r where r.order_id = o.order_id), 0) as refunded_cents
    from orders o left join customers c using (customer_id);
"""

BUSY_TIMEOUT_SECONDS = 30


def as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: whoever changes anything says `begin immediate` and `commit` itself."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)
    connection.row_factory = as_dict
    # FULL because tests kill this process and then ask the file what really happened.
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    return connection
