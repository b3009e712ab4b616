"""All places in the history that hold a value: as a field, in another notation, or word for word in a text. Pure."""

from datetime import date

from .forms import WORD, Fact, Key, digits_of, facts, fold, phones, squeezed
from .found import origin_of
from .index import FIELD, SAID, Index, Place
from .rows import standing

MOST_SEARCHED = 24
"""Places of one word in which a phrase is looked for."""


def places_of(index: Index, text: str, folded: str) -> list[Place]:
    """Where the value stands: as a field, as a fact in another notation, or word for word inside a text."""
    found = list(index.places.get(folded, ()))
    for key in _keys(index, text, folded):
        found += [
            place
            for place in index.places.get(key, ())
            if not (isinstance(key, tuple) and key[0] == "phone") or _same_phone(index, place, text)
        ]
    return found + phrase(index, folded)


def _keys(index: Index, text: str, folded: str) -> list[Key]:
    """What the whole value means as one fact: a number, a day, a phone number, a code without its gaps."""
    alone = [fact for fact in facts(text) if len(fact.text) >= len(text.strip(" €$£%").rstrip(".")) - 4]
    keys: list[Key] = [key for fact in alone for key in fact.keys if not isinstance(key, str) and not _bare(fact, text)]
    days = [key for key in keys if isinstance(key, date)]
    keys += [(day.month, day.day) for day in days if within_a_year(index, day)]
    if sum(c.isdigit() for c in text) > 6 and not days:
        keys += [key for fact in phones(text) if len(fact.text) >= len(text) - 2 for key in fact.keys]
    close = squeezed(folded)
    return [*keys, *([close] if close != folded and len(close) > 5 and any(c.isdigit() for c in close) else [])]


def within_a_year(index: Index, day: date) -> bool:
    """Of a known day: `the 3rd of May` may be this day."""
    return not index.years.isdisjoint((day.year - 1, day.year, day.year + 1))


def _bare(fact: Fact, text: str) -> bool:
    """A number cut out of a code: the 1042 of `C-1042` is not that number."""
    rest = text.replace(fact.text, "", 1)
    return any(isinstance(key, int | float) for key in fact.keys) and any(c in "-_/:" or c.isdigit() for c in rest)


def _same_phone(index: Index, place: Place, text: str) -> bool:
    """The same digits, or one with a country code that is known from somewhere and one without."""
    mine = digits_of(text).lstrip("0")
    others = [other for fact in phones(fold(place[4])) if (other := digits_of(fact.text).lstrip("0"))]
    if any(other.endswith(mine) for other in others):
        return True
    international = text.strip("( ")[:1] == "+" or text.strip("( ")[:2] == "00" or text.strip("( ")[:1] != "0"
    return international and any(mine.endswith(other) and mine.removesuffix(other) in index.words for other in others)


def phrase(index: Index, folded: str) -> list[Place]:
    """Word for word inside a text; of its words the rarest is looked up."""
    words = WORD.findall(folded)
    rarest = min((index.words.get(word, []) for word in words), key=len, default=[])
    hits = [place for place in rarest[:MOST_SEARCHED] if _stands_in(folded, fold(place[4]))]
    if hits or len(folded) < 8 or not any(c.isdigit() for c in folded):
        return hits
    return _said_with_gaps(index).get(squeezed(folded), [])


def _said_with_gaps(index: Index) -> dict[str, list[Place]]:
    """Codes as people write them, in groups: all runs of two to ten words with a digit, without what is between them."""
    if "gaps" not in index.derived:
        found: dict[str, list[Place]] = {}
        for number in index.said[-12:]:
            text = index.sources[number].text[:20_000]
            words = [word.casefold() for word in WORD.findall(text)]
            for start in range(len(words)):
                for end in range(start + 2, min(start + 11, len(words) + 1)):
                    if not any(c.isdigit() for c in words[end - 1]):
                        break
                    found.setdefault("".join(words[start:end]), []).append((number, -1, "", SAID, text))
        index.derived["gaps"] = found
    gaps: dict[str, list[Place]] = index.derived["gaps"]
    return gaps


def _stands_in(folded: str, text: str) -> bool:
    at = text.find(folded)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(folded) : at + len(folded) + 2]
        if not (before.isalnum() or after[:1].isalnum() or (after[:1] in (".", ",", "@") and after[1:].isdigit())):
            return not (folded.isdecimal() and before in (".", ","))
        at = text.find(folded, at + 1)
    return False


def familiar(index: Index, piece: str) -> bool:
    """Said by somebody, or a field or part of one in a record that is not somebody else's; few digits: by the user."""
    places = [*index.places.get(piece, ()), *phrase(index, piece)]
    if len(piece) < 4 and any(c.isdigit() for c in piece):
        return any(origin_of(index, place) == "user" for place in places)
    return any(p[3] == SAID or (p[3] == FIELD and standing(index, p[1]) != "other") for p in places)
