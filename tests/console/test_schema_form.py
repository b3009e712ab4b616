"""A JSON schema goes into rows and comes back, and what rows cannot say stays as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import schema_form

SCHEMA = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "description": "Its number", "pattern": "^[0-9]+$"},
        "lines": {"type": "array", "items": {"type": "string"}},
        "many": {"type": "integer"},
    },
    "required": ["order", "lines"],
    "additionalProperties": False,
}


def back(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    rows, rest = schema_form.rows_of(schema)
    return schema_form.schema_of(rows, json.dumps(rest) if rest else "")


@pytest.mark.parametrize(
    "schema",
    [
        None,
        SCHEMA,
        {"type": "array", "items": {}},
        {"$ref": "#/x"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
    ],
)
def test_what_is_not_touched_means_the_same_afterwards(schema: dict[str, Any] | None) -> None:
    assert back(schema) == schema


PLAIN = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "number", "boolean"])},
    optional={"description": st.sampled_from(["Its number", "What?"]), "enum": st.just(["a"]), "minLength": st.just(1)},
)
ODD = st.one_of(
    st.booleans(),
    st.just({}),
    st.fixed_dictionaries({"type": st.lists(st.sampled_from(["string", "null", "object"]), min_size=1, unique=True)}),
    st.fixed_dictionaries({"anyOf": st.lists(st.one_of(PLAIN, st.booleans()), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"type": st.just("array"), "items": PLAIN}),
    st.fixed_dictionaries({"$ref": st.just("#/$defs/x")}),
    st.fixed_dictionaries({"type": st.just("string"), "description": st.just(["no text"])}),
)
NAMES = st.sampled_from(["a", "b", "order id", "", " c "])
SCHEMAS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, st.one_of(PLAIN, ODD), min_size=1)},
        optional={
            "required": st.lists(NAMES, min_size=1, unique=True),
            "additionalProperties": st.booleans(),
            "anyOf": st.lists(PLAIN, min_size=1, max_size=1),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["array", ["object", "null"], ["object"], ["string"]])},
        optional={"properties": st.dictionaries(NAMES, PLAIN), "items": PLAIN},
    ),
)


@given(SCHEMAS)
def test_any_schema_opens_and_means_the_same_when_it_is_saved(schema: dict[str, Any]) -> None:
    saved = back(schema) or {}
    if "required" in schema:
        assert sorted(saved.pop("required")) == sorted(schema.pop("required"))
    assert saved == schema


@pytest.mark.parametrize(
    "schema", [{"properties": {"a": {}}, "required": True}, {"properties": [1]}, {"required": "a"}]
)
def test_what_is_no_schema_is_left_as_json_and_said_when_it_is_saved(schema: dict[str, Any]) -> None:
    assert schema_form.rows_of(schema) == ([], schema)
    with pytest.raises(schema_form.NotASchema, match="have to be an object"):
        back(schema)


def test_plain_properties_become_rows_and_the_rest_stays_json() -> None:
    rows, rest = schema_form.rows_of(SCHEMA)
    assert [(row["name"], row["required"], row["kept"]) for row in rows] == [
        ("order", True, {"pattern": "^[0-9]+$"}),
        ("many", False, {}),
    ]
    assert rest == {
        "additionalProperties": False,
        "properties": {"lines": SCHEMA["properties"]["lines"]},  # type: ignore[index]
        "required": ["lines"],
    }


def row(name: str, **more: Any) -> dict[str, Any]:
    return {**schema_form.fresh(), "name": name, **more}


def test_an_empty_row_counts_as_none() -> None:
    assert schema_form.schema_of([schema_form.fresh()], " ") is None
    assert schema_form.schema_of([row("a", required=True), schema_form.fresh()], "") == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
    }


@pytest.mark.parametrize(
    ("rows", "rest", "words"),
    [
        ([row("a"), row("a")], "", "“a” stands there twice"),
        ([row("", description="What?")], "", "Every row needs a name"),
        ([row("a")], '{"properties": {"a": {}}}', "“a” stands in a row and in the JSON"),
        ([row("a")], '{"type": "array", "items": {}}', "an object, and the JSON says “type”"),
        ([row("a")], '{"type": ["object", "null"]}', "an object, and the JSON says “type”"),
        ([], "{", "This is not JSON"),
        ([], "[]", "A JSON object is needed"),
        ([], '{"properties": []}', "have to be an object"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(rows: list[dict[str, Any]], rest: str, words: str) -> None:
    with pytest.raises(schema_form.NotASchema, match=words):
        schema_form.schema_of(rows, rest)


def test_a_closed_fold_names_the_first_few() -> None:
    names = {"properties": {key: {} for key in "abcde"}}
    assert schema_form.in_words(names) == "a, b, c and 2 more"
    assert (schema_form.in_words(None), schema_form.in_words({"$ref": "#"})) == ("", "by its JSON schema")
