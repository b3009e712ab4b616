"""Which guards are on, by what an agent's document says and by its preset."""

from typing import Any

import pytest

from agents.config import Agent
from agents.presets import BACK_OFFICE, OFF, Effective, guards_of

EVERYONE = {"act": "main", "small": "mini", "judge": "wise", "vote": ["a", "b", "c"]}


def effective(
    profile: str | None = None,
    models: dict[str, Any] | None = None,
    schema: dict[str, Any] | None = None,
    **guards: Any,
) -> Effective:
    document = {"name": "Clerk", "instructions": "Help.", "toolset": "t", "policy": "p", "models": models or EVERYONE}
    return guards_of(Agent.model_validate(document | {"profile": profile, "guards": guards, "output_schema": schema}))


def test_without_a_profile_everything_is_off() -> None:
    assert effective() == OFF == Effective()
    assert not any((OFF.input_check, OFF.policy_check, OFF.consensus, OFF.progress, OFF.input_alongside))
    assert (OFF.best_of, OFF.critical, OFF.seconds, OFF.left_out) == (1, "answers", 30, ())


def test_the_back_office_prefers_accuracy() -> None:
    found = effective("back_office")
    assert found == BACK_OFFICE
    assert found.input_check
    assert not found.input_alongside
    assert (found.best_of, found.critical, found.seconds) == (3, "writes", 60)
    assert found.policy_check
    assert found.consensus
    assert found.progress


def test_a_back_office_agent_with_a_structured_answer_compares_its_answers() -> None:
    assert effective("back_office", schema={"type": "object"}).critical == "answers"


def test_facing_a_user_nothing_delays_the_first_word() -> None:
    found = effective("user_facing")
    assert found.input_check
    assert found.input_alongside
    assert found.progress
    assert not found.policy_check
    assert not found.consensus
    assert (found.best_of, found.seconds, found.left_out) == (1, 15, ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("input_check", True),
        ("best_of", 5),
        ("critical", "all"),
        ("policy_check", True),
        ("consensus", True),
        ("progress", True),
        ("seconds", 2.5),
    ],
)
@pytest.mark.parametrize("profile", [None, "back_office", "user_facing"])
def test_what_is_given_stands_in_every_profile(profile: str | None, name: str, value: Any) -> None:
    assert getattr(effective(profile, **{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("input_check", False), ("best_of", 1), ("policy_check", False), ("consensus", False), ("progress", False)],
)
def test_what_is_switched_off_stays_off(name: str, value: Any) -> None:
    assert getattr(effective("back_office", **{name: value}), name) == value
    assert effective("back_office", **{name: value}).left_out == ()


def test_one_word_changes_nothing_else() -> None:
    found = effective("back_office", seconds=5)
    assert (found.best_of, found.policy_check, found.consensus) == (3, True, True)
    assert effective(None, progress=True) == Effective(progress=True)


def test_the_check_runs_alongside_only_where_a_user_waits_and_it_runs_at_all() -> None:
    assert not effective("user_facing", input_check=False).input_alongside
    assert not effective("back_office", input_check=True).input_alongside
    assert not effective(None, input_check=True).input_alongside
    assert effective("user_facing", input_check=True).input_alongside


def test_a_preset_leaves_out_what_the_agent_has_no_model_for_and_says_so() -> None:
    found = effective("back_office", {"act": "main"})
    assert (found.best_of, found.policy_check, found.consensus) == (1, False, False)
    assert found.left_out == (
        "Comparing 3 replies is left out: the agent has no model in the role judge.",
        "The policy check is left out: the agent has no model in the role judge.",
        "The vote on destructive calls is left out: the agent has no model in the role vote.",
    )
    assert found.input_check
    assert found.progress


def test_what_is_given_stays_on_even_without_a_model_for_it() -> None:
    found = effective("back_office", {"act": "main", "vote": ["a"]}, policy_check=True)
    assert found.policy_check
    assert found.consensus
    assert [sentence.split(" is ")[0] for sentence in found.left_out] == ["Comparing 3 replies"]
    assert effective(None, {"act": "main"}, policy_check=True, best_of=3).left_out == ()
