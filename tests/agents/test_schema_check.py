"""Arguments against a tool's JSON schema: short sentences, whatever the schema is."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schema_check import LONGEST_PROBLEM, MOST_PROBLEMS, problems

REFUND: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "integer"},
        "amount": {"type": "number", "exclusiveMinimum": 0},
        "reason": {"enum": ["damaged", "late"]},
        "email": {"type": "string", "pattern": "^[^@]+@([a-z]+[.])+[a-z]+$"},
        "name": {"type": "string", "pattern": r"^\p{L}+$"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"a/b": {"type": "string"}}}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["order_id", "amount"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"amount": 50}, []),
        ({"order_id": 5.0, "note": None}, []),
        ({"order_id": 10**400}, []),
        ({"email": "anna@shop.example"}, []),
        ({"amount": "ten"}, ["/amount: 'ten' is not of type 'number'"]),
        ({"order_id": True}, ["/order_id: True is not of type 'integer'"]),
        ({"amount": 0}, ["/amount: 0 is less than or equal to the minimum of 0"]),
        ({"reason": "other"}, ["/reason: 'other' is not one of ['damaged', 'late']"]),
        ({"email": "anna"}, ["/email: 'anna' does not match '^[^@]+@([a-z]+[.])+[a-z]+$'"]),
        ({"name": "Zo\u00eb"}, []),
        ({"name": "5"}, ["/name: '5' does not match '^\\\\p{L}+$'"]),
        ({"email": 5}, ["/email: 5 is not of type 'string'"]),
        ({"lines": [{}, {"a/b": 1}]}, ["/lines/1/a~1b: 1 is not of type 'string'"]),
        ({"extra": 1}, ["Additional properties are not allowed ('extra' was unexpected)"]),
    ],
)
def test_each_problem_is_a_sentence_with_its_path(change: dict[str, Any], expected: list[str]) -> None:
    assert problems({"order_id": 1043, "amount": 412.0, **change}, REFUND) == expected


def test_missing_parameters_and_misfitting_alternatives_are_named() -> None:
    assert problems({"order_id": 1}, REFUND) == ["'amount' is a required property"]
    (problem,) = problems({"order_id": 1, "amount": 1, "note": 5}, REFUND)
    assert problem.startswith("/note: 5 is not")


def test_at_most_ten_problems_are_told() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    assert len(problems({f"k{number}": number for number in range(50)}, schema)) == MOST_PROBLEMS


def test_a_long_value_does_not_hide_the_reason() -> None:
    (problem,) = problems({"order_id": "x" * 10_000, "amount": 1}, REFUND)
    assert len(problem) == LONGEST_PROBLEM
    assert problem.startswith("/order_id: 'xxx")
    assert problem.endswith("x' is not of type 'integer'")


@pytest.mark.parametrize(
    ("schema", "part_of_the_sentence"),
    [
        ({"type": "nonsense"}, "broken: /type: 'nonsense' is not valid"),
        ({"type": "object", "properties": 5}, "broken: /properties: 5 is not of type 'object'"),
        (
            {"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": True},
            "broken: at its top: 'minimum' is a dependency",
        ),
        ({"patternProperties": 5}, "broken: /patternProperties: 5 is not"),
        ({"$ref": "#/$defs/missing"}, "broken: "),
        ({"$ref": "#"}, "broken: it refers to itself without end"),
        ({"properties": {"a": {"multipleOf": 0.1}}}, "broken: "),
        ({"patternProperties": {"(": {}}}, "broken: "),
        ({"properties": {"s": {"pattern": "("}}}, "pattern in the tool's schema cannot be checked"),
        ({"properties": {"s": {"pattern": "(a|a)*$"}}}, "takes too long"),
        ({"not": {"const": {1, 2}}}, "broken: TypeError: Object of type set is not JSON serializable"),
    ],
)
def test_a_broken_schema_is_a_problem_and_never_an_exception(schema: dict[str, Any], part_of_the_sentence: str) -> None:
    (problem,) = problems({"a": 10**400, "s": "a" * 60 + "!"}, schema)
    assert part_of_the_sentence in problem


def test_older_drafts_are_read_by_their_own_rules() -> None:
    draft_4: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"a": {"minimum": 1}},
    }
    strictly = {"properties": {"a": {"minimum": 1, "exclusiveMinimum": True}}}
    assert problems({"a": 1}, draft_4) == []
    assert problems({"a": 1}, draft_4 | strictly) != []
    assert problems({"a": 1}, strictly)[0].startswith("The tool's own schema is broken")
    assert problems({"a": 0}, {"$schema": "https://json-schema.example/unknown", **draft_4["properties"]}) == []


def test_a_pattern_behind_a_reference_to_the_whole_schema_is_guarded_too() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"inner": {"$ref": "#"}, "s": {"pattern": "(a|a)*$"}},
    }
    (problem,) = problems({"inner": {"s": "a" * 60 + "!"}}, schema)
    assert "takes too long" in problem


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    http = HTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", asked
    http.shutdown()
    thread.join()
    http.server_close()


def test_a_remote_schema_is_never_fetched(server: tuple[str, list[str]]) -> None:
    address, asked = server
    for schema in (
        {"$ref": f"{address}/a"},
        {"properties": {"a": {"$ref": f"{address}/b"}}},
        {"$id": f"{address}/c", "properties": {"a": {"$ref": "d"}}},
        {"properties": {"a": {"$dynamicRef": f"{address}/e#x"}}},
    ):
        (problem,) = problems({"a": 1}, schema)
        assert problem.startswith("The tool's own schema is broken")
    problems({"a": 1}, {"$schema": f"{address}/f"})
    assert asked == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
keywords = st.sampled_from(
    ["type", "properties", "required", "$ref", "$schema", "$id", "anyOf", "items", "pattern", "minimum", "enum", "if"]
)


@given(st.dictionaries(st.text(max_size=3), json_values), st.dictionaries(keywords, json_values))
def test_no_schema_whatever_makes_it_raise(arguments: dict[str, Any], schema: dict[str, Any]) -> None:
    for problem in problems(arguments, schema):
        assert 0 < len(problem) <= LONGEST_PROBLEM
