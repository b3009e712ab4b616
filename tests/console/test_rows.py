"""What each kind of event becomes in the timeline."""

import json
from pathlib import Path
from typing import Any

import pytest

from console import rows
from store.events import EVENT
from store.references import shown_refs

GOLDEN = Path(__file__).parents[1] / "store" / "golden"
AT = "2026-03-02T12:00:00Z"
SEQ = 7
DETAILS = {
    "arguments_json": '{"amount":412.0,"order":1043}',
    "raw": None,
    "reasoning": {"need": "money back", "source": "crm", "therefore": "refund", "alternatives": []},
    "effect": "Refund order 1043, amount 412.0",
    "problems": [],
}
CONTENTS: dict[str, Any] = {
    "title": "Refund 1043", "inputs": {"order": 1043}, "text": "Refund it, please.", "note": "amount must be a number",
    "answer": "Refunded **412**.", "details": DETAILS, "because": "Too much.", "shown": "ok",
    "arguments": '{"amount":400}', "question": "Which order is it?", "asked": {"act": []},
    "form": {"message": "Where to?"}, "summary": "So far: two refunds.", "passages": "[5] The tent was green.",
}  # fmt: skip
OUTPUTS = {"ModelReplied": {"text": "I look first.", "calls": []}, "ToolFinished": {"ok": True}}
TYPES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def event(type_: str, **changes: Any) -> dict[str, Any]:
    """The golden event as `store.queries.events` would give it."""
    data = json.loads((GOLDEN / f"{type_}.json").read_text())
    del data["type"], data["v"]
    contents = {**CONTENTS, "output": OUTPUTS.get(type_)}
    data |= {name: contents[name] for name in shown_refs(type_, data)}
    if "approval_id" in data:
        data["approval_id"] = "S-4c1f.3.1.1"
    return {"seq": SEQ, "type": type_, "v": 1, "at": AT, "status": "running", "data": {**data, **changes}}


def only(type_: str, **changes: Any) -> dict[str, Any]:
    (patch,) = rows.patches(event(type_, **changes))
    return patch


def test_every_kind_of_event_has_its_own_rows() -> None:
    branches = EVENT.json_schema()["$defs"].values()
    known = {branch["properties"]["type"]["const"] for branch in branches if _is_event(branch)}
    assert known == set(rows._ROWS) == set(TYPES)


def _is_event(branch: dict[str, Any]) -> bool:
    return "const" in branch.get("properties", {}).get("type", {})


@pytest.mark.parametrize("type_", TYPES)
def test_a_patch_names_its_row_and_its_event_and_can_be_sent(type_: str) -> None:
    for patch in rows.patches(event(type_)):
        assert patch["key"] and patch["seq"] == SEQ
        assert ("kind" in patch) == ("at" in patch)
        json.dumps(patch)


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_whose_contents_were_erased_still_has_rows(type_: str) -> None:
    one = event(type_)
    erased = dict.fromkeys(shown_refs(type_, one["data"]))
    rows.patches({**one, "data": {**one["data"], **erased, "erased": True}})


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_whose_contents_are_too_long_to_parse_still_has_rows(type_: str) -> None:
    one = event(type_)
    cut = dict.fromkeys(shown_refs(type_, one["data"]), '{"arguments_json": "' + "x" * 20_000)
    for patch in rows.patches({**one, "data": {**one["data"], **cut, "truncated": True}}):
        assert len(str(patch.get("arguments", ""))) <= rows.SHORT + 1


def test_inputs_are_shown_where_there_are_some() -> None:
    assert only("SessionStarted")["text"] == '{"order": 1043}'
    assert rows.patches(event("SessionStarted", inputs=None)) == []


def test_a_message_that_opens_a_turn_stands_under_its_heading() -> None:
    heading, message = rows.patches(event("MessageReceived", opens_turn=True, turn=2))
    assert (heading["kind"], heading["turn"]) == ("turn", 2)
    assert (message["who"], message["text"], message["hint"]) == ("ann", "Refund it, please.", "turn 2")


def test_a_message_to_a_session_at_work_is_queued() -> None:
    assert only("MessageReceived", opens_turn=False)["hint"] == "turn 2, read at the next step"


def test_a_reply_is_a_step_with_its_tokens_cost_and_times() -> None:
    step = only("ModelReplied")
    assert (step["key"], step["tokens_in"], step["tokens_cached"], step["tokens_out"]) == ("step-3", 1020, 100, 40)
    assert (step["cost_usd"], step["latency_ms"], step["first_token_ms"]) == (0.0125, 812.5, 90.25)
    assert step["said"] == "I look first." and step["words"] is None and step["closing"]


def test_an_answer_is_not_said_twice() -> None:
    assert only("ModelReplied", calls=0)["said"] == ""


def test_a_cost_that_is_not_known_stays_unknown() -> None:
    assert only("ModelReplied", cost_usd=None)["cost_usd"] is None


def test_models_that_all_failed_are_named_in_the_place_of_the_step() -> None:
    failed = only("ModelFailed")
    assert (failed["key"], failed["tone"]) == ("step-3", "bad")
    assert failed["more"] == ["openai/gpt-test: Timeout, no answer in 120 s"]


def test_a_call_comes_with_its_tool_risk_arguments_and_reasoning() -> None:
    call = only("CallProposed")
    assert (call["key"], call["tool"], call["risk"], call["state"]) == ("call-3.1", "refund_order", "write", "held")
    assert call["arguments"] == DETAILS["arguments_json"] and call["reasoning"]["need"] == "money back"


def test_a_call_that_could_not_be_read_shows_what_the_model_wrote_and_what_is_wrong() -> None:
    details = {**DETAILS, "arguments_json": None, "raw": "{not json", "problems": ["The arguments are not JSON."]}
    call = only("CallProposed", state="invalid", details=details)
    assert call["arguments"] == "{not json" and call["problems"] == ["The arguments are not JSON."]


def test_changed_arguments_name_who_changed_them() -> None:
    assert only("CallRevised")["edited_by"] == "ben"


def test_a_call_runs_and_ends() -> None:
    assert only("ToolStarted")["state"] == "executing"
    done = only("ToolFinished", state="failed")
    assert (done["state"], done["output"]) == ("failed", '{"ok": true}')


def test_a_request_makes_its_call_wait_and_a_decision_ends_that() -> None:
    waits = only("ApprovalRequested", kind="call")
    assert (waits["key"], waits["state"], waits["approval"]["id"]) == ("call-3.1", "held", "S-4c1f.3.1.1")
    rejected = only("ApprovalDecided", decision="reject", status="rejected")
    assert (rejected["key"], rejected["state"], rejected["approval"]) == ("call-3.1", "rejected", None)
    assert (rejected["decided_by"], rejected["decision_because"]) == ("ben", "Too much.")


def test_after_the_first_of_two_decisions_the_call_still_waits() -> None:
    assert "approval" not in only("ApprovalDecided", decision="approve", status="pending")


def test_a_request_about_a_lost_outcome_says_so() -> None:
    assert only("ApprovalRequested", kind="unknown_outcome", expires_at=None)["state"] == "unknown"


def test_what_nobody_decided_or_was_taken_back_waits_no_longer() -> None:
    assert (only("ApprovalExpired")["state"], only("ApprovalExpired")["approval"]) == ("expired", None)
    assert only("ApprovalVoided")["approval"] is None
    assert only("CallWithdrawn")["state"] == "cancelled"


def test_an_outcome_is_unknown_until_a_person_settles_it() -> None:
    assert only("OutcomeUnknown")["state"] == "unknown"
    assert only("OutcomeSettled", happened=True)["state"] == "succeeded"
    assert "did not happen" in only("OutcomeSettled", happened=False)["output"]


EVIDENCE = [
    {"path": "/order", "value": "1043", "origin": "nowhere", "near": "the user wrote 1034", "trusted": True},
    {"path": "/amount", "value": "412.0", "origin": "tool", "near": None, "trusted": True},
    {"path": "/note", "value": '"VIP"', "origin": "tool", "near": None, "trusted": False},
    {"path": "/id", "value": '"C-9"', "origin": "nowhere", "near": None, "trusted": True},
]


def test_only_the_values_of_a_call_that_give_pause_are_named() -> None:
    warned = only("CallProposed", details={**DETAILS, "evidence": EVIDENCE})["warnings"]
    assert [(one["kind"], one["path"], one["words"]) for one in warned] == [
        ("none", "order", "the user wrote 1034"),
        ("none", "id", "invented?"),
        ("weak", "note", "only a tool’s text says so"),
    ]


def test_a_call_that_was_changed_is_warned_about_anew() -> None:
    assert only("CallRevised", details={**DETAILS, "evidence": EVIDENCE[1:2]})["warnings"] == []


def test_a_verified_call_carries_what_each_model_said_dissent_first() -> None:
    call = only("CallVerified")
    assert (call["key"], call["state"]) == ("call-3.1", "held") and "kind" not in call
    checked = call["checked"]
    assert [one["verdict"] for one in checked["parts"]] == ["deny", "allow"]
    assert [one["words"] for one in checked["chips"]] == ["policy: allow", "1 deny"]
    assert checked["dissent"] == "second: The amount is not in the request." and checked["parts"][0]["path"] == "amount"
    assert checked["numbers"] == "$0.0042 · 312 ms"


def test_a_price_that_is_partly_unknown_is_not_shown_as_one() -> None:
    seats = event("CallVerified")["data"]["seats"]
    seats[0]["cost_usd"] = None
    assert only("CallVerified", seats=seats)["checked"]["numbers"] == "312 ms"


def test_what_is_missing_is_asked_and_why_is_one_click_away() -> None:
    asks = only("InputChecked")
    assert (asks["title"], asks["text"]) == ("The agent asks", "Which order is it?")
    assert asks["long"] == "No order is named." and asks["numbers"] == "second · $0.0021 · 320 ms"


def test_a_request_that_says_enough_is_a_quiet_note() -> None:
    note = only("InputChecked", verdict="enough", question=None)
    assert (note["tone"], note["text"]) == ("plain", "No order is named.")


def test_the_best_of_several_replies_is_named_with_all_the_others() -> None:
    candidates = event("BestPicked")["data"]["candidates"]
    candidates[1]["output"] = {"text": "Here.", "calls": [{"name": "refund", "arguments": '{"id":1}'}]}
    best = only("BestPicked", candidates=candidates)
    assert best["title"] == "Best of 2: the second was taken" and best["text"].startswith("It names the order")
    assert [one["word"] for one in best["parts"]] == ["not usable", "taken"]
    assert best["parts"][1]["because"] == 'Here.\nrefund {"id":1}'


def test_a_summary_says_which_turns_it_tells_and_how_much_shorter() -> None:
    band = only("Summarised")
    assert (band["title"], band["text"]) == ("Turns 1–6 are now told as a summary", "28.0k → 9.0k tokens")
    assert (band["tone"], band["long"]) == ("plum", "So far: two refunds.")


def test_a_session_handed_to_another_agent_links_to_it() -> None:
    band = only("HandedOver")
    assert (band["title"], band["session"]) == ("Handed over to Refund clerk", "s2")
    assert only("HandedOver", to="person", session_id=None)["title"] == "Handed over to a person"


def test_what_was_recalled_says_what_for() -> None:
    band = only("PassagesRecalled")
    assert (band["title"], band["text"]) == ("Recalled 2 passages", "for “R-1034 refund”")


def test_a_nudge_warns_and_a_stop_is_bad() -> None:
    assert only("ProgressNoted")["tone"] == "warn" and only("ProgressNoted")["long"] == "amount must be a number"
    assert only("ProgressNoted", action="stop", note=None)["tone"] == "bad"


def test_a_step_says_why_it_went_to_another_model() -> None:
    assert only("ModelReplied", because="the first step is planned; first of plan")["route"] == (
        "plan: the first step is planned"
    )
    assert only("ModelReplied", role="act", because="first of act")["route"] == ""


def test_an_answer_is_markup_made_safe() -> None:
    answer = only("TurnEnded", answer="Refunded **412**. <img src=x onerror=alert(1)>", result="answered")
    assert "<strong>412</strong>" in answer["html"] and "<img" not in answer["html"]


NOTES = (
    "AnswerRefused", "SessionPaused", "SessionResumed", "SessionStopped", "StageEntered", "ToolSuspended",
    "SummaryFailed", "ResultsStubbed",
)  # fmt: skip


@pytest.mark.parametrize("type_", NOTES)
def test_what_happens_to_the_session_is_a_note(type_: str) -> None:
    note = only(type_)
    assert note["kind"] == "note" and note["title"] and note["text"]


def test_an_event_of_a_newer_program_is_shown_by_its_name() -> None:
    note = rows.patches({"seq": 9, "type": "Dreamed", "v": 3, "at": AT, "status": "running", "data": {"of": "sheep"}})
    assert (note[0]["title"], note[0]["text"]) == ("Dreamed", '{"of": "sheep"}')


@pytest.mark.parametrize("type_", TYPES)
def test_the_call_an_event_is_about_is_known(type_: str) -> None:
    about = rows.call_of(event(type_))
    named = {"call_id", "approval_id"} & set(event(type_)["data"])
    assert about == ("3.1" if named else None)


def test_a_servers_question_holds_its_call_and_is_told_in_a_row_of_its_own() -> None:
    call, note = rows.patches(event("InputRequired", call_id="7.1", form={"message": "Where to? <b>"}))
    assert (call["key"], call["state"]) == ("call-7.1", "held")
    assert (note["kind"], note["text"]) == ("note", "Where to? <b>")
    assert rows.patches(event("InputRequired", form=None))[1]["text"] == "[erased]"


def test_who_answered_a_servers_question_is_told_and_is_no_word_on_the_call() -> None:
    call, note = rows.patches(event("ApprovalDecided", decision="answer", arguments='{"floor":3}', by="Olga"))
    assert "decided_by" not in call
    assert (note["title"], note["who"], note["text"]) == ("Answered", "by Olga", '{"floor":3}')
    assert (
        rows.patches(event("ApprovalDecided", decision="decline", arguments=None))[1]["title"] == "Declined to answer"
    )
