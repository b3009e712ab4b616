"""Tokens that are limited to agents, and tokens that expire: every route, with what lies inside and outside their scope."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from store.database import run
from store.people import Role

from .conftest import Quarterdeck
from .desk_work import APPROVALS, SESSIONS, held, is_problem, started
from .test_access import routes

MINE, OTHER = "Refund clerk", "Somebody else"


@pytest.fixture(scope="module")
def approval(quarterdeck: Quarterdeck) -> dict[str, Any]:
    """A refund of the Refund clerk that waits for a person."""
    with quarterdeck.client(quarterdeck.tokens["operator"]) as client:
        return held(client)


def limited(quarterdeck: Quarterdeck, role: Role, *agents: str, **more: Any) -> httpx.Client:
    made = quarterdeck.desk.people.make_token(f"limited-{role}", role, by="tests", agents=agents, **more)
    return quarterdeck.client(quarterdeck.run(made))


@pytest.fixture
def inside(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with limited(quarterdeck, Role.OPERATOR, MINE) as client:
        yield client


@pytest.fixture
def outside(quarterdeck: Quarterdeck) -> Iterator[httpx.Client]:
    with limited(quarterdeck, Role.OPERATOR, OTHER) as client:
        yield client


def test_a_token_sees_the_sessions_and_requests_of_its_agents(inside: httpx.Client, approval: dict[str, Any]) -> None:
    session_id = approval["session_id"]
    assert session_id in {one["id"] for one in inside.get(SESSIONS).json()["items"]}
    assert inside.get(f"{SESSIONS}/{session_id}").json()["agent"] == MINE
    assert inside.get(f"{SESSIONS}/{session_id}/events").json()["items"]
    assert approval["id"] in {one["id"] for one in inside.get(APPROVALS).json()["items"]}
    assert inside.get(f"{APPROVALS}/{approval['id']}").status_code == 200


def test_what_belongs_to_other_agents_does_not_exist_for_it(
    operator: httpx.Client, outside: httpx.Client, approval: dict[str, Any]
) -> None:
    session_id, approval_id = approval["session_id"], approval["id"]
    assert outside.get(SESSIONS).json() == {"items": [], "next_cursor": None}
    assert outside.get(SESSIONS, params={"agent": MINE}).json()["items"] == []
    assert outside.get(APPROVALS, params={"status": "all"}).json()["items"] == []
    for method, path in routes(outside):
        if "nothing" not in path:
            continue
        there = path.replace("nothing", session_id if "/sessions/" in path else approval_id)
        body = None if method == "get" else {"because": "x"}
        hidden = is_problem(outside.request(method, there, json=body), 404)["detail"]
        missing = is_problem(outside.request(method, path, json=body), 404)["detail"]
        assert hidden.replace(approval_id, "nothing").replace(session_id, "nothing") == missing
    assert operator.get(f"{SESSIONS}/{session_id}").json()["status"] == "waiting_approval"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMIN])
def test_it_neither_reads_nor_changes_the_configuration_whatever_its_role(
    quarterdeck: Quarterdeck, admin: httpx.Client, role: Role
) -> None:
    with limited(quarterdeck, role, MINE) as client:
        for method, path in routes(client):
            if path.startswith((SESSIONS, APPROVALS)):
                continue
            problem = client.request(method, path, json=None if method == "get" else {})
            detail = is_problem(problem, 403)["detail"]
            assert "limited to the agents" in detail or "This needs an" in detail


def test_it_cannot_start_another_agent_and_hears_why(outside: httpx.Client) -> None:
    problem = outside.post(SESSIONS, json={"agent": MINE, "message": "x"})
    detail = is_problem(problem, 403)["detail"]
    assert detail == f"limited-operator is limited to the agents {OTHER}; it cannot start {MINE}."


def test_it_acts_on_its_own(inside: httpx.Client) -> None:
    session_id = started(inside, "I want my money back.")
    assert inside.post(f"{SESSIONS}/{session_id}/stop", json={"because": "Enough."}).json()["status"] == "stopped"


def test_an_answer_recorded_for_one_scope_is_not_repeated_to_another(
    inside: httpx.Client, outside: httpx.Client
) -> None:
    body = {"agent": MINE, "message": "I want my money back."}
    key = {"Idempotency-Key": "the same for both"}
    assert inside.post(SESSIONS, json=body, headers=key).status_code == 201
    is_problem(outside.post(SESSIONS, json=body, headers=key), 403)


def test_an_expired_token_is_no_token(quarterdeck: Quarterdeck) -> None:
    with limited(quarterdeck, Role.ADMIN, days=-1) as client:
        assert "has expired" in is_problem(client.get(SESSIONS), 401)["detail"]


def test_when_it_was_last_used_is_kept(quarterdeck: Quarterdeck) -> None:
    with limited(quarterdeck, Role.VIEWER, MINE, days=30) as client:
        assert client.get(SESSIONS).status_code == 200
    newest = quarterdeck.run(quarterdeck.desk.people.tokens())[-1]
    assert newest.last_used_at is not None
    assert newest.agents == (MINE,)
    assert newest.expires_at is not None

    def log(connection: Any) -> tuple[str, str]:
        sql = "SELECT action, detail FROM admin_log WHERE action = 'token made' ORDER BY id DESC LIMIT 1"
        action, detail = run(connection, sql).fetchone()
        return action, detail

    action, detail = quarterdeck.run(quarterdeck.desk.runtime.database.read(log))
    assert action == "token made"
    assert detail == f"viewer; expires {newest.expires_at[:10]}; only {MINE}"
