"""Plants the customers with their notes and tags."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from agents.demo.crm import words_goods
from agents.demo.crm.tools_customers import fold
from agents.demo.crm.words_people import COUNTRIES, MAIL_DOMAINS, Country

CUSTOMERS = 300
FIRST_CUSTOMER = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    customer_id: str
    name: str
    since: date
    ship_to: str


def plant_people(db: sqlite3.Connection, chance: Random, today: date) -> list[Person]:
    """In the order of their numbers, which is also the order in which they became customers."""
    days = sorted((chance.randint(20, 2200) for _ in range(CUSTOMERS)), reverse=True)
    emails: set[str] = set()
    people = []
    for number, days_ago in enumerate(days, start=FIRST_CUSTOMER):
        country = chance.choices(COUNTRIES, [country.weight for country in COUNTRIES])[0]
        name = f"{chance.choice(country.first)} {chance.choice(country.last)}".replace("_", " ")
        person = plant_person(db, chance, country, f"C-{number}", name, today - timedelta(days=days_ago), emails)
        people.append(person)
        plant_remarks(db, chance, person, today)
    return people


def plant_person(
    db: sqlite3.Connection, chance: Random, country: Country, customer_id: str, name: str, since: date, emails: set[str]
) -> Person:
    street = country.street.format(name=chance.choice(country.streets), number=chance.randint(1, 120))
    postcode, city = digits(chance, country.postcode), chance.choice(country.towns)
    row = {
        "customer_id": customer_id,
        "name": name,
        "email": new_email(chance, name, customer_id, emails),
        "phone": digits(chance, country.phone),
        "street": street,
        "postcode": postcode,
        "city": city,
        "country": country.code,
        "customer_since": since.isoformat(),
        "marketing_consent": int(chance.random() < 0.4),
        "credit_cents": chance.choice((0, 0, 0, 0, 0, 0, 0, 500, 1000, 2550)),
        "language": country.language,
        "blocked": int(chance.random() < 0.01),
    }
    marks = ", ".join("?" * len(row))
    db.execute(f"insert into customers ({', '.join(row)}) values ({marks})", tuple(row.values()))
    return Person(
        customer_id=customer_id, name=name, since=since, ship_to=f"{street}, {postcode} {city}, {country.code}"
    )


def plant_remarks(db: sqlite3.Connection, chance: Random, person: Person, today: date) -> None:
    for text in chance.sample(words_goods.NOTES, chance.choice((0, 0, 0, 1, 1, 2))):
        at = f"{today - timedelta(days=chance.randint(1, 400))}T{chance.randint(9, 16):02d}:15:00"
        row = (person.customer_id, at, f"S-0{chance.randint(1, 7)}", text)
        db.execute("insert into notes (customer_id, at, author, text) values (?, ?, ?, ?)", row)
    for tag in chance.sample(words_goods.TAGS, chance.choice((0, 0, 0, 1, 1, 2))):
        db.execute("insert into tags values (?, ?)", (person.customer_id, tag))


def digits(chance: Random, pattern: str) -> str:
    """A phone number or postcode: every 9 behind the country code becomes a digit, never a leading zero."""
    head, space, tail = pattern.partition(" ") if pattern.startswith("+") else ("", "", pattern)
    return head + space + "".join(chance.choice("123456789") if sign == "9" else sign for sign in tail)


GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψως", "avgdezitiklmnxoprstyfhpos", strict=True))


def new_email(chance: Random, name: str, customer_id: str, taken: set[str]) -> str:
    """Unique, and ASCII as most people's addresses are."""
    latin = "".join(GREEK.get(letter, letter) for letter in fold(name))
    words = ["".join(letter for letter in word if letter.isascii() and letter.isalnum()) for word in latin.split()]
    first, last = words[0], "".join(words[1:])
    shapes = (f"{first}.{last}", f"{first[:1]}.{last}", f"{last}.{first}", f"{first}{chance.randint(61, 99)}")
    email = f"{chance.choice(shapes)}@{chance.choice(MAIL_DOMAINS)}"
    if email in taken:
        email = f"{first}.{last}.{customer_id[2:]}@{chance.choice(MAIL_DOMAINS)}"
    taken.add(email)
    return email
