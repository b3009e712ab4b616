"""Reads amounts of money and shares out of free text; pure."""

import re
from dataclasses import dataclass

_NUMBER = r"(?<![\d.,])(?:\d{1,3}(?:[.,'\u00a0]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?!\d)"
_EURO = r"(?:€|euros?\b|eur\b|bucks\b)"
_FOREIGN = r"(?:\$|£|usd\b|dollars?\b|gbp\b|chf\b|(?:swiss )?francs?\b|nok\b|sek\b|kroner\b|pounds?\b)"
_ONES = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
NUMBER_WORDS = {**_ONES, **_TENS, "a": 1, "an": 1, "hundred": 100, "thousand": 1000}
_SPELT = rf"\b(?:(?:{'|'.join(NUMBER_WORDS)})(?:\s+and\s+|[\s-]+))+"
_SHARES = (
    (r"\bthree[\s-]quarters?\b", 0.75),
    (r"\btwo[\s-]thirds?\b", 2 / 3),
    (r"\b(?:half|hälfte|moitié)\b", 0.5),
    (r"\b(?:a|one)[\s-]third\b(?!\s+[^\W\d_]*(?:one|time|party|person|order|parcel)\b)", 1 / 3),
    (r"\b(?:a|one)[\s-]quarter\b", 0.25),
)
_PERCENT = r"\s*(?:%|percent\b|per cent\b|pct\b|prozent\b)"
_FULL = re.compile(
    r"\b(?:full|fully|whole|entire|entirely|everything|complete|completely|in total|total amount|all of it|"
    r"rest|remaining|remainder|the lot|ganz|komplett)\b"
)
_BARE = re.compile(
    rf"(?:\b(?:make it|rather|just|only|instead|refund|reimburse|pay|give|return|take|knock|credit|"
    rf"amount(?: of| is| to)?|"
    rf"maximum|max|it's|actually|wants?|no,)\s+(?:her |him |them |back |only |just |it |to )*|^\s*)({_NUMBER})"
    r"(?=\s*(?:$|[.,;!?)/](?!\d)|[-–—]\s|instead|is\b|please|pls|only|for\b|on\b|off\b|of\b|from\b|to\b|and\b|back|"
    r"then\b|will\b|would\b|"
    r"should\b|max))"
)
_COUNTED = re.compile(r"\d\s+of\s+(?:the|her|his|their|these|those|them|my)\b")


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts found: each in euros with its position; a share of the whole (0.2 is 20 %); foreign currency as seen."""

    euros: tuple[tuple[int, float], ...] = ()
    share: float | None = None
    full: bool = False
    foreign: str = ""


def read_money(text: str) -> tuple[Money, str]:
    """The money in lower-case text, and the text with it blanked out (same length)."""
    found: list[tuple[int, float]] = []
    text = re.sub(
        rf"({_NUMBER})\s+(?:out )?of (?:the |her |his |these |those )?{_NUMBER}\s*{_EURO}",
        lambda hit: _keep(found, hit, number(hit[1])),
        text,
    )
    text = re.sub(
        rf"({_NUMBER})\s*euros?\s+(?:and\s+)?(\d\d)\s*(?:cents?)?\b",
        lambda hit: _keep(found, hit, number(hit[1]) + int(hit[2]) / 100),
        text,
    )
    for pattern in (rf"(?:€|\beur|\beuros?)\s*({_NUMBER})", rf"({_NUMBER})\s*{_EURO}", r"(?<!\d)(\d+)[.,]-{1,2}"):
        text = re.sub(pattern, lambda hit: _keep(found, hit, number(hit[1])), text)
    text = re.sub(_SPELT + _EURO, lambda hit: _keep(found, hit, spelt(hit[0])), text)
    foreign = re.search(rf"{_FOREIGN}\s*{_NUMBER}|{_NUMBER}\s*{_FOREIGN}", text)
    share, text = _share(text)
    return Money(tuple(sorted(found)), share, bool(_FULL.search(text)), foreign[0].strip() if foreign else ""), text


def read_bare_amount(text: str) -> tuple[tuple[int, float], ...]:
    """A number without a currency that still reads as an amount: `make it 30`, `refund 30 instead`, `30`."""
    hits = [(hit.start(1), number(hit[1])) for hit in _BARE.finditer(text) if not _COUNTED.match(text, hit.start(1))]
    decimals = [(hit.start(), number(hit[0])) for hit in re.finditer(r"(?<![\d.,])\d+[.,]\d\d(?![\d.,])", text)]
    return tuple(hits or decimals)


def _share(text: str) -> tuple[float | None, str]:
    percent = re.search(rf"({_NUMBER}){_PERCENT}", text)
    if percent:
        return number(percent[1]) / 100, _blanked(text, percent)
    words = re.search(_SPELT.removesuffix("+") + "+" + _PERCENT.removeprefix(r"\s*"), text)
    if words:
        return spelt(words[0]) / 100, _blanked(text, words)
    for pattern, share in _SHARES:
        hit = re.search(pattern, text)
        if hit:
            return share, _blanked(text, hit)
    return None, text


def _keep(found: list[tuple[int, float]], hit: re.Match[str], value: float) -> str:
    found.append((hit.start(), value))
    return " " * len(hit[0])


def _blanked(text: str, hit: re.Match[str]) -> str:
    return text[: hit.start()] + " " * len(hit[0]) + text[hit.end() :]


def number(text: str) -> float:
    """`412,00`, `1.234,50`, `1,234.50` and `412` as a float."""
    text = re.sub(r"['\u00a0\s]", "", text)
    last = max(text.rfind(","), text.rfind("."))
    if last < 0:
        return float(text)
    whole, decimals = re.sub(r"[.,]", "", text[:last]), text[last + 1 :]
    return float(whole + decimals) if len(decimals) == 3 else float(f"{whole or 0}.{decimals}")


def spelt(words: str) -> float:
    """`twenty-five`, `a hundred and ten` as a number; words that are none are skipped."""
    total = 0
    for word in re.findall(r"[a-z]+", words):
        value = NUMBER_WORDS.get(word)
        if value is not None:
            total = max(total, 1) * value if value >= 100 else total + value
    return float(total)
