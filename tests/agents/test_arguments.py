"""Arguments are read strictly, written in one way only, and edited without touching anything else."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import pointer
from agents.arguments import (
    DEEPEST,
    LONGEST,
    BadArguments,
    CallDetails,
    apply_patch,
    canonical,
    digest,
    leaves,
    parse,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
objects = st.dictionaries(text, values, max_size=5)


@given(objects)
def test_the_canonical_text_is_a_fixed_point(arguments: dict[str, Any]) -> None:
    written = canonical(arguments)
    assert canonical(parse(written)) == written
    assert parse(written) == arguments


@given(objects)
def test_any_way_of_writing_the_same_object_gives_the_same_canonical_text(arguments: dict[str, Any]) -> None:
    written_otherwise = json.dumps(dict(reversed(arguments.items())), indent=3, ensure_ascii=True)
    assert canonical(parse(written_otherwise)) == canonical(arguments)


@given(st.integers(min_value=-(10**4000), max_value=10**4000))
def test_integers_of_any_size_survive(number: int) -> None:
    assert parse(canonical({"n": number})) == {"n": number}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "{}"),
        ("{}", "{}"),
        ('{"b": 1, "a": 2}', '{"a":2,"b":1}'),
        ('{"a": 50}', '{"a":50}'),
        ('{"a": 50.0}', '{"a":50.0}'),
        ('{"a": 5e1}', '{"a":50.0}'),
        ('{"a": -0.0}', '{"a":-0.0}'),
        ('{"a": -0}', '{"a":0}'),
        ('{"a": 9007199254740993}', '{"a":9007199254740993}'),
        ('{"a": "\\u00e9\\u0065\\u0301"}', '{"a":"\u00e9e\u0301"}'),
        ('{"a": "\\ud83d\\ude00"}', '{"a":"\U0001f600"}'),
        ('{"a": "\\u0000/\\/\\""}', '{"a":"\\u0000//\\""}'),
        ('{"\U0001f600": 1, "\uffff": 2}', '{"\uffff":2,"\U0001f600":1}'),
        ('{"a": [true, false, null, [], {}]}', '{"a":[true,false,null,[],{}]}'),
    ],
)
def test_what_is_read_is_written_canonically(written: str, expected: str) -> None:
    assert canonical(parse(written)) == expected


DEEP = '{"a":' * DEEPEST + "1" + "}" * DEEPEST


REFUSED = [
    (" ", "cannot be read as JSON: Expecting value at line 1, column 2"),
    ('{"a": 1,\n "b" 2}', "at line 2, column 6"),
    ("{'a': 1}", "line 1, column 2"),
    ('{"a": 1} {}', "Extra data at line 1, column 10"),
    ('{"a": "\n"}', "Invalid control character"),
    ("\ufeff{}", "BOM"),
    ("[1]", "must be a JSON object, not a list"),
    ('"a"', "not a string"),
    ("1", "not a number"),
    ("1.5", "not a number"),
    ("true", "not true or false"),
    ("null", "not null"),
    ("NaN", "a number that is not finite at the top"),
    ('{"a": NaN}', "a number that is not finite at /a"),
    ('{"a": {"b": [1, -Infinity]}}', "a number that is not finite at /a/b/1"),
    ('{"a": 1e400}', "a number that is not finite at /a"),
    ('{"a": 1, "a": 1}', 'the key "a" appears twice at the top'),
    ('{"x": [{"b": 1, "a": 2, "b": 3}]}', 'the key "b" appears twice at /x/0'),
    ('{"a": "\\ud800"}', "half a surrogate pair at /a"),
    ('{"a": "\ud800"}', "half a surrogate pair at /a"),
    ('{"\\udfff": 1}', "half a surrogate pair in a key at the top"),
    ('{"\\udfff": 1, "\\udfff": 1}', 'the key "\\udfff" appears twice'),
    ('{"a/~": NaN}', "at /a~1~0"),
    ('{"a":' + DEEP + "}", "nested too deeply at /a/a/a"),
    ('{"a":' * 100_000, "nested deeper than 64 levels"),
    ('{"a":' + "[" * DEEPEST + "]" * DEEPEST + "}", "nested too deeply"),
    ('{"a":' + "9" * 5_000 + "}", "more than 4,300 digits"),
    ('{"a": "' + "x" * LONGEST + '"}', "1,000,009 characters, the limit is 1,000,000"),
]


@pytest.mark.parametrize(("written", "part_of_the_sentence"), REFUSED, ids=[case[1] for case in REFUSED])
def test_what_two_readers_could_read_differently_is_refused_in_one_sentence(
    written: str, part_of_the_sentence: str
) -> None:
    with pytest.raises(BadArguments) as refused:
        parse(written)
    sentence = str(refused.value)
    assert part_of_the_sentence in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400
    sentence.encode()


def test_the_longest_number_is_read() -> None:
    longest = '{"a":' + "9" * 4_300 + "}"
    assert canonical(parse(longest)) == longest


def test_the_deepest_and_longest_allowed_are_read() -> None:
    assert canonical(parse(DEEP)) == DEEP
    longest = '{"a":"' + "\u20ac" * (LONGEST - 8) + '"}'
    assert len(longest) == LONGEST
    assert canonical(parse(longest)) == longest


UNWRITABLE: list[tuple[Any, str]] = [
    ({1: 2}, "a key that is not a string"),
    ({"a": {None: 1}}, "a key that is not a string at /a"),
    (float("inf"), "not finite"),
    ([float("nan")], "not finite at /0"),
    ({"a": b"x"}, "bytes is not a JSON type at /a"),
    ({"a": {1, 2}}, "set is not a JSON type"),
    ("\udc00", "half a surrogate pair"),
    (10**5000, "4,300 digits"),
    ("x" * LONGEST, "the limit is"),
]


@pytest.mark.parametrize(("value", "part_of_the_sentence"), UNWRITABLE, ids=[case[1] for case in UNWRITABLE])
def test_writing_refuses_what_reading_refuses(value: Any, part_of_the_sentence: str) -> None:
    with pytest.raises(BadArguments, match=part_of_the_sentence):
        canonical(value)


def test_any_json_value_can_be_written_not_only_objects() -> None:
    assert canonical([1, "a", None, (True,)]) == '[1,"a",null,[true]]'


def test_the_digest_covers_each_of_its_four_parts() -> None:
    parts = ["crm", "refund_order", "ab" * 32, '{"amount":50}']
    whole = digest(*parts)
    assert whole == hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
    for index in range(4):
        assert digest(*[part + " " if i == index else part for i, part in enumerate(parts)]) != whole


def test_parts_of_the_digest_cannot_be_shifted_into_one_another() -> None:
    assert digest("a", "b", "c", "{}") != digest("ab", "", "c", "{}")
    assert digest('a","b', "c", "d", "{}") != digest("a", "b", "c", "d")


def test_arguments_at_the_size_limit_still_have_a_digest() -> None:
    quotes = canonical({"a": '"' * 499_990})
    assert len(digest("crm", "t", "h", quotes)) == 64


# ── edits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ORDER = '{"amount":412.0,"lines":[{"sku":"T-1"},{"sku":"T-2"}],"note":"a","order_id":9007199254740993}'


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, ORDER),
        ({"/amount": "50"}, ORDER.replace("412.0", "50")),
        ({"/amount": " 5e1 "}, ORDER.replace("412.0", "50.0")),
        ({"/lines/1/sku": '"T-9"'}, ORDER.replace("T-2", "T-9")),
        ({"/lines/1": "[]"}, ORDER.replace('{"sku":"T-2"}', "[]")),
        ({"/lines": "[]", "/note": '"b"'}, ORDER.replace('[{"sku":"T-1"},{"sku":"T-2"}]', "[]").replace('"a"', '"b"')),
        ({"/lines/0/qty": "2"}, ORDER.replace('{"sku":"T-1"}', '{"qty":2,"sku":"T-1"}')),
        ({"/a~1b": "1"}, '{"a/b":1,' + ORDER[1:]),
        ({"/note": None}, ORDER.replace('"note":"a",', "")),
        ({"": '{"b":1,"a":2}'}, '{"a":2,"b":1}'),
    ],
)
def test_an_edit_changes_what_it_names_and_no_other_byte(patch: dict[str, str | None], expected: str) -> None:
    assert apply_patch(ORDER, patch) == expected


MISFITS: list[tuple[dict[str, str | None], str]] = [
    ({"/lines/2": "1"}, "nothing at /lines/2 "),
    ({"/lines/-": "1"}, "nothing at /lines/-"),
    ({"/lines/00": "1"}, "nothing at /lines/00"),
    ({"/lines/99999999999": "1"}, "nothing at"),
    ({"/missing/deeper": "1"}, "nothing at /missing/deeper"),
    ({"/amount/deeper": "1"}, "nothing at /amount/deeper"),
    ({"/missing": None}, "nothing at /missing"),
    ({"/amount/deeper": None}, "nothing at /amount/deeper"),
    ({"/lines/0": None}, "entry at /lines/0 cannot be taken out"),
    ({"amount": "1"}, "not a JSON Pointer"),
    ({"/a~2": "1"}, "a tilde must be written ~0"),
    ({"/amount": ""}, "The value for /amount cannot be read as JSON"),
    ({"/amount": "1 2"}, "The value for /amount cannot be read as JSON"),
    ({"/amount": "1e400"}, "The value for /amount cannot be used: a number that is not finite at the top"),
    ({"/amount": '{"a":1,"a":2}'}, "appears twice"),
    ({"/\ud800": "1"}, "half a surrogate pair in a key"),
    ({"/lines": "[]", "/lines/0/sku": "1"}, 'The paths "/lines" and "/lines/0/sku" overlap.'),
    ({"/lines/0/sku": "1", "": "{}"}, "overlap"),
    ({"": "[]"}, "must be a JSON object, not a list"),
    ({"": None}, "must be a JSON object, not null"),
    ({"/note": '"' + "x" * (LONGEST - 10) + '"'}, "the limit is"),
]


@pytest.mark.parametrize(("patch", "part_of_the_sentence"), MISFITS, ids=[case[1] for case in MISFITS])
def test_an_edit_that_fits_nowhere_is_refused_naming_the_path(
    patch: dict[str, str | None], part_of_the_sentence: str
) -> None:
    with pytest.raises(BadArguments) as refused:
        apply_patch(ORDER, patch)
    assert part_of_the_sentence in str(refused.value)


@given(objects.filter(bool), values, st.data())
def test_untouched_leaves_keep_their_bytes(arguments: dict[str, Any], value: Any, data: st.DataObject) -> None:
    before = canonical(arguments)
    edited = data.draw(st.sampled_from(leaves(before)))
    after = apply_patch(before, {edited.path: canonical(value)})
    prefix = pointer.split(edited.path)
    kept = {leaf.path: leaf.raw for leaf in leaves(before) if leaf.path != edited.path}
    now = {leaf.path: leaf.raw for leaf in leaves(after) if pointer.split(leaf.path)[: len(prefix)] != prefix}
    assert now == kept
    assert canonical(parse(after)) == after


@given(objects)
def test_putting_back_a_leaf_as_it_is_changes_nothing(arguments: dict[str, Any]) -> None:
    before = canonical(arguments)
    assert apply_patch(before, {leaf.path: leaf.raw for leaf in leaves(before)}) == before


# ── leaves ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_leaves_come_in_the_order_of_the_canonical_text() -> None:
    found = leaves('{"b":[1,{"x":"\\u00e9\\n"}],"a/b":{},"c":[],"":null}')
    assert [(leaf.path, leaf.raw, leaf.value, leaf.length) for leaf in found] == [
        ("/", "null", None, 4),
        ("/a~1b", "{}", {}, 2),
        ("/b/0", "1", 1, 1),
        ("/b/1/x", '"\u00e9\\n"', "\u00e9\n", 2),
        ("/c", "[]", [], 2),
    ]


def test_no_arguments_have_no_leaves() -> None:
    assert leaves("{}") == []


@given(objects)
def test_every_leaf_stands_in_the_canonical_text_in_order(arguments: dict[str, Any]) -> None:
    written, at = canonical(arguments), 0
    for leaf in leaves(written):
        at = written.index(leaf.raw, at) + len(leaf.raw)


@given(st.lists(text, max_size=4))
def test_pointers_can_be_split_and_joined_again(steps: list[str]) -> None:
    assert pointer.split(pointer.join(*steps)) == tuple(steps)


def test_details_of_a_call_that_could_not_be_read_can_be_stored_whatever_the_model_wrote() -> None:
    details = CallDetails(raw='{"a": "\ud800', effect="Refund order", problems=("It ends too early.",))
    assert CallDetails.model_validate_json(details.model_dump_json()) == details
    assert details.raw == '{"a": "\\ud800'
    assert CallDetails(arguments_json="{}", raw=None, effect="List orders").raw is None
