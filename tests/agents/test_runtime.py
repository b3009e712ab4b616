"""The runtime as the console uses it: parallel calls, queued messages, pause and stop, stages, limits, inputs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.errors import BadRequest, NotFound, NotNow
from store.database import run
from store.events import (
    AnswerRefused,
    ApprovalRequested,
    CallState,
    MessageReceived,
    ModelFailed,
    ModelReplied,
    StageEntered,
    Status,
    ToolStarted,
    TurnEnded,
)
from tests.fakes.bench import Gate, ask, in_turn
from tests.fakes.desk import (
    TOOLSET,
    Desk,
    as_bytes,
    configuration,
    crash_image,
    open_desk,
    person,
    rebuilt,
    the_waiting,
)

pytestmark = pytest.mark.asyncio


async def test_allowed_calls_run_in_parallel_while_a_held_one_waits(desk: Desk) -> None:
    gates = [Gate(), Gate()]
    desk.bench.on["look_up"] = lambda arguments: gates[arguments["order"]](arguments)
    calls = (ask("look_up", order=0), ask("refund", order=1, amount=60), ask("look_up", order=1))
    desk.models.script = in_turn(calls, "Done.")
    session_id = await desk.start()
    await asyncio.gather(*(gate.reached.wait() for gate in gates))
    session = await desk.session(session_id)
    assert session.status is Status.RUNNING
    await desk.decide(the_waiting(session))
    await desk.until(session_id, lambda s: s.calls[1].state is CallState.SUCCEEDED)
    assert len(desk.models.prompts) == 1  # the model is asked again when all are settled
    for gate in gates:
        gate.opened.set()
    session = await desk.rests(session_id)
    assert session.result == "answered"
    assert [one["content"] for one in desk.models.prompts[1][-3:]] == ["done at last", "refund done", "done at last"]


async def test_a_message_while_a_call_waits_is_queued_and_shown_beside_it(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    status = await desk.runtime.send(session.id, "Only half of it, please.", by="rita")
    assert status is Status.WAITING_APPROVAL
    approval = await desk.queries.approval(the_waiting(session).id)
    assert approval is not None
    assert [one["text"] for one in approval["later_messages"]] == ["Only half of it, please."]
    await desk.decide(the_waiting(session), "respond", because="Half of it.")
    session = await desk.rests(session.id)
    assert (session.turn, session.result) == (1, "answered")
    assert desk.models.prompts[-1][-1]["content"] == "Only half of it, please."


async def test_a_message_during_a_model_call_is_read_before_the_turn_ends(desk: Desk) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> str:
        asked.set()
        await go_on.wait()
        return "Done."

    desk.models.script = lambda messages: slow(messages) if len(messages) == 2 else "That as well."
    session_id = await desk.start()
    await asked.wait()
    await desk.runtime.send(session_id, "And the other one.", by="rita")
    go_on.set()
    session = await desk.rests(session_id)
    roles = [(one["role"], one["content"]) for one in desk.models.prompts[-1][1:]]
    assert roles == [("user", "Please help."), ("assistant", "Done."), ("user", "And the other one.")]
    (ended,) = await desk.events(session_id, TurnEnded)
    assert await desk.text(session_id, ended.answer) == "That as well."
    assert session.turn == 1


async def test_a_session_goes_on_for_turns_and_across_restarts(tmp_path: Path) -> None:
    session_id = ""
    for turn in range(1, 4):
        async with open_desk(tmp_path) as desk:
            desk.models.script = lambda messages: f"Answer {sum(m['role'] == 'user' for m in messages)}."
            if session_id:
                await desk.runtime.send(session_id, "And now?", by="rita")
            else:
                session_id = await desk.start()
            session = await desk.until(session_id, lambda s, turn=turn: s.turn == turn and s.result == "answered")
            assert session.turn == turn
            assert len(desk.models.prompts[-1]) == 2 * turn


async def test_a_paused_session_finishes_what_runs_and_starts_nothing(desk: Desk) -> None:
    gate = desk.bench.on["look_up"] = Gate()
    desk.models.script = in_turn((ask("look_up", order=1), ask("refund", order=1, amount=60)), "Done.")
    session_id = await desk.start()
    await gate.reached.wait()
    assert await desk.runtime.pause(session_id, by="olga", because="Wait.") is Status.PAUSED
    await desk.decide(the_waiting(await desk.session(session_id)))
    gate.opened.set()
    session = await desk.until(session_id, lambda s: s.calls[0].state is CallState.SUCCEEDED)
    await desk.idle()
    assert session.calls[1].state is CallState.ALLOWED
    assert desk.bench.started == ["look_up"]
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    assert (await desk.rests(session_id)).result == "answered"
    assert desk.bench.started == ["look_up", "refund"]


async def test_a_reply_that_comes_in_while_it_is_paused_starts_nothing_until_it_is_resumed(desk: Desk) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> Any:
        asked.set()
        await go_on.wait()
        return ask("look_up", order=1)

    desk.models.script = lambda messages: slow(messages) if len(messages) == 2 else "Done."
    session_id = await desk.start()
    await asked.wait()
    await desk.runtime.pause(session_id, by="olga", because="Wait.")
    go_on.set()
    await desk.until(session_id, lambda s: bool(s.calls))
    await desk.idle()
    assert desk.bench.started == []
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    assert (await desk.rests(session_id)).result == "answered"


async def test_a_stop_breaks_off_the_model_and_lets_a_running_call_report(desk: Desk) -> None:
    gate = desk.bench.on["look_up"] = Gate()
    desk.models.script = in_turn(ask("look_up", order=1))
    session_id = await desk.start()
    await gate.reached.wait()
    assert await desk.runtime.stop(session_id, by="olga", because="Enough.") is Status.STOPPED
    gate.opened.set()
    session = await desk.until(session_id, lambda s: s.calls[0].state is CallState.SUCCEEDED)
    await desk.idle()
    assert (session.status, session.result) == (Status.STOPPED, "stopped")
    assert len(desk.models.prompts) == 1
    with pytest.raises(NotNow):
        await desk.runtime.send(session_id, "Still there?", by="rita")
    for act in (desk.runtime.pause, desk.runtime.resume):
        with pytest.raises(NotNow):
            await act(session_id, by="olga", because="x")
    assert await desk.runtime.stop(session_id, by="olga", because="Again.") is Status.STOPPED


async def test_stages_follow_one_another_each_with_its_own_tools(tmp_path: Path) -> None:
    stages = [
        {"stage": "Look", "goal": "Look it up.", "tools": ["look_up"]},
        {"stage": "Act", "goal": "Refund it.", "tools": ["refund"]},
    ]
    async with open_desk(tmp_path, configuration(workflow=stages)) as desk:
        session = await desk.ask_model(
            ask("look_up", order=1), "Found.", ask("refund", order=1, amount=20), "Refunded."
        )
        assert session.result == "answered"
        offered = [[one["function"]["name"] for one in tools] for tools in desk.models.tools]
        assert offered == [["look_up"], ["look_up"], ["refund"], ["refund"]]
        assert [event.stage for event in await desk.events(session.id, StageEntered)] == ["Look", "Act"]
        assert desk.models.prompts[2][-1]["content"] == "[Stage 2 of 2: Act] Refund it."


async def test_a_limit_in_one_stage_moves_on_to_the_next(tmp_path: Path) -> None:
    stages = [{"stage": "Look", "goal": "Look."}, {"stage": "Act", "goal": "Act."}]
    document = configuration(workflow=stages, limits={"steps": 2, "tool_calls": 15})
    async with open_desk(tmp_path, document) as desk:
        session = await desk.ask_model(*[ask("look_up", order=n) for n in range(4)], "The best I can say.")
        assert session.result == "limit"
        assert session.because == "The limit of 2 steps per stage was reached."
        assert [event.index for event in await desk.events(session.id, StageEntered)] == [0, 1]
        (ended,) = await desk.events(session.id, TurnEnded)
        assert await desk.text(session.id, ended.answer) == "The best I can say."
        assert desk.models.tools[-1] == []


async def test_a_turn_over_its_cost_ends_with_the_best_answer_so_far(tmp_path: Path) -> None:
    async with open_desk(tmp_path, configuration(limits={"cost_usd": 0.02})) as desk:
        session = await desk.ask_model(*[ask("look_up", order=n) for n in range(9)])
        assert (session.result, len(desk.models.prompts)) == ("limit", 2)
        assert "cost limit of $0.02" in session.because


async def test_calls_beyond_the_limit_are_denied_one_by_one(tmp_path: Path) -> None:
    entries = [entry | {"limits": {"calls_per_turn": 1}} for entry in TOOLSET["tools"]]
    document = configuration(limits={"tool_calls": 3}) | {"toolsets": [TOOLSET | {"tools": entries}]}
    async with open_desk(tmp_path, document) as desk:
        calls = (
            ask("look_up", order=1),
            ask("look_up", order=2),
            ask("refund", order=1, amount=20),
            ask("refund", order=2, amount=20),
        )
        session = await desk.ask_model(calls, "Done.")
        assert [tool for tool, _ in desk.bench.ledger] == ["look_up", "refund"]
        told = [one["content"] for one in desk.models.prompts[-1] if one["role"] == "tool"]
        assert "may be called 1 times per turn" in told[1]
        assert "The limit of 3 tool calls was reached" in told[3]
        assert session.result == "limit"


async def test_an_answer_that_does_not_fit_goes_back_to_the_model(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"refunded": {"type": "boolean"}}, "required": ["refunded"]}
    async with open_desk(tmp_path, configuration(output_schema=schema)) as desk:
        session = await desk.ask_model("Yes.", "[" * 5_000, '```json\n{"refunded": true}\n```')
        assert session.result == "answered"
        notes = [await desk.text(session.id, one.note) for one in await desk.events(session.id, AnswerRefused)]
        assert [("Your answer cannot be used" in (note or "")) for note in notes] == [True, True]


@pytest.mark.parametrize("fallback", [None, {"answer": "A colleague will write to you."}])
async def test_a_shape_that_the_model_cannot_meet_ends_the_turn_after_three_answers(
    tmp_path: Path, fallback: dict[str, Any] | None
) -> None:
    """No guard is switched on for it, and many more steps would be allowed."""
    schema = {"type": "object", "properties": {"refunded": {"type": "boolean"}}, "required": ["refunded"]}
    limits = {"steps": 15}
    changes = {"output_schema": schema, "limits": limits} | ({"fallback": fallback} if fallback else {})
    async with open_desk(tmp_path, configuration(**changes)) as desk:
        session = await desk.ask_model(*["It was refunded."] * 14)
        assert len(await desk.events(session.id, AnswerRefused)) == 3
        (ended,) = await desk.events(session.id, TurnEnded)
        assert ended.because.startswith("3 replies in a row were neither a usable call nor a usable answer. Try ")
        if fallback:
            assert (ended.result, len(desk.models.prompts)) == ("fallback", 3)
            assert await desk.text(session.id, ended.answer) == fallback["answer"]
        else:
            assert (ended.result, len(desk.models.prompts)) == ("limit", 4)  # the last: for the best there is


async def test_refused_answers_are_counted_anew_after_a_call(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"refunded": {"type": "boolean"}}, "required": ["refunded"]}
    good = '{"refunded": true}'
    async with open_desk(tmp_path, configuration(output_schema=schema)) as desk:
        script = ("Yes.", "Yes.", ask("look_up", order=1), "Yes.", "Yes.", good)
        session = await desk.ask_model(*script)
        assert session.result == "answered"


async def test_neither_text_nor_call_is_nudged_until_the_limit(tmp_path: Path) -> None:
    async with open_desk(tmp_path, configuration(limits={"steps": 3})) as desk:
        session = await desk.ask_model("", "", "", "")
        assert (session.result, len(desk.models.prompts)) == ("limit", 4)
        assert "neither text nor a tool call" in desk.models.prompts[1][-1]["content"]


async def test_a_rejection_is_told_with_its_reason(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Understood.")
    await desk.decide(the_waiting(session), "reject", because="Ask for a receipt.", code="not_justified")
    await desk.rests(session.id)
    assert "Rejected by a person (not_justified): Ask for a receipt." in desk.models.prompts[-1][-1]["content"]


async def test_the_words_of_an_answer_to_the_model_are_needed(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Understood.")
    for words in (None, "", "  "):
        with pytest.raises(BadRequest):
            await desk.decide(the_waiting(session), "respond", because=words)
    with pytest.raises(BadRequest):
        await desk.decide(the_waiting(session), "happened")
    with pytest.raises(NotFound):
        await desk.runtime.decide("S-none.1.1", "approve", by=person(), action_digest="")


@pytest.mark.parametrize("message", ["", "  \n", "x" * 100_001, "\ud800"])
async def test_a_message_that_cannot_be_used_is_refused_in_words(desk: Desk, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await desk.start(message)
    assert refused.value.problems[0].startswith("/message: ")


async def test_an_unknown_agent_and_bad_inputs_are_refused_in_words(tmp_path: Path) -> None:
    inputs = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
    async with open_desk(tmp_path, configuration(inputs=inputs)) as desk:
        with pytest.raises(BadRequest, match="The agents are: Clerk"):
            await desk.start(agent="Nobody")
        for given in (None, {}, {"order": "x"}):
            with pytest.raises(BadRequest) as refused:
                await desk.runtime.start("Clerk", "Go.", by="rita", inputs=given)
            assert refused.value.problems[0].startswith("/inputs")
        session_id, _ = await desk.runtime.start("Clerk", "Go.", by="rita", inputs={"order": 7})
        await desk.rests(session_id)
        assert '{"order": 7}' in desk.models.prompts[-1][0]["content"]


async def test_there_is_no_such_session(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.runtime.send("S-none", "Hello?", by="rita")


async def test_a_long_output_is_kept_whole_and_shown_shortened(desk: Desk) -> None:
    desk.bench.on["look_up"] = lambda _: "x" * 50_000 + "the end"
    session = await desk.ask_model(ask("look_up", order=1), "Done.")
    shown = desk.models.prompts[-1][-1]["content"]
    assert len(shown) < 17_000
    assert shown.endswith("the end")
    assert "34,007 characters left out" in shown
    outputs = [event.output for event in await desk.events(session.id) if event.type == "ToolFinished"]
    assert len(await desk.text(session.id, outputs[0]) or "") == 50_007


async def test_an_agent_is_pinned_and_its_policy_is_not(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    document = configuration(instructions="Be rude.")
    await desk.configure(document)
    await desk.runtime.send(session.id, "Again.", by="rita")
    await desk.rests(session.id)
    assert desk.models.prompts[-1][0]["content"].startswith("Help.")
    await desk.ask_model("Done.")
    assert desk.models.prompts[-1][0]["content"].startswith("Be rude.")


async def test_requests_beyond_many_revisions_of_one_call_keep_their_own_ids(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=600), "Done.")
    for n in range(70):
        approval = the_waiting(await desk.session(session.id))
        await desk.edit(approval, person(f"op{n}"), order=1, amount=601 + n)
    ids = [event.approval_id for event in await desk.events(session.id, ApprovalRequested)]
    assert len(set(ids)) == 71


async def test_the_fallback_answers_when_no_model_does(tmp_path: Path) -> None:
    from agents.model_calls import ModelsFailed

    async with open_desk(tmp_path, configuration(fallback={"answer": "Somebody will call you."})) as desk:

        def down(_: Any) -> str:
            raise ModelsFailed([])

        desk.models.script = down
        session = await desk.until(await desk.start(), lambda s: s.result is not None)
        assert (session.status, session.result) == (Status.COMPLETED, "fallback")
        assert len(await desk.events(session.id, ModelFailed)) == 1


async def test_a_session_advances_from_its_snapshot_as_from_its_whole_record(desk: Desk, tmp_path: Path) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.", "Again.")
    await desk.idle()
    image = crash_image(desk, tmp_path / "image")
    async with open_desk(image) as other:
        with_snapshot = await other.session(session.id)
        await other.runtime.database.write(lambda c: run(c, "DELETE FROM snapshots").close())
        assert await other.session(session.id) == with_snapshot == await desk.session(session.id)


async def test_every_prompt_can_be_rebuilt_from_the_record_alone(tmp_path: Path) -> None:
    async with open_desk(tmp_path, configuration(context={"window_turns": 2}, limits={"steps": 4})) as desk:
        session = await desk.ask_model(
            (ask("look_up", order=1), ask("refund", order=1, amount=60)), "", "Done.", ask("look_up", order=2)
        )
        await desk.decide(the_waiting(session))
        await desk.rests(session.id)
        for n in range(4):
            await desk.runtime.send(session.id, f"Turn {n}: ä😀", by="rita")
            await desk.until(session.id, lambda s, n=n: s.turn == n + 2 and s.result is not None)
        prompts = await rebuilt(desk, session.id)
        assert len(prompts) == len(desk.models.prompts) > 8
        for (messages, tools), sent, offered in zip(prompts, desk.models.prompts, desk.models.tools, strict=True):
            assert as_bytes(messages) == as_bytes(sent)
            assert as_bytes(tools) == as_bytes(offered)


async def test_the_query_for_a_prompt_gives_the_messages_and_tools_as_they_were_sent(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    (reply,) = [one for one in await desk.runtime.log.read(session.id) if isinstance(one.event, ModelReplied)]
    prompt = await desk.queries.prompt(session.id, reply.seq)
    assert prompt is not None
    assert (prompt["messages"], prompt["tools"]) == (desk.models.prompts[0], desk.models.tools[0])


async def test_the_record_says_when_which_message_came(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    assert [event.by for event in await desk.events(session.id, MessageReceived)] == ["rita"]
    assert await desk.events(session.id, ToolStarted) == []
