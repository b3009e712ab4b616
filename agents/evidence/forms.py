"""The facts inside a text, each under one key however it is written: numbers, money, dates, times, phones, codes. Pure.

`50`, `50.0`, `"50,00"` and `€50` share a key, and so do `2026-11-22` and `22nd of November 2026`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

Key = str | int | float | date | time | tuple[str, str] | tuple[int, int]
"""A folded text, a number, a day, a time of day, ("phone", last digits), or (month, day) of a day without a year."""


@dataclass(frozen=True, slots=True)
class Fact:
    text: str
    """As it is written."""
    keys: tuple[Key, ...]
    """More than one where the notation is ambiguous: 1,234 or 3/4/2027."""
    start: int = 0


def fold(text: str) -> str:
    """Case, kinds of white space and ways to compose an accent make no difference; look-alike letters do."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


def squeezed(text: str) -> str:
    """An IBAN or a serial number without its spaces and dashes."""
    return re.sub(r"[\W_]+", "", text.casefold())


WORD = re.compile(r"[^\W_]+")

# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────

_WORDS = {
    1: "one once single ein eine einen une", 2: "two twice both pair zwei beide deux två",
    3: "three drei trois", 4: "four vier quatre fire", 5: "five fünf cinq fem", 6: "six sechs seks",
    7: "seven sieben sept", 8: "eight acht huit åtte", 9: "nine neun neuf", 10: "ten zehn dix",
    11: "eleven elf onze", 12: "twelve dozen zwölf dutzend douze", 15: "fifteen", 20: "twenty zwanzig vingt",
    30: "thirty dreißig trente", 50: "fifty fünfzig", 100: "hundred hundert cent",
}  # fmt: skip
NUMBER_WORDS = {word.casefold(): number for number, line in _WORDS.items() for word in line.split()}
WORDS_OF = {number: tuple(word.casefold() for word in line.split()) for number, line in _WORDS.items()}
LONGEST_NUMBER = 40
"""Digits; what is longer is a code, not a number to reckon with."""


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[int | float, ...]:
    """What the digits and separators can mean: 1.234,50 one thing, 1,234 two."""
    plain = re.sub(r"[^\d.,]", "", text)
    marks = [character for character in plain if character in ".,"]
    if not plain or len(plain) > LONGEST_NUMBER or not plain.isascii():
        return ()
    if not marks:
        return (int(plain),)
    whole, _, tail = plain.rpartition(marks[-1])
    found: list[int | float] = []
    if len(tail) == 3 and len(set(marks)) == 1 and len(whole.split(marks[-1])[0]) <= 3:
        found.append(int(re.sub(r"\D", "", plain)))
    if marks.count(marks[-1]) == 1 and tail and whole:
        found.append(float(f"{re.sub('[.,]', '', whole)}.{tail}"))
    return tuple(found)


# ── days ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_MONTHS = (
    "jan january januar janvier januari", "feb february februar février februari", "mar march märz mars",
    "apr april avril", "may mai maj", "jun june juni juin", "jul july juli juillet", "aug august août augusti",
    "sep sept september septembre", "oct okt october oktober octobre", "nov november novembre",
    "dec dez des december dezember desember décembre",
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))


def _day(year: str | int, month: str | int, day: str | int) -> tuple[Key, ...]:
    try:
        number = int(year)
        return (date(number + 2000 if number < 100 else number, int(month), int(day)),)
    except ValueError:
        return ()


def _numeric_day(text: str) -> tuple[Key, ...]:
    first, second, year = re.split(r"\D+", text)
    swapped = _day(year, first, second) if "/" in text else ()
    return tuple(dict.fromkeys((*_day(year, second, first), *swapped)))


def _worded_day(text: str) -> tuple[Key, ...]:
    words = re.findall(r"[^\W\d_]+|\d+", text.casefold())
    month = next(MONTHS[word] for word in words if word in MONTHS)
    numbers = [word for word in words if word.isdigit()]
    if len(numbers) > 1:
        return _day(numbers[1], month, numbers[0])
    return ((month, int(numbers[0])),) if 1 <= int(numbers[0]) <= 31 else ()


def _time(text: str) -> tuple[Key, ...]:
    hour, *rest = (int(number) for number in re.findall(r"\d+", text)[:3])
    half = re.search(r"[ap](?=\.?m)", text.casefold())
    try:
        hour = hour % 12 + 12 * (half.group() == "p") if half else hour
        minute, second = (*rest, 0, 0)[:2]
        return (time(hour, minute, second),)
    except ValueError:
        return ()


# ── all facts of a text ───────────────────────────────────────────────────────────────────────────────────────────

_FACT = re.compile(
    rf"""(?<![^\W_])(?=[\w.+/-]{{0,64}}[\d@]|[^\W\d_]{{3,9}}\.?\ \d)(?:  # before anything else: here is a digit or an @ at all
     (?P<mail>(?<![.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}})
    |(?P<stamp>(?<!-)\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d))
    |(?P<numeric_day>(?<!\d\.)\d{{1,2}}[./]\ ?\d{{1,2}}[./]\ ?(?:\d{{4}}|\d\d)(?![\w.,]\d|\d))
    |(?P<worded_day>\d{{1,2}}(?:st|nd|rd|th)?\.?\ (?:of\ )?(?:{_MONTH})\b(?:\.?,?\ \d{{4}}\b)?
        |(?:{_MONTH})\b\.?\ \d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\ \d{{4}}\b)?)
    |(?P<time>(?<![:.])(?:\d{{1,2}}(?::|h)\d\d(?:\ ?[ap]\.?m\b)?|\d{{1,2}}(?:\.\d\d)?\ ?[ap]\.?m\b))
    |(?P<code>(?<![./-])(?=[\w./-]{{0,48}}\d)(?=[\w./-]{{0,48}}[^\W\d_])[\w./-]{{0,200}}\w)
    |(?P<number>\d{{1,3}}(?:[.,'’\u00a0\u202f\ ]\d{{3}})+(?:[.,]\d{{1,2}})?(?!\d)|\d+(?:\.\d+|,\d{{1,2}}(?!\d))?))""",
    re.VERBOSE | re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:eur|usd|nok|sek|dkk|gbp|chf|kr|pln)?(\d[\d.,]*)(?:eur|usd|nok|sek|dkk|gbp|chf|kr|pln|x|st|nd|rd|th|d|h|k|kg)?"
)
_PHONE = re.compile(r"(?<![\w.,@-])(?:\(?\+|0)?\(?\d[\d\s()/.-]{5,22}\d(?![\w@])")
_DAY = re.compile(r"(?<!\d)(?:\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{4})(?!\d)")
PHONE_TAIL = 7
"""Digits by which two notations of a phone number are compared first."""


def facts(text: str) -> Iterator[Fact]:
    """Everything in the text that can be right or wrong, in its order; a phone number here is a row of numbers."""
    for match in _FACT.finditer(text):
        kind, written, at = match.lastgroup or "", match.group(), match.start()
        yield Fact(written[:10] if kind == "stamp" else written, _keys(kind, written), at)
        if kind == "stamp" and len(written) > 10:
            yield Fact(written[11:19], _time(written[11:19].rstrip("Z")), at + 11)


def keys_in(text: str) -> set[Key]:
    """The keys of all facts. Word by word, and only words with a digit: four times as fast on a long text."""
    found: set[Key] = set()
    words = text.split()
    last = len(words) - 1
    for index, word in enumerate(words):
        if word.isalpha() or not _MARK.search(word):
            continue
        before, after = words[index - 1] if index else "", words[index + 1] if index < last else ""
        if before.casefold().strip(".,") in MONTHS or after[:3].isdecimal() or after.casefold().strip(".,") in _GOES_ON:
            found.update(_keys_of_words(" ".join(words[max(0, index - 1) : index + 5])))
        else:
            found.update(_keys_of_word(word))
    return found


_MARK = re.compile(r"[\d@]")
_GOES_ON = {*MONTHS, "of", "am", "pm", "a.m", "p.m"}


@lru_cache(maxsize=4096)
def _keys_of_words(words: str) -> tuple[Key, ...]:
    return tuple(key for fact in facts(words) for key in fact.keys)


@lru_cache(maxsize=16384)
def _keys_of_word(word: str) -> tuple[Key, ...]:
    return (
        (int(word),)
        if word.isdecimal() and len(word) < LONGEST_NUMBER
        else tuple(key for fact in facts(word) for key in fact.keys)
    )


def phones(text: str) -> Iterator[Fact]:
    for match in _PHONE.finditer(text):
        digits = digits_of(match.group())
        if PHONE_TAIL <= len(digits) <= 15 and not _DAY.search(match.group()):
            yield Fact(match.group(), (("phone", digits[-PHONE_TAIL:]),), match.start())


_RING = re.compile(r"\b(?:phone|tel|telefon|mobile?|call|ring|fax)\b(?:\s(?:number|no|nr))?[\s.:#]*$", re.IGNORECASE)
_AREA = re.compile(r"\(?\+|0\d|\(\d+\)")


def in_a_phone(text: str, number: int | float, unmarked: bool) -> bool:
    """Whether the number stands there only as a part of a phone number. `unmarked`: also of one without `+` or "call"."""
    if len(text) <= PHONE_TAIL or number != int(number) or number >= 10**PHONE_TAIL:
        return False
    spots = [match.start() for match in re.finditer(rf"(?<!\d){int(number)}(?!\d)", text)]
    if not spots:
        return False
    marked = [at for at in phones(text) if (_is_grouped(at.text) if unmarked else _is_marked(text, at))]
    return all(any(at.start <= spot < at.start + len(at.text) for at in marked) for spot in spots)


def _is_marked(text: str, phone: Fact) -> bool:
    return bool(_AREA.match(phone.text) or _RING.search(text[: phone.start]))


def _is_grouped(text: str) -> bool:
    """Not a row of sizes or counts."""
    return bool(_AREA.match(text) or re.search(r"\d{3}", text))


def digits_of(text: str) -> str:
    return "".join(character for character in text if "0" <= character <= "9")


def _keys(kind: str, text: str) -> tuple[Key, ...]:
    match kind:
        case "mail":
            return (text.casefold(),)
        case "stamp":
            return _day(*text[:10].split("-")) or (text.casefold(),)
        case "numeric_day":
            return _numeric_day(text) or (text.casefold(),)  # the 32nd of July is no day, and 10.20.30 a version
        case "worded_day":
            return _worded_day(text) or (text.casefold(),)
        case "time":
            return _time(text)
        case "code":
            folded = text.casefold()
            amount = _UNIT.fullmatch(folded)
            return readings(amount.group(1)) if amount else (folded,)
        case _:
            return readings(text)
