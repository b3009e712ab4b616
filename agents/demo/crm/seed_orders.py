"""Plants the orders with lines, payments, shipments, invoices and refunds; numbers rise with the date."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from agents.demo.crm.seed_people import Person
from agents.demo.crm.words_goods import PRODUCTS

ORDERS = 900
FIRST_ORDER = 1001
# Deliveries of the last days for the first customers, so that every demo finds a small and a large refund to decide.
RECENT_DELIVERIES = 14
SMALL_REFUND_CENTS = 5000
CARRIERS = ("Nordpost", "Pakkeriet", "EuroKurier", "Snailmail")
METHODS = ("card", "card", "card", "invoice", "transfer", "wallet")

Line = tuple[str, int, int]  # sku, quantity, price in cents
Product = tuple[str, str, str, int, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """`kind` is `cheap` or `dear` for the recent deliveries and empty for all others."""

    order_id: int
    person: Person
    item: str
    placed_on: date
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order before it has a number."""

    days_ago: int
    person: Person
    status: str
    lines: list[Line]
    kind: str = ""

    @property
    def total_cents(self) -> int:
        return sum(quantity * price for _sku, quantity, price in self.lines)


def plant_orders(db: sqlite3.Connection, chance: Random, today: date, people: list[Person]) -> list[Planted]:
    plans = [recent_delivery(chance, people[index], index) for index in range(RECENT_DELIVERIES)]
    plans += [ordinary(chance, today, chance.choice(people)) for _ in range(ORDERS - RECENT_DELIVERIES)]
    plans.sort(key=lambda plan: -plan.days_ago)
    return [plant_order(db, chance, today, number, plan) for number, plan in enumerate(plans, start=FIRST_ORDER)]


def recent_delivery(chance: Random, person: Person, index: int) -> Plan:
    kind = "cheap" if index % 2 else "dear"
    cheap = [product for product in PRODUCTS if product[3] < SMALL_REFUND_CENTS]
    dear = [product for product in PRODUCTS if product[3] > SMALL_REFUND_CENTS]
    sku, _name, _category, price, *_rest = chance.choice(cheap if kind == "cheap" else dear)
    return Plan(days_ago=8 + index % 5, person=person, status="delivered", lines=[(sku, 1, price)], kind=kind)


def ordinary(chance: Random, today: date, person: Person) -> Plan:
    days_ago = int(min(700, (today - person.since).days) * chance.random() ** 2)  # the shop is growing
    chosen = chance.sample(PRODUCTS, chance.choice((1, 1, 1, 2, 2, 3, 4)))
    lines = [(product[0], chance.choice((1, 1, 1, 1, 2, 3)), product[3]) for product in chosen]
    return Plan(days_ago=days_ago, person=person, status=status_after(chance, days_ago), lines=lines)


def status_after(chance: Random, days_ago: int) -> str:
    if chance.random() < 0.04:
        return "cancelled"
    if days_ago < 2:
        return chance.choice(("placed", "placed", "paid"))
    if days_ago < 5:
        return chance.choice(("placed", "paid", "shipped"))
    if days_ago < 9:
        return "shipped"
    return "returned" if chance.random() < 0.03 else "delivered"


def plant_order(db: sqlite3.Connection, chance: Random, today: date, number: int, plan: Plan) -> Planted:
    placed = today - timedelta(days=plan.days_ago)
    arrived = plan.status in ("delivered", "returned")
    delivered = (placed + timedelta(days=chance.randint(3, 7))).isoformat() if arrived else None
    row = (number, plan.person.customer_id, plan.status, placed.isoformat(), delivered, plan.person.ship_to)
    columns = "order_id, customer_id, status, placed_on, delivered_on, ship_to"
    db.execute(f"insert into orders ({columns}) values (?, ?, ?, ?, ?, ?)", row)
    lines = [(number, position, *line) for position, line in enumerate(plan.lines, start=1)]
    db.executemany("insert into order_lines values (?, ?, ?, ?, ?)", lines)
    plant_papers(db, chance, number, plan, placed)
    names = {product[0]: product[1] for product in PRODUCTS}
    return Planted(order_id=number, person=plan.person, item=names[plan.lines[0][0]], placed_on=placed, kind=plan.kind)


def plant_papers(db: sqlite3.Connection, chance: Random, number: int, plan: Plan, placed: date) -> None:
    total, at = plan.total_cents, f"{placed}T{chance.randint(7, 22):02d}:{chance.randint(0, 59):02d}:00"
    if plan.status not in ("placed", "cancelled"):
        payment = (number, chance.choice(METHODS), total, "captured", at)
        columns = "order_id, method, amount_cents, status, at"
        db.execute(f"insert into payments ({columns}) values (?, ?, ?, ?, ?)", payment)
    if plan.status in ("shipped", "delivered", "returned"):
        plant_shipment(db, chance, number, plan.status, placed + timedelta(days=1))
        invoice = (f"INV-{number}", number, placed.isoformat(), (placed + timedelta(days=14)).isoformat(), total, 0)
        db.execute("insert into invoices values (?, ?, ?, ?, ?, ?)", invoice)
    refunded = {"returned": total, "delivered": total // 4 if chance.random() < 0.05 else 0}.get(plan.status, 0)
    if refunded and not plan.kind:
        refund = (number, refunded, chance.choice(("returned", "arrived damaged", "late delivery")), at)
        db.execute("insert into refunds (order_id, amount_cents, reason, at) values (?, ?, ?, ?)", refund)
    if plan.status == "returned":
        sku, quantity, _price = plan.lines[0]
        back = (number, sku, quantity, "changed my mind", "received", at)
        db.execute("insert into returns (order_id, sku, quantity, reason, status, at) values (?, ?, ?, ?, ?, ?)", back)


def plant_shipment(db: sqlite3.Connection, chance: Random, number: int, status: str, shipped: date) -> None:
    carrier = chance.choice(CARRIERS)
    state = "in transit" if status == "shipped" else "delivered"
    row = (number, carrier, f"{carrier[:2].upper()}{number:06d}{shipped:%y%m%d}", state, shipped.isoformat())
    columns = "order_id, carrier, tracking, status, shipped_on"
    db.execute(f"insert into shipments ({columns}) values (?, ?, ?, ?, ?)", row)
