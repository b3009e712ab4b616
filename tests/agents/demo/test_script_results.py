"""The scripted model before every form a tool's result takes, before renamed and missing tools, and before nonsense."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.demo.script import reply
from tests.agents.demo.test_script import ALL, CLERK, PARAMETERS, PRIVACY, REASONING, Conversation, Crm, tool

REFUND = "Please refund order 1043, the tent poles arrived cracked"
STOPS = {
    "Rejected by a person (wrong_amount): the poles cost 89 euros": "poles cost 89",
    "Denied by policy: refunds above 400 EUR need a manager": "manager",
    "Nobody decided in time, so the call did not run.": "in time",
    "A person answered instead of running the call: ask her for a photo first": "photo",
    "A person answered instead of running the call: she has 30 days to return it, don't refund": "30 days",
    "The tool failed: the payment service is down": "payment service",
    "A person confirmed that the call was not carried out.": "not carried out",
    '{"error": "closed books"}': "closed books",
    "The call did not run: the session was stopped": "session was stopped",
}


@pytest.mark.parametrize("content", STOPS)
def test_a_refund_that_did_not_run_is_told_and_never_confirmed_to_the_customer(content: str) -> None:
    talk = Conversation(crm=Crm(refund_order=[content]))
    answer = talk.say(REFUND)
    assert STOPS[content] in answer
    assert len(talk.refunds()) == 1 and talk.letters() == []


def test_changed_arguments_are_told_and_written() -> None:
    ran = {"reasoning": {}, "order_id": 1043, "amount": 89.0, "reason": "poles"}
    result = {"refund_id": "R-7", "order_id": 1043, "amount": 89.0, "refunded_total": 89.0, "remaining": 323.0}
    text = f"A person changed the arguments before approving. What ran: {json.dumps(ran)}\nResult: {json.dumps(result)}"
    talk = Conversation(crm=Crm(refund_order=[text]))
    answer = talk.say(REFUND)
    assert "colleague changed the amount from 412.00 EUR to 89.00 EUR" in answer
    assert "89.00 EUR" in talk.letters()[0]["body"] and "412" not in talk.letters()[0]["body"]


@pytest.mark.parametrize(
    "text", ["refund 30 instead", "make it 30 euros", "only 30 €", "30 is enough", "Please refund 30 EUR only"]
)
def test_a_person_who_answers_with_another_amount_gets_a_new_proposal(text: str) -> None:
    talk = Conversation(crm=Crm(refund_order=[f"A person answered instead of running the call: {text}"]))
    answer = talk.say(REFUND)
    assert talk.refunds() == [(1043, 412.0), (1043, 30.0)] and "30.00 EUR" in answer


def test_an_invalid_call_is_put_once_more_and_then_given_up() -> None:
    invalid = "The call is invalid and did not run: reasoning.need is too short"
    talk = Conversation(crm=Crm(refund_order=[invalid]))
    assert "I refunded" in talk.say(REFUND) and len(talk.refunds()) == 2
    talk = Conversation(crm=Crm(refund_order=[invalid, invalid]))
    assert "sorry" in talk.say(REFUND) and len(talk.refunds()) == 2 and talk.letters() == []


def test_a_call_whose_output_was_lost_counts_as_done() -> None:
    talk = Conversation(
        crm=Crm(refund_order=["A person confirmed that the call was carried out; its output was lost."])
    )
    assert "confirmed" in talk.say(REFUND) and len(talk.letters()) == 1


def test_an_unreadable_result_is_quoted() -> None:
    talk = Conversation(crm=Crm(get_order=['{"order_id": 1043, "customer_name": "Ann Be … [truncated]']))
    assert "Ann Be" in talk.say(REFUND) and talk.refunds() == []
    talk = Conversation(crm=Crm(refund_order=["booked, see ledger"]))
    assert "booked, see ledger" in talk.say(REFUND) and talk.letters() == []


@pytest.mark.parametrize("content", STOPS)
def test_an_erasure_that_did_not_run_is_told(content: str) -> None:
    talk = Conversation(PRIVACY, Crm(delete_customer=[content]))
    answer = talk.say("Please erase Henrik Solvang")
    assert STOPS[content] in answer and "has not been erased" in answer and len(talk.deleted()) == 1


@pytest.mark.parametrize("prefix", ["crm_", "crm.", "mcp__shop__"])
def test_prefixed_tools_and_another_reasoning_slot_are_recognised(prefix: str) -> None:
    talk = Conversation([tool(kind, prefix, "quarterdeck_reasoning") for kind in PARAMETERS])
    talk.say(REFUND)
    assert talk.refunds() == [(1043, 412.0)]
    block = json.loads(talk.messages[-5]["tool_calls"][0]["function"]["arguments"])["quarterdeck_reasoning"]
    assert "1043" in block["need"] and "412.00 EUR" in block["therefore"]
    assert all(other["tool"].startswith(prefix) for other in block["alternatives"])


def test_camel_case_and_unknown_required_parameters_are_filled() -> None:
    note = {"type": "object", "properties": {"level": {"enum": ["low", "high"]}}, "required": ["level"]}
    properties = {
        "why": REASONING,
        "orderId": {"type": "string"},
        "amount": {"type": "string"},
        "note": TEXT,
        "extra": note,
        "notify": {"type": "boolean"},
    }
    odd = {
        "name": "shopRefundOrder",
        "parameters": {"type": "object", "properties": properties, "required": list(properties)},
    }
    [call] = reply(
        [{"role": "user", "content": "refund 30 euros on order 1043"}], [{"type": "function", "function": odd}]
    ).calls
    assert (
        call.name == "shopRefundOrder" and call.arguments["orderId"] == "1043" and call.arguments["amount"] == "30.00"
    )
    assert call.arguments["extra"] == {"level": "low"} and call.arguments["notify"] is False


TEXT = {"type": "string"}


def test_a_tool_that_only_sounds_like_one_of_the_shop_is_never_called() -> None:
    def named(kind: str, name: str) -> dict[str, Any]:
        like = tool(kind)
        return {**like, "function": {**like["function"], "name": name}}

    lookalikes = [named("delete_customer", "remove_customer_tag"), named("get_customer", "get_customer_data")]
    assert not reply([{"role": "user", "content": "Please erase C-1050"}], lookalikes).calls
    assert not reply([{"role": "user", "content": "who is C-1050?"}], lookalikes[1:]).calls
    renamed = [named("delete_customer", "customers.erase"), named("find_customer", "searchCustomers")]
    [call] = reply([{"role": "user", "content": "Please erase C-1050"}], renamed).calls
    assert call.name == "customers.erase" and call.arguments["customer_id"] == "C-1050"


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        (REFUND, PRIVACY),
        ("erase Henrik Solvang", CLERK),
        ("write to C-1042 that all is well", PRIVACY),
        (REFUND, []),
        ("what does ticket 7012 say?", PRIVACY),
    ],
)
def test_a_request_whose_tool_is_not_offered_is_declined_plainly(text: str, tools: list[dict[str, Any]]) -> None:
    talk = Conversation(tools)
    assert "can't" in talk.say(text) and talk.called("refund_order", "delete_customer", "write_to_customer") == []


def test_orders_in_a_ticket_are_data() -> None:
    talk = Conversation()
    talk.say("handle ticket 7013")
    talk.say("refund ticket 7013")
    assert talk.refunds() == [] and talk.deleted() == []


def test_asked_to_answer_without_tools_it_tells_what_is_known() -> None:
    talk = Conversation()
    talk.messages.append({"role": "user", "content": REFUND})
    talk._run(reply(talk.messages, talk.tools))
    talk.messages.append({"role": "user", "content": "You have used all your steps. Answer now without calling tools."})
    answer = reply(talk.messages, [])
    assert not answer.calls and "1043" in answer.text and "not done" in answer.text


def test_an_answer_that_must_fit_a_schema_is_a_filled_object() -> None:
    talk = Conversation()
    talk.say(REFUND)
    schema = {"type": "object", "properties": {"order_id": {"type": "integer"}, "amount": {"type": "number"}, "refunded": {"type": "boolean"}, "summary": {"type": "string"}}, "required": ["order_id", "amount", "refunded", "summary"]}  # fmt: skip
    made = json.loads(talk.say(f"The answer did not fit the JSON schema. Answer with JSON only: {json.dumps(schema)}"))
    assert (
        made["order_id"] == 1043
        and made["amount"] == 412.0
        and made["refunded"] is True
        and "412.00" in made["summary"]
    )
    assert len(talk.refunds()) == 1


def test_the_same_messages_get_the_same_answer_and_are_left_alone() -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": REFUND}]}]
    before = json.dumps(messages)
    assert reply(messages, ALL) == reply(messages, ALL) and json.dumps(messages) == before


WORDS = """refund erase delete order 1043 1044 1050 ticket 7012 7013 C-1042 C-9 Ann Beck Maria Henrik Solvang € 30 20% half all only the
stove it her yes no and also which what ? , . write to ann@x.org that money back last make instead euros 12,50 $5 not don't forget GDPR
everything first both : customer status hello thanks find email name is one of two""".split()
CONTENTS = [*STOPS, "", "[]", "{}", "null", '{"customers": 3}', '{"orders": [{}]}', "[1, 2]", "The call is invalid and did not run: no", "{broken",
            "A person changed the arguments before approving. What ran: {bad\nResult: ", "A person answered instead of running the call: 30"]  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=14), min_size=1, max_size=3), st.integers(0, 10**6))
def test_word_salad_always_ends_and_never_repeats_a_call(said: list[list[str]], seed: int) -> None:
    chance = random.Random(seed)
    strange = {kind: chance.choices(CONTENTS, k=2) for kind in PARAMETERS if chance.random() < 0.3}
    talk = Conversation([one for one in ALL if chance.random() < 0.9], Crm(**strange))
    for words in said:
        start = len(talk.crm.ran)
        talk.say(" ".join(words))
        made = [json.dumps(call, sort_keys=True) for call in talk.crm.ran[start:]]
        assert all(made.count(one) <= 2 for one in made)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert Conversation().say(text)
