"""What looks almost like a value that is found nowhere: one digit or letter off, two swapped, a moved decimal. Pure.

All texts one slip away are looked up, instead of comparing the value with everything known: it stays fast as history grows.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from ..hidden import mixed_scripts
from .forms import WORD, fold
from .index import SAID, Index, Place

DIGITS, LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyzäöüßåæøéèó"
LONGEST_WORD = 24
_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухѕіјһԁԛԝӏӀѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιρυ", "ABESIJKMHOPCTYXaeopcyxsijhdqwlIvABEZHIKMNOPTYXoviru"
)
_WHO = {"user": "the user wrote", "tool": "a tool returned", "recall": "an older passage says", "summary": "the summary says",
        "configuration": "the configuration says"}  # fmt: skip


def slips(word: str, alphabet: str) -> Iterator[str]:
    """Likeliest first: two swapped, one wrong, one missing, one too many."""
    for i in range(len(word) - 1):
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    for i in range(len(word)):
        yield from (word[:i] + other + word[i + 1 :] for other in alphabet if other != word[i])
    for i in range(len(word) + 1):
        yield from (word[:i] + other + word[i:] for other in alphabet)
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def near_number(index: Index, value: int | float) -> str | None:
    """Only what is written with three digits or more: every small number is close to another."""
    if not abs(value) < 1e15:
        return None
    written = repr(abs(value))
    if len(written) > LONGEST_WORD or sum(c.isdigit() for c in written) < 2:
        return None
    moved = (abs(value) * 10, abs(value) * 100, abs(value) / 10, abs(value) / 100)
    for other in (*(round(number, 6) for number in moved), *_numbers(written)):
        if other and (place := _best(index.places.get(other))) is not None:
            return _said(index, place, str(other) if place[3] == SAID else place[4])
    return None


def _numbers(written: str) -> Iterator[int | float]:
    for slip in slips(written, DIGITS):
        try:
            yield float(slip) if "." in slip else int(slip)
        except ValueError:
            continue


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


def near_word(index: Index, word: str, fits: Callable[[Place], bool] = lambda place: True) -> Place | None:
    if not 2 < len(word) <= LONGEST_WORD:
        return None
    for known in _close_words(index, word):
        if places := [place for place in index.words[known] if fits(place)]:
            return _best(places)
    return None


def _close_words(index: Index, word: str) -> Iterator[str]:
    if len(word) < 4 or word.isdigit():
        yield from (slip for slip in slips(word, DIGITS if word.isdigit() else LETTERS) if slip in index.words)
        return
    yield from (slip for slip in slips(word, "") if slip in index.words)
    by_end, size = _by_end(index), 2 if len(word) < 6 else 3
    for known in (*by_end.get(word[:size], ()), *by_end.get("-" + word[-size:], ())):
        if _one_off(known, word):
            yield known


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
