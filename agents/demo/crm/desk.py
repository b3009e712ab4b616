"""The desk: what one tool call sees of the database, plus the sentences it refuses with."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

Row = dict[str, Any]


class Refusal(ToolError):
    """The CRM would not do it, and says why in one sentence that the caller may read."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """One call's connection; a changing tool describes what it did in `effect`, which goes into the ledger."""

    db: sqlite3.Connection
    today: date
    effect: str = ""

    @property
    def now(self) -> str:
        """The desk's date with the real time of day, to the second."""
        return datetime.combine(self.today, datetime.now(UTC).time()).isoformat(timespec="seconds")

    def rows(self, sql: str, *values: object) -> list[Row]:
        found: list[Row] = self.db.execute(sql, values).fetchall()
        return found

    def row(self, refusal: str, sql: str, *values: object) -> Row:
        """The first row, or a `Refusal` in the given words."""
        if not (found := self.rows(sql, *values)):
            raise Refusal(refusal)
        return found[0]

    def count(self, sql: str, *values: object) -> int:
        return int(next(iter(self.rows(sql, *values)[0].values())) or 0)

    def insert(self, table: str, **columns: object) -> int:
        """The new row's number (only meaningful where the primary key is an integer)."""
        marks = ", ".join("?" * len(columns))
        cursor = self.db.execute(
            f"insert into {table} ({', '.join(columns)}) values ({marks})", tuple(columns.values())
        )
        return cursor.lastrowid or 0

    def change(self, sql: str, *values: object) -> int:
        """How many rows it touched."""
        return self.db.execute(sql, values).rowcount

    def customer(self, customer_id: str) -> Row:
        return self.row(
            f"There is no customer {customer_id}.", "select * from customers where customer_id = ?", customer_id
        )

    def order(self, order_id: int) -> Row:
        return self.row(f"There is no order {order_id}.", "select * from order_sums where order_id = ?", order_id)

    def ticket(self, ticket_id: int) -> Row:
        return self.row(f"There is no ticket {ticket_id}.", "select * from tickets where ticket_id = ?", ticket_id)

    def product(self, sku: str) -> Row:
        return self.row(f"There is no product {sku}.", "select * from products where sku = ?", sku)


def cents(amount: float) -> int:
    """Integer cents; refuses half-cents instead of rounding somebody's money."""
    exact = Decimal(str(amount)) * 100
    if exact != exact.to_integral_value():
        raise Refusal(f"An amount of money has at most two decimals, not {amount}.")
    return int(exact)


def euros(amount_cents: int) -> float:
    return round(amount_cents / 100, 2)


def money(amount_cents: int) -> str:
    return f"{amount_cents / 100:.2f} EUR"
