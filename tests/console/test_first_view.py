"""The first view of a session: the same rows as the timeline's, merged the same way, and nothing in it is markup."""

import re
from typing import Any

import pytest

from console import rows
from console.components.first_view import FirstView, merged
from console.components.timeline_rows import row_html
from store.people import Role
from tests.browser.records import EVIL
from tests.console.test_rows import CONTENTS, DETAILS, TYPES, event

MARKUP = re.compile(r"<(script|img|iframe|style|object)\b", re.I)


def view(found: list[dict[str, Any]], **changes: Any) -> str:
    values = {"base": "/desk", "role": Role.OPERATOR, "head": "<h1>Tent</h1>", "rail": "<div>rail</div>", "whole": True}
    return FirstView(**{**values, "rows": found, **changes}).html()


def call(**changes: Any) -> dict[str, Any]:
    """A row of a call with what came of it."""
    patches = rows.patches(event("CallProposed", state="allowed", risk="read"))
    return {**merged(patches)[0], **changes}


def test_what_comes_later_joins_the_row_it_is_about() -> None:
    events = [event("CallProposed"), event("ToolStarted"), event("ToolFinished", state="succeeded")]
    (row,) = merged(patch for one in events for patch in rows.patches(one))
    assert (row["state"], row["output"]) == ("succeeded", '{"ok": true}') and row["kind"] == "call"


def test_what_comes_before_its_row_waits_for_it() -> None:
    late = [
        *rows.patches(event("ApprovalRequested", kind="call")),
        *rows.patches(event("CallProposed", state="allowed")),
    ]
    (row,) = merged(late)
    assert row["approval"]["id"] == "S-4c1f.3.1.1" and row["state"] == "held"


def test_what_belongs_to_rows_further_back_is_left_out() -> None:
    assert merged(rows.patches(event("ToolFinished"))) == []


@pytest.mark.parametrize("type_", TYPES)
def test_no_text_of_any_event_becomes_markup(type_: str) -> None:
    evil = {name: EVIL for name in CONTENTS if name not in ("details", "inputs", "asked")}
    evil["details"] = {**DETAILS, "arguments_json": EVIL, "effect": EVIL, "problems": [EVIL], "evidence": DOUBTED}
    one = event(type_)
    one["data"] = {name: evil.get(name, _spoilt(value, name)) for name, value in one["data"].items()}
    if type_ == "CallVerified":
        one["data"]["call_id"] = "3.1"
    patches = [*rows.patches(event("CallProposed", details=evil["details"])), *rows.patches(one)]
    html = "".join(row_html(row) for row in merged(patches))
    assert html and not MARKUP.search(html) and "onerror=alert(1)&gt;" in html


DOUBTED = [{"path": f"/{EVIL}", "value": EVIL, "origin": "nowhere", "near": EVIL, "trusted": True}]
WORDS = (
    "because",
    "by",
    "profile",
    "query",
    "agent",
    "session_id",
    "stage",
    "tool",
    "message",
    "model",
    "error",
    "clause",
)


def _spoilt(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _spoilt(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_spoilt(one, name) for one in value]
    return EVIL if name in WORDS and isinstance(value, str) else value


def test_halves_of_characters_can_be_sent() -> None:
    view([call(arguments='{"note":"\ud83d"}')]).encode()


def test_a_call_is_drawn_with_its_state_and_what_came_of_it() -> None:
    html = row_html(call(state="succeeded", output="sent", latency_ms=1250.0))
    assert "crm.refund_order" in html and ">read</span>" in html and ">sent</code>" in html and "1.3 s" in html


def test_a_call_that_models_look_at_is_being_checked() -> None:
    assert "being checked" in row_html(call(state="proposed"))


def test_what_waits_shows_its_effect_and_why() -> None:
    asked = [*rows.patches(event("CallProposed")), *rows.patches(event("ApprovalRequested", kind="call"))]
    html = row_html(merged(asked)[0])
    assert "qd-wait" in html and DETAILS["effect"] in html


def test_few_rows_begin_at_the_top_and_the_newest_of_many_end_at_the_foot() -> None:
    assert "qd-at-top" in view([call()]) and "qd-at-foot" in view([call()], whole=False)


def test_it_shows_the_places_of_ones_role_and_no_box_to_who_may_not_write() -> None:
    assert "Message the agent." in view([]) and "/desk/sessions/new" in view([])
    seen = view([], role=Role.VIEWER)
    assert "Message the agent." not in seen and "/desk/sessions/new" not in seen and "/desk/inbox" in seen
