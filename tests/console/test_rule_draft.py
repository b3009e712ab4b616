"""The rows of the rule editor: what an admin types becomes the condition that was meant, and comes back as it was."""

from typing import Any

import pytest

from agents.config import When
from console.components.rule_draft import argument_row, fresh, fresh_row, opened, read, rows_of, when_of, written
from console.components.rule_words import outcome, sentence

EVERYTHING: dict[str, Any] = {
    "connector": "crm",
    "tool": "refund_*",
    "risk": "write",
    "arguments": [
        {"path": "/amount", "op": "gt", "value": 50},
        {"path": "/currency", "op": "in", "value": ["EUR", "a, b", 7]},
        {"path": "/note", "op": "exists", "value": False},
        {"path": "", "op": "ne", "value": {"a": [1, None]}},
    ],
    "evidence": "nowhere",
    "agent": "Night*",
    "hours": {"start": "22:00", "end": "06:00", "timezone": "Europe/Vienna", "days": ["mon", "fri"]},
    "session_cost_over_usd": 2.5,
}


def test_every_kind_of_condition_comes_back_as_it_was() -> None:
    assert When.model_validate(EVERYTHING)
    assert when_of(rows_of(EVERYTHING)) == (EVERYTHING, [])


@pytest.mark.parametrize("value", [0, 7.5, "7", "", " x ", True, None, "true", "EUR", '"', "null", {"a": 1}, ["x"]])
@pytest.mark.parametrize("op", ["eq", "ne", "contains"])
def test_a_value_keeps_its_kind_through_the_text_of_its_field(value: Any, op: str) -> None:
    back = read(written(value, op), op)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize("value", [[], ["EUR", "USD"], ["7", 7, True, None], ["a, b"], ["", " "], [["x"], {}]])
def test_a_list_keeps_its_values_through_the_text_of_its_field(value: list[Any]) -> None:
    assert read(written(value, "in"), "in") == value


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"about": "tool"}, "Condition 1: say which tool, or remove the condition."),
        ({"about": "argument", "path": " ", "value": "5"}, "Condition 1: name the argument"),
        (
            {"about": "argument", "path": "amount", "op": "gt", "value": "fifty"},
            "only a number can be compared by size",
        ),
        ({"about": "argument", "path": "amount", "op": "gt", "value": "NaN"}, "only a number can be compared by size"),
        ({"about": "argument", "path": "amount", "op": "eq", "value": ""}, "say with what to compare"),
        ({"about": "argument", "path": "a", "op": "in", "value": "[1"}, "the list is not readable"),
        ({"about": "argument", "path": "a", "op": "matches", "value": " "}, "say with which text to compare"),
        ({"about": "cost", "value": "a lot"}, "the cost is a number of US dollars"),
        ({"about": "hours", "start": ""}, "a time of day begins and ends"),
    ],
)
def test_what_cannot_be_read_is_said_and_left_out(row: dict[str, Any], words: str) -> None:
    when, wrong = when_of([fresh_row(row["about"]) | row])
    assert when == {}
    assert len(wrong) == 1 and words in wrong[0]


def test_two_conditions_about_the_same_thing_are_refused_rather_than_one_lost() -> None:
    rows = [fresh_row("tool") | {"value": "a"}, fresh_row("tool") | {"value": "b"}]
    assert when_of(rows) == (
        {"tool": "a"},
        ["Condition 2: another condition is about the tool already; keep one of them."],
    )


def test_a_path_may_be_typed_without_its_first_slash() -> None:
    row = argument_row({"path": "/customer/id", "op": "eq", "value": 1}) | {"path": "customer/id"}
    assert when_of([row])[0] == {"arguments": [{"path": "/customer/id", "op": "eq", "value": 1}]}


def test_a_rule_knows_whether_it_was_changed() -> None:
    rule = {"when": EVERYTHING, "verify": "check", "release": "ask", "because": "Money."}
    draft = opened(0, rule)
    assert (draft.document(), draft.state, draft.problems()) == (rule, "", [])
    draft.release = "deny"
    assert draft.state == "changed"
    assert fresh(1).state == "new"


@pytest.mark.parametrize("release", ["allow", "deny"])
def test_who_decides_is_not_kept_by_a_rule_that_asks_nobody_any_more(release: str) -> None:
    draft = opened(0, {"when": {}, "release": "ask", "approver": "role:admin", "because": "Money."})
    draft.release = release
    assert (draft.names_approver, draft.document()) == (False, {"when": {}, "release": release, "because": "Money."})
    draft.release = "ask"
    assert (draft.names_approver, draft.document()["approver"], draft.state) == (True, "role:admin", "")


def test_who_decides_stays_and_is_shown_where_a_rule_was_saved_with_it_though_it_asks_nobody() -> None:
    """It counts where another rule asks, so it is not loosened by opening the policy and saving it."""
    rule = {"when": {}, "release": "allow", "approver": "role:admin", "because": "Money."}
    draft = opened(0, rule)
    assert (draft.names_approver, draft.document(), draft.state) == (True, rule, "")
    draft.approver = None
    assert (draft.document().get("approver"), draft.state) == (None, "changed")


@pytest.mark.parametrize("cost", [1234.5678, 0, 5, 5.0, 0.1, 1e-7, 2_000_000.25, 1e22])
def test_a_cost_is_saved_to_the_last_digit_as_it_was_opened(cost: float) -> None:
    draft = opened(0, {"when": {"session_cost_over_usd": cost}, "release": "ask", "because": "Dear."})
    assert (draft.document()["when"], draft.misread()) == ({"session_cost_over_usd": cost}, [])


def test_words_of_strangers_are_escaped_in_the_sentence() -> None:
    evil = "<img src=x onerror=alert(1)>"
    said = sentence(
        {"tool": evil, "connector": evil, "agent": evil, "arguments": [{"path": f"/{evil}", "op": "eq", "value": evil}]}
    )
    assert "<img" not in said


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"release": "allow"}, ("ok", "allow")),
        ({"release": "ask_two"}, ("warn", "ask two")),
        ({"release": "ask", "verify": "unanimous"}, ("warn", "unanimous, then ask")),
        ({"release": "deny", "verify": "none"}, ("bad", "deny")),
        ({"verify": "check"}, ("warn", "check")),
        ({}, ("", "says nothing")),
    ],
)
def test_the_outcome_of_a_rule_is_a_word_or_two(rule: dict[str, Any], words: tuple[str, str]) -> None:
    assert outcome(rule) == words


def test_a_rule_that_nobody_touched_is_saved_word_for_word() -> None:
    rule = {"when": {"hours": {"start": "22:00", "end": "06:00", "days": []}}, "verify": None, "because": " Nights. "}
    draft = opened(0, rule)
    assert draft.document() != rule
    assert draft.written() == rule
    draft.release = "deny"
    assert draft.written() == draft.document()
