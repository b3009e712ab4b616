"""Deciding over the API: one winner, recorded retries, edits whose numbers survive."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from console.api import shapes
from store.people import Role

from .conftest import Quarterdeck
from .desk_work import APPROVALS, decided, held, is_problem, seen


def test_an_approval_shows_what_would_run_and_why(operator: httpx.Client) -> None:
    approval = held(operator)
    shapes.Approval.model_validate(approval)
    assert (approval["kind"], approval["connector"], approval["tool"]) == ("call", "crm", "refund_order")
    assert approval["status"] == "pending" and approval["decisions"] == []
    assert approval["arguments_json"].startswith('{"amount":51.0,"order_id":1755,"reason":')
    assert approval["arguments"] == json.loads(approval["arguments_json"])
    assert set(approval["reasoning"]) >= {"need", "source", "therefore", "alternatives"}
    assert approval["because"] == "Refunds above 50 EUR are decided by a person."
    inbox = operator.get(APPROVALS, params={"limit": 200}).json()
    assert approval["id"] in [one["id"] for one in inbox["items"]]


def test_a_rejection_goes_to_the_model_and_takes_the_request_out_of_the_inbox(operator: httpx.Client) -> None:
    approval = held(operator)
    answer = decided(operator, approval, "reject", because="Photos first.", code="evidence")
    assert answer.status_code == 200 and set(answer.json()) == {"approval"}
    shapes.Decided.model_validate(answer.json())
    recorded = answer.json()["approval"]
    assert recorded["status"] == "rejected"
    assert [(one["by"], one["because"], one["code"]) for one in recorded["decisions"]] == [
        ("a-operator", "Photos first.", "evidence")
    ]
    pending = operator.get(APPROVALS, params={"limit": 200}).json()["items"]
    assert approval["id"] not in [one["id"] for one in pending]
    rejected = operator.get(APPROVALS, params={"status": "rejected", "limit": 200}).json()["items"]
    assert approval["id"] in [one["id"] for one in rejected]
    everything = operator.get(APPROVALS, params={"status": "all", "limit": 200}).json()["items"]
    assert {one["status"] for one in everything} >= {"rejected"}


def test_an_edit_runs_with_the_new_arguments_and_supersedes_the_request(operator: httpx.Client) -> None:
    approval = held(operator)
    arguments = {**approval["arguments"], "amount": 12.5}
    answer = decided(operator, approval, "edit", arguments=arguments, because="Half is fair.")
    assert answer.status_code == 200, answer.text
    renewed = answer.json()["approval"]
    assert answer.json()["supersedes"] == approval["id"] == renewed["supersedes"]
    assert renewed["arguments"]["amount"] == 12.5
    assert renewed["action_digest"] != approval["action_digest"]
    seen(operator, approval["session_id"], "ToolFinished", after=14)
    assert operator.get(f"{APPROVALS}/{renewed['id']}").json()["status"] == "consumed"
    old = operator.get(f"{APPROVALS}/{approval['id']}").json()
    assert (old["status"], old["superseded_by"]) == ("superseded", renewed["id"])


@pytest.mark.parametrize(
    ("amount", "order_id"),
    [("50", "1755"), ("50.0", "1755"), ("12.5", "123456789012345678901234567890"), ("0.1", "9007199254740993")],
)
def test_numbers_of_an_edit_survive_as_they_were_sent(operator: httpx.Client, amount: str, order_id: str) -> None:
    approval = held(operator)
    text = f'{{"reason":"ß","order_id":{order_id},"amount":{amount}}}'
    body = f'{{"decision":"edit","action_digest":"{approval["action_digest"]}","arguments":{text}}}'
    answer = operator.post(f"{APPROVALS}/{approval['id']}/decision", content=body.encode())
    assert answer.status_code == 200, answer.text
    expected = f'{{"amount":{amount},"order_id":{order_id},"reason":"ß"}}'
    assert answer.json()["approval"]["arguments_json"] == expected
    assert f'"amount":{amount},"order_id":{order_id}' in answer.text.replace(" ", "")
    started = seen(operator, approval["session_id"], "ToolStarted", after=14)
    assert started["data"]["action_digest"] == answer.json()["approval"]["action_digest"]


def test_bad_arguments_are_named_and_nothing_is_decided(operator: httpx.Client) -> None:
    approval = held(operator)
    good = approval["arguments"]
    for arguments, path in (
        ({**good, "amount": "a lot"}, "/arguments/amount"),
        ({**good, "amount": -1}, "/arguments/amount"),
        ({"amount": 5}, "/arguments"),
        (None, "/arguments"),
        ([], "/arguments"),
    ):
        problem = is_problem(decided(operator, approval, "edit", arguments=arguments), 422)
        assert problem["problems"][0].startswith(path)
    body = f'{{"decision":"edit","action_digest":"{approval["action_digest"]}","arguments":{{"amount":1e999}}}}'
    is_problem(operator.post(f"{APPROVALS}/{approval['id']}/decision", content=body), 422)
    assert operator.get(f"{APPROVALS}/{approval['id']}").json()["status"] == "pending"


def test_approving_with_arguments_is_refused_rather_than_read_as_an_approval_of_the_old_ones(
    operator: httpx.Client,
) -> None:
    approval = held(operator)
    problem = is_problem(decided(operator, approval, "approve", arguments={**approval["arguments"], "amount": 1}), 422)
    assert problem["problems"][0].startswith("/arguments")
    assert operator.get(f"{APPROVALS}/{approval['id']}").json()["status"] == "pending"


def test_a_decision_on_something_else_than_shown_is_409_changed(operator: httpx.Client) -> None:
    approval = held(operator)
    problem = is_problem(decided(operator, {**approval, "action_digest": "0" * 64}, "approve"), 409)
    assert problem["type"].endswith(":changed")


@pytest.mark.parametrize("body", [{}, {"decision": "maybe", "action_digest": "x"}, {"decision": "approve"}])
def test_a_bad_decision_is_422(operator: httpx.Client, body: dict[str, str]) -> None:
    approval = held(operator)
    assert is_problem(operator.post(f"{APPROVALS}/{approval['id']}/decision", json=body), 422)["problems"]


def test_a_decision_for_unknown_outcomes_does_not_fit_a_call(operator: httpx.Client) -> None:
    is_problem(decided(operator, held(operator), "happened"), 422)


@pytest.mark.parametrize("decision", ["approve", "reject", "respond", "edit"])
def test_the_same_persons_identical_retry_gets_the_recorded_answer_and_others_get_409(
    operator: httpx.Client, admin: httpx.Client, decision: str
) -> None:
    approval = held(operator)
    more = {"because": "As agreed."}
    if decision == "edit":
        more["arguments"] = {**approval["arguments"], "amount": 3.5}
    first = decided(operator, approval, decision, **more)
    assert first.status_code == 200, first.text
    again = decided(operator, approval, decision, **more)
    assert again.status_code == 200
    assert again.json()["approval"]["id"] == first.json()["approval"]["id"]
    assert again.json().get("supersedes") == first.json().get("supersedes")
    assert again.json()["approval"]["decisions"] == first.json()["approval"]["decisions"]
    for client, other in ((admin, more), (operator, {**more, "because": "Something else."})):
        problem = is_problem(decided(client, approval, decision, **other), 409)
        assert problem["winner"] == "a-operator"
        assert problem["type"] == "urn:quarterdeck:problem:already-decided"
    is_problem(decided(operator, approval, "reject" if decision != "reject" else "approve"), 409)


def test_an_edit_that_changes_nothing_approves_and_its_retry_is_recorded(operator: httpx.Client) -> None:
    approval = held(operator)
    for _ in range(2):
        answer = decided(operator, approval, "edit", arguments=approval["arguments"])
        assert answer.status_code == 200
        assert answer.json()["approval"]["id"] == approval["id"] and "supersedes" not in answer.json()


def test_of_many_who_decide_at_once_one_wins_and_the_others_learn_who(quarterdeck: Quarterdeck) -> None:
    people = quarterdeck.desk.people
    names = [f"racer-{n}" for n in range(6)]
    tokens = [quarterdeck.run(people.make_token(name, Role.OPERATOR, by="tests")) for name in names]
    clients = [quarterdeck.client(token) for token in tokens]
    approval = held(clients[0])
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: decided(client, approval, "reject", because="No."), clients))
    winners = [name for name, answer in zip(names, answers, strict=True) if answer.status_code == 200]
    assert len(winners) == 1
    losers = [answer for answer in answers if answer.status_code != 200]
    assert {is_problem(answer, 409)["winner"] for answer in losers} == set(winners)
    for client in clients:
        client.close()


def test_one_person_who_sends_the_same_decision_many_times_at_once_decides_once(operator: httpx.Client) -> None:
    approval = held(operator)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: decided(operator, approval, "reject", because="No."), range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len(operator.get(f"{APPROVALS}/{approval['id']}").json()["decisions"]) == 1


def test_a_stopped_session_leaves_nothing_to_decide(operator: httpx.Client) -> None:
    approval = held(operator)
    operator.post(f"/api/v1/sessions/{approval['session_id']}/stop", json={"because": "Never mind."})
    problem = is_problem(decided(operator, approval, "approve"), 409)
    assert "cancelled" in problem["detail"] and "winner" not in problem
