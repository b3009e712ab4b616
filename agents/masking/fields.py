"""What stands under a sensitive field's name, in JSON, in JSON inside its strings, and in lines of text. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from . import tokens
from .tokens import Edit

StandInFor = Callable[[str, str], str | None]
"""(field, value) → its stand-in; None where the value stays as it is."""

_TRIM_LEFT = " \t\r\"'`*\\<{"
_TRIM_RIGHT = " \t\r\"'`*\\.,;)}>"
_NOTHING = frozenset({"", "null", "none"})


@dataclass(slots=True, kw_only=True)
class Fields:
    """Covers them in one output."""

    names: dict[str, str]
    """The names as the admin wrote them, by their folded spelling."""
    stand_in: StandInFor
    literal: Callable[[str], str]
    """A text in which everything that only looks like a stand-in is covered."""
    _keys: dict[str, str | None] = field(default_factory=dict)

    def covered(self, text: str, depth: int = 0) -> str:
        text = self.literal(text)
        if not self._may_be_in(text):
            return text
        pieces, at = [], 0
        for start, end in tokens.spans(text) if depth < tokens.DEEPEST else ():
            before = text[at:start]
            name = self._opened_by(before)
            inside = self._values(text, start, end, name) if name else self._json(text, start, end, depth)
            pieces += [self._plain(before), inside]
            at = end
        return "".join([*pieces, self._plain(text[at:])])

    def _may_be_in(self, text: str) -> bool:
        """False only if no field is named in it; a key in JSON can also be written in escapes."""
        if "\\u" in text:
            return True
        bare = folded(text)
        return any(name in bare for name in self.names)

    def _json(self, text: str, start: int, end: int, depth: int) -> str:
        edits: list[Edit] = []
        keys, done = self._keys, start
        for match in _pattern(tuple(self.names)).members.finditer(text, start, end):
            key, raw = match.groups()
            if key is None:
                break
            name = None if raw is None else keys[key] if key in keys else self._learnt(key)
            string = raw or key
            if name is None and (string[0] != '"' or not (":" in string or "=" in string or "\\u" in string)):
                continue
            if (begin := match.end() - len(string)) < done:
                continue  # inside what has been covered
            if name is not None:
                done = tokens.end(text, begin) if raw in ("{", "[") else match.end()
                edits.append((begin, done, self._values(text, begin, done, name)))
            elif (shown := self.covered(inner := tokens.unquoted(string), depth + 1)) != inner:
                edits.append((begin, match.end(), tokens.quoted(shown, string)))  # JSON again, or lines of text
        return tokens.edited(text, start, end, edits)

    def _values(self, text: str, start: int, end: int, name: str) -> str:
        """JSON in which every value is covered, at any depth."""
        found = (match for match in tokens.SCALAR.finditer(text, start, end) if match[2] is None)
        return tokens.edited(text, start, end, [(*match.span(), self._value(match[0], name)) for match in found])

    def _value(self, raw: str, name: str) -> str:
        text = raw[0] == '"'
        value = tokens.unquoted(raw) if text else raw
        made = self.stand_in(name, value) if value.strip() else None
        if made is None:
            return raw
        return tokens.quoted(made, raw) if text else tokens.number(made)

    def _plain(self, text: str) -> str:
        if not self.names:
            return text
        edits: list[Edit] = []
        for match in _pattern(tuple(self.names)).pairs.finditer(text):
            name = self._named(match["name"])
            if raw := match["string"] or match["scalar"]:
                edits.append((*match.span("value"), self._value(raw, name)))
                continue
            bare = match["bare"].lstrip(_TRIM_LEFT).rstrip(_TRIM_RIGHT)
            if bare.lower() not in _NOTHING and (made := self.stand_in(name, bare)) is not None:
                at = match.start("bare") + match["bare"].index(bare)
                edits.append((at, at + len(bare), made))
        return tokens.edited(text, 0, len(text), edits)

    def _opened_by(self, before: str) -> str | None:
        """The field whose value begins where this text ends: `phones: ["1", "2"]`."""
        if not self.names or not before:
            return None
        found = _pattern(tuple(self.names)).opening.search(before, max(0, len(before) - 200))
        return self._named(found["name"]) if found else None

    def _learnt(self, key: str) -> str | None:
        return self._keys.setdefault(key, self.names.get(folded(tokens.unquoted(key))))

    def _named(self, spelling: str) -> str:
        return self.names.get(folded(spelling), spelling)


def folded(name: str) -> str:
    """`E-Mail`, `e_mail` and `email` are one field."""
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    pairs: re.Pattern[str]
    """`email: x`, `E-Mail = x`, `"email": "x"`, `**Email:** x`: up to the next such pair, or the end of the line."""
    opening: re.Pattern[str]
    """The key alone, at the end of a text."""
    members: re.Pattern[str]
    """Through JSON from string to string, over all that cannot matter: the next key of a field and its value, or the
    bracket that opens it; or a string that may hold more. At the end nothing.
    """


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> _Pattern:
    one_of = "|".join("[-_ ]?".join(map(re.escape, name)) for name in sorted(names, key=len, reverse=True))
    key = rf"""(?<!\w)(?P<name>{one_of})(?:(?P<quote>["'])|[`*\\"']{{0,4}}+)[ \t]{{0,8}}+(?:(?P<equals>=)|:)"""
    mark = r"""["'\\]{0,4}+[ \t]{0,8}+[:=]"""
    following = rf"""[ \t]{{0,8}}+["'\\]{{0,4}}+[\w.-]{{1,40}}+(?:[ ][\w.-]{{1,20}}+){{0,2}}+{mark}"""
    spaced = rf"""(?(equals)[ ][\w.-]{{1,40}}+{mark}|(?!))"""
    stop = rf"""(?=(?:[ \t]?[,;|&\t]|[ ][ ]){following}|{spaced}|$)"""
    scalar = r"""(?(quote)(?:-?\d[\d.eE+-]*|true|false)(?=\s{0,80}+[,}\]]|$)|(?!))"""
    value = rf"""(?P<value>(?P<string>"(?:[^"\\\n]++|\\.)*+")|(?P<scalar>{scalar})|(?P<bare>\S[^\n]*?){stop})"""
    loose = one_of.replace("[-_ ]?", "[-_ ]*+")
    over = rf"""(?:[^"]++|"(?!(?i:[-_ ]*+(?:{loose})[-_ ]*+)")[^"\\:=\u0080-\U0010ffff]*+")*+"""
    member = rf"""({tokens.QUOTED})(?:\s*+:\s*+({tokens.QUOTED}|[\[{{]|[^\s,\]}}]++))?"""
    return _Pattern(
        pairs=re.compile(rf"{key}(?:\*\*)?[ \t]{{0,40}}+{value}", re.IGNORECASE | re.MULTILINE),
        opening=re.compile(rf"{key}\s{{0,80}}+\Z", re.IGNORECASE),
        members=re.compile(rf"{over}(?:{member}|\Z)", re.DOTALL),
    )
