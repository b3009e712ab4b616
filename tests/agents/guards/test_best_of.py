"""The best of several replies: asked at once, the unusable left out, one picked with a reason, all kept."""

import asyncio
import json
from typing import Any

import pytest

from agents.guards.best_of import Best, best_of
from agents.model_calls import ModelsFailed, Reply
from tests.fakes.room import Room

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Refund order 1043"}]
TOOLS = [
    {
        "type": "function",
        "function": {"name": "refund", "parameters": {"type": "object", "properties": {"amount": {"type": "number"}}}},
    }
]
BLOCK = {"need": "n", "source": "s", "therefore": "t", "alternatives": []}


def calls(arguments: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"text": text, "calls": [{"id": "call_1", "name": "refund", "arguments": json.dumps(arguments)}]}


def picks(number: Any) -> dict[str, Any]:
    return {"best_of": [{"json": {"because": "It names the amount.", "pick": number}}]}


SCRIPT: dict[str, Any] = {
    "warm": {
        "@0.2": [{"text": "Cold."}],
        "@0.7": [{"text": "Tepid."}],
        "@1.0": [{"text": "Hot."}],
        "": [{"text": "?"}],
    },
    "meets": {f"@{t}": [{"text": f"At {t}.", "together": 3}] for t in (0.2, 0.7, 1.0)},
    "ada": [{"text": "Ada says."}],
    "bob": [{"text": "Bob says."}],
    "bad": [{"text": "BAD"}],
    "silent": [{"hang": True}],
    "down": [{"status": 503}],
    "parrot": [{"text": "The  same.\n"}],
    "parrot-2": [{"text": "The same."}],
    "refunds": [calls({"reasoning": BLOCK, "amount": 40}, "I refund it.")],
    "refunds-too": [calls({"amount": 40, "reasoning": BLOCK | {"need": "in other words"}})],
    "refunds-more": [calls({"reasoning": BLOCK, "amount": 400})],
    "refunds-whole": [calls({"reasoning": BLOCK, "amount": 40.0})],
    "garbled": [{"text": "", "calls": [{"id": "c", "name": "refund", "arguments": '{"amount": 4'}]}],
    "listed": [{"text": "", "calls": [{"id": "c", "name": "refund", "arguments": "[1]"}]}],
    **{f"judge-{number}": picks(number) for number in (1, 2, 3, 9)},
    "judge-prose": {"best_of": [{"text": "The second one."}]},
    "judge-silent": {"best_of": [{"hang": True}]},
}


def usable(reply: Reply) -> list[str]:
    return ["It is bad."] if reply.text == "BAD" else []


async def run(room: Room, chain: tuple[str, ...], judge: str | None = "judge-1", n: int = 3, **more: Any) -> Best:
    judges = room.chain(judge) if judge else []
    seconds = more.pop("seconds", 30)
    return await best_of(
        room.models, room.chain(*chain), MESSAGES, TOOLS, n, judges, "Refund order 1043", usable, seconds, **more
    )


def texts(best: Best) -> list[str]:
    return [one.reply.text if one.reply else "-" for one in best.contenders]


async def test_three_replies_are_asked_for_at_the_same_time(room: Room) -> None:
    """The server answers none of them before it has all three requests."""
    best = await run(room, ("meets",))
    assert texts(best) == ["At 0.2.", "At 0.7.", "At 1.0."]


async def test_one_model_is_asked_at_three_temperatures_and_the_judge_picks_with_a_reason(room: Room) -> None:
    best = await run(room, ("warm",), "judge-2")
    assert texts(best) == ["Cold.", "Tepid.", "Hot."]
    assert (best.picked, best.reply.text, best.because) == (1, "Tepid.", "It names the amount.")
    assert best.judge and (best.judge.kind, best.judge.profile, best.judge.verdict) == ("judge", "judge-2", "allow")
    assert best.judge.cost_usd


async def test_several_models_of_a_chain_answer_in_turn_with_their_own_temperature(room: Room) -> None:
    best = await run(room, ("ada", "bob"), "judge-3", n=3)
    assert [one.profile for one in best.contenders] == ["ada", "bob", "ada"]
    first, again = room.asked("ada")
    assert sorted((first.get("temperature") or 0, again.get("temperature") or 0)) == [0, 1.0]
    assert "temperature" not in room.asked("bob")[-1]


async def test_every_one_of_them_gets_the_whole_prompt_and_the_tools(room: Room) -> None:
    await run(room, ("warm",))
    for sent in room.asked("warm")[-3:]:
        assert (sent["messages"], sent["tools"]) == (MESSAGES, TOOLS)


async def test_the_judge_sees_what_each_would_do_and_not_how_it_argues(room: Room) -> None:
    best = await run(room, ("refunds", "refunds-more"), "judge-1", n=2)
    assert json.loads(room.asked("judge-1")[-1]["messages"][1]["content"]) == {
        "request": "Refund order 1043",
        "candidates": [
            {"number": 1, "text": "I refund it.", "calls": [{"tool": "refund", "arguments": {"amount": 40}}]},
            {"number": 2, "text": "", "calls": [{"tool": "refund", "arguments": {"amount": 400}}]},
        ],
    }
    assert best.asked and json.loads(best.asked)[0]["questions"][0]["name"] == "best_of"


async def test_an_unusable_reply_is_kept_but_cannot_win(room: Room) -> None:
    best = await run(room, ("bad", "ada", "bob"), "judge-2")
    assert [one.problems for one in best.contenders] == [("It is bad.",), (), ()]
    assert (best.picked, best.reply.text) == (2, "Bob says.")


async def test_the_only_usable_reply_needs_no_judge(room: Room) -> None:
    before = len(room.asked("judge-1"))
    best = await run(room, ("bad", "ada"), n=2)
    assert (best.picked, best.judge, best.because) == (1, None, "The only one of 2 that can be used.")
    assert len(room.asked("judge-1")) == before


@pytest.mark.parametrize("chain", [("parrot", "parrot-2"), ("refunds", "refunds-too")], ids=["words", "calls"])
async def test_replies_that_come_to_the_same_need_no_judge(room: Room, chain: tuple[str, ...]) -> None:
    best = await run(room, chain, n=2)
    assert (best.picked, best.judge, best.because) == (0, None, "2 of 2 say the same.")


@pytest.mark.parametrize("other", ["refunds-more", "refunds-whole", "garbled", "listed", "ada"])
async def test_other_arguments_are_another_deed(room: Room, other: str) -> None:
    assert (await run(room, ("refunds", other), n=2)).judge is not None


@pytest.mark.parametrize("judge", ["judge-9", "judge-prose", "judge-silent"])
async def test_without_a_judges_word_the_first_usable_reply_goes_on_and_says_so(room: Room, judge: str) -> None:
    await room.models.warm()
    best = await run(room, ("bad", "ada", "bob"), judge, seconds=2 if judge == "judge-silent" else 30)
    assert (best.picked, best.reply.text) == (1, "Ada says.")
    assert best.because.startswith("The first of 3 that can be used: the judge gave no verdict.")
    assert best.judge and best.judge.verdict == "failed"


async def test_without_a_judge_at_all_the_first_usable_reply_goes_on(room: Room) -> None:
    best = await run(room, ("ada", "bob"), None, n=2)
    assert (best.picked, best.judge) == (0, None)
    assert best.because == "The first of 2 that can be used: no model has the role judge."


async def test_if_none_can_be_used_one_goes_on_with_what_is_wrong_with_it(room: Room) -> None:
    best = await run(room, ("bad",))
    assert (best.picked, best.reply.text, best.judge) == (0, "BAD", None)
    assert best.contenders[0].problems == ("It is bad.",)
    assert best.because.startswith("None of them can be used")


async def test_one_that_never_answers_is_not_waited_for_once_there_is_a_good_one(room: Room) -> None:
    await room.models.warm()
    best = await run(room, ("silent", "ada"), n=2, seconds=0.05)
    late, good = best.contenders
    assert (late.profile, late.reply) == ("silent", None)
    assert late.problems == ("There was no reply 0.05 s after the first good one.",)
    assert (best.picked, good.reply and good.reply.text) == (1, "Ada says.")


async def test_a_reply_that_is_there_already_is_one_of_them_and_the_others_are_varied_from_it(room: Room) -> None:
    first = (await run(room, ("bob",), None, n=1)).reply
    best = await run(room, ("warm",), "judge-3", first=first)
    assert texts(best) == ["Bob says.", "Tepid.", "Hot."]
    assert best.reply.text == "Hot."


async def test_with_a_good_reply_in_hand_nobody_else_is_waited_for_long(room: Room) -> None:
    first = (await run(room, ("bob",), None, n=1)).reply
    best = await run(room, ("silent",), n=3, first=first, seconds=0.05)
    assert (texts(best), best.because) == (["Bob says.", "-", "-"], "The only one of 3 that can be used.")


async def test_a_bad_reply_in_hand_does_not_hurry_the_others(room: Room) -> None:
    first = (await run(room, ("bad",), None, n=1)).reply
    best = await run(room, ("ada",), n=2, first=first)
    assert (best.picked, texts(best)) == (1, ["BAD", "Ada says."])


async def test_a_model_that_is_down_gives_way_to_the_next_as_ever(room: Room) -> None:
    best = await run(room, ("down", "ada"), n=2)
    assert texts(best) == ["Ada says.", "Ada says."]
    assert best.contenders[0].reply and best.contenders[0].reply.attempts[0].error == "503"


async def test_when_all_fail_it_fails_like_a_single_call(room: Room) -> None:
    with pytest.raises(ModelsFailed, match="openai/down answered 503") as failed:
        await run(room, ("down",))
    assert len(failed.value.attempts) == 9
    with pytest.raises(ModelsFailed, match="no model was named"):
        await run(room, ())


async def test_who_watches_reads_the_picked_reply_once_and_cannot_break_it(room: Room) -> None:
    heard: list[str] = []
    await run(room, ("warm",), "judge-3", on_text=heard.append)
    assert heard == ["Hot."]

    def breaks(text: str) -> None:
        raise RuntimeError("the page is gone")

    assert (await run(room, ("warm",), "judge-3", on_text=breaks)).reply.text == "Hot."


async def test_whoever_stops_it_stops_all_of_them(room: Room) -> None:
    await room.models.warm()
    hung_up = room.server.hangups()
    before = len(room.asked("silent"))
    asking = asyncio.create_task(run(room, ("silent",)))
    while len(room.asked("silent")) < before + 3:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    while room.server.hangups() < hung_up + 3:
        await asyncio.sleep(0)
