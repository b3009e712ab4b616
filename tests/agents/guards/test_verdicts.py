"""The rules of a panel, over every combination of words: only consent releases, and who dissents is named."""

from itertools import product
from typing import Any, get_args

import pytest

from agents.guards.verdicts import beside_policy_check, effective_votes, majority, one, unanimous
from store.events import Seat
from store.events.guard import SeatVerdict

WORDS = get_args(SeatVerdict)
THREE = list(product(WORDS, repeat=3))


def seat(verdict: str, profile: str = "ada", **more: Any) -> Seat:
    given = {
        "kind": "vote",
        "profile": profile,
        "model": f"openai/{profile}",
        "verdict": verdict,
        "because": "Reasons.",
    }
    return Seat.model_validate(given | more)


def seats(*verdicts: str) -> list[Seat]:
    return [
        seat(verdict, profile) for verdict, profile in zip(verdicts, ("ada", "bob", "cy", "dan", "eve"), strict=False)
    ]


@pytest.mark.parametrize("word", WORDS)
def test_of_one_seat_only_allow_allows_and_only_deny_denies(word: str) -> None:
    assert one(seats(word)).verdict == {"allow": "allow", "deny": "deny"}.get(word, "ask")


@pytest.mark.parametrize("words", THREE, ids="-".join)
def test_two_of_three_decide_and_abstaining_and_failing_are_no_consent(words: tuple[str, ...]) -> None:
    expected = "allow" if words.count("allow") >= 2 else "deny" if words.count("deny") >= 2 else "ask"
    assert majority(seats(*words)).verdict == expected


@pytest.mark.parametrize("words", THREE, ids="-".join)
def test_a_single_dissent_is_a_veto_that_goes_to_a_person(words: tuple[str, ...]) -> None:
    expected = words[0] if len(set(words)) == 1 and words[0] in ("allow", "deny") else "ask"
    assert unanimous(seats(*words)).verdict == expected


def test_of_five_seats_three_decide() -> None:
    assert majority(seats("allow", "allow", "allow", "deny", "deny")).verdict == "allow"
    assert majority(seats("allow", "allow", "ask", "deny", "failed")).verdict == "ask"


@pytest.mark.parametrize("rule", [one, majority, unanimous])
def test_nobody_asked_is_nobody_who_consents(rule: Any) -> None:
    assert rule([]).verdict == "ask"
    assert "there were 0" in rule([]).because


@pytest.mark.parametrize("rule", [majority, unanimous])
@pytest.mark.parametrize("words", [("allow",), ("allow", "allow"), ("deny", "deny")])
def test_too_few_votes_are_for_a_person_even_if_they_agree(rule: Any, words: tuple[str, ...]) -> None:
    assert rule(seats(*words)).verdict == "ask"


def test_one_rule_for_one_seat_does_not_pick_among_several() -> None:
    assert one(seats("allow", "allow")).verdict == "ask"


def test_the_reason_names_who_dissents_and_on_which_argument() -> None:
    dissent = seat("deny", "cy", path="/amount", because="310 is above 200.")
    said = majority([*seats("allow", "allow"), dissent])
    assert said.verdict == "allow"
    assert said.because == "2 of 3 allow it; cy denies it on /amount: 310 is above 200."
    assert said.disputed == ("/amount",)
    vetoed = unanimous([*seats("allow", "abstain"), dissent])
    assert vetoed.because == ("1 of 3 allow it; bob abstains: Reasons; cy denies it on /amount: 310 is above 200.")


def test_an_argument_somebody_mentions_while_allowing_is_not_disputed() -> None:
    assert majority([seat("allow", path="/amount"), *seats("allow", "allow")]).disputed == ()


def test_a_long_winded_panel_does_not_fill_the_page() -> None:
    assert len(unanimous([seat("ask", because="No. " * 200) for _ in range(3)]).because) <= 1_000


@pytest.mark.parametrize("checked", WORDS)
@pytest.mark.parametrize("votes", [("allow",) * 3, ("ask",) * 3, ("deny",) * 3], ids="-".join)
def test_a_policy_check_beside_the_votes_can_only_make_them_stricter(checked: str, votes: tuple[str, ...]) -> None:
    check = seat(checked, "judge", kind="policy_check", because="The policy says so.")
    said = beside_policy_check(majority)([*seats(*votes), check])
    expected = votes[0] if checked == "allow" or votes[0] != "allow" else "ask"
    assert said.verdict == expected
    assert ("judge" in said.because) == (checked != "allow")


def test_a_policy_check_is_not_counted_as_a_vote() -> None:
    check = seat("allow", "judge", kind="policy_check")
    assert beside_policy_check(majority)([*seats("allow", "deny"), check]).verdict == "ask"


def test_what_votes_are_worth_depends_on_how_alike_the_voters_are() -> None:
    assert effective_votes([]) == 0
    assert effective_votes(seats("allow")) == 1
    assert effective_votes(seats("allow", "allow", "deny")) == pytest.approx(3 / 2.2)
    assert effective_votes([seat("allow"), seat("allow"), seat("deny")]) == pytest.approx(1)
    two_models = [seat("allow", "ada"), seat("allow", "bob"), seat("allow", "ada")]
    assert effective_votes(two_models) == pytest.approx(3 / (1 + 2 * (1 + 0.6 + 0.6) / 3))


def test_two_profiles_of_one_model_are_one_mind() -> None:
    assert effective_votes([seat("allow", name, model="openai/gpt") for name in ("a", "b", "c")]) == pytest.approx(1)


def test_who_did_not_vote_adds_nothing() -> None:
    assert effective_votes(seats("allow", "failed", "abstain")) == 1
    assert effective_votes(seats("allow", "ask", "failed")) == pytest.approx(2 / 1.6)
