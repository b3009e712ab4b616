"""What looks almost like a value that is found nowhere: one digit or letter off, two swapped, a moved decimal. Pure.

Nothing compares the value with everything known, so that it stays fast as history grows: all numbers and short words
one slip away are looked up, longer words are compared with those that begin or end alike.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from ..hidden import mixed_scripts
from .forms import WORD, fold, in_a_phone
from .index import FIELD, SAID, Index, Place

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßåæøéèó"
LONGEST_WORD = 24
_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухѕіјһԁԛԝӏӀѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιρυ", "ABESIJKMHOPCTYXaeopcyxsijhdqwlIvABEZHIKMNOPTYXoviru"
)
_WHO = {"user": "the user wrote", "tool": "a tool returned", "recall": "an older passage says", "summary": "the summary says",
        "configuration": "the configuration says"}  # fmt: skip


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def near_number(index: Index, value: int | float) -> str | None:
    """Of three digits or more: every small number is close to another; of two only what the user wrote."""
    value = abs(value)
    if not 10 <= value < 1e15 and value == int(value):
        return None
    scale = 1 if isinstance(value, int) else 100 if round(value, 2) == value else 1000
    digits = round(value * scale)
    moved = (round(other, 6) for other in (value * 10, value * 100, value / 10, value / 100))
    slipped = (other / scale for other in _slipped(digits)) if scale > 1 else _slipped(digits)
    for other in (*moved, *slipped):
        if (places := index.places.get(other)) and other != value and (place := _meant(places, other, value)):
            return _said(index, place, f"{other:.15g}" if place[3] != FIELD else place[4])
    return None


def _slipped(number: int) -> Iterator[int]:
    """Likeliest first: two digits swapped, one wrong, one missing, one too many."""
    powers = [10**place for place in range(len(str(number)))]
    for power in powers[1:]:
        yield number + (number * 10 // power % 10 - number // power % 10) * 9 * (power // 10)
    for power in powers:
        rest = number - number // power % 10 * power
        yield from range(rest, rest + 10 * power, power)
    for power in (*powers, 10 * powers[-1]):
        rest = number // power * power * 10 + number % power
        yield from range(rest, rest + 10 * power, power)
    for power in powers:
        yield number // power // 10 * power + number % power


def _meant(places: list[Place], other: int | float, value: int | float) -> Place | None:
    if value < 100 and value == int(value):
        places = [place for place in places if place[3] == SAID and (other >= 10 or other != int(other))]
    said = (place for place in places if place[3] == SAID)
    return next((place for place in (*said, *places) if not of_a_phone(place, other)), None)


def of_a_phone(place: Place, number: int | float) -> bool:
    """Whether it stands there only as a part of a phone number, and so is no number at all."""
    return in_a_phone(place[4], abs(number), unmarked=place[3] != SAID and abs(number) < 1000)


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def near_text(index: Index, text: str) -> str | None:
    """The one word of the text that nobody wrote, and what it is one slip away from."""
    if (disguised := look_alike(index, text)) is not None:
        return disguised
    words = list(dict.fromkeys(WORD.findall(fold(text))))
    unknown = [word for word in words if word not in index.words]
    for word in unknown[:4]:
        if (place := near_word(index, word)) is not None:
            return _said(index, place, _written(place, words, word, text))
    return None


def near_own_word(index: Index, text: str) -> str | None:
    """Of words that the model may choose: a name it misspelt, or a word of the user's; another form of one is no slip."""
    if (disguised := look_alike(index, text)) is not None:
        return disguised
    words = WORD.findall(fold(text))
    for word in (word for word in words if word not in index.words and 2 < len(word) <= LONGEST_WORD):
        for known in _close_words(index, word):
            for place in index.words[known]:
                if _slips_from(index, place, known, word, len(words) > 1):
                    return _said(index, place, known if place[3] == SAID else place[4])
    return None


def _slips_from(index: Index, place: Place, known: str, word: str, many: bool) -> bool:
    """`many`: of several words, as the names of people are; one short word may well resemble a name."""
    if is_a_name(place):
        return many and len(word) > 4 and f"{known}s" != word and known != f"{word}s"
    if index.sources[place[0]].origin != "user":
        return False
    named = any(written.istitle() for written in WORD.findall(place[4]) if written.casefold() == known)
    return (many and named) or (
        min(len(word), len(known)) > 4 and not known.startswith(word) and not word.startswith(known)
    )


def is_a_name(place: Place) -> bool:
    return place[3] == FIELD and "name" in place[2].casefold()


def near_word(index: Index, word: str, fits: Callable[[Place], bool] = lambda place: True) -> Place | None:
    if not 2 < len(word) <= LONGEST_WORD:
        return None
    for known in _close_words(index, word):
        if places := [place for place in index.words[known] if fits(place)]:
            return _best(places)
    return None


def _close_words(index: Index, word: str) -> Iterator[str]:
    if word.isdecimal() and word.isascii():
        yield from (known for slip in _slipped(int(word)) if (known := str(slip)) != word and known in index.words)
        return
    if len(word) < 4:
        yield from (slip for slip in _slips(word) if slip in index.words)
        return
    by_end, size = _by_end(index), 2 if len(word) < 6 else 3
    for known in (*by_end.get(word[:size], ()), *by_end.get("-" + word[-size:], ())):
        if _one_off(known, word):
            yield known


def _slips(word: str) -> Iterator[str]:
    """Likeliest first: two letters swapped, one wrong, one missing, one too many."""
    for i in range(len(word) - 1):
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    for i in range(len(word)):
        yield from (word[:i] + other + word[i + 1 :] for other in LETTERS if other != word[i])
    for i in range(len(word) + 1):
        yield from (word[:i] + other + word[i:] for other in LETTERS)
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _by_end(index: Index) -> dict[str, list[str]]:
    """All words by their first and their last two or three letters, of which one slip leaves either as it was.

    What is new since the last time is added.
    """
    found = index.ends
    for word in islice(index.words, index.ended, None):
        for size in (2, 3):
            if 3 <= len(word) <= 6 if size == 2 else len(word) >= 5:
                found.setdefault(word[:size], []).append(word)
                found.setdefault("-" + word[-size:], []).append(word)
    index.ended = len(index.words)
    return found


def _one_off(known: str, word: str) -> bool:
    """One letter wrong, missing, too many, or two neighbours swapped."""
    if abs(len(known) - len(word)) > 1 or known == word:
        return False
    at = next((i for i, (a, b) in enumerate(zip(known, word, strict=False)) if a != b), min(len(known), len(word)))
    if len(known) == len(word):
        swapped = known[at : at + 2] == word[at : at + 2][::-1] and known[at + 2 :] == word[at + 2 :]
        return known[at + 1 :] == word[at + 1 :] or swapped
    longer, shorter = (known, word) if len(known) > len(word) else (word, known)
    return longer[at + 1 :] == shorter[at:]


def look_alike(index: Index, text: str) -> str | None:
    """Letters of another script that pass for Latin ones; None where a person wrote the very same text."""
    if text.isascii() or not (mixed := mixed_scripts(text)):
        return None
    word = text[mixed[0].start : mixed[0].end]
    plain = word.translate(_LATIN)
    scripts = " and ".join(mixed[0].scripts)
    place = next((p for part in WORD.findall(fold(plain)) if (p := _best(index.words.get(part))) is not None), None)
    told = f"{scripts} letters in “{word}”"
    return f"{told}, which passes for “{plain}”: {_said(index, place, plain)}" if place and plain != word else told


def _written(place: Place, words: list[str], word: str, text: str) -> str:
    """The known text as it was written: the whole field, or of a longer text the words around."""
    if place[3] != SAID and len(place[4]) <= 60:
        return place[4]
    folded = fold(place[4])
    close = [
        token for token in folded.split() if any(slip in token for slip in WORD.findall(token) if _one_off(slip, word))
    ]
    return close[0].strip(".,;:!?()\"'") if close else place[4][:60]


def _best(places: list[Place] | None) -> Place | None:
    """Rather what somebody said than what a tool returned."""
    if not places:
        return None
    return next((place for place in places if place[3] == SAID), places[0])


def _said(index: Index, place: Place, written: str) -> str:
    source = index.sources[place[0]]
    field = f" ({place[2]})" if place[2] and place[3] != SAID else ""
    return f"{_WHO[source.origin]} {written}{field}"
