"""A JSON schema goes into rows and comes back, and what rows cannot say stays as JSON."""

import json
from typing import Any

import pytest

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
