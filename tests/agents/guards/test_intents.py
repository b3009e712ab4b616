"""A rejected call that comes back through another tool, and a tool that people keep rejecting."""

from typing import Any

import pytest

from agents.guards.intents import same_intent, to_suspend

REFUND = {"order_id": 1755, "amount": 389.00, "reason": "Tent poles cracked", "notify": True, "currency": "EUR"}
LETTER = "Dear customer, we are sorry that your tent arrived damaged."

COMES_BACK: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("as a voucher", REFUND, {"order": "1755", "value": "389.00", "kind": "voucher"}),
    ("with the id written otherwise", REFUND, {"reference": "#1755", "sum": 389}),
    ("inside a list", REFUND, {"lines": [{"order": 1755, "credit": 389.0}], "dry_run": False}),
    ("with less said", REFUND, {"order_no": 1755}),
    ("with another reason", {"customer_id": 42, "reason": "asked by mail"}, {"id": 42, "note": "GDPR request"}),
    ("by address", {"to": "Anna.Berg@shop.example", "cc": []}, {"address": "anna.berg@shop.example", "kind": "x"}),
    ("by full name", {"customer": "Anna Berg"}, {"who": "Anna  Berg", "mode": "purge"}),
    ("by iban", {"iban": "DE89370400440532013000", "amount": 12.5}, {"account": "de89370400440532013000"}),
    ("by a name in other letters", {"name": "田中太郎", "age": 41}, {"customer": "田中太郎", "years": 41}),
    ("by a long text alone", {"customer_id": 7, "body": LETTER}, {"address": "x@mail.example", "text": LETTER}),
    (
        "with one of four values changed",
        {"customer_id": 42, "order_id": 1755, "amount": 389.0, "email": "a@b.example"},
        {"customer_id": 42, "order_id": 1755, "amount": 380.0, "email": "a@b.example"},
    ),
]


@pytest.mark.parametrize(
    ("rejected", "proposed"), [case[1:] for case in COMES_BACK], ids=[case[0] for case in COMES_BACK]
)
def test_the_same_intent_through_another_tool_is_recognised(rejected: Any, proposed: Any) -> None:
    assert same_intent(rejected, proposed) is not None
    assert same_intent(proposed, rejected) is not None


SOMETHING_ELSE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("another order", REFUND, {"order": 1756, "value": 389.0}),
    ("another amount", REFUND, {"order": 1755, "value": 15.0}),
    ("only an enum and a flag", {"status": "open", "urgent": True}, {"state": "open", "flag": True}),
    ("only a currency", {"currency": "EUR"}, {"currency": "EUR"}),
    ("only small numbers", {"quantity": 2, "page": 1}, {"items": 2, "copies": 1}),
    ("only an amount", {"customer_id": 7, "amount": 50}, {"order_id": 9, "value": 50}),
    ("a single round amount", {"amount": 50}, {"value": 50}),
    ("only a date", {"since": "2026-01-01"}, {"until": "2026-01-01"}),
    ("only a first name", {"name": "Anna"}, {"city": "Anna"}),
    ("nothing at all", {}, {}),
    ("nothing to go by", {"order_id": 1755}, {"all": True}),
    ("another person of the same name", {"name": "Anna", "customer_id": 7}, {"name": "Anna", "customer_id": 8}),
    ("short words", {"note": "please refund"}, {"text": "please refund"}),
    ("null", {"order_id": None}, {"customer_id": None}),
    ("true and one", {"order_id": True}, {"order_id": 1}),
    ("long numbers that differ at the end", {"id": "1" * 39 + "2"}, {"id": "1" * 39 + "3"}),
]


@pytest.mark.parametrize(
    ("rejected", "proposed"), [case[1:] for case in SOMETHING_ELSE], ids=[case[0] for case in SOMETHING_ELSE]
)
def test_something_else_is_left_alone(rejected: Any, proposed: Any) -> None:
    assert same_intent(rejected, proposed) is None
    assert same_intent(proposed, rejected) is None


def test_the_sentence_names_what_they_share() -> None:
    said = same_intent(REFUND, {"order": "1755", "value": "389.00", "kind": "voucher"})
    assert said == "It is about the same as a call of another tool that a person rejected: “1755”, “389.00”."


def test_the_sentence_stays_short() -> None:
    long = {f"field_{n}": f"{n}-{'x' * 70}" for n in range(50)}
    said = same_intent(long, long)
    assert said is not None
    assert len(said) < 250


@pytest.mark.parametrize("value", ["1e999999999", "-1E-999999999", "NaN", "Infinity", "#", "", " ", "\ud800", 10**300])
def test_strange_values_are_compared_as_they_are(value: Any) -> None:
    same_intent({"order_id": value}, {"order_id": value})
    assert same_intent({"order_id": value}, {"order_id": 1755}) is None


def test_a_huge_call_is_compared_in_part() -> None:
    huge = {"rows": [{"order_id": n, "email": f"user{n}@shop.example"} for n in range(1_000, 100_000)]}
    assert same_intent(huge, {"order_id": 1000}) is not None


def test_three_rejections_in_a_row_suspend_a_tool() -> None:
    assert to_suspend([("refund", True)] * 3, "refund")
    assert not to_suspend([("refund", True)] * 2, "refund")
    assert not to_suspend([], "refund")


def test_an_approval_in_between_resets_the_count() -> None:
    assert not to_suspend([("refund", True), ("refund", True), ("refund", False), ("refund", True)], "refund")
    assert to_suspend([("refund", False), *[("refund", True)] * 3], "refund")


def test_decisions_about_other_tools_do_not_matter() -> None:
    mixed = [("refund", True), ("mail", False), ("refund", True), ("mail", False), ("refund", True)]
    assert to_suspend(mixed, "refund")
    assert not to_suspend(mixed, "mail")
    assert not to_suspend([("refund", True), ("mail", True), ("delete", True)], "refund")
