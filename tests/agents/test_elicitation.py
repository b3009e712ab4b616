"""A server that asks in the middle of a call: the session waits in the inbox, and the call goes on once, or not at all."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.config import Toolset
from agents.errors import AlreadyDecided, BadRequest, Changed, NotAllowed, NotNow
from agents.folded import Session
from agents.forms import Question, form_of
from agents.tools.errors import InputNeeded, ToolFailure
from store.events import (
    ApprovalDecided,
    ApprovalExpired,
    CallState,
    InputRequired,
    OutcomeUnknown,
    Status,
    ToolFinished,
    ToolStarted,
)
from tests.agents.tools.conftest import FAKES
from tests.fakes.bench import TOOLS, ask, in_turn, tool
from tests.fakes.desk import Clock, Desk, configuration, crash_image, open_desk, person, the_waiting, waiting

pytestmark = pytest.mark.asyncio
FIELDS = {"type": "object", "properties": {"floor": {"type": "integer", "maximum": 40}}, "required": ["floor"]}
FORM = form_of((Question(key="place", message="Which floor?", fields=FIELDS),))
CALL = ask("refund", order=1, amount=20)
"""Released by a rule."""
HELD = ask("refund", order=1, amount=60)
"""Released by a person."""


def asks(desk: Desk, times: int = 1, form: Any = FORM) -> None:
    """The refund asks that often before it is carried out."""

    def refund(_: dict[str, Any]) -> str:
        if len(desk.bench.said) < times:
            raise InputNeeded(form, f"state {len(desk.bench.said)}")
        return "refunded"

    desk.bench.on["refund"] = refund


async def asked(desk: Desk, call: Any = CALL) -> Session:
    return await desk.ask_model(call, "Done.")


async def answered(desk: Desk, session: Session, text: str = '{"floor": 3}') -> Session:
    await desk.decide(the_waiting(session), "answer", new_arguments=text)
    return await desk.until(session.id, lambda s: s.result is not None)


async def test_the_question_waits_in_the_inbox_with_its_form_and_the_answer_goes_back_once(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    assert session.status is Status.WAITING_APPROVAL
    (item,) = await desk.pending(session.id)
    assert (item["kind"], item["form"]["message"], item["form"]["schema"]) == ("input", "Which floor?", FIELDS)
    assert item["because"] == "bench asks for something before it goes on."
    assert "state 0" not in str(item)
    session = await answered(desk, session)
    (said,) = desk.bench.said
    assert said is not None
    assert said.by_key == {"place": {"action": "accept", "content": {"floor": 3}}}
    assert said.request_state == "state 0"
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 20}]
    starts = await desk.events(session.id, ToolStarted)
    assert [(one.attempt, one.approval_id) for one in starts] == [(1, None), (2, item["id"])]
    assert len(await desk.events(session.id, ToolFinished)) == 1
    assert "refunded" in str(desk.models.prompts[-1])
    assert await desk.queries.inbox_matches_events() == []


async def test_a_call_that_a_person_released_asks_and_goes_on_by_that_release(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk, HELD)
    first = the_waiting(session)
    await desk.decide(first)
    session = await desk.until(session.id, lambda s: bool(waiting(s)))
    assert the_waiting(session).released_by == first.id
    await answered(desk, session)
    assert len(desk.bench.ran("refund")) == 1


async def test_several_questions_wait_one_after_another(desk: Desk) -> None:
    asks(desk, times=3)
    session = await asked(desk, HELD)
    first = the_waiting(session)
    await desk.decide(first)
    for n in range(3):
        session = await desk.until(session.id, lambda s: bool(waiting(s)))
        question = the_waiting(session)
        assert (question.kind, question.released_by) == ("input", first.id)
        await desk.decide(question, "answer", new_arguments=f'{{"floor": {n}}}')
        await desk.until(session.id, lambda s, old=question.id: old not in {one.id for one in waiting(s)})
    await desk.until(session.id, lambda s: s.result == "answered")
    states = [one.request_state for one in desk.bench.said if one]
    assert states == ["state 0", "state 1", "state 2"]
    assert len(await desk.events(session.id, InputRequired)) == 3


async def test_to_decline_tells_the_server_and_the_call_goes_on(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    await desk.decide(the_waiting(session), "decline")
    await desk.until(session.id, lambda s: s.result == "answered")
    assert [one.by_key for one in desk.bench.said if one] == [{"place": {"action": "decline"}}]


async def test_answers_that_do_not_fit_change_nothing(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    question = the_waiting(session)
    with pytest.raises(BadRequest) as refused:
        await desk.decide(question, "answer", new_arguments='{"floor": 41}')
    assert refused.value.problems == ("/arguments/floor: 41 is greater than the maximum of 40",)
    with pytest.raises(NotAllowed):
        await desk.decide(question, "answer", person("vic", "viewer"), new_arguments='{"floor": 3}')
    with pytest.raises(BadRequest, match="no decision on a server's question"):
        await desk.decide(question)
    with pytest.raises(BadRequest, match="takes no arguments"):
        await desk.decide(question, "decline", new_arguments="{}")
    assert the_waiting(await desk.session(session.id)) == question
    assert desk.bench.said == []


async def test_of_two_who_answer_one_wins(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    question = the_waiting(session)
    both = (
        desk.decide(question, "answer", person("olga"), new_arguments='{"floor": 1}'),
        desk.decide(question, "answer", person("omar"), new_arguments='{"floor": 2}'),
    )
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(one, AlreadyDecided) for one in results) == 1
    await desk.until(session.id, lambda s: s.result == "answered")
    assert len(desk.bench.said) == 1


async def test_a_form_that_is_not_flat_is_shown_and_can_only_be_declined(desk: Desk) -> None:
    deep = {"type": "object", "properties": {"who": {"type": "object"}}}
    asks(desk, form=form_of((Question(key="k", message="Who?", fields=deep),)))
    session = await asked(desk)
    (item,) = await desk.pending(session.id)
    assert "only declined" in item["form"]["refused"]
    with pytest.raises(BadRequest, match="only declined"):
        await desk.decide(the_waiting(session), "answer", new_arguments="{}")
    await desk.decide(the_waiting(session), "decline")
    await desk.until(session.id, lambda s: s.result == "answered")


async def test_a_field_of_two_types_waits_for_a_person_like_any_other_question(desk: Desk) -> None:
    def asks_for_a_text_or_nothing(_: Any) -> str:
        either = {"type": "object", "properties": {"note": {"type": ["string", "null"]}}}
        raise InputNeeded(form_of((Question(key="k", message="A note?", fields=either),)), "state 0")

    desk.bench.on["refund"] = asks_for_a_text_or_nothing
    session = await asked(desk)
    assert the_waiting(session).kind == "input"
    (item,) = await desk.pending(session.id)
    assert "only declined" in item["form"]["refused"]


async def test_nobody_answers_in_time_and_the_model_hears_it(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    desk.clock.passes(6 * 86_400)
    await desk.runtime.clock.tick()
    assert the_waiting(await desk.session(session.id)).kind == "input"
    desk.clock.passes(86_401)
    await desk.runtime.clock.tick()
    session = await desk.until(session.id, lambda s: s.result == "answered")
    assert len(await desk.events(session.id, ApprovalExpired)) == 1
    said = "The tool asked a person for something before it goes on. Nobody answered in time. It was not finished."
    assert said in str(desk.models.prompts[-1])
    assert desk.bench.said == []
    assert await desk.queries.inbox_matches_events() == []


async def test_an_answer_that_comes_to_a_stopped_session_is_refused(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    question = the_waiting(session)
    await desk.runtime.stop(session.id, by="olga", because="Enough.")
    assert waiting(await desk.session(session.id)) == ()
    with pytest.raises((AlreadyDecided, NotNow)):
        await desk.decide(question, "answer", new_arguments='{"floor": 3}')
    await desk.idle()
    assert desk.bench.said == []
    assert await desk.queries.inbox_matches_events() == []


async def test_a_question_that_comes_after_the_stop_waits_for_nobody(desk: Desk) -> None:
    reached, opened = asyncio.Event(), asyncio.Event()

    async def late(_: dict[str, Any]) -> str:
        reached.set()
        await opened.wait()
        raise InputNeeded(FORM, "state")

    desk.bench.on["refund"] = late
    desk.models.script = in_turn(CALL, "Done.")
    session_id = await desk.start()
    await reached.wait()
    await desk.runtime.stop(session_id, by="olga", because="Enough.")
    opened.set()
    session = await desk.until(session_id, lambda s: all(c.state is not CallState.EXECUTING for c in s.calls))
    assert [call.state for call in session.calls] == [CallState.FAILED]
    assert waiting(session) == ()
    assert await desk.queries.inbox_matches_events() == []


async def test_a_changed_definition_voids_the_question(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    question = the_waiting(session)
    desk.registry.redefine(TOOLS[0], tool("refund", "Changed.", order={"type": "integer"}), *TOOLS[2:])
    session = await desk.until(session.id, lambda s: not waiting(s))
    with pytest.raises((AlreadyDecided, Changed)):
        await desk.decide(question, "answer", new_arguments='{"floor": 3}')
    assert desk.bench.said == []


@pytest.mark.parametrize("release", ["ask", "deny"])
async def test_a_policy_that_became_stricter_meanwhile_keeps_the_call_from_going_on(desk: Desk, release: str) -> None:
    asks(desk)
    session = await asked(desk)
    await desk.change_policy({"when": {"tool": "refund"}, "release": release, "because": "Not today."})
    await desk.decide(the_waiting(session), "answer", new_arguments='{"floor": 3}')
    await desk.until(session.id, lambda s: s.result == "answered")
    assert desk.bench.said == []
    assert "Not today." in str(desk.models.prompts[-1])
    assert await desk.queries.inbox_matches_events() == []


async def test_an_answer_given_while_paused_is_sent_when_it_is_resumed(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    await desk.runtime.pause(session.id, by="olga", because="Wait.")
    await desk.decide(the_waiting(session), "answer", new_arguments='{"floor": 3}')
    await desk.idle()
    assert desk.bench.said == []
    await desk.runtime.resume(session.id, by="olga", because="Go.")
    await desk.until(session.id, lambda s: s.result == "answered")
    assert len(desk.bench.said) == 1


async def test_a_line_that_breaks_after_the_answer_leaves_an_unknown_outcome(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk)
    desk.bench.on["refund"] = lambda _: _raise(ToolFailure("The line went dead.", "unknown"))
    await desk.decide(the_waiting(session), "answer", new_arguments='{"floor": 3}')
    session = await desk.until(session.id, lambda s: any(one.kind == "unknown_outcome" for one in waiting(s)))
    assert len(await desk.events(session.id, OutcomeUnknown)) == 1
    assert len(desk.bench.said) == 1
    desk.bench.on["refund"] = lambda _: "refunded"
    await desk.decide(the_waiting(session), "run_again")
    await desk.until(session.id, lambda s: s.result == "answered")
    assert len(desk.bench.said) == 1  # run again from its beginning, with nothing answered


def _raise(error: Exception) -> str:
    raise error


async def test_a_crash_after_the_answer_was_sent_goes_to_a_person_and_is_not_sent_again(tmp_path: Path) -> None:
    clock, reached = Clock(), asyncio.Event()
    async with open_desk(tmp_path / "first", clock=clock) as desk:
        asks(desk)
        session = await asked(desk)

        async def hangs(_: dict[str, Any]) -> str:
            reached.set()
            await asyncio.Event().wait()
            return ""

        desk.bench.on["refund"] = hangs
        await desk.decide(the_waiting(session), "answer", new_arguments='{"floor": 3}')
        await reached.wait()
        image = crash_image(desk, tmp_path / "again")
        for advance in tuple(desk.runtime.engine._tasks):
            advance.cancel()
    async with open_desk(image, clock=clock) as desk:
        session = await desk.until(session.id, lambda s: bool(waiting(s)))
        assert the_waiting(session).kind == "unknown_outcome"
        assert desk.bench.started == []
        assert await desk.queries.inbox_matches_events() == []


@pytest.mark.parametrize("question", [False, True], ids=["plain", "answered"])
async def test_a_look_that_was_cut_off_is_not_repeated_when_the_rules_no_longer_allow_it(
    tmp_path: Path, question: bool
) -> None:
    clock, reached, document = Clock(), asyncio.Event(), configuration()
    document["toolsets"][0] = repeatable(document["toolsets"][0])

    async def hangs() -> str:
        reached.set()
        await asyncio.Event().wait()
        return ""

    async with open_desk(tmp_path / "first", document, clock=clock) as desk:

        def refund(_: dict[str, Any]) -> Any:
            if question and not desk.bench.said:
                raise InputNeeded(FORM, "state")
            return hangs()

        desk.bench.on["refund"] = refund
        desk.models.script = in_turn(CALL, "Done.")
        session_id = await desk.start()
        if question:
            session = await desk.until(session_id, lambda s: bool(waiting(s)))
            await desk.decide(the_waiting(session), "answer", new_arguments='{"floor": 3}')
        await reached.wait()
        await desk.change_policy({"when": {"tool": "refund"}, "release": "ask", "because": "Not today."})
        image = crash_image(desk, tmp_path / "again")
        for advance in tuple(desk.runtime.engine._tasks):
            advance.cancel()
    async with open_desk(image, clock=clock) as desk:
        session = await desk.until(session_id, lambda s: bool(waiting(s)))
        assert the_waiting(session).kind == "unknown_outcome"
        assert desk.bench.started == []


def repeatable(toolset: dict[str, Any]) -> dict[str, Any]:
    tools = [one | ({"idempotent": True} if one["tool"] == "refund" else {}) for one in toolset["tools"]]
    return toolset | {"tools": tools}


async def test_who_may_not_release_the_call_does_not_answer_for_it(desk: Desk) -> None:
    asks(desk)
    session = await asked(desk, ask("refund", order=1, amount=600))
    request = the_waiting(session)
    await desk.decide(request, by=person("olga"))
    await desk.decide(request, by=person("omar"))
    session = await desk.until(session.id, lambda s: any(one.kind == "input" for one in waiting(s)))
    question = the_waiting(session)
    with pytest.raises(NotAllowed, match="other than the person who made the request"):
        await desk.decide(question, "answer", by=person("rita"), new_arguments='{"floor": 3}')
    await desk.decide(question, "answer", by=person("olga"), new_arguments='{"floor": 3}')
    await desk.until(session.id, lambda s: s.result is not None)
    assert len(desk.bench.ran("refund")) == 1


def with_the_asking_server(ledger: Path) -> dict[str, Any]:
    document = configuration(toolset="asking")
    server = {"command": "python", "args": [str(FAKES / "mcp_asks.py")], "env": {"LEDGER": str(ledger)}}
    document["connectors"].append({"name": "asks", "kind": "mcp_stdio", **server})
    tools = [{"connector": "asks", "tool": "deliver", "risk": "write"}]
    document["toolsets"].append(Toolset.model_validate({"name": "asking", "tools": tools}).model_dump(mode="json"))
    return document


async def test_a_real_server_is_answered_after_it_and_this_program_were_restarted(tmp_path: Path) -> None:
    ledger, clock = tmp_path / "ledger", Clock()
    async with open_desk(tmp_path / "desk", with_the_asking_server(ledger), clock=clock) as desk:
        await desk.runtime.registry.definitions("asks", wait_seconds=60)
        desk.models.script = in_turn(ask("deliver", parcel=7), "Done.")
        session_id = await desk.start()
        session = await desk.until(session_id, lambda s: bool(waiting(s)))
        await desk.decide(the_waiting(session))  # the call itself is a write
        session = await desk.until(session_id, lambda s: any(one.kind == "input" for one in waiting(s)))
        await desk.idle()
    clock.passes(20 * 3600)
    async with open_desk(tmp_path / "desk", clock=clock) as desk:
        desk.models.script = in_turn(ask("deliver", parcel=7), "Done.")
        (item,) = await desk.pending(session_id)
        assert item["form"]["message"] == "Where does parcel 7 go? <b>Please</b>"
        await desk.decide(item, "answer", new_arguments='{"building":"North","floor":3,"urgency":"today"}')
        await desk.until(session_id, lambda s: s.result == "answered")
        (decided,) = [one for one in await desk.events(session_id, ApprovalDecided) if one.decision == "answer"]
        assert decided.by == "olga"
    lines = [line for line in ledger.read_text().splitlines() if line.startswith("parcel")]
    assert lines == ["parcel 7 to North, floor 3, today, False"]
