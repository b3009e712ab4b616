"""When an agent is told that it does not get anywhere, and when its turn ends."""

from typing import Any

import pytest

from agents.guards.did import Did
from agents.guards.progress import Stuck, stuck
from store.events import CallState, Risk


def did(digest: str | None = "a", state: CallState = CallState.SUCCEEDED, **more: Any) -> Did:
    settings: dict[str, Any] = {"tool": f"tool_{digest}", "repeats": 1, "risk": Risk.READ}
    return Did(digest=digest, state=state, **settings | more)


def same(times: int, digest: str = "a", **more: Any) -> list[Did]:
    return [did(digest, repeats=n, **more) for n in range(1, times + 1)]


def failing(times: int, state: CallState = CallState.FAILED) -> list[Did]:
    return [did("a", state)] * times


def wrote(digest: str, **more: Any) -> Did:
    return did(digest, risk=Risk.WRITE, **more)


def said(done: list[Did], *, refusals: int = 0) -> list[tuple[int, str, str]]:
    """(calls settled, pattern, action) of everything that is noted while these calls settle one after another."""
    notes, nudged = [], []
    for settled in range(1, len(done) + 1):
        while found := stuck(done[:settled], refusals, nudged):
            notes.append((settled, found.pattern, found.action))
            if found.action == "stop":
                return notes
            nudged.append(found.key)
    return notes


def the(found: Stuck | None) -> Stuck:
    assert found is not None
    return found


def test_an_agent_that_gets_somewhere_hears_nothing() -> None:
    assert stuck([], 0, ()) is None
    assert said([did("a"), did("b"), did("a", repeats=2), wrote("c"), did("d"), did("e")]) == []


def test_the_fourth_same_result_is_one_nudge_and_the_fifth_ends_the_turn() -> None:
    assert said(same(6)) == [(4, "same_result", "nudge"), (5, "same_result", "stop")]


def test_three_same_results_are_nothing_yet() -> None:
    assert said(same(3)) == []


def test_a_nudge_says_to_the_model_what_it_did_and_what_comes_next() -> None:
    found = the(stuck(same(4, tool="get_order"), 0, ()))
    assert found.because == "get_order was called 4 times in the same way and gave the same result each time."
    assert found.note.startswith(found.because)
    assert found.note.endswith("If it happens once more, this turn ends.")


def test_the_end_says_to_people_that_the_agent_had_been_told() -> None:
    told = the(stuck(same(4), 0, ()))
    ended = the(stuck(same(5), 0, (told.key,)))
    assert (ended.action, ended.note) == ("stop", "")
    assert ended.because.endswith(
        "5 times in the same way and gave the same result each time. The agent had been told."
    )
    assert ended.key != told.key


def test_nothing_more_is_said_until_the_agent_has_done_something() -> None:
    told = the(stuck(same(4), 0, ()))
    assert stuck(same(4), 0, (told.key,)) is None


def test_a_nudge_that_was_heeded_is_the_end_of_it() -> None:
    assert said([*same(4), *(did(other) for other in "bcdefgh")]) == [(4, "same_result", "nudge")]


def test_a_result_that_changes_counts_anew() -> None:
    polled = [did("a", repeats=n) for n in (1, 2, 3, 1, 2, 3)]
    assert said(polled) == []


def test_several_same_calls_in_one_step_are_a_nudge_first() -> None:
    assert the(stuck(same(6), 0, ())).action == "nudge"


def test_the_third_same_failure_is_one_nudge_and_the_fourth_ends_the_turn() -> None:
    assert said(failing(5)) == [(3, "same_failure", "nudge"), (4, "same_failure", "stop")]


@pytest.mark.parametrize("state", [CallState.DENIED, CallState.REJECTED, CallState.EXPIRED, CallState.CANCELLED])
def test_a_call_that_never_comes_off_for_another_reason_counts_as_failing(state: CallState) -> None:
    assert said(failing(4, state)) == [(3, "same_failure", "nudge"), (4, "same_failure", "stop")]


def test_a_rejected_call_and_its_refused_repetitions_count_together() -> None:
    done = [did("a", CallState.REJECTED), did("a", CallState.DENIED), did("a", CallState.DENIED)]
    assert said(done) == [(3, "same_failure", "nudge")]


def test_calls_that_cannot_be_read_are_the_same_if_they_name_the_same_tool() -> None:
    done = [did(None, CallState.INVALID, tool="refund") for _ in range(4)]
    assert said(done) == [(3, "same_failure", "nudge"), (4, "same_failure", "stop")]
    found = the(stuck(done[:3], 0, ()))
    assert found.because == "refund was called 3 times with arguments that do not fit, and never with success."
    assert said([did(None, CallState.INVALID, tool=name) for name in ("a", "b", "c", "d")]) == []


def test_a_tool_whose_call_was_understood_at_last_counts_anew() -> None:
    bad, good = did(None, CallState.INVALID, tool="refund"), did("x", tool="refund")
    assert said([bad, bad, good, bad, did("y", tool="refund"), bad]) == []


def test_a_call_that_worked_in_between_counts_anew() -> None:
    bad, good = did("a", CallState.FAILED), did("a")
    assert said([bad, bad, good, bad, bad]) == []


def test_different_failing_calls_are_tries() -> None:
    assert said([did(digest, CallState.FAILED) for digest in "abcdefgh"]) == []


def test_a_change_made_for_the_first_time_is_progress() -> None:
    looking_again = [one for n in range(1, 7) for one in (did("look", repeats=n), wrote(f"change {n}"))]
    assert said(looking_again) == []
    testing_again = [one for n in range(6) for one in (did("test", CallState.FAILED), wrote(f"repair {n}"))]
    assert said(testing_again) == []


def test_a_change_made_again_is_none() -> None:
    writing = [wrote("a", repeats=n) for n in range(1, 6)]
    assert said(writing) == [(4, "same_result", "nudge"), (5, "same_result", "stop")]


def test_what_was_seen_before_a_change_does_not_count_after_it() -> None:
    assert said([*same(3), wrote("b"), did("a", repeats=4)]) == []
    late = [*same(3), wrote("b"), *(did("a", repeats=n) for n in (4, 5, 6, 7))]
    assert said(late) == [(8, "same_result", "nudge")]
    changed = [*same(3), wrote("b"), *same(4)]
    assert said(changed) == [(8, "same_result", "nudge")]


def test_six_calls_back_and_forth_are_one_nudge_and_the_seventh_ends_the_turn() -> None:
    done = [did(digest) for digest in "abababab"]
    assert said(done) == [(6, "back_and_forth", "nudge"), (7, "back_and_forth", "stop")]
    found = the(stuck(done[:6], 0, ()))
    assert found.because == "The last 6 calls went back and forth between tool_a and tool_b."


def test_back_and_forth_between_two_calls_of_one_tool_says_so() -> None:
    done = [did(digest, tool="get_order") for digest in "ababab"]
    assert "between two calls of get_order." in the(stuck(done, 0, ())).because


@pytest.mark.parametrize("calls", ["ababa", "abcabc", "aabbab", "abcbab", "babcab"])
def test_other_orders_are_not_back_and_forth(calls: str) -> None:
    assert said([did(digest) for digest in calls]) == []


def test_back_and_forth_begun_anew_after_the_nudge_ends_the_turn() -> None:
    done = [did(digest) for digest in "abababcababab"]
    assert said(done) == [(6, "back_and_forth", "nudge"), (13, "back_and_forth", "stop")]


def test_going_round_in_a_larger_circle_is_seen_by_its_results() -> None:
    circle = [did(digest, repeats=n) for n in range(1, 6) for digest in "abc"]
    assert said(circle)[0] == (10, "same_result", "nudge")
    assert said(circle)[-1] == (13, "same_result", "stop")


def test_an_end_comes_before_another_nudge() -> None:
    a, b = did("a", CallState.FAILED), did("b", CallState.FAILED)
    told = the(stuck([a, a, a], 0, ()))
    assert the(stuck([a, a, a, b, b, b, a], 0, (told.key,))).action == "stop"


@pytest.mark.parametrize(("refusals", "ends"), [(0, False), (2, False), (3, True), (7, True)])
def test_three_replies_without_a_call_or_an_answer_end_the_turn(refusals: int, ends: bool) -> None:
    found = stuck([did()], refusals, ())
    assert (found is not None) == ends
    if found:
        assert (found.pattern, found.action, found.note) == ("no_call", "stop", "")
        assert found.because.startswith(f"{refusals} replies in a row were neither a usable call nor a usable answer.")
        assert "more capable model" in found.because  # and what to do


def test_three_useless_replies_end_the_turn_also_right_after_a_nudge() -> None:
    told = the(stuck(same(4), 0, ()))
    assert the(stuck(same(4), 3, (told.key,))).pattern == "no_call"


def test_the_name_of_a_tool_that_does_not_exist_is_cut() -> None:
    found = the(stuck([did(None, CallState.INVALID, tool="x @9" * 100_000) for _ in range(3)], 0, ()))
    assert len(found.because) < 200
    assert len(found.key) < 200
    assert the(stuck([did(None, CallState.INVALID, tool="x @9" * 100_000)] * 4, 0, (found.key,))).action == "stop"


def test_a_key_of_another_kind_is_no_nudge() -> None:
    assert the(stuck(same(4), 0, ("no_call", "", "something else"))).action == "nudge"
