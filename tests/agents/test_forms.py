"""What a server may ask, and which answers fit: flat forms of plain values, everything else can only be declined."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import BadRequest
from agents.forms import Form, Question, begins_with, checked_answers, form_of, options, responses
from tests.agents.field_schemas import FIELDS, JSON


def asked(**properties: Any) -> Form:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return form_of((Question(key="k", message="What?", fields=schema),))


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "minLength": 1, "maxLength": 5},
        {"type": "number"},
        {"type": "integer", "minimum": 1},
        {"type": "boolean", "default": True},
        {"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]},
        {"type": "string", "oneOf": [{"const": "a", "title": "A"}]},
        {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        {"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}},
    ],
)
def test_plain_values_can_be_asked_for(field: dict[str, Any]) -> None:
    assert asked(one=field).refused is None


@pytest.mark.parametrize(
    "field",
    [
        {"type": "object", "properties": {}},
        {"type": "array", "items": {"type": "object"}},
        {"type": "array"},
        {"$ref": "#/$defs/x"},
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
        {"enum": [1, 2]},
        {"type": "integer", "enum": ["a"]},
        {"type": ["string", "null"]},
        {"type": {"a": 1}},
        {"type": "null"},
        {},
        "text",
    ],
)
def test_what_goes_beyond_a_flat_form_can_only_be_declined(field: Any) -> None:
    form = asked(one=field)
    assert form.refused == (
        "This cannot be answered here, only declined: its field “one” is not a text, a number, yes or no, or a choice."
    )
    with pytest.raises(BadRequest, match="only declined"):
        checked_answers(form, "{}")


@pytest.mark.parametrize(
    ("questions", "because"),
    [
        (11, "more than 10 questions"),
        (1, "more than 64,000 characters"),
    ],
)
def test_too_much_at_once_can_only_be_declined(questions: int, because: str) -> None:
    message = "x" * (70_000 if questions == 1 else 1)
    form = form_of(tuple(Question(key=f"k{n}", message=message, fields={"type": "object"}) for n in range(questions)))
    assert because in (form.refused or "")


def test_too_many_fields_no_object_and_a_broken_schema_can_only_be_declined() -> None:
    many = asked(**{f"f{n}": {"type": "string"} for n in range(51)})
    assert "more than 50 fields" in (many.refused or "")
    assert "no form" in (form_of((Question(key="k", message="?", fields={"type": "string"}),)).refused or "")
    assert "schema is broken" in (asked(one={"type": "string", "minLength": "x"}).refused or "")


def test_answers_are_canonical_and_every_place_that_does_not_fit_is_named() -> None:
    form = asked(floor={"type": "integer", "maximum": 40}, when={"type": "string", "format": "date"})
    assert checked_answers(form, '{"when": "2026-05-31", "floor": 3}') == '{"floor":3,"when":"2026-05-31"}'
    with pytest.raises(BadRequest) as refused:
        checked_answers(form, '{"floor": 41, "when": "soon", "more": 1}')
    assert refused.value.problems == (
        "/arguments/more: was not asked for",
        "/arguments/floor: 41 is greater than the maximum of 40",
        "/arguments/when: has to be a date, such as 2026-05-31",
    )
    with pytest.raises(BadRequest) as missing:
        checked_answers(form, None)
    assert len(missing.value.problems) == 2
    with pytest.raises(BadRequest, match="not a JSON object"):
        checked_answers(form, "[1]")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2026-05-31", "2026-13-01"),
        ("date-time", "2026-05-31T14:30:00Z", "2026-05-31T14:30:00"),
        ("email", "ada@example.com", "ada example.com"),
        ("uri", "https://example.com", "example"),
        ("hostname", "anything", None),
    ],
)
def test_formats_are_looked_at(kind: str, good: str, bad: str | None) -> None:
    form = asked(one={"type": "string", "format": kind})
    assert good in checked_answers(form, f'{{"one":"{good}"}}')
    if bad is not None:
        with pytest.raises(BadRequest):
            checked_answers(form, f'{{"one":"{bad}"}}')


def test_several_questions_at_once_take_an_object_of_answers_each() -> None:
    fields = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = form_of(
        (Question(key="a", message="A?", fields=fields), Question(key="b", message="Go", url="https://example.com"))
    )
    assert form.message == "A?\n\nGo"
    assert list(form.fields["properties"]) == ["a", "b"]
    text = checked_answers(form, '{"a":{"n":1},"b":{}}')
    said = responses(form, text, "state")
    assert said.by_key == {"a": {"action": "accept", "content": {"n": 1}}, "b": {"action": "accept"}}
    assert said.request_state == "state"
    with pytest.raises(BadRequest) as refused:
        checked_answers(form, '{"a":{"n":"x"},"b":{}}')
    assert refused.value.problems == ("/arguments/a/n: 'x' is not of type 'integer'",)
    for wrong in ('{"a":{"n":1}}', '{"a":1,"b":{}}', '{"a":{"n":1},"b":{},"c":{}}'):
        with pytest.raises(BadRequest):
            checked_answers(form, wrong)


def test_to_decline_says_so_for_every_question() -> None:
    assert responses(asked(one={"type": "string"}), None, None).by_key == {"k": {"action": "decline"}}


def test_choices_have_names() -> None:
    assert options({"enum": ["a", "b"], "enumNames": ["A", "B"]}) == {"a": "A", "b": "B"}
    assert options({"enum": ["a"], "enumNames": ["A", "B"]}) == {"a": "a"}
    assert options({"oneOf": [{"const": "a"}]}) == {"a": "a"}
    assert options({"oneOf": ["a"]}) == {}
    assert options({"type": "string"}) == {}


def test_a_field_begins_with_its_default_only_where_that_can_be_typed_or_chosen_there() -> None:
    several = {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}
    assert begins_with(several | {"default": ["b", "zz", ["a"]]}) == ["b"]
    assert begins_with(several | {"default": {"a": 1}}) == begins_with(several) == []
    assert begins_with({"type": "string", "enum": ["a"], "default": "a"}) == "a"
    assert begins_with({"type": "string", "enum": ["a"], "default": ["zz"]}) is None
    assert begins_with({"type": "boolean", "default": False}) is False
    assert begins_with({"type": "boolean", "default": "no"}) is None
    assert begins_with({"type": "integer", "default": 3}) == "3"
    assert begins_with({"type": "string"}) == ""


def test_a_form_that_names_its_needed_fields_in_another_way_can_only_be_declined() -> None:
    older = {"$schema": "http://json-schema.org/draft-03/schema#", "type": "object", "required": True}
    form = form_of((Question(key="k", message="?", fields=older | {"properties": {"a": {"type": "string"}}}),))
    assert "does not list the names of its needed fields" in (form.refused or "")


@settings(deadline=None)
@given(field=FIELDS | JSON, answer=JSON)
def test_whatever_a_server_asks_is_a_form_or_refused_and_whatever_is_answered_is_judged(
    field: Any, answer: Any
) -> None:
    form = asked(one=field)
    assert Form.model_validate_json(form.model_dump_json()).refused == form.refused
    if form.refused is None:
        assert begins_with(field) is None or isinstance(begins_with(field), str | bool | list)
    try:
        checked_answers(form, json.dumps({"one": answer}))
    except BadRequest:
        pass


@settings(deadline=None)
@given(schema=st.dictionaries(st.sampled_from(["type", "properties", "required", "$schema", "$ref", "allOf"]), JSON))
def test_whatever_stands_in_place_of_a_form_is_refused_or_can_be_read(schema: dict[str, Any]) -> None:
    form = form_of((Question(key="k", message="?", fields=schema),))
    assert form.refused is not None or isinstance(form.fields.get("properties", {}), dict)
