"""Idempotency-Key: the same key and body get the same answer, and nothing happens twice."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from .desk_work import APPROVALS, SESSIONS, VAGUE, held, is_problem, started

BODY = {"agent": "Refund clerk", "message": VAGUE}


def keyed(client: httpx.Client, key: str, path: str = SESSIONS, body: object = BODY) -> httpx.Response:
    return client.post(path, json=body, headers={"Idempotency-Key": key})


def test_the_same_key_and_body_get_the_same_answer_and_start_one_session(operator: httpx.Client) -> None:
    body = {**BODY, "title": "only once"}
    first, again = keyed(operator, "k-1", body=body), keyed(operator, "k-1", body=body)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["content-type"] == again.headers["content-type"]
    assert len(operator.get(SESSIONS, params={"q": "only once"}).json()["items"]) == 1


def test_the_same_key_with_another_body_or_address_is_422(operator: httpx.Client) -> None:
    session_id = started(operator, VAGUE)
    because = {"because": "Lunch."}
    assert keyed(operator, "k-2", f"{SESSIONS}/{session_id}/pause", because).status_code == 200
    is_problem(keyed(operator, "k-2", f"{SESSIONS}/{session_id}/pause", {"because": "Tea."}), 422)
    is_problem(keyed(operator, "k-2", f"{SESSIONS}/{session_id}/stop", because), 422)
    assert operator.get(f"{SESSIONS}/{session_id}").json()["status"] == "paused"


def test_each_caller_has_keys_of_their_own(operator: httpx.Client, admin: httpx.Client) -> None:
    assert keyed(operator, "k-3").json()["id"] != keyed(admin, "k-3").json()["id"]


def test_a_refusal_is_remembered_too(operator: httpx.Client) -> None:
    first, again = (keyed(operator, "k-4", body={**BODY, "agent": "Nobody"}) for _ in range(2))
    is_problem(first, 422)
    is_problem(again, 422)
    assert first.content == again.content


def test_duplicates_at_the_same_time_run_once(operator: httpx.Client) -> None:
    body = {**BODY, "title": "at once"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: keyed(operator, "k-5", body=body), range(8)))
    done = {answer.content for answer in answers if answer.status_code == 201}
    assert len(done) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert "still being worked on" in is_problem(answer, 409)["detail"]
    assert len(operator.get(SESSIONS, params={"q": "at once"}).json()["items"]) == 1
    assert keyed(operator, "k-5", body=body).content in done


def test_a_key_has_a_length(operator: httpx.Client) -> None:
    is_problem(keyed(operator, ""), 422)
    is_problem(keyed(operator, "x" * 201), 422)


def test_a_decision_with_a_key_is_answered_from_memory_whatever_became_of_it(operator: httpx.Client) -> None:
    approval = held(operator)
    body = {"decision": "reject", "action_digest": approval["action_digest"], "because": "No."}
    path = f"{APPROVALS}/{approval['id']}/decision"
    first, again = keyed(operator, "k-6", path, body), keyed(operator, "k-6", path, body)
    assert first.status_code == 200 and first.content == again.content


def test_a_key_opens_nothing_to_those_who_may_not(operator: httpx.Client, viewer: httpx.Client) -> None:
    keyed(operator, "k-7")
    is_problem(keyed(viewer, "k-7"), 403)
