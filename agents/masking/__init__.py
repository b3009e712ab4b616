"""Sensitive values go out as stand-ins (`[[email:7f3a09]]`) and come back as themselves. Pure.

`hide` finds the values in a tool's output, `mask` covers those already known wherever else they turn up, and `reveal`
puts them back into a call. JSON stays JSON: where a number, true or false was, the stand-in is a string with a `#`
(`[[age:#7f3a09]]`), and comes back as what it was.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .fields import Fields, folded
from .tokens import STAND_IN
from .values import Values, is_short

_UNFIT = re.compile(r"[^\w-]")
_HEX = re.compile(r"[0-9a-f]{4,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    text: str
    new: dict[str, str]
    """Stand-in → value, of those that were not known before."""


class Known(dict[str, str]):
    """Stand-in → value, as it can be given to `mask` for text after text: what they are found by is made once.

    Nothing is added to one that has been used.
    """

    @cached_property
    def anywhere(self) -> Values:
        return Values(self)

    @cached_property
    def short(self) -> dict[tuple[str, str], str]:
        """(field, value) → stand-in, of those that are covered under their field's name only."""
        return {(_field(stand_in), value): stand_in for stand_in, value in self.items() if is_short(value)}


def hide(text: str, fields: Collection[str], known: Mapping[str, str], fresh: Callable[[str], str]) -> Hidden:
    """A tool's output without the values of these fields, and of all that `known` (stand-in → value) covers already.

    `fresh(field)` gives the hex digits of a new stand-in, at least six that nobody can guess, or the whole of it. A
    text that only looks like a stand-in is a value like any other: it gets one, and comes back as that text.
    """
    vault = _Vault(known=known, fresh=fresh, reserved={match[0].replace("#", "") for match in STAND_IN.finditer(text)})
    names = {spelling: name for name in fields if (spelling := folded(name))}
    shown = Fields(names=names, stand_in=vault.stand_in, literal=vault.literal).covered(text)
    return Hidden(text=mask(shown, {**known, **vault.new}), new=vault.new)


def mask(text: str, known: Mapping[str, str]) -> str:
    """The text with every known value covered, a short one under its field's name; stand-ins in it stay as they are."""
    ready = known if isinstance(known, Known) else Known(known)
    shown, short = ready.anywhere.covered(text), ready.short
    if not short:
        return shown
    names = {name: name for name, _ in short}
    return Fields(names=names, stand_in=lambda *about: short.get(about), literal=lambda plain: plain).covered(shown)


def mask_words(text: str, known: Mapping[str, str]) -> str:
    """Every known value covered however short it is: for a few words about a call, in which no field has to be named."""
    text = mask(text, known)
    for stand_in, value in known.items():
        if value.strip() and is_short(value):
            text = re.sub(rf"(?<![\w\[:#]){re.escape(value)}(?![\w\]])", stand_in, text)
    return text


def _field(stand_in: str) -> str:
    match = STAND_IN.fullmatch(stand_in)
    return folded(match[1]) if match else ""


def reveal(value: Any, known: Mapping[str, str]) -> tuple[Any, tuple[str, ...]]:
    """Parsed arguments with the values in place of their stand-ins, and the stand-ins that stand for nothing.

    Done once: what a value itself contains is never looked up again. A bare text stays a text.
    """
    revealing = _Revealing(known={stand_in.strip("[]").casefold(): value for stand_in, value in known.items()})
    shown = revealing.within(value) if isinstance(value, str) else revealing.value(value)
    return shown, tuple(revealing.unknown)


@dataclass(slots=True, kw_only=True)
class _Vault:
    """Which stand-in each value has."""

    known: Mapping[str, str]
    fresh: Callable[[str], str]
    reserved: set[str]
    """What looks like a stand-in in the text by itself: none of them is ever made."""
    new: dict[str, str] = field(default_factory=dict)
    _by_value: dict[str, str] = field(default_factory=dict)
    _literals: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stand_in, value in self.known.items():
            self._by_value.setdefault(value, stand_in)

    def literal(self, text: str) -> str:
        """What a tool wrote must not be taken for a stand-in that we wrote."""
        return STAND_IN.sub(self._literal, text) if "[[" in text else text

    def _literal(self, match: re.Match[str]) -> str:
        if match[0] in self._literals:
            return match[0]
        made = self.stand_in("text", match[0])
        self._literals[made] = match[0]
        return made

    def stand_in(self, name: str, value: str) -> str:
        """The same value always has the same one."""
        if "[[" in value:
            value = STAND_IN.sub(lambda match: self._literals.get(match[0], match[0]), value)
        if not value.isascii():
            value = value.encode("utf-8", "replace").decode()  # half a surrogate pair could not be recorded
        if value not in self._by_value:
            made = self._made(name)
            self._by_value[value] = made
            self.new[made] = value
        return self._by_value[value]

    def _made(self, name: str) -> str:
        if name not in self._names:
            self._names[name] = _UNFIT.sub("_", name)[:40] or "value"
        name, token = self._names[name], self.fresh(self._names[name])
        if whole := STAND_IN.fullmatch(token):
            token = whole[2].lstrip("#")
        if not _HEX.fullmatch(token):
            token = token.encode("utf-8", "replace").hex()[-32:].zfill(4)
        made, more = f"[[{name}:{token}]]", 0
        while made in self.known or made in self.new or made in self.reserved:
            more += 1
            made = f"[[{name}:{token}{more:04x}]]"
        return made


@dataclass(slots=True, kw_only=True)
class _Revealing:
    known: dict[str, str]
    """By the spelling without brackets, in small letters."""
    unknown: dict[str, None] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        match value:
            case str():
                whole, text = STAND_IN.fullmatch(value), self.within(value)
                return _scalar(text) if whole and whole[2].startswith("#") and text != value else text
            case dict():
                return {self.within(key): self.value(inner) for key, inner in value.items()}
            case list():
                return [self.value(inner) for inner in value]
            case _:
                return value

    def within(self, text: str) -> str:
        return STAND_IN.sub(self._one, text) if "[[" in text else text

    def _one(self, match: re.Match[str]) -> str:
        found = self.known.get(f"{match[1]}:{match[2].lstrip('#')}".casefold())
        if found is None:
            self.unknown[match[0]] = None
        return match[0] if found is None else found


def _scalar(text: str) -> Any:
    """A number, true or false as it was; what no call may carry stays a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value
