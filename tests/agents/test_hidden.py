"""What the eye does not see in a text is found and can be drawn."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.hidden import Hidden, Mixed, Piece, hidden_characters, mixed_scripts, visible

HIDDEN = [
    ("\x00", "NULL"), ("\x07", "BELL"), ("\x08", "BACKSPACE"), ("\x0b", "LINE TABULATION"), ("\x0c", "FORM FEED"),
    ("\r", "CARRIAGE RETURN"), ("\x1b", "ESCAPE"), ("\x1f", "CONTROL CHARACTER"), ("\x7f", "DELETE"),
    ("\x85", "NEXT LINE"), ("\x9b", "CONTROL SEQUENCE INTRODUCER"), ("\xa0", "NO-BREAK SPACE"),
    ("\xad", "SOFT HYPHEN"), ("\u034f", "COMBINING GRAPHEME JOINER"), ("\u061c", "ARABIC LETTER MARK"),
    ("\u115f", "HANGUL CHOSEONG FILLER"), ("\u1160", "HANGUL JUNGSEONG FILLER"), ("\u1680", "OGHAM SPACE MARK"),
    ("\u17b4", "KHMER VOWEL INHERENT AQ"), ("\u180e", "MONGOLIAN VOWEL SEPARATOR"),
    ("\u180b", "MONGOLIAN FREE VARIATION SELECTOR ONE"), ("\u2003", "EM SPACE"), ("\u200a", "HAIR SPACE"),
    ("\u200b", "ZERO WIDTH SPACE"), ("\u200c", "ZERO WIDTH NON-JOINER"), ("\u200d", "ZERO WIDTH JOINER"),
    ("\u200e", "LEFT-TO-RIGHT MARK"), ("\u200f", "RIGHT-TO-LEFT MARK"), ("\u2028", "LINE SEPARATOR"),
    ("\u2029", "PARAGRAPH SEPARATOR"), ("\u202a", "LEFT-TO-RIGHT EMBEDDING"), ("\u202e", "RIGHT-TO-LEFT OVERRIDE"),
    ("\u202f", "NARROW NO-BREAK SPACE"), ("\u205f", "MEDIUM MATHEMATICAL SPACE"), ("\u2060", "WORD JOINER"),
    ("\u2062", "INVISIBLE TIMES"), ("\u2064", "INVISIBLE PLUS"), ("\u2065", "UNASSIGNED CHARACTER"),
    ("\u2066", "LEFT-TO-RIGHT ISOLATE"), ("\u2069", "POP DIRECTIONAL ISOLATE"), ("\u2800", "BRAILLE PATTERN BLANK"),
    ("\u3000", "IDEOGRAPHIC SPACE"), ("\u3164", "HANGUL FILLER"), ("\ue000", "PRIVATE USE CHARACTER"),
    ("\ud800", "HALF A SURROGATE PAIR"), ("\ufe00", "VARIATION SELECTOR-1"), ("\ufe0f", "VARIATION SELECTOR-16"),
    ("\ufeff", "ZERO WIDTH NO-BREAK SPACE"), ("\uffa0", "HALFWIDTH HANGUL FILLER"),
    ("\ufff9", "INTERLINEAR ANNOTATION ANCHOR"), ("\ufffc", "OBJECT REPLACEMENT CHARACTER"),
    ("\uffff", "UNASSIGNED CHARACTER"), ("\U0001d159", "MUSICAL SYMBOL NULL NOTEHEAD"),
    ("\U0001d173", "MUSICAL SYMBOL BEGIN BEAM"), ("\U000e0001", "LANGUAGE TAG"),
    ("\U000e0041", "TAG LATIN CAPITAL LETTER A"), ("\U000e007f", "CANCEL TAG"),
    ("\U000e0100", "VARIATION SELECTOR-17"), ("\U0010fffd", "PRIVATE USE CHARACTER"),
]  # fmt: skip


@pytest.mark.parametrize(("character", "name"), HIDDEN, ids=[f"U+{ord(c):04X}" for c, _ in HIDDEN])
def test_an_invisible_character_is_found_and_named(character: str, name: str) -> None:
    assert hidden_characters(f"ab{character}c") == [Hidden(index=2, codepoint=ord(character), name=name)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text, 100 %",
        "two\nlines\tand a tab",
        "Gr\u00fc\u00dfe, \u00e9t\u00e9, e\u0301",
        "\u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4 \u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u05e2\u05d1\u05e8",
        "\U0001f600",
        "\u2764\ufe0f",
        "\u2764\ufe0f\u200d\U0001f525",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U0001f469\U0001f3fd\u200d\U0001f680",
        "\U0001f937\u200d\u2642\ufe0f",
    ],
)
def test_what_is_drawn_as_itself_is_left_alone(text: str) -> None:
    assert hidden_characters(text) == []


@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("\U0001f600\u200d", [1]),
        ("\u200d\U0001f600", [0]),
        ("a\u200d\U0001f600", [1]),
        ("\U0001f600\u200da", [1]),
        ("\U0001f600\u200d\u200d\U0001f600", [1, 2]),
        ("\U0001f600\ufe0f\ufe0f", [2]),
        ("a\ufe0f", [1]),
        ("\U0001f600\ufe0e", [1]),
        ("\ufe0f", [0]),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", [1, 2, 3]),
        ("\x1b[31mred", [0]),
    ],
)
def test_joiners_are_let_pass_only_inside_an_emoji(text: str, indexes: list[int]) -> None:
    assert [found.index for found in hidden_characters(text)] == indexes


def test_every_character_that_is_not_printable_is_reported() -> None:
    assigned = "".join(map(chr, [*range(0x20000), *range(0xE0000, 0xE1000)]))
    found = {one.codepoint for one in hidden_characters(assigned)}
    assert {ord(c) for c in assigned if not c.isprintable()} - {ord("\n"), ord("\t")} <= found


@given(st.text(st.characters()))
def test_every_character_outside_printable_is_reported_wherever_it_stands(text: str) -> None:
    found = {one.index for one in hidden_characters(text)}
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if category in {"Cc", "Cn", "Co", "Cs", "Zl", "Zp"} and character not in "\n\t":
            assert index in found


@given(st.text(st.characters() | st.sampled_from("\u200b\u200d\ufe0f\U0001f600\u202e"), max_size=30))
def test_the_pieces_are_the_text_and_the_visible_ones_hide_nothing(text: str) -> None:
    pieces = visible(text)
    assert "".join(piece.text for piece in pieces) == text
    assert sum(len(piece.text) for piece in pieces if piece.hidden) == len(hidden_characters(text))
    assert all(piece.text and bool(piece.label) is piece.hidden for piece in pieces)


def test_a_text_is_cut_into_pieces_to_draw() -> None:
    assert visible("") == []
    assert visible("ab") == [Piece(text="ab")]
    assert visible("a\u200b\u200b\u202eb\U000e0041") == [
        Piece(text="a"),
        Piece(text="\u200b\u200b", hidden=True, label="U+200B \u00d72"),
        Piece(text="\u202e", hidden=True, label="U+202E"),
        Piece(text="b"),
        Piece(text="\U000e0041", hidden=True, label="U+E0041"),
    ]
    assert len(visible("\u200b" * 100_000)) == 1


def test_a_hidden_character_knows_its_label() -> None:
    assert hidden_characters("\xad")[0].label == "U+00AD"


MIXED = [
    ("p\u0430ypal", [(0, 6, ("Cyrillic", "Latin"))]),
    ("to p\u0430ypal and \u0430pple", [(3, 9, ("Cyrillic", "Latin")), (14, 19, ("Cyrillic", "Latin"))]),
    ("g\u03bf\u03bfgle", [(0, 6, ("Greek", "Latin"))]),
    ("\u0441\u03bf", [(0, 2, ("Cyrillic", "Greek"))]),
    ("b\u0561nk", [(0, 4, ("Armenian", "Latin"))]),
    ("\u13aapple", [(0, 5, ("Cherokee", "Latin"))]),
    ("e\u0301\u0430b", [(0, 4, ("Cyrillic", "Latin"))]),
    ("\uff41\uff42\uff43", [(0, 3, ("Fullwidth",))]),
    ("\U0001d400dmin", [(0, 5, ("Mathematical",))]),
    ("5\U0001d7ce0", [(0, 3, ("Mathematical",))]),
    ("\u24d0dmin", [(0, 5, ("Circled",))]),
    ("\u212aelvin", [(0, 6, ("Kelvin",))]),
    ("1\u0660\u06600", [(0, 4, ("Arabic", "Latin"))]),
    ("\u09ea00", [(0, 3, ("Bengali", "Latin"))]),
    ("\u0421-1042", [(0, 1, ("Cyrillic", "Latin"))]),
    ("send it to \u0410\u0441\u0430", [(11, 14, ("Cyrillic", "Latin"))]),
    ("\u0441\u043e\u0441\u043e@shop.example", [(0, 17, ("Cyrillic", "Latin"))]),
    ("anna@\u0448\u043e\u043f.example", [(0, 16, ("Cyrillic", "Latin"))]),
    ("https://\u0448\u043e\u043f.example/a", [(0, 21, ("Cyrillic", "Latin"))]),
    ("+\u06605@shop.example", [(0, 16, ("Arabic", "Latin"))]),
    ("xn--pypal-4ve.example", [(0, 13, ("Punycode",))]),
    ("a@mail.XN--80ak6aa92e.example", [(7, 21, ("Punycode",))]),
]


@pytest.mark.parametrize(("text", "expected"), MIXED, ids=[ascii(text) for text, _ in MIXED])
def test_letters_that_pass_for_others_are_marked(text: str, expected: list[tuple[int, int, tuple[str, ...]]]) -> None:
    assert mixed_scripts(text) == [Mixed(start=start, end=end, scripts=scripts) for start, end, scripts in expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words and anna@shop.example",
        "na\u00efve fa\u00e7ade Stra\u00dfe",
        "\u041f\u0440\u0438\u0432\u0435\u0442 iPhone 15, \u0441 \u0440\u0430\u0431\u043e\u0442\u044b",
        "\u0410\u0441\u0430",
        "\u03b1\u03b2\u03b3 and abc",
        "T\u30b7\u30e3\u30c4 \u6771\u4eacTokyo \u30b3\u30fc\u30d2\u30fc \uc0bc\uc131A/S",
        "\u05e9\u05dc\u05d5\u05dd 2024",
        "\u06f1\u06f2\u06f3 \u0635\u0641\u062d\u0629\u0662",
        "5 m\u00b2, 10 \u00b5m, 1\u00aa, H\u2082O",
        "\u20ac 5 \u2192 \u00bd",
        "myxn--not a label; exn--5",
        "\U0001f600 smile",
    ],
)
def test_honest_texts_are_not_marked(text: str) -> None:
    assert mixed_scripts(text) == []


@given(st.text(st.characters(), max_size=40))
def test_marks_are_ordered_ranges_of_the_text(text: str) -> None:
    for mark in mixed_scripts(text):
        assert 0 <= mark.start < mark.end <= len(text)
        assert mark.scripts
