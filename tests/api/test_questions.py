"""A server's question through the API: its form, and answers that do not fit it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from agents.forms import Question, form_of
from console.api.approvals import _as_sent
from store.event_log import EventLog
from store.events import CallState, InputRequired, MessageReceived, SessionStarted, Status
from store.payloads import Payload, seal
from store.times import utc_now
from tests.store import scenes

from .conftest import Quarterdeck
from .desk_work import APPROVALS, SESSIONS, decided, is_problem

FIELDS = {"type": "object", "properties": {"floor": {"type": "integer"}}, "required": ["floor"]}
FORM = form_of((Question(key="place", message="Which floor?", fields=FIELDS),))


async def ask(log: EventLog, id_: str) -> None:
    text, asked, state = seal("Deliver it."), seal(FORM.model_dump_json()), seal("a note of its own")
    output, call = seal('{"text": "", "calls": []}'), seal('{"arguments_json":"{}","effect":"Deliver"}')
    expires = utc_now() + timedelta(days=3)
    pins = {"agent": 1, "toolset": 1, "policy": 1}
    facts: list[tuple[Any, tuple[Payload, ...]]] = [
        (SessionStarted(agent="Refund clerk", pins=pins, title=text.ref, by="ann"), (text,)),
        (MessageReceived(text=text.ref, turn=1, opens_turn=True, by="Ann"), ()),
        (scenes.replied(1, output, output), (output,)),
        (scenes.proposed(call, call_id="1.1", state=CallState.ALLOWED), (call,)),
        (scenes.started(approval_id=None, call_id="1.1"), ()),
        (InputRequired(call_id="1.1", attempt=1, form=asked.ref, request_state=state.ref), (asked, state)),
        (scenes.requested(call, f"{id_}.1.1", "1.1", kind="input", expires_at=expires), ()),
    ]
    for event, payloads in facts:
        await scenes.record(log, id_, event, status=Status.WAITING_APPROVAL, payloads=payloads)


@pytest.fixture
def question(quarterdeck: Quarterdeck, operator: httpx.Client) -> dict[str, Any]:
    id_ = "S-question"
    if operator.get(f"{SESSIONS}/{id_}").status_code == 404:
        quarterdeck.run(ask(quarterdeck.desk.runtime.log, id_))
    return dict(operator.get(f"{APPROVALS}/{id_}.1.1").json())


def test_the_question_comes_with_its_form(question: dict[str, Any]) -> None:
    assert question["kind"] == "input"
    assert question["form"]["message"] == "Which floor?"
    assert question["form"]["schema"] == FIELDS
    assert question["form"]["refused"] is None


def test_the_servers_own_note_is_shown_to_nobody(operator: httpx.Client, question: dict[str, Any]) -> None:
    events = operator.get(f"{SESSIONS}/S-question/events").json()["items"]
    (asked,) = [one for one in events if one["type"] == "InputRequired"]
    assert asked["data"]["request_state"] is True
    assert asked["data"]["form"]["message"] == "Which floor?"
    assert "a note of its own" not in str(events) + str(question)


def test_answers_that_do_not_fit_are_refused_by_their_places(operator: httpx.Client, question: dict[str, Any]) -> None:
    problem = is_problem(decided(operator, question, "answer", arguments={"floor": "three"}), 422)
    assert problem["problems"] == ["/arguments/floor: 'three' is not of type 'integer'"]
    is_problem(decided(operator, question, "approve"), 422)
    is_problem(decided(operator, question, "decline", arguments={}), 422)


def test_a_viewer_answers_nothing(viewer: httpx.Client, question: dict[str, Any]) -> None:
    is_problem(decided(viewer, question, "answer", arguments={"floor": 3}), 403)


def test_an_identical_answer_is_recognised() -> None:
    recorded = {"decision": "answer", "arguments_json": '{"floor":3}', "because": None, "code": None}
    assert _as_sent(recorded) == ("answer", '{"floor":3}', None, None)
    assert _as_sent(recorded | {"decision": "approve"})[0] == "edit"
