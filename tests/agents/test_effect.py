"""The one line that says what a call does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.effect import LONGEST, effect
from agents.hidden import hidden_characters


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        (
            "refund_order",
            {"order_id": 1043, "amount": 412.0, "reason": "Tent poles cracked"},
            "Refund order 1043, amount 412.0, reason “Tent poles cracked”",
        ),
        ("delete_customer", {"customer_id": "C-1042"}, "Delete customer C-1042"),
        ("deleteCustomer", {"customerId": "C-1042"}, "Delete customer C-1042"),
        ("customers.delete", {"id": 7}, "Customers delete 7"),
        ("write-to-customer", {"text": "Hi", "customer_id": 5}, "Write to customer 5, text “Hi”"),
        ("get_order_history", {"order_id": 5, "limit": 10}, "Get order 5 history, limit 10"),
        ("getHTTPResponse", {"url": "https://a.example"}, "Get HTTP response, url “https://a.example”"),
        ("refund", {"order_id": 5, "id": 6}, "Refund, order 5, id 6"),
        ("refund_order", {"line_id": 5, "order_id": 6}, "Refund order, line 5, order 6"),
        ("delete_purchase_order", {"purchase_order_id": 3}, "Delete purchase order 3"),
        ("delete_customer", {"customer_id": "two words"}, "Delete customer “two words”"),
        ("delete_customer", {"customer_id": None}, "Delete customer null"),
        ("choose_plan_B", {"B": 1}, "Choose plan b, b 1"),
        ("list_tickets", {}, "List tickets"),
        ("größe_ändern", {"größe": 1}, "Größe ändern, größe 1"),
        ("x", {"a": True, "b": None, "c": [1, 2], "d": {"e": 1}}, "X, a true, b null, c (2 entries), d (1 entry)"),
        ("x", {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7}, "X, a 1, b 2, c 3, d 4 and 3 more"),
        ("get_x", {"x_id": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "Get x 1, b 2, c 3, d 4 and 1 more"),
        ("x", {"t": "a" * 41}, "X, t “" + "a" * 39 + "…”"),
        ("x", {"t": "a" * 40}, "X, t “" + "a" * 40 + "”"),
        ("x", {"n": 10**60}, "X, n 1" + "0" * 38 + "…"),
        ("x", {"t": "one\ntwo\tthree"}, "X, t “one⏎two three”"),
        ("x", {"t": "a\u200bb"}, "X, t “a⟨U+200B⟩b”"),
        ("x", {"t": "\u200b" * 3}, "X, t “⟨U+200B \u00d73⟩”"),
        ("x", {"t": "a" * 33 + "\u200bb"}, "X, t “" + "a" * 33 + "…”"),
        ("x", {"t": "5”, approved “yes"}, 'X, t “5", approved "yes”'),
        ("x", {"a\u200b": 1}, "X, “a⟨U+200B⟩” 1"),
        ("x", {"a, b: 5": 1}, "X, a b 5 1"),
        ("$", {"": 1}, "“$”, “” 1"),
    ],
)
def test_the_effect_in_words(tool: str, arguments: dict[str, Any], expected: str) -> None:
    assert effect(tool, arguments) == expected


def test_values_that_do_not_fit_are_counted() -> None:
    line = effect("t" * 200, {"k" * 60 + str(number): "v" * 60 for number in range(6)})
    assert line.endswith(" and 5 more")
    assert len(line) <= LONGEST
    line = effect("delete_" + "t" * 200, {"t" * 200 + "_id": "v" * 60, "k" * 60: "v" * 60})
    assert line.endswith(" and 1 more")
    assert len(line) <= LONGEST


anything = st.text() | st.integers() | st.none() | st.booleans() | st.lists(st.integers(), max_size=2)


@given(st.text(min_size=1), st.dictionaries(st.text() | st.just("id") | st.just("a_id"), anything, max_size=7))
def test_it_is_always_one_short_line_without_anything_invisible(tool: str, arguments: dict[str, Any]) -> None:
    line = effect(tool, arguments)
    assert len(line) <= LONGEST
    assert "\n" not in line
    assert hidden_characters(line) == []
