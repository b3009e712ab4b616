"""What tests of the API do at the desk again and again, by the API alone."""

from typing import Any

import httpx

SESSIONS = "/api/v1/sessions"
APPROVALS = "/api/v1/approvals"
REFUND = "Refund 51 euros on order 1755."
"""Just above what runs without asking, and of an order that can bear it several times."""
VAGUE = "I want my money back."


def started(client: httpx.Client, message: str = REFUND, **more: Any) -> str:
    answer = client.post(SESSIONS, json={"agent": "Refund clerk", "message": message, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def seen(client: httpx.Client, session_id: str, *types: str, after: int = 0) -> dict[str, Any]:
    """Follows the session by long-poll until an event of one of these types comes."""
    while True:
        answer = client.get(f"{SESSIONS}/{session_id}/events", params={"after": after, "wait": 30})
        items = answer.json()["items"]
        assert items, f"{types} never came"
        for event in items:
            if event["type"] in types:
                return dict(event)
            assert event["type"] != "TurnEnded", f"the turn ended without {types}: {event}"
        after = items[-1]["seq"]


def held(client: httpx.Client) -> dict[str, Any]:
    """A refund that waits for a person, in full as the API shows it."""
    event = seen(client, started(client), "ApprovalRequested")
    return dict(client.get(f"{APPROVALS}/{event['data']['approval_id']}").json())


def decided(client: httpx.Client, approval: dict[str, Any], decision: str, **more: Any) -> httpx.Response:
    body = {"decision": decision, "action_digest": approval["action_digest"], **more}
    return client.post(f"{APPROVALS}/{approval['id']}/decision", json=body)


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The refusal, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] and problem["title"] and problem["detail"]
    return dict(problem)
