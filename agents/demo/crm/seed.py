"""Fills a new database from a seed number: the same number and day give the same file content, bit by bit."""

import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

from agents.demo.crm import schema, words_goods, words_people
from agents.demo.crm.seed_orders import plant_orders
from agents.demo.crm.seed_people import plant_people
from agents.demo.crm.seed_tickets import plant_tickets
from agents.demo.crm.seed_traps import plant_traps


def seed(path: Path, *, number: int, today: date) -> None:
    """Writes beside the file and renames at the end, so that a killed start leaves no half-filled database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(schema.connect(unfinished)) as db:
        db.executescript(f"begin; {schema.TABLES}")
        plant(db, Random(number), today)
        db.execute("commit")
    unfinished.replace(path)


def plant(db: sqlite3.Connection, chance: Random, today: date) -> None:
    plant_shop(db, chance, today)
    people = plant_people(db, chance, today)
    orders = plant_orders(db, chance, today, people)
    plant_tickets(db, chance, today, people, orders)
    plant_traps(db, today, people, orders)


def plant_shop(db: sqlite3.Connection, chance: Random, today: date) -> None:
    domain = "fjell-og-tarn.example"
    staff = [(number, name, f"{number.lower()}@{domain}", team) for number, name, team in words_people.STAFF]
    db.executemany("insert into staff values (?, ?, ?, ?)", staff)
    db.executemany("insert into suppliers values (?, ?, ?, ?, ?)", words_goods.SUPPLIERS)
    for sku, name, category, price, supplier, description in words_goods.PRODUCTS:
        stock = chance.choice((0, 2, 4, 11, 18, 25, 40, 63, 90))
        row = (sku, name, category, description, price, stock, 5, supplier, 1)
        db.execute("insert into products values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    for sku, _name, _category, _price, supplier, _description in chance.sample(words_goods.PRODUCTS, 8):
        purchase = (supplier, sku, chance.choice((10, 20, 50)), "ordered", today.isoformat())
        columns = "supplier_id, sku, quantity, status, ordered_on"
        db.execute(f"insert into purchase_orders ({columns}) values (?, ?, ?, ?, ?)", purchase)
    articles = [(*article, 1, today.isoformat()) for article in words_goods.ARTICLES]
    db.executemany("insert into articles values (?, ?, ?, ?, ?)", articles)
    db.executemany("insert into templates values (?, ?, ?)", words_goods.TEMPLATES)
    db.executemany("insert into settings values (?, ?)", words_goods.SETTINGS)
    db.executemany("insert into webhooks (url, event, active) values (?, ?, 1)", words_goods.WEBHOOKS)
