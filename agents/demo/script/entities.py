"""Picks orders, tickets, customers, addresses, names and money out of free text; pure."""

import re
from dataclasses import dataclass, replace

from .money import Money, read_bare_amount, read_money
from .names import names_in

_SIGN = r"(?:\s*(?:numbers?|numero|num|no|nr|id|ids|n°|#|№|:|\.|is|=|-)){0,4}\s*"
_MORE = (
    r"(?:\s*(?:,|;|and|&|\+|or|und|plus|also|as well as|then)+\s*(?:also\s+)?(?:the\s+)?(?:orders?|"
    r"tickets?)?\s*#?\s*\d{3,6}\b(?!\s*(?:€|%|eur|percent))(?![.,]\d))*"
)
_ORDER = re.compile(
    rf"\b(?:orders?|ord|purchases?|bestellung(?:en)?|auftr[aä]ge?|commandes?|invoices?|po){_SIGN}(\d{{3,6}}\b{_MORE})"
)
_TICKET = re.compile(
    rf"\b(?:tickets?|tkt|cases?|messages?|complaints?|support requests?|enquiry|inquiry){_SIGN}(\d{{3,6}}\b{_MORE})"
)
_CUSTOMER = re.compile(
    rf"\bc\s?[-–_#]?\s?(\d{{3,6}})\b|\b(?:customers?|cust|client|kunde|kundin|account){_SIGN}(?:c-?)?(\d{{3,6}})\b"
)
_CUSTOMER_ID = re.compile(r"\bc\s?[-–_#]\s?\d+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DATE = re.compile(
    r"\b\d{4}-\d\d?-\d\d?\b|\b\d\d?[./]\d\d?[./]\d{2,4}\b|\b(?:in|since|of|from|year|may|june|july)\s+(?:19|"
    r"20)\d\d\b(?!\s*(?:€|eur))"
)
_PHONE = re.compile(r"\+\d[\d\s()/-]{6,}\d|\b\d{7,}\b")
_BARE = re.compile(r"(?<![\w.,€$£-])#?\s?(\d{4,6})\b(?!\s*(?:€|%|eur|percent|days|grams|watts|km|ml|mm))(?![.,]\d)")
_LETTER_TO = re.compile(
    r"\b(?:write|wrote|mail|email|e-mail|confirm\w*|notify|inform|reply|answer|receipt|reach\w*|contact|message|"
    r"note|know|send|tell)\b"
    r"(?:(?!\bmoney\b|\bback\b|[;\n]).){0,70}$"
)
_UNCLEAR = re.compile(
    r"\b(?:except|apart from|all but|minus|excluding|everything but|but not the|other than|not enough|too little)\b|"
    r"\bbetween\s+(?:€|eur)?\s*\d|(?<![\d.,])\d{1,3}(?:[.,]\d\d)?\s*(?:€|eur\w*)?\s*(?:or|to|–|-)\s*\d{1,3}(?:[.,]\d\d)?\s*(?:€|eur)"
)
_AMOUNT_ON = re.compile(
    r"\b(?:refund|reimburse|pay back|give back)\s+(\d{4,6})"
    r"(?=\s+(?:on|for|from|to)\s+(?:the\s+)?(?:order\s*)?#?\s?\d{4})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """What a text names; `write_at` is an address that a letter should go to rather than the customer's own."""

    orders: tuple[int, ...] = ()
    tickets: tuple[int, ...] = ()
    customers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    write_at: str = ""
    money: Money = Money()
    bare_amount: tuple[tuple[int, float], ...] = ()
    unclear_amount: bool = False

    @property
    def any_subject(self) -> bool:
        return bool(self.orders or self.tickets or self.customers or self.emails or self.names)

    @property
    def any_money(self) -> bool:
        return bool(self.money.euros or self.money.share is not None or self.money.full)


class _Reader:
    """Takes matches out of the text one pattern at a time, so that no number is read twice."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        hits = list(pattern.finditer(self.text))
        for hit in hits:
            self.text = self.text[: hit.start()] + " " * len(hit[0]) + self.text[hit.end() :]
        return hits


def entities_in(text: str) -> Entities:
    """Everything the text names; `text` in its own capitals, as those mark names."""
    reader = _Reader(_lower(text))
    emails = reader.take(_EMAIL)
    reader.take(_DATE)
    reader.take(_PHONE)
    customers = tuple(f"C-{hit[1] or hit[2]}" for hit in reader.take(_CUSTOMER))
    tickets, strays = _split(reader.take(_TICKET), "order")
    orders, others = _split(reader.take(_ORDER), "ticket")
    orders, tickets = (*strays, *orders), (*tickets, *others)
    large = tuple((hit.start(1), float(hit[1])) for hit in reader.take(_AMOUNT_ON))
    money, reader.text = read_money(reader.text)
    money = replace(money, euros=(*money.euros, *large))
    if not (customers and not orders and not tickets and money.euros):
        loose = [int(hit[1]) for hit in reader.take(_BARE)]
        tickets += tuple(value for value in loose if 7000 <= value < 8000)
        orders += tuple(value for value in loose if not 7000 <= value < 8000)
    at = next((hit for hit in emails if _LETTER_TO.search(_lower(text)[: hit.start()])), None)
    return Entities(
        orders=tuple(dict.fromkeys(orders)),
        tickets=tuple(dict.fromkeys(tickets)),
        customers=tuple(dict.fromkeys(customers)),
        emails=tuple(dict.fromkeys(hit[0] for hit in emails if hit is not at)),
        write_at=at[0] if at else "",
        names=names_in(_CUSTOMER_ID.sub("customer", _EMAIL.sub("someone", text))),
        money=_meant(money, reader.text),
        bare_amount=() if money.euros else read_bare_amount(reader.text),
        unclear_amount=bool(_UNCLEAR.search(_lower(text))),
    )


def _lower(text: str) -> str:
    """Lower case with every position kept."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _split(hits: list[re.Match[str]], other: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Numbers of this kind and of the other: in `order 1043 and ticket 7012` the second says what it is."""
    own: list[int] = []
    strays: list[int] = []
    for hit in hits:
        for word, digits in re.findall(r"(orders?|tickets?)?\s*#?\s*(\d{3,6})", hit[1]):
            (strays if word.startswith(other) else own).append(int(digits))
    return tuple(own), tuple(strays)


def _meant(money: Money, text: str) -> Money:
    """Without the share when `half` counts broken things rather than money."""
    counted = re.search(
        r"^[^.;]*?\s{4,}\s*of (?:the|them|her|his|my|their)\b[^.;,]*\b(?:is|are|was|were|arrived|broke)\b", text
    )
    return replace(money, share=None) if money.share and counted else money
