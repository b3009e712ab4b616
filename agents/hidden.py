"""What the eye does not see in a text: invisible characters, and letters that pass for others. Pure.

A person approves what they read. Whatever would be read differently from what travels is marked here, never changed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    index: int
    """In code points."""
    codepoint: int
    name: str

    @property
    def label(self) -> str:
        return label(self.codepoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    start: int
    end: int
    scripts: tuple[str, ...]
    """For example ("Cyrillic", "Latin"), ("Fullwidth",), ("Punycode",)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    text: str
    hidden: bool = False
    label: str = ""
    """Of a hidden piece, what to show in its place: `U+200B`, and how often when it is repeated."""


# ── invisible characters ──────────────────────────────────────────────────────────────────────────────────────────

_SHOWN_ANYWAY = "\n\t"

# Printable by their Unicode category, and yet nothing is drawn (default ignorable or blank in Unicode 14).
_DRAWN_AS_NOTHING = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x16FE4, 0x1D159}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
_PICTURES = ((0x2190, 0x21FF), (0x2300, 0x23FF), (0x25A0, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_JOINER, _AS_PICTURE = "\u200d", "\ufe0f"

_CONTROL_NAMES = {
    0x00: "NULL", 0x07: "BELL", 0x08: "BACKSPACE", 0x0B: "LINE TABULATION", 0x0C: "FORM FEED", 0x0D: "CARRIAGE RETURN",
    0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE", 0x9B: "CONTROL SEQUENCE INTRODUCER",
}  # fmt: skip
_NAMELESS = {"Cc": "CONTROL CHARACTER", "Co": "PRIVATE USE CHARACTER", "Cs": "HALF A SURROGATE PAIR"}


def hidden_characters(text: str) -> list[Hidden]:
    """Every character that is not drawn, or not drawn as itself. Line breaks, tabs and plain spaces are."""
    if text.isascii() and text.isprintable():
        return []
    indexes = (index for index, character in enumerate(text) if _is_hidden(character))
    return [_hidden(text, index) for index in indexes if not _part_of_an_emoji(text, index)]


def visible(text: str) -> list[Piece]:
    """The text in pieces to draw one after the other; their texts joined are the text."""
    pieces: list[Piece] = []
    shown = 0
    for found in _runs(hidden_characters(text)):
        start, length = found[0].index, len(found)
        if start > shown:
            pieces.append(Piece(text=text[shown:start]))
        times = f" \u00d7{length}" if length > 1 else ""
        shown = start + length
        pieces.append(Piece(text=text[start:shown], hidden=True, label=found[0].label + times))
    if shown < len(text):
        pieces.append(Piece(text=text[shown:]))
    return pieces


def label(codepoint: int) -> str:
    return f"U+{codepoint:04X}"


def _is_hidden(character: str) -> bool:
    """`isprintable` is false for all of Unicode's other and separator categories but the plain space."""
    if character.isprintable():
        return ord(character) in _DRAWN_AS_NOTHING
    return character not in _SHOWN_ANYWAY


def _hidden(text: str, index: int) -> Hidden:
    codepoint = ord(text[index])
    fallback = _CONTROL_NAMES.get(codepoint) or _NAMELESS.get(unicodedata.category(text[index]), "UNASSIGNED CHARACTER")
    return Hidden(index=index, codepoint=codepoint, name=unicodedata.name(text[index], fallback))


def _part_of_an_emoji(text: str, index: int) -> bool:
    """A joiner between two pictures, or the one mark that asks for a picture right behind one."""
    before = text[max(0, index - 2) : index]
    if text[index] == _JOINER:
        return _is_picture(before.removesuffix(_AS_PICTURE)[-1:]) and _is_picture(text[index + 1 : index + 2])
    return text[index] == _AS_PICTURE and _is_picture(before[-1:])


def _is_picture(character: str) -> bool:
    return bool(character) and character.isprintable() and any(a <= ord(character) <= b for a, b in _PICTURES)


def _runs(found: list[Hidden]) -> Iterator[list[Hidden]]:
    """The same character several times over is one run: a hundred thousand of them are one label."""
    run: list[Hidden] = []
    for one in found:
        if run and (one.codepoint, one.index) != (run[-1].codepoint, run[-1].index + 1):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


# ── letters that pass for others ──────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(r"\S+")
_PUNYCODE = re.compile(r"(?<![A-Za-z0-9-])xn--[A-Za-z0-9-]+", re.IGNORECASE)

# First words of Unicode names which are no script: they go with every neighbour.
_NEUTRAL = {"COMBINING", "MICRO", "MODIFIER", "FEMININE", "MASCULINE", "SUPERSCRIPT", "SUBSCRIPT", "OHM", "ANGSTROM"}
_ONE_SCRIPT = {"EXTENDED": "ARABIC", "ARABIC-INDIC": "ARABIC"}
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "HALFWIDTH"}

# Letters drawn like Latin ones (the pairs of Unicode's confusables table for these scripts).
_LOOKALIKES = {
    # ABESIJKMHOPCTYX aeopcyxsijhdqwlIv
    "CYRILLIC": frozenset(
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430\u0435\u043e"
        "\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf\u04c0\u0475"
    ),
    # ABEZHIKMNOPTYX oviou
    "GREEK": frozenset(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd\u03b9\u03c1"
        "\u03c5"
    ),
}


def mixed_scripts(text: str) -> list[Mixed]:
    """Words that mix scripts, stand in disguised letters, or pass for Latin; host labels in punycode."""
    found = [Mixed(start=m.start(), end=m.end(), scripts=("Punycode",)) for m in _PUNYCODE.finditer(text)]
    if not text.isascii():
        passing = _scripts_passing_for_latin(text)
        for start, end in _words(text):
            if scripts := _suspicious(text[start:end], passing):
                found.append(Mixed(start=start, end=end, scripts=tuple(sorted(scripts))))
    return sorted(found, key=lambda mixed: mixed.start)


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Runs of letters, marks and digits; an address is one word, so that its halves are compared."""
    for token in _TOKEN.finditer(text):
        if token.group().isascii():
            continue
        if "@" in token.group() or "://" in token.group():
            yield token.span()
            continue
        start = None
        for index in range(token.start(), token.end() + 1):
            inside = index < token.end() and _is_part_of_a_word(text[index])
            if inside and start is None:
                start = index
            elif not inside and start is not None:
                yield start, index
                start = None


def _suspicious(word: str, passing: set[str]) -> set[str]:
    """The scripts to name to a person, or nothing."""
    disguises = {_first_word(character) for character in word if _is_disguised(character)}
    scripts = {script for character in word if (script := _script(character))}
    if any(unicodedata.category(c) == "Nd" and not c.isascii() for c in word) and any("0" <= c <= "9" for c in word):
        scripts.add("LATIN")  # digits of two systems in one number
    if scripts & passing:
        scripts.add("LATIN")
    if len(scripts) < 2 or scripts - _EAST_ASIAN <= {"LATIN"}:
        scripts = set()
    return {name.capitalize() for name in scripts | disguises}


def _scripts_passing_for_latin(text: str) -> set[str]:
    """Scripts of which the text holds nothing but letters drawn like Latin ones, beside real Latin or digits."""
    if not any(character.isascii() and character.isalnum() for character in text):
        return set()
    letters: dict[str, set[str]] = {script: set() for script in _LOOKALIKES}
    for character in text:
        if not character.isascii() and (script := _script(character)) in letters:
            letters[script].add(character)
    return {script for script, used in letters.items() if used and used <= _LOOKALIKES[script]}


@lru_cache(maxsize=8192)
def _script(character: str) -> str:
    """The script of a letter, or of a digit that is not ASCII; empty for all else."""
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if unicodedata.category(character) not in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"} or _is_disguised(character):
        return ""
    word = _first_word(character)
    return "" if word in _NEUTRAL else _ONE_SCRIPT.get(word, word)


def _is_part_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or _is_disguised(character)


@lru_cache(maxsize=8192)
def _is_disguised(character: str) -> bool:
    """A letter or digit that is an ASCII one in costume: fullwidth, mathematical, circled, the Kelvin sign."""
    if character.isascii() or _first_word(character) in _NEUTRAL:
        return False
    plain = unicodedata.normalize("NFKC", character)
    return len(plain) == 1 and plain.isascii() and plain.isalnum()


def _first_word(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0]
