"""From a description to tools and from arguments to a request, case by case and without a network."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agents.tools.addresses import place_of
from agents.tools.definition import ToolFailure
from agents.tools.errors import CannotStart
from agents.tools.openapi.operation import Operation
from agents.tools.openapi.reading import service
from agents.tools.openapi.request import Outgoing, outgoing


def read(paths: dict[str, Any], **more: Any) -> dict[str, Operation]:
    document = {"openapi": "3.0.3", "paths": paths, **more}
    found = service("shop", document, url="https://api.example.org/v1/", spec_url=None)
    return {one.definition.name: one for one in found.operations}


def one(method: str = "get", path: str = "/x", components: Any = None, **said: Any) -> Operation:
    (found,) = read({path: {method: said}}, components=components or {}).values()
    return found


def body(schema: Any, kind: str = "application/json", required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": {kind: {"schema": schema}}}


def properties(operation: Operation) -> dict[str, Any]:
    schema = operation.definition.input_schema
    Draft202012Validator.check_schema(schema)
    found: dict[str, Any] = schema["properties"]
    return found


def sent(operation: Operation, **arguments: Any) -> Outgoing:
    return outgoing(operation, arguments)


@pytest.mark.parametrize(
    ("said", "value", "query"),
    [
        ({}, "a b&c", "q=a%20b%26c"),
        ({}, 50.0, "q=50.0"),
        ({}, 12345678901234567890, "q=12345678901234567890"),
        ({}, True, "q=true"),
        ({}, None, ""),
        ({}, ["a,b", "c"], "q=a%2Cb&q=c"),
        ({"explode": False}, ["a,b", "c"], "q=a%2Cb,c"),
        ({"explode": False}, [], ""),
        ({"style": "pipeDelimited", "explode": False}, ["a", "b"], "q=a%7Cb"),
        ({"style": "spaceDelimited", "explode": False}, ["a", "b"], "q=a%20b"),
        ({"style": "deepObject"}, {"from": 1, "to": "2"}, "q%5Bfrom%5D=1&q%5Bto%5D=2"),
        ({}, {"b": 2, "a": "x y"}, "a=x%20y&b=2"),
        ({"explode": False}, {"a": 1}, "q=a,1"),
        ({"content": {"application/json": {"schema": {}}}}, {"a": [1]}, "q=%7B%22a%22%3A%5B1%5D%7D"),
    ],
)
def test_a_query_parameter_is_written_in_its_style(said: dict[str, Any], value: Any, query: str) -> None:
    operation = one(parameters=[{"name": "q", "in": "query", "schema": {}, **said}])
    assert sent(operation, q=value).url == "https://api.example.org/v1/x" + (f"?{query}" if query else "")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a/b", "a%2Fb"),
        ("..%2f", "..%252f"),
        ([1, "b,c"], "1,b%2Cc"),
        ({"a": 1}, "a,1"),
        ("{y}", "%7By%7D"),
        ("ä", "%C3%A4"),
    ],
)
def test_a_path_parameter_stays_in_its_place(value: Any, path: str) -> None:
    operation = one(path="/x/{id}/y", parameters=[{"name": "id", "in": "path", "required": True, "schema": {}}])
    assert sent(operation, id=value).url == f"https://api.example.org/v1/x/{path}/y"


def test_a_value_that_would_be_a_step_upwards_is_refused_but_not_one_beside_other_letters() -> None:
    said = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}]}
    with pytest.raises(ToolFailure):
        sent(one(path="/x/{id}", **said), id="..")
    with pytest.raises(ToolFailure):
        sent(one(path="/x/.{id}", **said), id=".")
    assert sent(one(path="/x/{id}.json", **said), id="..").url.endswith("/x/...json")


def test_what_clashes_gets_another_name_and_a_body_goes_under_body() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {}},
        {"name": "id", "in": "query", "schema": {}},
    ]
    schema = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    operation = one("post", "/x/{id}", parameters=parameters, requestBody=body(schema))
    assert list(properties(operation)) == ["id", "query_id", "body"]
    assert operation.definition.input_schema["required"] == ["id", "body"]
    request = sent(operation, id="1", query_id="2", body={"id": "3"})
    assert (request.url, request.content) == ("https://api.example.org/v1/x/1?id=2", b'{"id":"3"}')


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "integer"}},
        {"type": "string"},
        {"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"b": {}}}]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        {"type": "object", "properties": {"filter[x]": {}}},
        {},
    ],
)
def test_a_body_that_is_no_plain_object_goes_under_body(schema: dict[str, Any]) -> None:
    operation = one("post", requestBody=body(schema))
    assert list(properties(operation)) == ["body"]
    assert sent(operation, body=[50.0, 1]).content == b"[50.0,1]"


def test_a_body_of_all_of_is_flattened_and_what_the_service_fills_in_is_left_out() -> None:
    base = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}}}
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"size": {"type": "integer"}}}],
        "required": ["id", "name"],
    }
    operation = one(
        "post", components={"schemas": {"Base": base | {"required": ["id", "name"]}}}, requestBody=body(schema)
    )
    assert set(properties(operation)) == {"name", "size"}
    assert operation.definition.input_schema["required"] == ["name"]


def test_an_optional_body_is_left_out_when_nothing_of_it_is_given() -> None:
    schema = {"type": "object", "properties": {"a": {}}, "required": ["a"]}
    operation = one("post", requestBody=body(schema, required=False))
    assert "required" not in operation.definition.input_schema
    assert sent(operation).content is None
    assert sent(operation, a=None).content == b'{"a":null}'


def test_a_form_repeats_lists_and_puts_keys_in_brackets() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}}
    operation = one("post", requestBody=body(schema, "application/x-www-form-urlencoded"))
    request = sent(operation, a=[1, "x y"], b={"k": 50.0}, c="ä&")
    assert request.content == b"a=1&a=x%20y&b%5Bk%5D=50.0&c=%C3%A4%26"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("said", "translated"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True, "allOf": [{"type": "string"}]}, {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]}),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": False}, {"type": "number", "maximum": 9}),
        ({"type": "number", "exclusiveMinimum": 3}, {"type": "number", "exclusiveMinimum": 3}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "file", "x-extra": 1, "example": 2, "xml": {}}, {}),
        ({"type": "string", "required": True, "minLength": "3", "maxLength": -1}, {"type": "string"}),
        ({"$ref": "#/components/schemas/Colour"}, {"type": "string", "enum": ["red"], "description": "A colour"}),
        ({"$ref": "#/components/schemas/Colour", "description": "Of it"}, {"type": "string", "enum": ["red"], "description": "Of it"}),
        ({"$ref": "other.yaml#/x"}, {}),
        ({"$ref": "#/nowhere"}, {}),
        ({"$ref": "#/components/schemas/Circle"}, {}),
        ({"type": "object", "properties": {"example": {"type": "string"}}}, {"type": "object", "properties": {"example": {"type": "string"}}}),
    ],
)  # fmt: skip
def test_a_schema_becomes_json_schema_2020_12(said: dict[str, Any], translated: dict[str, Any]) -> None:
    colour = {"type": "string", "enum": ["red"], "description": "A colour"}
    circle = {"$ref": "#/components/schemas/Circle"}
    components = {"schemas": {"Colour": colour, "Circle": circle}}
    operation = one(components=components, parameters=[{"name": "q", "in": "query", "schema": said}])
    found = properties(operation)["q"]
    if "Circle" in str(said):
        assert Draft202012Validator(operation.definition.input_schema)
    else:
        assert found == translated


def test_schemas_that_contain_each_other_stand_by_themselves() -> None:
    schemas = {
        "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}},
        "B": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}, "n": {"type": "integer"}}},
    }
    schema = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}
    operation = one("post", components={"schemas": schemas}, requestBody=body(schema))
    validator = Draft202012Validator(operation.definition.input_schema)
    assert validator.is_valid({"a": {"b": {"a": {"b": {"n": 1}}}}})
    assert not validator.is_valid({"a": {"b": {"a": {"b": {"n": "x"}}}}})


def test_references_of_references_do_not_grow_without_bound() -> None:
    schemas: dict[str, Any] = {"S0": {"type": "string"}}
    for n in range(1, 30):
        names = {f"p{k}": {"$ref": f"#/components/schemas/S{n - 1}"} for k in range(10)}
        schemas[f"S{n}"] = {"type": "object", "properties": names}
    schema = {"type": "object", "properties": {"top": {"$ref": "#/components/schemas/S29"}}}
    operation = one("post", components={"schemas": schemas}, requestBody=body(schema))
    assert len(json.dumps(operation.definition.input_schema)) < 200_000
    properties(operation)


def test_names_are_plain_short_and_never_twice() -> None:
    found = read(
        {
            "/a": {"get": {"operationId": "List all/things!"}, "post": {}},
            "/b": {"get": {"operationId": "List_all_things"}, "put": {"operationId": "x" * 100}},
            "/c/{d}": {"delete": {"parameters": [{"name": "d", "in": "path", "required": True}]}},
            "/e": {"get": {"operationId": "x" * 80}},
        }
    )
    assert list(found) == [
        "List_all_things", "post_a", "List_all_things_2", "x" * 64, "delete_c_d", "x" * 62 + "_2",
    ]  # fmt: skip


def test_what_cannot_be_called_is_left_out_and_said() -> None:
    upload = {"required": True, "content": {"multipart/form-data": {"schema": {}}}}
    paths = {
        "/ok": {"get": {}},
        "/upload": {"post": {"requestBody": upload}},
        "/x/{id}": {"get": {}},
        "/y/{z}": {"get": {"parameters": [{"name": "z", "in": "path", "style": "matrix", "required": True}]}},
        "/../admin": {"get": {}},
        "/elsewhere": {"get": {"parameters": [{"$ref": "other.yaml#/p"}]}},
        "/crumbs": {"get": {"parameters": [{"name": "session", "in": "cookie", "required": True}]}},
    }
    found = service("shop", {"openapi": "3.1.0", "paths": paths}, url="http://x", spec_url=None)
    assert [one.definition.name for one in found.operations] == ["get_ok"]
    assert len(found.left_out) == 6
    assert "its parameter session has to travel in a cookie, which is not available yet" in found.left_out[-1]
    assert found.left_out[0] == "POST /upload is left out: its body is multipart/form-data, which is not supported."


@pytest.mark.parametrize(
    ("servers", "spec_url", "base"),
    [
        ([{"url": "https://api.example.org/v2/"}], "https://docs.example.org/a.json", "https://api.example.org/v2"),
        ([{"url": "/v2"}], "https://docs.example.org/specs/a.json", "https://docs.example.org/v2"),
        ([{"url": "v2"}], "https://docs.example.org/specs/a.json", "https://docs.example.org/specs/v2"),
        (None, "https://docs.example.org/specs/a.json", "https://docs.example.org"),
        ([{"url": "https://{r}.example.org", "variables": {"r": {"default": "eu"}}}], None, "https://eu.example.org"),
    ],
)
def test_where_the_service_is(servers: Any, spec_url: str | None, base: str) -> None:
    document = {"openapi": "3.1.0", "servers": servers, "paths": {"/x": {"get": {}}}}
    (operation,) = service("shop", document, url=None, spec_url=spec_url).operations
    assert operation.base == base


@pytest.mark.parametrize("url", ["file:///etc", "https://me:key@x.org", "javascript:alert(1)", "//x.org/y"])
def test_a_server_that_is_no_plain_web_address_is_refused(url: str) -> None:
    document = {"openapi": "3.1.0", "servers": [{"url": url}], "paths": {"/x": {"get": {}}}}
    with pytest.raises(CannotStart):
        service("shop", document, url=None, spec_url=None)


def told(method: str = "post", path: str = "/notes", server: str = "https://good.example.org", **said: Any) -> str:
    operation = {"operationId": "keep", "summary": "Keep a note.", **said}
    document = {"openapi": "3.1.0", "servers": [{"url": server}], "paths": {path: {method: operation}}}
    found = service("shop", document, url=None, spec_url="https://docs.example.org/a.json")
    return found.operations[0].definition.hash


def note(kind: str = "application/json") -> dict[str, Any]:
    return {"content": {kind: {"schema": {"type": "object", "properties": {"text": {"type": "string"}}}}}}


def where(place: str, name: str = "text", **more: Any) -> list[dict[str, Any]]:
    return [{"name": name, "in": place, "schema": {"type": "string"}, **more}]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"server": "https://evil.example.org"}),
        ({}, {"path": "/accounts/close-all"}),
        ({"parameters": where("query")}, {"method": "put", "parameters": where("query")}),
        ({"parameters": where("query")}, {"parameters": where("header")}),
        ({"parameters": where("query")}, {"parameters": where("query", explode=False)}),
        ({"requestBody": note()}, {"requestBody": note("application/x-www-form-urlencoded")}),
    ],
    ids=["server", "path", "method", "place", "style", "content type"],
)
def test_a_description_that_sends_a_call_elsewhere_describes_another_tool(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert told(**before) == told(**before)
    assert told(**before) != told(**after)


def test_an_address_that_an_admin_typed_may_be_changed_by_the_admin_without_a_new_look_at_every_tool() -> None:
    document = {"openapi": "3.1.0", "paths": {"/notes": {"get": {}}}}
    hashes = {
        service("shop", document, url=url, spec_url=None, entered=[place_of(url)]).operations[0].definition.hash
        for url in ("http://127.0.0.1:8001", "http://127.0.0.1:8002")
    }
    assert len(hashes) == 1
