"""What the form for a connector means as a document: each kind its own fields, secrets only by reference."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import Client
from nicegui.page import page

from console import connector_form
from console.components.field import field
from console.components.secret_field import TYPED
from console.pages.connector_auth import AuthFields
from console.pages.connector_live import errors, facts, sparkline
from tests.agents.tools.test_registry import NOW

Unreadable = connector_form.Unreadable


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("mcp_stdio", {"command", "args", "env"}),
        ("mcp_http", {"url", "headers", "auth"}),
        ("openapi", {"url", "headers", "auth", "spec"}),
        ("builtin", {"allow"}),
    ],
)
def test_what_belongs_to_other_kinds_leaves_the_document(kind: str, kept: set[str]) -> None:
    every = {"command": "x", "args": ["y"], "env": {"A": "1"}, "url": "https://x", "headers": {"B": "2"}}
    every |= {"auth": {"kind": "oauth"}, "spec": "https://x/openapi.json", "allow": ["x"]}
    made = connector_form.changed({}, kind, {"name": "a", **every})
    assert set(made) == kept | {"name", "kind"}


def test_hosts_are_read_one_by_one_and_an_address_is_refused() -> None:
    assert connector_form.hosts("example.org, *.example.com\nlocalhost:8080") == [
        "example.org", "*.example.com", "localhost:8080",
    ]  # fmt: skip
    for wrong in ("https://example.org", "example.org/path", "*", "exa mple.*"):
        with pytest.raises(Unreadable, match="is no host"):
            connector_form.hosts(wrong)


def test_how_a_service_is_told_who_asks_holds_a_reference_and_nothing_empty() -> None:
    made = connector_form.auth_of("client_credentials", {"client_id": "me ", "scope": "", "token_url": "t"}, "secret:s")
    assert made == {"kind": "client_credentials", "client_id": "me", "token_url": "t", "client_secret": "secret:s"}
    assert connector_form.auth_of("none", {"name": "x"}, "secret:s") is None
    assert connector_form.auth_of("oauth", {}, None) == {"kind": "oauth"}


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(page(""))
    yield made
    made.delete()


def auth_fields(client: Client, kind: str, auth: dict[str, Any] | None) -> AuthFields:
    desk = SimpleNamespace(secrets=SimpleNamespace(names=lambda: ["crm-client", "oauth.crm", "other"]))
    form: Any = SimpleNamespace(desk=desk, fixed=False, fields={}, field=lambda key, label, *more: field(label, *more))
    with client:
        return AuthFields(form, kind, {"auth": auth} if auth else {})


REGISTERED = {"kind": "oauth", "client_id": "desk", "client_secret": "secret:crm-client", "scope": "read"}


@pytest.mark.parametrize(
    ("kind", "auth"),
    [
        ("mcp_http", None),
        ("mcp_http", {"kind": "oauth"}),
        ("mcp_http", REGISTERED | {"token_url": "https://login.example.com/token"}),
        ("mcp_http", REGISTERED | {"client_secret": "env:CRM_CLIENT"}),
        ("mcp_http", {"kind": "bearer", "value": "secret:other"}),
        ("openapi", {"kind": "header", "name": "X-Key", "value": "env:KEY"}),
        ("openapi", {"kind": "basic", "username": "me", "password": "secret:other"}),
        ("openapi", REGISTERED | {"kind": "client_credentials", "token_url": "https://x/token"}),
    ],
)
def test_a_form_that_is_saved_as_it_was_opened_changes_nothing_of_how_one_signs_in(
    client: Client, kind: str, auth: dict[str, Any] | None
) -> None:
    fields = auth_fields(client, kind, auth)
    assert fields.read("crm") == auth
    assert fields.missing("crm") == {} and fields.typed("crm") == {}


def test_the_secret_of_a_client_registered_by_hand_is_typed_kept_and_taken_out_again(client: Client) -> None:
    fields = auth_fields(client, "mcp_http", {"kind": "oauth", "client_id": "desk"})
    assert fields.secret is not None
    fields.secret.value.value = "a very secret"
    assert fields.typed("crm") == {"secret:crm-client-2": "a very secret"}
    assert fields.read("crm") == {"kind": "oauth", "client_id": "desk", "client_secret": "secret:crm-client-2"}
    fields = auth_fields(client, "mcp_http", REGISTERED)
    assert fields.secret is not None
    fields.secret.how.value = TYPED
    assert fields.read("crm") == {"kind": "oauth", "client_id": "desk", "scope": "read"}
    assert fields.missing("crm") == {}


def test_another_way_to_sign_in_takes_nothing_over_from_the_one_before(client: Client) -> None:
    fields = auth_fields(client, "mcp_http", REGISTERED)
    with client:
        fields.kind.value = "bearer"
    assert fields.read("crm") == {"kind": "bearer"}
    assert list(fields.missing("crm")) == ["connectors/auth/value"]


def test_a_typed_secret_gets_a_name_that_a_reference_can_say_and_nothing_else_uses() -> None:
    assert connector_form.secret_name("my crm (old)", "token") == "my-crm-old-token"
    assert connector_form.secret_name("crm", "token", ["crm-token", "crm-token-2"]) == "crm-token-3"
    assert not connector_form.secret_name("oauth.x", "token").startswith(connector_form.RESERVED)
    assert len(connector_form.secret_name("x" * 64, "token", ["y"])) <= 64


def test_an_upload_is_text_and_not_endless() -> None:
    assert connector_form.uploaded("a.json", b'\xef\xbb\xbf{"a": 1}') == '{"a": 1}'
    for content, said in ((b"\xff\xfe", "no text in UTF-8"), (b"  \n", "holds no JSON"), (b"a\x00b", "holds no JSON")):
        with pytest.raises(Unreadable, match=said):
            connector_form.uploaded("a.json", content)
    with pytest.raises(Unreadable, match="larger than"):
        connector_form.uploaded("a.json", b" " * (connector_form.LARGEST_SPEC_BYTES + 1))


def test_what_refers_to_a_secret_is_named_also_where_it_is_a_services_key() -> None:
    documents = {"connectors": [{"name": "shop", "auth": {"kind": "bearer", "value": "secret:shop-token"}}]}
    assert connector_form.references_to("shop-token", documents) == ["connector “shop”"]


def test_others_than_admins_read_no_password_in_an_address_among_a_commands_arguments() -> None:
    args = [
        "-y",
        "postgresql://app:hunter2@db/crm",
        "--dsn=mysql://app:hunter2@db:3306/x",
        "https://x.example/a?key=h2",
    ]
    stored = {
        "kind": "mcp_stdio",
        "command": "npx",
        "args": [*args, "https://x.example/@scope/a", "http://[bad:hunter2@"],
    }
    shown = connector_form.for_others(stored)["args"]
    assert shown[:3] == ["-y", "postgresql://db/crm", "--dsn=mysql://db:3306/x"]
    assert shown[3] == f"https://x.example/a?{connector_form.HIDDEN}"
    assert shown[4] == "https://x.example/@scope/a"
    told = " ".join(shown) + connector_form.target(stored)
    assert "hunter2" not in told and "h2" not in told
    assert connector_form.hidden_in({"args": shown}) == ["args/3", "args/5"]


def test_others_than_admins_read_no_key_in_the_address_of_a_description() -> None:
    stored = {"name": "a", "kind": "openapi", "spec": "https://x.example/openapi.json?key=abc"}
    shown = connector_form.for_others(stored)
    assert "abc" not in str(shown) and connector_form.hidden_in(shown) == ["spec"]


def test_others_than_admins_read_no_key_where_a_token_is_fetched_nor_among_a_models_parameters() -> None:
    auth = {"kind": "client_credentials", "client_secret": "secret:s", "token_url": "https://x.example/t?key=abc"}
    shown = connector_form.for_others({"name": "a", "kind": "openapi", "auth": auth})
    assert (
        "abc" not in str(shown) and "secret:s" in str(shown) and connector_form.hidden_in(shown) == ["auth/token_url"]
    )
    written = {"aws_secret_access_key": "abc", "api_key": "abc", "proxy": "http://me:abc@x.example/", "max_tokens": 9}
    shown = connector_form.for_others({"name": "m", "parameters": {**written, "prompt_cache_key": "desk"}})
    assert "abc" not in str(shown) and shown["parameters"]["max_tokens"] == 9
    assert shown["parameters"]["prompt_cache_key"] == "desk"
    assert connector_form.hidden_in(shown) == ["parameters/aws_secret_access_key", "parameters/api_key"]


@pytest.mark.parametrize("url", ["http://[bad/mcp?key=abc", "http://host:99999/mcp?key=abc"])
def test_an_address_that_cannot_be_read_is_shown_as_that(url: str) -> None:
    assert connector_form.target({"kind": "mcp_http", "url": url}) == "an address that cannot be read"
    assert "abc" not in connector_form.target({"kind": "openapi", "url": url})


def test_latency_is_drawn_and_errors_are_escaped() -> None:
    from agents.tools.health import Fault, Health

    health = Health(
        state="up", because="Connected.", since=NOW, latency_ms=12, call_ms=(10.0, 30.0, 20.0),
        last_errors=(Fault(NOW, "echo: <script>"),),
    )  # fmt: skip
    said = facts(health, 3)
    assert "Last call 20 ms, median 20 ms" in said and said.count("<polyline") == 1
    assert "&lt;script&gt;" in errors(health) and "<script>" not in errors(health)
    assert sparkline((5.0,)) == ""
