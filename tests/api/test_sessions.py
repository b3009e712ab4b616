"""Sessions over the API: start, list, look, write, pause, resume, stop."""

import httpx
import pytest

from console.api import shapes

from .desk_work import APPROVALS, REFUND, SESSIONS, VAGUE, held, is_problem, seen, started


def test_a_started_session_can_be_looked_at_where_its_location_says(operator: httpx.Client) -> None:
    answer = operator.post(SESSIONS, json={"agent": "Refund clerk", "message": VAGUE, "title": "Money back"})
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "status"}
    assert answer.headers["location"] == f"{SESSIONS}/{answer.json()['id']}"
    shown = operator.get(answer.headers["location"]).json()
    shapes.Session.model_validate(shown)
    assert (shown["id"], shown["title"], shown["agent"]) == (answer.json()["id"], "Money back", "Refund clerk")


def test_a_finished_turn_shows_answer_result_and_meters(operator: httpx.Client) -> None:
    session_id = started(operator, VAGUE)
    seen(operator, session_id, "TurnEnded")
    shown = operator.get(f"{SESSIONS}/{session_id}").json()
    assert shown["status"] == "completed" and shown["result"] == "answered"
    assert "order" in shown["answer"]
    assert shown["turn"] == 1 and shown["steps"] == 1
    assert shown["usage"]["output"] > 0 and shown["context"]["used"] > 0


def test_a_waiting_session_names_its_approvals(operator: httpx.Client) -> None:
    approval = held(operator)
    shown = operator.get(f"{SESSIONS}/{approval['session_id']}").json()
    assert shown["approvals"] == [approval["id"]]
    assert shown["status"] == "waiting_approval"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "/agent"),
        ({"agent": "Refund clerk"}, "/message"),
        ({"agent": "Nobody", "message": "Hello"}, "/agent"),
        ({"agent": "Refund clerk", "message": "  "}, "/message"),
        ({"agent": "Refund clerk", "message": 5}, "/message"),
        ({"agent": "Refund clerk", "message": "x", "tittle": "y"}, "/tittle"),
        ({"agent": "Refund clerk", "message": "x", "inputs": []}, "/inputs"),
    ],
)
def test_a_bad_start_names_the_path(operator: httpx.Client, body: object, path: str) -> None:
    problem = is_problem(operator.post(SESSIONS, json=body), 422)
    assert problem["problems"][0].split(":")[0] == path


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"agent": "a", "agent": "b"}',
        b'{"agent": NaN}',
        b'{"agent": 1e400}',
        b'{"agent": "\\ud800"}',
        b'{"a":' * 70 + b"1" + b"}" * 70,
    ],
)
def test_a_body_that_can_be_read_in_two_ways_is_refused_with_a_sentence(operator: httpx.Client, body: bytes) -> None:
    problem = is_problem(operator.post(SESSIONS, content=body), 422)
    assert problem["detail"].startswith("The body")


def test_a_body_of_another_kind_or_too_large_is_refused(operator: httpx.Client) -> None:
    is_problem(operator.post(SESSIONS, data={"agent": "Refund clerk"}), 415)
    is_problem(operator.post(SESSIONS, json={"message": "x" * 2_000_001}), 413)

    def pieces() -> object:
        yield from [b"x" * 500_000] * 5

    is_problem(operator.post(SESSIONS, content=pieces()), 413)  # type: ignore[arg-type]


def test_lists_page_through_everything_once_in_stable_order(operator: httpx.Client) -> None:
    ids = [started(operator, VAGUE, title="paged") for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while True:
        page = operator.get(SESSIONS, params={"q": "paged", "limit": 2, "cursor": cursor}).json()
        assert set(page) == {"items", "next_cursor"} and len(page["items"]) <= 2
        found += [one["id"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == ids[::-1]


def test_lists_filter_by_status_agent_and_words(operator: httpx.Client) -> None:
    approval = held(operator)
    waiting = operator.get(
        SESSIONS, params={"status": "waiting_approval", "agent": "Refund clerk", "limit": 200}
    ).json()
    assert approval["session_id"] in [one["id"] for one in waiting["items"]]
    assert {one["status"] for one in waiting["items"]} == {"waiting_approval"}
    assert operator.get(SESSIONS, params={"agent": "Privacy officer"}).json()["items"] == []
    assert operator.get(SESSIONS, params={"q": approval["session_id"]}).json()["items"]
    assert operator.get(f"{SESSIONS}?status=&agent=&q=&limit=1&cursor=").status_code == 200


@pytest.mark.parametrize("list_", [SESSIONS, APPROVALS])
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=x", "?limit"),
        ("status=odd", "?status"),
        ("cursor=x", "?cursor"),
    ],
)
def test_a_bad_query_names_its_part(viewer: httpx.Client, list_: str, query: str, path: str) -> None:
    problem = is_problem(viewer.get(f"{list_}?{query}"), 422)
    assert problem["problems"][0].startswith(path)


def test_a_message_reopens_a_finished_session_and_joins_a_waiting_one(operator: httpx.Client) -> None:
    session_id = started(operator, VAGUE)
    end = seen(operator, session_id, "TurnEnded")
    answer = operator.post(f"{SESSIONS}/{session_id}/messages", json={"text": REFUND})
    assert answer.status_code == 200 and answer.json()["id"] == session_id
    asked = seen(operator, session_id, "ApprovalRequested", after=end["seq"])
    operator.post(f"{SESSIONS}/{session_id}/messages", json={"text": "Wait, only half of it."})
    shown = operator.get(f"{APPROVALS}/{asked['data']['approval_id']}").json()
    assert [one["text"] for one in shown["later_messages"]] == ["Wait, only half of it."]


def test_a_bad_message_names_text(operator: httpx.Client) -> None:
    session_id = started(operator, VAGUE)
    for body in ({}, {"text": " "}, {"text": "x" * 100_001}):
        problem = is_problem(operator.post(f"{SESSIONS}/{session_id}/messages", json=body), 422)
        assert problem["problems"][0].startswith("/text")


def test_pause_resume_and_stop_need_a_reason_and_say_where_the_session_stands(operator: httpx.Client) -> None:
    session_id = held(operator)["session_id"]
    for verb, status in (("pause", "paused"), ("resume", "waiting_approval"), ("stop", "stopped")):
        for body in ({}, {"because": ""}, {"because": "  "}):
            assert is_problem(operator.post(f"{SESSIONS}/{session_id}/{verb}", json=body), 422)["problems"]
        answer = operator.post(f"{SESSIONS}/{session_id}/{verb}", json={"because": "Trying it out."})
        assert answer.json() == {"id": session_id, "status": status}
    for verb in ("pause", "resume"):
        is_problem(operator.post(f"{SESSIONS}/{session_id}/{verb}", json={"because": "Too late."}), 409)
    is_problem(operator.post(f"{SESSIONS}/{session_id}/messages", json={"text": "Hello?"}), 409)


def test_what_does_not_exist_is_404(operator: httpx.Client) -> None:
    for path in (
        f"{SESSIONS}/S-0",
        f"{SESSIONS}/S-0/events",
        f"{APPROVALS}/S-0.1.1",
        "/api/v1/odd",
        "/api/odd",
        "/api/",
    ):
        is_problem(operator.get(path), 404)
    for verb, body in (("messages", {"text": "x"}), ("stop", {"because": "x"}), ("pause", {"because": "x"})):
        is_problem(operator.post(f"{SESSIONS}/S-0/{verb}", json=body), 404)
    decision = {"decision": "approve", "action_digest": "x"}
    is_problem(operator.post(f"{APPROVALS}/S-0.1.1/decision", json=decision), 404)


def test_a_method_that_is_not_there_is_405(operator: httpx.Client) -> None:
    answer = operator.delete(SESSIONS)
    is_problem(answer, 405)
    assert answer.headers["allow"]
