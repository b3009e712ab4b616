"""Long conversations: what a prompt carries stays valid, under the limit, and mostly grows at its end."""

import json
import random
from typing import Any

import pytest

from agents import window
from agents.folded import Session, replace
from agents.window import Weights
from store.events import AnswerRefused, StageEntered
from tests.agents.talks import TOOLS, Talk, agent, check

STAGES = [{"stage": "Look", "goal": "Find it."}, {"stage": "Act", "goal": "Do it."}]
WIDE = 1_000_000
STUB = "left out to save room"


def said(talk: Talk) -> list[str]:
    return [str(one.get("content")) for one in talk.build().messages]


def live(talk: Talk, turns: int, *, late: int = 0, answers: bool | str = True, longest: int = 2_000) -> Talk:
    """Turns of all sizes; summaries come when due, or some turns later, or not at all, or fail every second time."""
    dice, pending, asked = random.Random(7), None, 0
    for number in range(1, turns + 1):
        results = ["row " * dice.randint(5, longest) for _ in range(dice.choice([0, 1, 1, 2, 3]))]
        talk.turn(
            f"Request {number}: " + "refund it " * dice.randint(1, 20), *results, answer="So. " * dice.randint(1, 99)
        )
        talk.stub_if_due()
        if pending and pending[0] <= number:
            asked += 1
            good = answers is True or (answers == "sometimes" and asked % 2 == 0)
            talk.summarised(
                pending[1], "Facts: " + "x" * min(3_000, pending[1].replaced_characters // 5) if good else ""
            )
            pending = None
        if pending is None and (span := talk.due()):
            pending = (number + late, talk.ask(span, talk.limit))
    return talk


@pytest.mark.parametrize("late", [0, 3])
@pytest.mark.parametrize("answers", [True, "sometimes", False])
@pytest.mark.parametrize("limit", [6_000, 28_000])
def test_every_prompt_is_valid_and_under_the_limit_whatever_becomes_of_the_summaries(
    late: int, answers: bool | str, limit: int
) -> None:
    talk = live(Talk(agent(), limit=limit), 60, late=late, answers=answers)
    assert limit * 0.8 < talk.most_tokens <= limit


def test_a_session_of_2000_turns_stays_under_the_limit_and_in_a_few_kilobytes() -> None:
    talk = live(Talk(agent(), limit=28_000), 2_000, late=1)
    assert talk.session.turn == 2_000
    assert talk.most_tokens <= 28_000
    assert len(talk.session.entries) < 400
    assert talk.session.summary is not None
    assert talk.session.summary.turns > 1_970
    assert len(talk.rebased) < talk.session.step / 5, "most prompts only append to the one before"


def test_without_a_known_limit_only_turns_count_and_prompts_are_begun_anew_only_for_summaries() -> None:
    talk = live(Talk(agent()), 100)
    assert len(talk.rebased) <= 1 + 100 / 5
    assert all(STUB not in one for one in said(talk))


@pytest.mark.parametrize("seed", range(12))
def test_prompts_stay_valid_whatever_happens_in_whichever_order(seed: int) -> None:
    dice = random.Random(seed)
    limit = dice.choice([3_000, 8_000, None])
    context = {"window_turns": dice.choice([1, 2, 7, 20]), "keep_tokens": dice.choice([0, 500, 20_000])}
    talk = Talk(agent(workflow=STAGES, context=context), limit=limit)
    pending: Any = None
    for _ in range(40):
        talk.says("please " * dice.randint(1, 50))
        for _ in range(dice.randint(0, 8)):
            match dice.choice(["step", "step", "many", "adds", "note", "stage", "stub", "due", "answer"]):
                case "step":
                    talk.replies("", "row " * dice.randint(0, 1_500) + ".")
                case "many":
                    talk.replies(
                        "All at once.", *(f"row {n} " * dice.randint(1, 900) for n in range(dice.randint(2, 6)))
                    )
                case "adds":
                    talk.adds("and " * dice.randint(1, 40))
                case "note":
                    talk.add(AnswerRefused(step=talk.session.step, note=talk.keep("Shorter.")))
                case "stage":
                    talk.add(StageEntered(index=dice.choice([0, 1]), stage="s", because="So."))
                case "stub":
                    talk.stub_if_due()
                case "due":
                    span = talk.due()
                    pending = pending or (span and talk.ask(span, talk.limit))
                case "answer" if pending:
                    talk.summarised(pending, dice.choice(["", "Facts: order 1043.", "y" * 90_000]))
                    pending = None
        talk.replies("Done.", closing=dice.choice([None, None, "A limit was reached."]))
        talk.ends()
    assert limit is None or talk.most_tokens <= limit


def test_the_oldest_turns_go_first_and_whole_and_more_of_them_than_have_to() -> None:
    talk = Talk(agent(), limit=8_000)
    for number in range(1, 9):
        talk.turn(f"Request {number}", "row " * 900)
    told = said(talk)
    first = int(told[1].removeprefix("Request "))
    assert 1 < first < 8
    assert [one for one in told if one.startswith("Request")] == [f"Request {n}" for n in range(first, 9)]
    before = len(talk.rebased)
    talk.turn("Request 9", "row " * 100)
    assert len(talk.rebased) == before, "there was room left to grow"


def test_of_one_turn_that_is_too_long_the_oldest_steps_go_and_what_people_said_stays() -> None:
    talk = Talk(agent(workflow=STAGES), limit=8_000)
    talk.says("Refund all orders of 2019.")
    talk.add(StageEntered(index=0, stage="Look", because="So."))
    for number in range(20):
        if number == 2:
            talk.adds("Not the gift cards.")
        talk.replies("", f"result {number} " + "row " * 700)
    built = talk.build()
    check(built.messages)
    told = [str(one.get("content")) for one in built.messages]
    assert told[1].startswith("[The first steps of this turn are left out")
    assert told[2:5] == ["Refund all orders of 2019.", "[Stage 1 of 2: Look] Find it.", "Not the gift cards."]
    results = [one for one in told if one.startswith("result")]
    assert results[-1].startswith("result 19")
    assert 1 < len(results) < 20
    assert len(talk.rebased) < 10


def test_the_window_of_turns_is_exact() -> None:
    talk = Talk(agent(context={"window_turns": 3}))
    for number in range(1, 6):
        talk.turn(f"Request {number}")
    assert [one for one in said(talk) if one.startswith("Request")] == ["Request 3", "Request 4", "Request 5"]


def test_what_the_last_prompt_let_go_does_not_come_back() -> None:
    talk = Talk(agent(), limit=6_000)
    for number in range(1, 9):
        talk.turn(f"Request {number}", "row " * 900)
    first = next(one for one in said(talk) if one.startswith("Request"))
    talk.limit = 100_000
    assert next(one for one in said(talk) if one.startswith("Request")) == first


def test_sizes_are_counted_in_the_tokens_the_provider_counts() -> None:
    talk = Talk(agent(), limit=10_000)
    talk.turn("Hello", "row " * 100)
    assert talk.build().weights.per_token == pytest.approx(3.3, abs=0.01)


def test_an_absurd_count_does_not_empty_the_prompt() -> None:
    talk = Talk(agent(), limit=10_000)
    talk.turn("Hello", "row " * 100)
    for counted in (9_999_999, 1):
        talk.session = replace(talk.session, context_used=counted)
        assert "Hello" in said(talk)


@pytest.mark.parametrize(
    ("context", "window_tokens", "max_output", "limit"),
    [
        ({}, None, None, None),
        ({}, 32_000, 4_000, 28_000),
        ({}, 32_000, None, 32_000 - window.RESERVE_TOKENS),
        ({}, 8_000, 64_000, 6_000),
        ({"window_tokens": 5_000}, 32_000, 4_000, 5_000),
        ({"window_tokens": 5_000}, None, None, 5_000),
    ],
)
def test_a_prompt_leaves_room_for_the_reply(
    context: dict[str, int], window_tokens: int | None, max_output: int | None, limit: int | None
) -> None:
    assert window.prompt_limit(agent(context=context), window_tokens, max_output) == limit


def full(keep_tokens: int = 500, **more: Any) -> Talk:
    """Two turns with long results, which fill nine tenths of the window."""
    talk = Talk(agent(context={"keep_tokens": keep_tokens} | more), limit=WIDE)
    talk.turn("First", "old " * 1_000, "older " * 1_000)
    talk.turn("Second", "new " * 100)
    talk.limit = int(talk.build().weights.tokens / 0.92)
    talk.build()
    return talk


def stub_upto(talk: Talk) -> int | None:
    return window.stub_upto(talk.session, talk.agent, talk.build().weights, talk.limit)


def test_old_results_become_stubs_once_and_the_prompt_grows_from_there() -> None:
    talk = full()
    assert talk.stub_if_due()
    talk.says("Third")
    before = len(talk.rebased)
    talk.replies("", "fresh " * 200)
    assert len(talk.rebased) == before + 1
    talk.replies("Done.")
    assert len(talk.rebased) == before + 1
    told = said(talk)
    assert sum(STUB in one for one in told) == 2
    assert "fresh " * 200 in told
    assert not talk.stub_if_due()


def test_a_stub_is_taken_back_by_nothing_but_the_record() -> None:
    talk = full()
    whole = said(talk)
    talk.stub_if_due()
    assert said(talk) != whole
    talk.session = replace(talk.session, stubbed=0)
    assert said(talk) == whole


def test_results_are_kept_while_there_is_room() -> None:
    talk = full()
    talk.limit = (talk.limit or 0) * 2
    assert stub_upto(talk) is None
    talk.limit = None
    assert stub_upto(talk) is None


def test_the_newest_results_are_kept_word_for_word() -> None:
    talk = full(keep_tokens=500)
    upto = stub_upto(talk)
    assert upto
    assert [entry.turn for entry in talk.session.entries if entry.seq > upto and entry.kind == "reply"] == [1, 2, 2]


def test_results_nobody_has_read_yet_are_never_stubs() -> None:
    talk = Talk(agent(context={"keep_tokens": 0}), limit=WIDE)
    talk.says("All of them. " * 1_000)
    talk.replies("", "row " * 1_000)
    talk.limit = int(talk.build().weights.tokens / 0.95)
    assert list(talk.build().weights.stubs.values()) == [4_000 - window.STUB_CHARACTERS]
    assert window.is_full(talk.agent, talk.build().weights, talk.limit)
    assert stub_upto(talk) is None


def test_stubs_that_would_save_little_are_not_worth_a_new_prompt() -> None:
    talk = Talk(agent(instructions="Help. " * 5_000, context={"keep_tokens": 0}), limit=WIDE)
    talk.turn("First", "old " * 200)
    talk.turn("Second")
    talk.limit = int(talk.build().weights.tokens / 0.95)
    assert stub_upto(talk) is None


def test_of_a_small_window_half_of_what_is_left_is_kept_word_for_word() -> None:
    weights = Weights(entries={1: 4_000}, stubs={}, summary=0, total=12_000)
    assert window.kept(agent(), weights, 4_000) == (16_000 - 8_000) / 2
    assert window.kept(agent(), weights, 100) == 0
    assert window.kept(agent(), weights, 1_000_000) == 80_000
    assert window.kept(agent(), weights, None) == 80_000


def test_the_messages_of_a_step_without_long_results_are_left_alone() -> None:
    messages = [
        {"role": "assistant", "content": "x" * 9_000},
        {"role": "tool", "tool_call_id": "a", "content": "short"},
    ]
    assert window.stub(messages, 3) is messages


def test_a_reply_without_results_is_never_shortened() -> None:
    messages = [{"role": "assistant", "content": "x" * 9_000}]
    assert window.capped(messages, -1) is messages


def test_a_result_whose_call_is_not_told_gets_a_stub_all_the_same() -> None:
    (stubbed,) = window.stub([{"role": "tool", "tool_call_id": "a", "content": "x" * 9_000}], 3)
    assert stubbed["content"].startswith("[Result of a tool, 9000 characters, ")
    assert window.stub([stubbed], 3) == [stubbed]


def test_an_empty_session_has_an_empty_window() -> None:
    session = Session(id="S")
    assert window.window(session, agent(), {}, 1_000) == ()
    assert window.opening(session, ()) == ()


def test_the_tools_count() -> None:
    talk = Talk(agent(), limit=20_000)
    talk.turn("Hello")
    built = talk.build()
    assert built.weights.total == sum(len(part.text) for part in built.parts) + len(TOOLS)
    assert json.loads(built.parts[1].text) == [{"role": "user", "content": "Hello"}]
