"""Texts that the model wrote itself, a letter or a reason: the facts in them must be known. Pure."""

from collections.abc import Sequence
from datetime import date, time

from .facts import fits, in_words, known_time, moment
from .forms import WORD, Fact, facts, fold
from .found import NOWHERE, Found, Leaf, best_of
from .index import FIELD, Index, Place
from .near import look_alike, near_number, near_text, near_word
from .places import phrase
from .sums import number_follows


def reads_as_prose(folded: str) -> bool:
    words = folded.split()
    return len(words) >= 4 and sum(word.isalpha() for word in words) >= len(words) * 0.7


def prose(leaf: Leaf, leaves: Sequence[Leaf], index: Index) -> Found:
    """A letter or a reason is the model's own; the facts in it must be known. Names the first that is not."""
    text: str = leaf.value
    if disguised := look_alike(index, text):
        return Found("nowhere", near=disguised)
    untrusted = None
    for fact in facts(text):
        if not fact.keys or _of_the_call(fact, leaf, leaves):
            continue
        found = _fact(index, fact)
        if found.origin == "nowhere":
            return Found("nowhere", quote=fact.text, near=found.near or f"{fact.text} in this text comes from nowhere")
        untrusted = untrusted or (None if found.trusted else found)
    if name := _misspelt(index, text):
        return Found("nowhere", near=name)
    return untrusted or Found("computed")


def _of_the_call(fact: Fact, leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Another argument of the same call, which is looked at by itself."""
    others = [other.value for other in leaves if other is not leaf]
    return any(key in others or (isinstance(key, date) and key.isoformat() in others) for key in fact.keys)


def _fact(index: Index, fact: Fact) -> Found:
    key = fact.keys[0]
    if isinstance(key, int | float):
        places = [
            p
            for one in fact.keys
            if isinstance(one, int | float)
            for p in index.places.get(one, ())
            if fits(p, "", one)
        ]
        places = places or in_words(index, key)
        if places:
            return best_of(index, places, fact.text)
        how = number_follows(index, key, "amount" if key != int(key) else "")
        return Found("computed", quote=how) if how else Found("nowhere", near=near_number(index, key))
    if isinstance(key, date):
        return moment(index, key, []) or NOWHERE
    if isinstance(key, time):
        return Found("computed") if known_time(index, key) else NOWHERE
    places = [place for one in fact.keys for place in index.places.get(one, ())]
    places = places or (phrase(index, fold(fact.text)) if isinstance(key, str) else [])
    return best_of(index, places, fact.text) if places else Found("nowhere", near=near_text(index, fact.text))


def _misspelt(index: Index, text: str) -> str | None:
    """A capitalised word that nobody wrote, one letter away from a name in a record."""
    for word in dict.fromkeys(WORD.findall(text)):
        folded = fold(word)
        if len(word) < 4 or not word[0].isupper() or folded in index.words:
            continue
        if (place := near_word(index, folded, _is_a_name)) is not None:
            return (
                f"“{word}”; a tool returned {place[4]}"
                if place[3] == FIELD
                else f"“{word}”; the user wrote almost that"
            )
    return None


def _is_a_name(place: Place) -> bool:
    return place[3] == FIELD and "name" in place[2].casefold()
