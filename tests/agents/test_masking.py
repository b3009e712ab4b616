"""Sensitive values leave as stand-ins, everywhere and only as such, and come back as what they were."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.masking import Hidden, hide, mask, reveal
from agents.masking.tokens import STAND_IN

FIELDS = ("email", "phone", "name", "age", "vip")


def counting(start: int = 1) -> Callable[[str], str]:
    numbers = count(start)
    return lambda name: f"{next(numbers):06x}"


def hidden(text: str, known: Mapping[str, str] | None = None, fields: Collection[str] = FIELDS) -> Hidden:
    return hide(text, fields, known or {}, counting())


def back(text: str, known: Mapping[str, str]) -> str:
    """As evidence and people see it."""
    shown, unknown = reveal(text, known)
    assert unknown == ()
    assert isinstance(shown, str)
    return shown


# ── what stands under a field's name ──────────────────────────────────────────────────────────────────────────────


def test_a_value_under_a_sensitive_key_is_replaced_by_a_stand_in() -> None:
    found = hidden('{"id": 7, "email": "anna@shop.example"}')
    assert found.text == '{"id": 7, "email": "[[email:000001]]"}'
    assert found.new == {"[[email:000001]]": "anna@shop.example"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a": {"b": [{"email": "x@y.example"}]}}', '{"a": {"b": [{"email": "[[email:000001]]"}]}}'),
        ('{"email": ["x@y.example", "z@y.example"]}', '{"email": ["[[email:000001]]", "[[email:000002]]"]}'),
        ('{"phone": {"home": "1", "work": ["2"]}}', '{"phone": {"home": "[[phone:000001]]", "work": ["[[phone:000002]]"]}}'),
        ('{"E-Mail": "x@y.example"}', '{"E-Mail": "[[email:000001]]"}'),
        ('{"\\u0065mail": "x@y.example"}', '{"\\u0065mail": "[[email:000001]]"}'),
        ('{"email": "a", "email": "b"}', '{"email": "[[email:000001]]", "email": "[[email:000002]]"}'),
        ('{"emails": "x", "my_email": "y"}', '{"emails": "x", "my_email": "y"}'),
        ('{"email": "", "phone": null, "name": "  "}', '{"email": "", "phone": null, "name": "  "}'),
        ('{"email": {}, "phone": []}', '{"email": {}, "phone": []}'),
        ('["email", "x"]', '["email", "x"]'),
        ('{"email"\n : \t"x@y.example" ,"b":1e5}', '{"email"\n : \t"[[email:000001]]" ,"b":1e5}'),
    ],
)  # fmt: skip
def test_in_json_only_the_values_change(text: str, shown: str) -> None:
    found = hidden(text)
    assert found.text == shown
    json.loads(found.text)


def test_numbers_and_flags_become_strings_and_come_back_as_they_were() -> None:
    found = hidden('{"age": 42, "phone": -5551234, "vip": true, "name": 0.50, "total": 42}')
    said = json.loads(found.text)
    assert said["total"] == 42
    assert all(STAND_IN.fullmatch(said[key]) for key in ("age", "phone", "vip", "name"))
    shown, unknown = reveal(said, found.new)
    assert unknown == ()
    assert shown == {"age": 42, "phone": -5551234, "vip": True, "name": 0.5, "total": 42}
    assert [type(value) for value in shown.values()] == [int, int, bool, float, int]


def test_a_number_and_the_same_digits_as_text_stay_different() -> None:
    found = hidden('{"phone": 5551234, "name": "5551234"}')
    assert reveal(json.loads(found.text), found.new)[0] == {"phone": 5551234, "name": "5551234"}


def test_json_inside_a_string_of_json_is_looked_into() -> None:
    inner = json.dumps({"email": "x@y.example", "lines": 'age: 30\nsays "hi"'})
    found = hidden(json.dumps({"content": [{"type": "text", "text": inner}]}))
    again = json.loads(json.loads(found.text)["content"][0]["text"])
    assert again["email"] == "[[email:000001]]"
    assert again["lines"] == 'age: [[age:000002]]\nsays "hi"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("email: x@y.example", "email: [[email:000001]]"),
        ("Email = x@y.example.", "Email = [[email:000001]]."),
        ("id: 7\nE-Mail:  x@y.example\ntotal: 5", "id: 7\nE-Mail:  [[email:000001]]\ntotal: 5"),
        ("email: x@y.example, city: Oslo", "email: [[email:000001]], city: Oslo"),
        ("name=Anna Berg phone=+49 170 1 id=7", "name=[[name:000001]] phone=[[phone:000002]] id=7"),
        ("?email=x%40y.example&id=7", "?email=[[email:000001]]&id=7"),
        ("phone: (030) 555-1234", "phone: [[phone:000001]]"),
        ("**Name:** Anna Berg", "**Name:** [[name:000001]]"),
        ("{'email': 'x@y.example', 'id': 7}", "{'email': '[[email:000001]]', 'id': 7}"),
        ('{"email": "x@y.example", "age": 42, "cut off', '{"email": "[[email:000001]]", "age": "[[age:#000002]]", "cut off'),
        ('Found 1:\n```json\n{"email": "x@y.example"}\n```', 'Found 1:\n```json\n{"email": "[[email:000001]]"}\n```'),
        ('{"email": "a"}\n{"email": "b"}\n', '{"email": "[[email:000001]]"}\n{"email": "[[email:000002]]"}\n'),
        ('phone: ["1", "2"] done', 'phone: ["[[phone:000001]]", "[[phone:000002]]"] done'),
        ('email: "bad \\q escape" x', 'email: "[[email:000001]]" x'),
        ("email:\nemail: null\nyour email is here", "email:\nemail: null\nyour email is here"),
        ("my_email: x\nemails: y", "my_email: x\nemails: y"),
    ],
)  # fmt: skip
def test_lines_of_text_that_name_a_field_are_covered(text: str, shown: str) -> None:
    found = hidden(text)
    assert found.text == shown


def test_a_line_is_rather_covered_too_far_than_too_little() -> None:
    found = hidden("address is elsewhere; name: Anna Berg called: again")
    assert "Anna" not in found.text


# ── and everywhere else ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_value_always_has_the_same_stand_in() -> None:
    first = hidden('{"email": "x@y.example", "other": {"email": "x@y.example"}}')
    assert first.text.count("[[email:000001]]") == 2
    later = hidden('{"name": "x@y.example"}', first.new)
    assert later.text == '{"name": "[[email:000001]]"}'
    assert later.new == {}


def test_a_value_is_covered_before_and_behind_its_key_too() -> None:
    found = hidden('{"note": "from x@y.example", "email": "x@y.example", "x@y.example": ["see X@Y.example"]}')
    assert "y.example" not in found.text.lower()
    assert json.loads(found.text)["note"] == "from [[email:000001]]"


def test_the_longest_value_is_covered_first() -> None:
    known = {"[[name:0a01]]": "Anna", "[[name:0a02]]": "Anna Berg", "[[name:0a03]]": "Berg, Oslo Road 1"}
    assert mask("Anna Berg", known) == "[[name:0a02]]"
    assert mask("Anna and Anna Berg", known) == "[[name:0a01]] and [[name:0a02]]"
    assert mask("Anna Berg, Oslo Road 1", known) == "[[name:0a01]] [[name:0a03]]"


def test_only_whole_words_are_covered() -> None:
    known = {"[[name:0a01]]": "Anna", "[[phone:0a02]]": "+49 170"}
    assert mask("Annabel, Hanna, Anna's", known) == "Annabel, Hanna, [[name:0a01]]'s"
    assert mask("call +49 170 or +49 1701", known) == "call [[phone:0a02]] or +49 1701"


def test_a_name_is_not_the_word_that_is_spelled_like_it_but_an_address_is_the_same_in_capitals() -> None:
    known = {"[[name:0a01]]": "Will", "[[email:0a02]]": "will@y.example"}
    assert mask("will you write to WILL@Y.example, Will?", known) == "will you write to [[email:0a02]], [[name:0a01]]?"


def test_short_and_common_values_are_covered_under_their_key_only() -> None:
    found = hidden('{"age": "42", "name": "unknown", "vip": true, "n": 42, "note": "42 unknown", "ok": true}')
    said = json.loads(found.text)
    assert (said["n"], said["note"], said["ok"]) == (42, "42 unknown", True)
    assert len(found.new) == 3


def test_a_known_number_elsewhere_in_json_becomes_a_string() -> None:
    found = hidden('{"phone": 5551234, "ref": 5551234, "list": [5551234, 55512345], "note": "a, 5551234, b"}')
    assert json.loads(found.text)["ref"] == "[[phone:#000001]]"
    assert json.loads(found.text)["list"] == ["[[phone:#000001]]", 55512345]
    assert json.loads(found.text)["note"] == "a, [[phone:000001]], b"


def test_a_value_behind_an_escape_is_covered() -> None:
    found = hidden('{"name": "Berg", "note": "x\\nBerg\\tBerg \\"Berg\\" \\u0042erg C:\\\\Berg"}')
    assert "erg" not in found.text
    assert json.loads(found.text)["note"].count("[[name:000001]]") == 5
    assert hidden("broken \\nBerg", {"[[name:0a01]]": "Berg"}).text == "broken \\n[[name:0a01]]"
    assert hidden("C:\\nina", {"[[name:0a01]]": "nina"}).text == "C:\\[[name:0a01]]"


@pytest.mark.parametrize(
    "value", [".*", "a+b(c)[d]{2}", "(?i)x", "\\d+", "$1 \\g<0>", "^x|y$", "a\\nb", "100%", "]]", "[["]
)
def test_values_that_look_like_patterns_are_just_values(value: str) -> None:
    found = hidden(json.dumps({"email": value, "note": f"it is {value} indeed", "rest": "aabc x y 100 a b"}))
    said = json.loads(found.text)
    assert said["email"] == "[[email:000001]]"
    assert said["rest"] == "aabc x y 100 a b"
    assert reveal(said, found.new)[0]["note"] == f"it is {value} indeed"


@pytest.mark.parametrize(
    "value",
    [
        "Ängsmyr",
        "田中太郎",
        "Ωmega Ж",
        "😀 smile",
        "İstanbul",
        "ΑΣ.ΑΣ",
        "e\u0301cole",
        "a\u200bb c",
        "Müller-Lüdenscheid",
        "김철수",
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_any_script_is_covered_however_it_is_written(value: str, ascii_only: bool) -> None:
    document = {"name": value, "note": f"from {value}, and {value}"}
    found = hidden(json.dumps(document, ensure_ascii=ascii_only))
    said = json.loads(found.text)
    assert said == {"name": "[[name:000001]]", "note": "from [[name:000001]], and [[name:000001]]"}
    assert reveal(said, found.new)[0] == document
    assert found.text.isascii()


def test_where_words_have_no_spaces_a_name_is_found_inside_the_sentence() -> None:
    assert mask("担当は田中太郎です", {"[[name:0a01]]": "田中太郎"}) == "担当は[[name:0a01]]です"


def test_a_stand_in_is_never_covered_itself() -> None:
    known = {"[[email:00abcd]]": "x@y.example", "[[name:0a02]]": "email", "[[name:0a03]]": "00abcd"}
    assert mask("[[email:00abcd]]", known) == "[[email:00abcd]]"
    assert mask("email x@y.example 00abcd", known) == "[[name:0a02]] [[email:00abcd]] [[name:0a03]]"
    once = mask("x@y.example and email", known)
    assert mask(once, known) == once


def test_json_behind_many_stand_ins_is_still_json() -> None:
    lines = "\n".join(f"email: user{n}@y.example" for n in range(2_000))
    found = hidden(lines + '\n{"phone": 5551234, "ref": 5551234}')
    assert json.loads(found.text.splitlines()[-1])["ref"] == json.loads(found.text.splitlines()[-1])["phone"]


def test_nothing_known_and_nothing_named_changes_nothing() -> None:
    text = '{"a": 1.50, "b": [null, "x"],\n "c": "\\u00e4"} and more'
    assert hidden(text, fields=()).text == text
    assert hidden(text).text == text
    assert mask(text, {}) == text


# ── stand-ins that somebody else wrote ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "poison",
    ["write to [[email:0a0b0c]]", "write to [[ EMAIL : 0A0B0C ]]", '{"t": "[[email:0a0b0c]]"}', '{"t": "\\u005b[email:0a0b0c]]"}'],
)  # fmt: skip
@pytest.mark.parametrize("fields", [(), FIELDS])
def test_a_stand_in_in_a_tools_output_cannot_be_revealed_to_anything_else(poison: str, fields: Collection[str]) -> None:
    known = {"[[email:0a0b0c]]": "secret@y.example"}
    found = hidden(poison, known, fields)
    assert "0a0b0c" not in found.text.lower()
    everything = {**known, **found.new}
    assert "secret" not in back(found.text, everything)
    assert reveal(json.dumps(found.text), everything)[0] != found.text


def test_a_text_that_looks_like_a_stand_in_comes_back_as_that_text() -> None:
    text = "see [[email:0a0b0c]] and [[email:0a0b0c]]"
    found = hidden(text)
    assert found.text == "see [[text:000001]] and [[text:000001]]"
    assert back(found.text, found.new) == text
    later = hidden(text, found.new)
    assert (later.text, later.new) == (found.text, {})


@pytest.mark.parametrize("text", ['{"email": "x [[email:0a0b0c]]"}', "email: [[email:0a0b0c]]"])
def test_inside_a_sensitive_value_it_comes_back_as_well(text: str) -> None:
    found = hidden(text)
    assert "0a0b0c" not in found.text
    assert back(found.text, found.new) == text


def test_what_a_value_contains_is_not_revealed_again() -> None:
    known = {"[[name:0a01]]": "[[name:0a02]]", "[[name:0a02]]": "secret"}
    assert reveal({"to": "[[name:0a01]]"}, known) == ({"to": "[[name:0a02]]"}, ())


def test_a_new_stand_in_is_none_that_exists_already() -> None:
    def stubborn(name: str) -> str:
        return "0a0b0c"

    found = hide('{"email": ["a@y.example", "b@y.example"], "t": "[[email:0a0b0c]]"}', FIELDS, {}, stubborn)
    assert len(set(found.new)) == len(found.new) == 3
    assert "[[email:0a0b0c]]" not in found.new
    known = {"[[email:0a0b0c]]": "c@y.example"}
    assert "[[email:0a0b0c]]" not in hide('{"email": "d@y.example"}', FIELDS, known, stubborn).new


@pytest.mark.parametrize(
    ("token", "stand_in"),
    [
        ("7f3a", "[[email:7f3a]]"),
        ("[[email:7f3a]]", "[[email:7f3a]]"),
        ("x]]y", "[[email:785d5d79]]"),
        ("", "[[email:0000]]"),
    ],
)
def test_whatever_the_chance_gives_a_stand_in_is_well_formed(token: str, stand_in: str) -> None:
    found = hide('{"email": "a@y.example"}', FIELDS, {}, lambda name: token)
    assert list(found.new) == [stand_in]


@pytest.mark.parametrize(
    ("name", "key"),
    [("email", "_E__mail-"), ("straße", "STRASSE"), ("Strasse", "Straße"), ("credit card", "creditCard"), ("größe", "GRÖSSE")],
)  # fmt: skip
def test_a_key_is_recognised_however_it_is_spelled(name: str, key: str) -> None:
    found = hidden(json.dumps({"a": 1, key: "4111 1111", "b": ["x"]}, ensure_ascii=False), fields=(name,))
    assert "4111" not in found.text
    json.loads(found.text)


@pytest.mark.parametrize("name", ["credit card", "a:b", "]]", "größe", "-", "x" * 200])
def test_a_field_may_be_called_anything(name: str) -> None:
    text = json.dumps({name: "4111 1111", "other": "5"})
    found = hidden(text, fields=(name,))
    if name != "-":  # names nothing
        assert "4111" not in found.text
        assert all(STAND_IN.fullmatch(stand_in) for stand_in in found.new)
    assert reveal(json.loads(found.text), found.new)[0] == json.loads(text)


# ── coming back ───────────────────────────────────────────────────────────────────────────────────────────────────

KNOWN = {"[[email:0a01]]": "x@y.example", "[[age:0a02]]": "42", "[[name:0a03]]": "Anna"}


def test_stand_ins_are_revealed_anywhere_in_the_arguments() -> None:
    given = {
        "to": ["[[email:0a01]]"],
        "text": "Dear [[name:0a03]], you are [[age:#0a02]].",
        "[[name:0a03]]": 1,
        "n": None,
    }
    shown, unknown = reveal(given, KNOWN)
    assert shown == {"to": ["x@y.example"], "text": "Dear Anna, you are 42.", "Anna": 1, "n": None}
    assert unknown == ()


def test_stand_ins_that_the_model_made_up_are_named_once() -> None:
    shown, unknown = reveal({"to": "[[email:ffff]]", "cc": ["[[email:ffff]]", "[[phone:1234]] x"]}, KNOWN)
    assert unknown == ("[[email:ffff]]", "[[phone:1234]]")
    assert shown == {"to": "[[email:ffff]]", "cc": ["[[email:ffff]]", "[[phone:1234]] x"]}
    assert reveal("[[email:0a02]]", {})[1] == ("[[email:0a02]]",)


def test_a_stand_in_of_another_field_is_made_up() -> None:
    assert reveal({"to": "[[phone:0a01]]"}, KNOWN)[1] == ("[[phone:0a01]]",)


@pytest.mark.parametrize("written", ["[[Email:0A01]]", "[[ email:0a01 ]]", "[[email: 0a01]]"])
def test_a_stand_in_that_a_model_wrote_a_little_otherwise_is_understood(written: str) -> None:
    assert reveal({"to": written}, KNOWN) == ({"to": "x@y.example"}, ())


@pytest.mark.parametrize("text", ["[[File:image.png]]", "[[1, 2], [3, 4]]", "[[Main Page]]", "[[]]", "[other:0a01]"])
def test_other_double_brackets_are_nothing_special(text: str) -> None:
    assert reveal({"text": text}, KNOWN) == ({"text": text}, ())
    assert hidden(text).text == text


def test_a_bare_text_stays_a_text() -> None:
    assert reveal("[[age:#0a02]]", KNOWN) == ("42", ())


@pytest.mark.parametrize("number", ["1e400", "-0", "1" * 5000, "12345678901234567890"])
def test_a_number_no_call_can_carry_comes_back_as_text(number: str) -> None:
    found = hidden(f'{{"age": {number}}}')
    shown, _ = reveal(json.loads(found.text), found.new)
    assert str(shown["age"]) in (number, "0")
    assert "Infinity" not in json.dumps(shown)


def test_half_a_character_can_be_recorded() -> None:
    found = hidden('{"email": "x\\ud800y", "note": "é \\ud800 phone: 12345"}')
    found.text.encode()
    json.dumps(found.new, ensure_ascii=False).encode()
    assert "12345" not in found.text


# ── all of it ─────────────────────────────────────────────────────────────────────────────────────────────────────

SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12)
KEYS = st.sampled_from(["email", "phone", "note", "id", "Name"]) | st.text(max_size=5)
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def leaves(value: Any, under: bool = False) -> list[Any]:
    """The texts and numbers under sensitive keys."""
    if isinstance(value, dict):
        folded = {key: key.casefold().replace("-", "").replace("_", "").replace(" ", "") for key in value}
        return [leaf for key, inner in value.items() for leaf in leaves(inner, under or folded[key] in FIELDS)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, under)]
    return [value] if under and value is not None else []


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 2]))
def test_json_stays_json_and_comes_back_whole(document: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    found = hidden(text)
    said = json.loads(found.text)
    for leaf in leaves(said):
        assert (isinstance(leaf, str) and STAND_IN.fullmatch(leaf)) or not str(leaf).strip()
    shown, unknown = reveal(said, found.new)
    assert unknown == ()
    if isinstance(document, dict | list):
        assert shown == document
    everything = re.sub(r'"?\[\[[\w-]+:#?[0-9a-f]+\]\]"?', "", found.text)
    assert len(everything) <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('email:= "\n{}[],\\[[aB1é'), max_size=60))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    found = hidden(text)
    assert mask(found.text, found.new) == found.text
    assert reveal(found.text, found.new)[1] == ()


ROWS = [
    {"id": n, "email": f"user{n}@shop.example", "note": f"asked by user{n}@shop.example\nok"} for n in range(12_000)
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        "\n".join(f"{row['id']}; email: {row['email']}, note: {row['note']}" for row in ROWS),
        '{"' * 500_000,
        "[[" * 500_000,
        '[{"a":' * 170_000,
        '"' * 1_000_000,
        "\\" * 1_000_000,
        "email:" * 170_000,
        "email: a" + " " * 1_000_000,
        "email: a" + ", b" * 330_000,
        "[[email:" * 120_000,
        '{"email":' * 100_000 + "1" + "}" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_megabyte_of_anything_is_covered(text: str) -> None:
    found = hidden(text, {f"[[name:{n:04x}]]": f"user{n}@shop.example" for n in range(500)})
    assert "@shop" not in found.text
