"""Parameters that an admin pins or hides: the model neither sees nor gives them."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from agents import folded, reasoning
from agents.config import Policy, ToolEntry
from agents.model_calls import ModelCall
from agents.proposals import Offered, Rules, offer, propose
from agents.revising import revision
from agents.told import told
from agents.tools.definition import ToolDefinition
from store.events import CallState, Release, Risk, Verify
from tests.agents.test_reasoning import BLOCK

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"order_id": {"type": "integer"}, "note": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["order_id", "currency"],
    "anyOf": [{"properties": {"note": {"type": "string"}}}, {"properties": {"code": {"type": "string"}}}],
}
REFUND = ToolDefinition(connector="crm", name="refund", description="Refund.", input_schema=SCHEMA)
NOTHING = Policy(name="none")
RULES = Rules(pinned=NOTHING, pinned_version=1, current=NOTHING, current_version=1)


def tool(**said: Any) -> Offered:
    return offer("refund", ToolEntry(connector="crm", tool="refund", risk="read", **said), REFUND)


def call(one: Offered, **values: Any) -> Any:
    arguments = json.dumps({"reasoning": BLOCK, **values})
    return propose(ModelCall(id="1", name="refund", arguments=arguments), {"refund": one}, RULES)


def test_the_model_sees_neither_hidden_nor_pinned_parameters_in_any_alternative() -> None:
    one = tool(pinned={"currency": "EUR"}, hidden=("note",))
    parameters = one.wire["function"]["parameters"]
    assert list(parameters["properties"]) == ["reasoning", "order_id"]
    assert parameters["required"] == ["reasoning", "order_id"]
    assert '"note"' not in json.dumps(parameters)


def test_a_call_that_names_a_hidden_parameter_is_invalid() -> None:
    one = tool(hidden=("note",))
    assert call(one, order_id=1, currency="EUR").state is CallState.ALLOWED
    refused = call(one, order_id=1, currency="EUR", note="x")
    assert refused.state is CallState.INVALID
    assert "/note is not offered and must not be given." in refused.details.problems


def test_a_hidden_parameter_that_became_needed_makes_every_call_invalid_rather_than_guessed() -> None:
    assert call(tool(hidden=("currency",)), order_id=1).state is CallState.INVALID


def test_the_parameters_of_a_tool_are_listed_with_those_of_its_alternatives_and_what_is_needed() -> None:
    found = reasoning.parameters({"$ref": "#/$defs/Refund", "$defs": {"Refund": SCHEMA}})
    assert {name: needed for name, (_, needed) in found.items()} == {
        "order_id": True,
        "note": False,
        "currency": True,
        "code": False,
    }
    assert found["code"][0] == {"type": "string"}


SECRET = "ACME-SECRET-77"
ODD: list[dict[str, Any]] = [
    {"anyOf": [{"required": ["order_id"]}, {"required": ["code"]}]},
    {"oneOf": [{"required": ["order_id"]}, {"required": ["code"]}]},
    {"not": {"required": ["currency"]}},
    {"minProperties": 3},
    {"maxProperties": 0},
    {"const": {}},
    {"enum": [{}]},
    {"properties": {"currency": {"type": "string", "maxLength": 3}}},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: next(iter(odd)))
def test_what_is_wrong_with_a_call_is_told_without_the_value_that_an_admin_fixed(odd: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"order_id": {}, "currency": {}, "code": {}}} | odd
    definition = ToolDefinition(connector="crm", name="refund", description="Refund.", input_schema=schema)
    entry = ToolEntry(connector="crm", tool="refund", risk="read", pinned={"currency": SECRET})
    refused = call(offer("refund", entry, definition))
    assert refused.state is CallState.INVALID
    assert refused.details.problems
    assert SECRET not in str(refused.details.problems)


def changed_call() -> folded.Call:
    return folded.Call(
        id="1.1", provider_id="1", step=1, tool="refund", connector="crm", own_name="refund", definition_hash="h",
        risk=Risk.READ, idempotent=False, digest="g", verify=Verify.NONE, release=Release.ASK, rule=None, because="b",
        state=CallState.SUCCEEDED, details="d", output="o", edited_by="olga",
    )  # fmt: skip


def test_after_a_persons_edit_the_model_hears_what_ran_without_the_value_that_an_admin_fixed() -> None:
    proposed = call(tool(pinned={"currency": SECRET}), order_id=7)
    texts = {"d": proposed.details.model_dump_json(), "o": "Done."}
    assert told(changed_call(), texts) == (
        'A person changed the arguments before approving. What ran: {"order_id":7}\nResult: Done.'
    )


def test_a_call_that_was_recorded_before_its_fixed_names_were_is_told_without_them_after_an_edit() -> None:
    one = tool(pinned={"currency": SECRET})
    recorded = call(one, order_id=7).details.model_copy(update={"kept": ()}).model_dump_json()
    situation: Any = SimpleNamespace(tools={"refund": one}, rules=RULES)
    world: Any = SimpleNamespace(find=lambda *_: (1, NOTHING))
    text = json.dumps({"currency": SECRET, "order_id": 8})
    made = revision(changed_call(), text, recorded, situation, world)
    assert SECRET not in told(changed_call(), {"d": made.details.model_dump_json(), "o": "Done."})


def test_no_keyword_of_a_schema_names_what_is_kept_from_the_model() -> None:
    kept = {"tenant", "dry_run"}
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "object", "properties": {"tenant": {"type": "string"}}},
            "tenant": {"$ref": "#/$defs/tenancy"},
            "dry_run": {"type": "boolean"},
            "b": {"$ref": "#/$defs/b"},
        },
        "required": ["a", "tenant"],
        "dependentRequired": {"a": ["dry_run", "b"], "tenant": ["b"]},
        "dependentSchemas": {"a": {"properties": {"tenant": {}}, "required": ["dry_run"]}, "dry_run": {}},
        "examples": [{"a": {}, "tenant": SECRET}],
        "default": {"tenant": SECRET},
        "anyOf": [{"const": {"tenant": SECRET}}, {"enum": [{"dry_run": True}], "required": ["tenant"]}],
        "$defs": {"tenancy": {"enum": [SECRET]}, "b": {"$ref": "#/$defs/inner"}, "inner": {"type": "string"}},
    }
    offered = reasoning.offer(schema, kept)
    nested = offered["properties"].pop("a")
    assert list(nested["properties"]) == ["tenant"], "a parameter of an inner object is another one"
    text = json.dumps(offered)
    assert not [word for word in (*kept, SECRET, "tenancy") if word in text]
    assert offered["dependentRequired"] == {"a": ["b"]}
    assert list(offered["$defs"]) == ["b", "inner"]


TENANCY = {"properties": {"tenant": {"const": SECRET}, "c": {"type": "string"}}, "required": ["tenant", "c"]}
ROUNDABOUT: dict[str, dict[str, Any]] = {
    "a reference in an alternative of an alternative": {"allOf": [{"anyOf": [{"$ref": "#/$defs/x"}]}]},
    "a reference in what a parameter brings along": {"dependentSchemas": {"a": {"$ref": "#/$defs/x"}}},
    "what must not be": {"else": {"not": {"required": ["tenant"]}}},
    "a reference in what must not be": {"not": {"$ref": "#/$defs/x"}},
    "the names of parameters": {"propertyNames": {"pattern": "^(a|tenant)$"}},
    "a pattern for names": {"patternProperties": {"^tenant$": {"const": SECRET}, "^x_": {"type": "string"}}},
    "what tells alternatives apart": {"discriminator": {"propertyName": "tenant"}},
    "an example of another standard": {"x-example": {"tenant": SECRET}},
    "a parameter like another": {"properties": {"a": {"$ref": "#/properties/tenant"}, "tenant": {"type": "string"}}},
    "a definition with a longer name": {"properties": {"a": {"$ref": "#/$defs/x2"}, "tenant": {"$ref": "#/$defs/x"}}},
    "a circle": {"allOf": [{"$ref": "#/$defs/circle"}]},
    "a reference by a name of its own": {"allOf": [{"$ref": "#x"}], "$defs": {"x": TENANCY | {"$anchor": "x"}}},
}


@pytest.mark.parametrize("more", ROUNDABOUT.values(), ids=ROUNDABOUT)
def test_what_is_kept_from_the_model_is_named_in_no_roundabout_way_either(more: dict[str, Any]) -> None:
    circle = {"allOf": [{"$ref": "#/$defs/circle"}, {"$ref": "#/$defs/x"}]}
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "tenant": {"$ref": "#/$defs/x"}},
        "$defs": {"x": TENANCY, "x2": {"type": "string"}, "circle": circle},
    } | more
    text = json.dumps(reasoning.offer(schema, {"tenant"}))
    assert "tenant" not in text and SECRET not in text
    assert "#/$defs/x2" not in text or '"x2": {"type": "string"}' in text, "a reference always leads somewhere"


def test_what_an_alternative_takes_from_elsewhere_is_still_offered_without_what_is_kept() -> None:
    schema = {
        "properties": {"tenant": {"type": "string"}, "a": {"$ref": "#/properties/tenant"}},
        "allOf": [{"anyOf": [{"$ref": "#/$defs/x"}]}],
        "patternProperties": {"^tenant$": {}, "^x_": {"type": "string"}},
        "$defs": {"x": TENANCY},
    }
    offered = reasoning.offer(schema, {"tenant"})
    assert offered["allOf"][0]["anyOf"][0] == {"properties": {"c": {"type": "string"}}, "required": ["c"]}
    assert offered["properties"]["a"] == {"type": "string"}
    assert offered["patternProperties"] == {"^x_": {"type": "string"}}


def test_references_that_multiply_are_followed_a_limited_number_of_times() -> None:
    twice = {f"n{i}": {"allOf": [{"$ref": f"#/$defs/n{i + 1}"}] * 2} for i in range(60)}
    schema = {"properties": {"tenant": {}}, "allOf": [{"$ref": "#/$defs/n0"}], "$defs": twice | {"n60": TENANCY}}
    text = json.dumps(reasoning.offer(schema, {"tenant"}))
    assert "tenant" not in text and len(text) < 100_000


def test_definitions_are_kept_however_they_are_referred_to() -> None:
    defs = {"List[int]": {"type": "array"}, "node": {"$anchor": "node", "type": "null"}, "unused": {}}
    used = {"a": {"$ref": "#/$defs/List%5Bint%5D"}, "b": {"$ref": "#node"}}
    offered = reasoning.offer({"properties": {"tenant": {}, **used}, "$defs": defs}, {"tenant"})
    assert list(offered["$defs"]) == ["List[int]", "node"]
