"""What the billing service keeps: charges, refunds, invoices, and one ledger row for every change that happened."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

CHARGES = 120
FIRST_CHARGE, FIRST_INVOICE, FIRST_REFUND = 1001, 2001, 3001
GOODS = (
    ("Two-person tent", 18900),
    ("Down jacket", 24900),
    ("Head torch", 3990),
    ("Trekking poles", 6450),
    ("Stove", 5900),
)
SCHEMA = """
create table charges (id text primary key, amount integer not null, amount_refunded integer not null default 0,
    currency text not null default 'eur', customer text not null, description text, created text not null);
create table refunds (number integer primary key, charge text not null references charges (id), amount integer not null,
    reason text, created text not null);
create table invoices (id text primary key, customer text not null, charge text, status text not null,
    total integer not null, lines text not null, created text not null);
create table keys (key text primary key, asked text not null, status integer not null, answer text not null);
create table ledger (id integer primary key, at text not null, operation text not null, arguments text not null,
    effect text not null);
"""


class Refusal(Exception):
    """What the service does not do: an HTTP status, a short code, and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def seed(path: Path, today: date) -> None:
    """The same charges on every machine, dated back from today."""
    chance = Random(7)
    with _opened(path) as db:
        db.executescript(SCHEMA)
        for place in range(CHARGES):
            name, price = GOODS[place % len(GOODS)]
            count = chance.choice((1, 1, 1, 2))
            customer, day = f"cus_{chance.randrange(1, 40)}", today - timedelta(days=CHARGES - place)
            charge = f"ch_{FIRST_CHARGE + place}"
            db.execute(
                "insert into charges (id, amount, customer, description, created) values (?, ?, ?, ?, ?)",
                (charge, price * count, customer, f"{count} × {name}", day.isoformat()),
            )
            open_still = place % 6 == 5
            lines = json.dumps([{"description": name, "quantity": count, "unit_amount": price}])
            status = "open" if open_still else "paid"
            db.execute(
                "insert into invoices values (?, ?, ?, ?, ?, ?, ?)",
                (
                    f"in_{FIRST_INVOICE + place}", customer, None if open_still else charge, status,
                    price * count, lines, day.isoformat(),
                ),
            )  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction; what it says is on the disk when it ends."""
    db = sqlite3.connect(path, timeout=30, isolation_level=None)
    db.row_factory = sqlite3.Row
    try:
        db.execute("pragma synchronous = full")
        db.execute("begin immediate")
        yield db
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.close()


class Books:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self) -> Iterator["Ledger"]:
        with _opened(self._path) as db:
            yield Ledger(db)


class Ledger:
    """The books during one request."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def balance(self) -> dict[str, Any]:
        row = self._db.execute(
            "select sum(amount) as charged, sum(amount_refunded) as refunded from charges"
        ).fetchone()
        available = row["charged"] - row["refunded"]
        return {"object": "balance", "charged": row["charged"], "refunded": row["refunded"], "available": available}

    def charge(self, charge: str) -> dict[str, Any]:
        return {"object": "charge", **self._one("charges", charge, "charge")}

    def describe(self, charge: str, description: str) -> dict[str, Any]:
        self.charge(charge)
        self._db.execute("update charges set description = ? where id = ?", (description, charge))
        self._note("update_charge", {"charge": charge, "description": description}, f"described {charge}")
        return self.charge(charge)

    def charges(self, customer: str | None, limit: int) -> dict[str, Any]:
        return self._list("charges", {"customer": customer}, limit)

    def refund(self, charge: str, amount: int | None, reason: str | None) -> dict[str, Any]:
        paid = self.charge(charge)
        left = paid["amount"] - paid["amount_refunded"]
        amount = left if amount is None else amount
        if amount < 1:
            raise Refusal(400, "amount_too_small", "An amount is at least 1 cent.")
        if amount > left:
            raise Refusal(402, "amount_too_large", f"{charge} has {left} cents left to refund, not {amount}.")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        number = self._db.execute("select coalesce(max(number), ?) + 1 from refunds", (FIRST_REFUND - 1,)).fetchone()[0]
        self._db.execute("insert into refunds values (?, ?, ?, ?, ?)", (number, charge, amount, reason, now))
        self._db.execute("update charges set amount_refunded = amount_refunded + ? where id = ?", (amount, charge))
        given = {"charge": charge, "amount": amount, "reason": reason}
        self._note("create_refund", given, f"refunded {amount} cents of {charge}")
        return self.one_refund(f"re_{number}")

    def one_refund(self, refund: str) -> dict[str, Any]:
        number = refund.removeprefix("re_")
        row = self._db.execute("select * from refunds where number = ?", (number,)).fetchone()
        if row is None:
            raise Refusal(404, "resource_missing", f"There is no refund {refund}.")
        return _refund(row)

    def refunds(self, charge: str | None, limit: int) -> dict[str, Any]:
        rows = self._db.execute(
            "select * from refunds where ? is null or charge = ? order by number desc limit ?", (charge, charge, limit)
        ).fetchall()
        return {"object": "list", "data": [_refund(row) for row in rows]}

    def invoice(self, invoice: str) -> dict[str, Any]:
        found = self._one("invoices", invoice, "invoice")
        return {"object": "invoice", **found, "lines": json.loads(found["lines"])}

    def invoices(self, customer: str | None, status: str | None, limit: int) -> dict[str, Any]:
        listed = self._list("invoices", {"customer": customer, "status": status}, limit)
        for one in listed["data"]:
            del one["lines"]
        return listed

    def void(self, invoice: str) -> dict[str, Any]:
        if self.invoice(invoice)["status"] != "open":
            raise Refusal(400, "invoice_not_open", f"{invoice} is not open, so it cannot be voided.")
        self._db.execute("update invoices set status = 'void' where id = ?", (invoice,))
        self._note("void_invoice", {"invoice": invoice}, f"voided {invoice}")
        return self.invoice(invoice)

    def answered_before(self, key: str) -> tuple[str, int, str] | None:
        """What was asked and answered under this key."""
        row = self._db.execute("select asked, status, answer from keys where key = ?", (key,)).fetchone()
        return (row["asked"], row["status"], row["answer"]) if row else None

    def keep(self, key: str, asked: str, status: int, answer: str) -> None:
        self._db.execute("insert into keys values (?, ?, ?, ?)", (key, asked, status, answer))

    def _one(self, table: str, id: str, what: str) -> dict[str, Any]:
        row = self._db.execute(f"select * from {table} where id = ?", (id,)).fetchone()
        if row is None:
            raise Refusal(404, "resource_missing", f"There is no {what} {id}.")
        return dict(row)

    def _list(self, table: str, where: dict[str, str | None], limit: int) -> dict[str, Any]:
        given = {name: value for name, value in where.items() if value is not None}
        conditions = " and ".join(f"{name} = :{name}" for name in given) or "true"
        query = f"select * from {table} where {conditions} order by id desc limit :limit"
        return {"object": "list", "data": [dict(row) for row in self._db.execute(query, {**given, "limit": limit})]}

    def _note(self, operation: str, arguments: dict[str, Any], effect: str) -> None:
        self._db.execute(
            "insert into ledger (at, operation, arguments, effect) values (?, ?, ?, ?)",
            (datetime.now(UTC).isoformat(), operation, json.dumps(arguments), effect),
        )


def _refund(row: sqlite3.Row) -> dict[str, Any]:
    one = dict(row)
    return {"id": f"re_{one.pop('number')}", "object": "refund", "status": "succeeded", **one}


def read_ledger(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """What really changed, oldest first: (operation, arguments); opened read-only."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        rows = db.execute("select operation, arguments from ledger order by id").fetchall()
    finally:
        db.close()
    return [(operation, json.loads(arguments)) for operation, arguments in rows]
