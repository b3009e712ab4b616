"""Plants the tickets with their conversations, the vouchers and the mail sent so far."""

import sqlite3
from datetime import date, timedelta
from random import Random

from agents.demo.crm.seed_orders import Planted
from agents.demo.crm.seed_people import Person
from agents.demo.crm.words_goods import TEMPLATES
from agents.demo.crm.words_people import STAFF
from agents.demo.crm.words_tickets import RECENT, SPECIAL, TALKS

TICKETS = 200
FIRST_TICKET = 7001
VOUCHERS = 40
LETTERS = 60

Talk = tuple[int, Person, int | None, str, list[tuple[str, str]]]  # days ago, who, order, subject, (author, text)s


def plant_tickets(
    db: sqlite3.Connection, chance: Random, today: date, people: list[Person], orders: list[Planted]
) -> None:
    talks = [recent(chance, order) for order in orders if order.kind]
    talks += [special(chance, people, index) for index in range(len(SPECIAL))]
    talks += [ordinary(chance, today, people, orders) for _ in range(TICKETS - len(talks))]
    talks.sort(key=lambda talk: -talk[0])
    for number, talk in enumerate(talks, start=FIRST_TICKET):
        plant_ticket(db, chance, today, number, talk)
    plant_vouchers(db, chance, today, people)
    plant_mail(db, chance, today)


def recent(chance: Random, order: Planted) -> Talk:
    subject, text = (words.format(**facts(order)) for words in RECENT[order.kind])
    return chance.randint(0, 1), order.person, order.order_id, subject, [(order.person.name, text)]


def special(chance: Random, people: list[Person], index: int) -> Talk:
    person, victim = chance.sample(people, 2)
    subject, text = SPECIAL[index]
    return 2, person, None, subject, [(person.name, text.replace("{victim}", victim.customer_id))]


def ordinary(chance: Random, today: date, people: list[Person], orders: list[Planted]) -> Talk:
    subject, question, answer, about_order = chance.choice(TALKS)
    if not about_order:
        person = chance.choice(people)
        return chance.randint(0, 400), person, None, subject, talk(person, question, answer)
    order = chance.choice(orders)
    days_ago = max(0, (today - order.placed_on).days - chance.randint(1, 20))
    return days_ago, order.person, order.order_id, subject, talk(order.person, question.format(**facts(order)), answer)


def talk(person: Person, question: str, answer: str) -> list[tuple[str, str]]:
    return [(person.name, question)] + ([("Fjell & Tarn", answer)] if answer else [])


def facts(order: Planted) -> dict[str, object]:
    return {"item": order.item, "order": order.order_id, "name": order.person.name}


def plant_ticket(db: sqlite3.Connection, chance: Random, today: date, number: int, talk: Talk) -> None:
    days_ago, person, order_id, subject, messages = talk
    opened = today - timedelta(days=days_ago)
    answered = len(messages) > 1
    status = ("waiting" if answered else "open") if days_ago < 10 else chance.choice(("solved", "closed"))
    priority = chance.choice(("low", "normal", "normal", "normal", "high", "urgent"))
    assignee = chance.choice(STAFF)[0] if answered else None
    row = (number, person.customer_id, order_id, subject, status, priority, assignee, opened.isoformat())
    db.execute("insert into tickets values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    for hour, (author, text) in enumerate(messages, start=chance.randint(8, 15)):
        message = (number, f"{opened}T{hour:02d}:{chance.randint(0, 59):02d}:00", author, text)
        db.execute("insert into ticket_messages (ticket_id, at, author, text) values (?, ?, ?, ?)", message)


def plant_vouchers(db: sqlite3.Connection, chance: Random, today: date, people: list[Person]) -> None:
    for number in range(1, VOUCHERS + 1):
        amount = chance.choice((1000, 2000, 2500, 5000, 10000))
        owner = chance.choice(people).customer_id if chance.random() < 0.5 else None
        expires = today + timedelta(days=chance.randint(-120, 360))
        left = chance.choice((amount, amount, amount // 2, 0))
        row = (f"FT-{number:04d}-{chance.choice('BCDFGHKMNPQR')}{number % 10}", owner, amount, left)
        db.execute("insert into vouchers values (?, ?, ?, ?, ?, 'active')", (*row, expires.isoformat()))


def plant_mail(db: sqlite3.Connection, chance: Random, today: date) -> None:
    people = db.execute("select customer_id, name, email from customers order by customer_id").fetchall()
    days = sorted((chance.randint(1, 300) for _ in range(LETTERS)), reverse=True)
    for number, days_ago in enumerate(days, start=5001):
        person, (_name, subject, body) = chance.choice(people), chance.choice(TEMPLATES)
        at = f"{today - timedelta(days=days_ago)}T10:00:00"
        row = (f"M-{number}", person["customer_id"], person["email"], subject)
        text = body.replace("{name}", person["name"])
        db.execute("insert into mail values (?, ?, ?, ?, ?, ?)", (*row, text, at))
