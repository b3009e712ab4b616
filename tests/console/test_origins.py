"""Which pages may send forms, and where signing in may lead."""

import pytest

from console.security.gate import below, least_role, route_path
from console.security.origins import HOME, from_our_page, safe_next, same_origin
from store.people import Role


@pytest.mark.parametrize(
    "wanted",
    ["/inbox", "/sessions/S-1?here=call-7.1", "/people", "/sessions?q=a%20b&status=", "/a//b", "/a?next=//evil"],
)
def test_a_path_on_this_host_is_followed(wanted: str) -> None:
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "inbox",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/inbox\r\nSet-Cookie: a=b",
        " /inbox",
        "http://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/signin?next=/inbox",
        "/signout",
        "/link/abc",
        "/welcome",
        "/api/v1/sessions",
    ],
)
def test_anything_else_leads_home(wanted: str | None) -> None:
    assert safe_next(wanted) == HOME


@pytest.mark.parametrize(
    ("source", "host", "https", "same"),
    [
        ("http://desk.example:8080", "desk.example:8080", False, True),
        ("http://desk.example", "desk.example:80", False, True),
        ("https://DESK.example", "desk.example", True, True),
        ("https://desk.example", "desk.example:443", True, True),
        ("https://desk.example/some/page?x", "desk.example", True, True),
        ("http://desk.example", "desk.example", True, False),
        ("http://desk.example", "desk.example:8080", False, False),
        ("http://desk.example.evil.example", "desk.example", False, False),
        ("http://evil.example?desk.example", "desk.example", False, False),
        ("http://user@desk.example", "desk.example", False, False),
        ("null", "desk.example", False, False),
        ("", "", False, False),
        ("http://", "", False, False),
        ("file:///desk.example", "desk.example", False, False),
        ("http://[::1", "[::1", False, False),
        ("http://[::1]:8080", "[::1]:8080", False, True),
    ],
)
def test_an_origin_is_ours_when_it_names_our_host(source: str, host: str, https: bool, same: bool) -> None:
    assert same_origin(source, host, https=https) is same


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ([(b"host", b"a"), (b"origin", b"http://a")], True),
        ([(b"host", b"a"), (b"referer", b"http://a/page")], True),
        ([(b"host", b"a"), (b"origin", b"http://b"), (b"referer", b"http://a/page")], False),
        ([(b"host", b"a")], False),
    ],
)
def test_a_form_says_where_it_came_from(headers: list[tuple[bytes, bytes]], ours: bool) -> None:
    assert from_our_page({"type": "http", "headers": headers}, https=False) is ours


def test_a_path_is_below_another_only_at_a_slash() -> None:
    assert below("/people", "/people") and below("/people/x", "/people")
    assert not below("/peoples", "/people")
    assert (least_role("/people/x"), least_role("/inbox")) == (Role.ADMIN, Role.VIEWER)


def test_a_sub_path_of_a_proxy_hides_nothing() -> None:
    assert route_path({"path": "/desk/people", "root_path": "/desk"}) == "/people"
    assert route_path({"path": "/desk", "root_path": "/desk"}) == "/"
    assert route_path({"path": "/desks", "root_path": "/desk"}) == "/desks"
    assert route_path({"path": "/people"}) == "/people"
