"""Known values wherever they turn up: as whole words, the longest first, found by their first word. Pure."""

import re
from bisect import bisect
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from . import tokens
from .tokens import STAND_IN, Edit

SHORTEST = 3
"""Characters: what is shorter is covered under its key only, or every 42 in every text would be."""
FEW = 100
COMMON = frozenset("true false null none yes n/a unknown".split())
"""Values that are words of every text: covered under their key only."""

_SPACELESS = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Thai, Lao, Khmer, Japanese, Chinese, Korean: a word ends where it ends, without a mark."""
_WORD = re.compile(rf"[^\W{_SPACELESS}]+|[{_SPACELESS}]")
_INSIDE_WORD = re.compile(rf"(?<=[^\W{_SPACELESS}])(?=[^\W{_SPACELESS}])")
_ESCAPE = re.compile(r"(?<=\\[ntrbf])")
_BEHIND_ESCAPE = re.compile(rf"\\[ntrbf]([^\W{_SPACELESS}]+)")
_WITH_ESCAPES = re.compile(r'["\\/\x00-\x1f]')
_SAME_IN_ANY_CASE = re.compile(r"[@\d]")
"""Addresses and ids; a name is not the same as a word that is spelled like it."""
_ASCII_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


def is_short(value: str) -> bool:
    """Too short, or too common a word, to be covered wherever it turns up."""
    return len(value) < SHORTEST or _small(value) in COMMON


class Values:
    """The time it takes to cover them does not grow with their number."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._exact: dict[str, str] = {}
        self._any_case: dict[str, str] = {}
        self._escaped = False
        """Some value is written with escapes in JSON, so that it cannot be seen there as it stands."""
        places: dict[str, set[tuple[int, int]]] = {}
        for stand_in, value in known.items():
            if is_short(value) or (first := _WORD.search(value)) is None:
                continue
            self._escaped = self._escaped or _WITH_ESCAPES.search(value) is not None
            self._exact.setdefault(value, stand_in)
            if _SAME_IN_ANY_CASE.search(value):
                self._any_case.setdefault(_small(value), stand_in)
            places.setdefault(_small(first[0]), set()).add((first.start(), len(value)))
        self._places = {word: tuple(found) for word, found in places.items()}
        """First word → (how far into the value it stands, the value's length), of all values that share it."""

    def covered(self, text: str, depth: int = 0) -> str:
        words = self._words_in(text)
        if not words:
            return text
        pieces, at = [], 0
        for start, end in tokens.spans(text) if depth < tokens.DEEPEST else ():
            pieces += [self._plain(text[at:start], words), self._json(text[start:end], words, depth)]
            at = end
        return "".join([*pieces, self._plain(text[at:], words)])

    def _json(self, text: str, words: Collection[str], depth: int) -> str:
        """Strings are looked at as they read without escapes; numbers become strings."""
        hits = sorted(start for start, _, _ in self._found(text, words))
        unclear = "\\" in text and (self._escaped or "\\u" in text)
        if not hits and not unclear:
            return text
        edits: list[Edit] = []
        at = 0
        for match in tokens.SCALAR.finditer(text):
            start, end = match.span()
            while at < len(hits) and hits[at] < start:
                at += 1
            raw, hit = match[1] or "", at < len(hits) and hits[at] < end
            if "\\" in raw and (hit or unclear):
                if (shown := self.covered(inner := tokens.unquoted(raw), depth + 1)) != inner:
                    edits.append((*match.span(1), tokens.quoted(shown, raw)))
            elif hit and raw:
                edits.append((*match.span(1), self._plain(raw, words)))
            elif hit and (found := self._exact.get(match[0])):
                edits.append((start, end, tokens.number(found)))
        return tokens.edited(text, 0, len(text), edits)

    def _plain(self, text: str, words: Collection[str]) -> str:
        """A text without structure; the stand-ins in it are left alone."""
        pieces, at = [], 0
        for kept in STAND_IN.finditer(text) if "[[" in text else ():
            pieces += [self._edited(text[at : kept.start()], words), kept[0]]
            at = kept.end()
        return "".join([*pieces, self._edited(text[at:], words)])

    def _edited(self, text: str, words: Collection[str]) -> str:
        return tokens.edited(text, 0, len(text), _longest_first(list(self._found(text, words))))

    def _found(self, text: str, words: Collection[str]) -> Iterator[Edit]:
        for at, word in _places_of(words, _small(text)):
            yield from self._at(text, at, word)

    def _words_in(self, text: str) -> Collection[str]:
        """First words of values that are in the text; of JSON also those that an escape runs into: `\\nAnna`."""
        if not self._places or "\\u" in text:
            return self._places.keys()
        small = _small(text)
        plain = small.translate(_ASCII_WORDS).split() if small.isascii() else _WORD.findall(small)
        behind = _BEHIND_ESCAPE.findall(small) if "\\" in small else ()
        return self._places.keys() & (*plain, *behind)

    def _at(self, text: str, start: int, word: str) -> Iterator[Edit]:
        for first, length in self._places[word]:
            begin = start - first
            value = text[begin : begin + length] if begin >= 0 else ""
            found = self._exact.get(value) or self._any_case.get(_small(value))
            if found and not _INSIDE_WORD.match(text, begin + length):
                yield begin, begin + length, found


def _places_of(words: Collection[str], text: str) -> Iterator[tuple[int, str]]:
    """Where these words begin; a few are searched for one by one, which is faster than to look at every word."""
    if len(words) > FEW:
        for match in _WORD.finditer(text):
            at, word = match.start(), match[0]
            if word in words:
                yield at, word
            if word[1:] in words and _ESCAPE.match(text, at + 1):
                yield at + 1, word[1:]
        return
    for word in words:
        at = text.find(word)
        while at >= 0:
            if not _INSIDE_WORD.match(text, at) or _ESCAPE.match(text, at):
                yield at, word
            at = text.find(word, at + 1)


def _small(text: str) -> str:
    """In small letters, each where it stood: İ would become two, and how Σ is written depends on what follows."""
    small = text.lower().replace("ς", "σ")
    if len(small) == len(text):
        return small
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _longest_first(found: list[Edit]) -> list[Edit]:
    """Of those that overlap the longest; in the order of the text."""
    found.sort()
    if all(one[1] <= other[0] for one, other in pairwise(found)):
        return found
    taken: list[Edit] = []
    for one in sorted(found, key=lambda one: (one[0] - one[1], one[0])):
        at = bisect(taken, one)
        if (at == 0 or taken[at - 1][1] <= one[0]) and (at == len(taken) or one[1] <= taken[at][0]):
            taken.insert(at, one)
    return taken
