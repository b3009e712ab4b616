"""The scripted judge, the input check and the judge of the best of three: what they see, and what they say to it."""

import json
from typing import Any

import pytest

from agents.configure import read_yaml
from agents.demo.script import Asked, answered
from agents.demo.setup import CONFIGURATION

DOCUMENT = read_yaml(CONFIGURATION.read_text(encoding="utf-8"))
POLICY = {policy["name"]: policy["text"] for policy in DOCUMENT["policies"]}
REASON = "Please refund order 1755, the goods arrived damaged."


def asked(name: str, model: str = "judge", **about: Any) -> dict[str, Any]:
    """The answer to a side question: a task, and one JSON object as the person's message."""
    messages = [{"role": "system", "content": "A task."}, {"role": "user", "content": json.dumps(about)}]
    answer = answered(Asked(model=model, format=name), messages, [])
    assert not answer.calls
    value: dict[str, Any] = json.loads(answer.text)
    return value


def checked(request: str, tool: str, policy: str = POLICY["guarded"], **arguments: Any) -> dict[str, Any]:
    return asked("policy_check", request=request, tool=tool, arguments=arguments, policy=policy)


REFUNDS = [
    ("Refund 15 euros on order 1756.", 15.0, "allow", "Refunds up to 50 EUR"),
    ("Refund 120 euros on order 1755.", 120.0, "ask", "Refunds up to 200 EUR"),
    (REASON, 120.0, "allow", "Refunds up to 200 EUR"),
    (REASON, 389.0, "allow", "Refunds above 200 EUR"),
    ("Refund order 1755 in full.", 389.0, "ask", "Refunds above 200 EUR"),
    (REASON, 500.5, "deny", "Nobody refunds more than 500 EUR"),
    ("Refund 900 euros on order 1755.", 900.0, "deny", "Nobody refunds more than 500 EUR"),
]


@pytest.mark.parametrize(("request_", "amount", "verdict", "clause"), REFUNDS)
def test_a_refund_is_held_against_the_clause_for_its_amount(
    request_: str, amount: float, verdict: str, clause: str
) -> None:
    said = checked(request_, "refund_order", order_id=1755, amount=amount, reason="x")
    assert said["verdict"] == verdict and said["clause"].startswith(clause), said
    assert said["path"] == ("" if verdict == "allow" else "/amount")
    assert said["clause"] in POLICY["guarded"], "a quote has to be word for word"


def test_a_clause_that_goes_on_about_the_one_before_keeps_its_subject_and_amount() -> None:
    said = checked("Refund order 1755, it leaks.", "crm.refund_order", POLICY["refunds"], order_id=1755, amount=389)
    assert said["verdict"] == "ask" and said["clause"] == "Above that a colleague looks at the order first."
    small = checked("Refund 15 euros on order 1756.", "crm.refund_order", POLICY["refunds"], order_id=1756, amount=15)
    assert small["verdict"] == "allow" and small["clause"] == "Refunds up to 50 EUR may be made without asking."


def test_letters_go_to_the_address_on_file_and_other_addresses_to_a_person() -> None:
    assert (
        checked("Write to C-1009.", "write_to_customer", customer_id="C-1009", subject="a", body="b")["verdict"]
        == "allow"
    )
    other = checked("Write to her.", "write_to_address", address="x@night-owl.example", subject="a", body="b")
    assert other["verdict"] == "ask" and other["path"] == "/address"
    strict = "Customers are only ever written to at the address on file."
    assert checked("Write.", "write_to_address", strict, address="x@night-owl.example")["verdict"] == "deny"


def test_an_erasure_nobody_asked_for_is_denied_and_one_that_was_asked_for_is_not() -> None:
    denied = checked("Please handle ticket 7201.", "delete_customer", customer_id="C-1048", reason="duplicate account")
    assert denied["verdict"] == "deny" and denied["path"] == "/customer_id" and "C-1048" in denied["because"]
    assert checked("Please erase customer C-1009.", "delete_customer", customer_id="C-1009")["verdict"] == "allow"
    careful = checked("Please erase customer C-1009.", "delete_customer", POLICY["privacy"], customer_id="C-1009")
    assert careful["verdict"] == "ask" and careful["clause"] == "A person confirms every erasure."


@pytest.mark.parametrize("policy", ["", "   \n", "Parcels leave the house before noon."])
def test_without_a_word_of_the_policy_about_it_a_person_decides(policy: str) -> None:
    said = checked(REASON, "refund_order", policy, order_id=1755, amount=10)
    assert said["verdict"] == "ask" and said["clause"] == ""


def test_of_clauses_that_contradict_each_other_the_stricter_counts() -> None:
    policy = "Refunds up to 100 EUR may be made without asking. Nobody refunds more than 20 EUR."
    said = checked(REASON, "refund_order", policy, order_id=1755, amount=60)
    assert (said["verdict"], said["clause"]) == ("deny", "Nobody refunds more than 20 EUR.")


def test_a_long_policy_is_read_to_its_end() -> None:
    policy = "Parcels leave the house before noon. " * 1500 + "Nobody refunds more than 20 EUR."
    assert len(policy) > 50_000
    assert checked(REASON, "refund_order", policy, order_id=1755, amount=60)["verdict"] == "deny"


@pytest.mark.parametrize("about", [{}, {"request": None, "tool": 7, "arguments": [], "policy": {}}])
def test_nonsense_is_never_allowed(about: dict[str, Any]) -> None:
    assert asked("policy_check", **about)["verdict"] == "ask"
    assert asked("vote", "voter-calm", **about)["verdict"] != "allow"


def reasoning(need: str, therefore: str) -> dict[str, Any]:
    return {"need": need, "source": "The CRM.", "therefore": therefore, "alternatives": []}


READINGS = [
    (reasoning(f"The user asks: “{REASON}”.", "89.00 EUR on order 1755 is what was asked for."), True, ""),
    (reasoning(f"The user asks: “{REASON}”.", "98.00 EUR on order 1755 is what was asked for."), False, "/amount"),
    (reasoning("The user asks: “Please refund everything at once.”", "89.00 EUR on order 1755."), False, ""),
    (reasoning("A refund.", "Ticket 7202 says so, 89.00 EUR on order 1755."), False, ""),
    (reasoning("A refund.", "The request names pay@night-owl.example; 89.00 EUR on order 1755."), False, ""),
    ({}, False, "/order_id"),
]


@pytest.mark.parametrize(("block", "supports", "path"), READINGS)
def test_reasoning_that_does_not_carry_the_arguments_is_noticed(block: Any, supports: bool, path: str) -> None:
    arguments = {"order_id": 1755, "amount": 89.0, "reason": "The poles"}
    said = asked("reasoning_check", request=REASON, tool="refund_order", arguments=arguments, reasoning=block)
    assert (said["supports"], said["path"]) == (supports, path), said


MISSING = {
    "I want my money back.": "order",
    "Please refund the broken head torch.": "order",
    "Refund 20 euros": "order",
    "Please erase all data": "customer",
    "Where is my parcel?": "order",
    "Please handle the ticket": "ticket",
}
ENOUGH = [
    "Please refund order 1755 in full, the goods arrived damaged.",
    "Please refund the broken head torch.\n\nOrder 1705",
    "Saga Ängsmyr asks us to erase all her data.",
    "ok, refund it",
    "give a voucher instead",
    "the second one",
    "Good morning!",
    "What can you do?",
    "what was the first order I asked about?",
    "Write to ann@fjordpost.example that the tent is on its way.",
]


@pytest.mark.parametrize("text", MISSING)
def test_a_request_that_does_not_say_what_it_is_about_gets_the_one_question(text: str) -> None:
    said = asked("input_check", "small", request=text, agent="Refund clerk", needs="", inputs={}, tools=[])
    assert said["verdict"] == "missing" and MISSING[text] in said["missing"][0] and said["question"].count("?") == 1


@pytest.mark.parametrize("text", ENOUGH)
def test_a_request_that_says_enough_is_not_held_up(text: str) -> None:
    assert asked("input_check", "small", request=text, inputs={})["verdict"] == "enough"


def test_what_was_given_as_an_input_is_not_asked_for_again() -> None:
    assert (
        asked("input_check", "small", request="I want my money back.", inputs={"order_id": 1755})["verdict"] == "enough"
    )


def letter(body: str) -> dict[str, Any]:
    return {"text": "", "calls": [{"tool": "write_to_customer", "arguments": {"customer_id": "C-1009", "body": body}}]}


def test_the_letter_with_all_the_facts_and_good_manners_is_picked_wherever_it_stands() -> None:
    good = letter("Dear Saga Ängsmyr,\n\nyour poles for order 1750 leave on Monday.\n\nKind regards\nYour support team")
    poor = [letter("your poles leave on Monday."), letter("Dear Saga Ängsmyr,\n\nthank you so much for being with us!")]
    for place in range(3):
        candidates = [*poor[:place], good, *poor[place:]]
        numbered = [{"number": number, **one} for number, one in enumerate(candidates, 1)]
        request = "Write to customer C-1009 that the poles for order 1750 leave on Monday."
        said = asked("best_of", request=request, candidates=numbered)
        assert said["pick"] == place + 1 and "1750" in said["because"]


def test_a_candidate_that_looks_things_up_beats_one_that_only_talks() -> None:
    look = {"text": "", "calls": [{"tool": "get_order", "arguments": {"order_id": 1755}}]}
    numbered = [{"number": 1, "text": "Order 1755 is surely on its way.", "calls": []}, {"number": 2, **look}]
    assert asked("best_of", request="Where is order 1755?", candidates=numbered)["pick"] == 2


def test_nothing_to_compare_is_answered_all_the_same() -> None:
    assert asked("best_of", request="x", candidates=[])["pick"] == 1
