"""Who may do what: every route, every role, token and cookie."""

import httpx
import pytest

from store.people import Role

from .conftest import Quarterdeck
from .desk_work import SESSIONS, is_problem, started

ALLOWED = {"get": {"viewer", "operator", "admin"}, "post": {"operator", "admin"}, "put": {"admin"}}


def routes(client: httpx.Client) -> list[tuple[str, str]]:
    """Every route there is, as the description says, with an id that nothing has."""
    paths = client.get("/api/openapi.json").json()["paths"]
    found = [(method, path.replace("{id}", "nothing")) for path, one in paths.items() for method in one]
    assert len(found) == 14
    return [(method, path) for method, path in found if path != "/healthz"]


def test_every_route_answers_401_to_strangers(stranger: httpx.Client) -> None:
    for method, path in routes(stranger):
        problem = stranger.request(method, path)
        is_problem(problem, 401)
        assert problem.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer qd_made_up", "Basic YTpi", "", "Bearer \xff"])
def test_a_made_up_token_is_no_token(stranger: httpx.Client, header: str) -> None:
    is_problem(stranger.get(SESSIONS, headers={b"Authorization": header.encode("latin-1")}), 401)


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_every_route_lets_in_exactly_the_roles_it_is_for(quarterdeck: Quarterdeck, role: str) -> None:
    with quarterdeck.client(quarterdeck.tokens[role]) as client:
        for method, path in routes(client):
            answer = client.request(method, path)
            if role in ALLOWED[method]:
                assert answer.status_code in (200, 404, 422), (method, path)
            else:
                assert is_problem(answer, 403)["detail"].startswith("This needs an")


def test_a_viewer_changes_nothing(operator: httpx.Client, viewer: httpx.Client) -> None:
    session_id = started(operator, "I want my money back.")
    before = viewer.get(SESSIONS).json()["items"]
    is_problem(viewer.post(SESSIONS, json={"agent": "Refund clerk", "message": "x"}), 403)
    is_problem(viewer.post(f"{SESSIONS}/{session_id}/stop", json={"because": "x"}), 403)
    after = viewer.get(SESSIONS).json()["items"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert viewer.get(f"{SESSIONS}/{session_id}").json()["status"] != "stopped"


@pytest.mark.parametrize("name", ["qd_session", "__Host-qd_session"])
def test_the_signed_in_cookie_reads_and_never_writes(quarterdeck: Quarterdeck, name: str) -> None:
    people = quarterdeck.desk.people
    person = quarterdeck.run(people.create(f"ada{len(name)}", "Ada", Role.ADMIN, None, "tests"))
    cookie = quarterdeck.run(people.sign_in(person, agent="a browser"))
    with quarterdeck.client() as client:
        client.headers["Cookie"] = f"{name}={cookie}"
        assert client.get(SESSIONS).status_code == 200
        assert client.get("/api/v1/configuration").status_code == 200
        is_problem(client.post(SESSIONS, json={"agent": "Refund clerk", "message": "x"}), 401)
        is_problem(client.put("/api/v1/configuration", json={}), 401)
        is_problem(client.get(SESSIONS, headers={"Authorization": "Bearer qd_wrong"}), 401)
        quarterdeck.run(people.sign_out_everywhere(person.name))
        is_problem(client.get(SESSIONS), 401)


def test_a_revoked_token_stops_working_at_once(quarterdeck: Quarterdeck) -> None:
    people = quarterdeck.desk.people
    token = quarterdeck.run(people.make_token("short", Role.VIEWER, by="tests"))
    with quarterdeck.client(token) as client:
        assert client.get(SESSIONS).status_code == 200
        issued = next(one for one in quarterdeck.run(people.tokens()) if one.name == "short")
        quarterdeck.run(people.revoke_token(issued.id))
        is_problem(client.get(SESSIONS), 401)


def test_a_strange_host_header_opens_nothing(stranger: httpx.Client) -> None:
    is_problem(stranger.get(SESSIONS, headers={"Host": "x/healthz?"}), 401)
