"""What pages and the API read."""

import json
from typing import Any

import pytest

from store.database import Database, run
from store.errors import BadCursor
from store.event_log import EventLog
from store.events import MessageReceived, Prompt, Status, TurnEnded
from store.payloads import seal
from store.queries import Queries

from .scenes import Clock, decided, finished, hold, record, replied, start, started

pytestmark = pytest.mark.asyncio


async def all_pages(listing: Any, **filters: Any) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = await listing(limit=2, cursor=cursor, **filters)
        ids += [item["id"] for item in page.items]
        if (cursor := page.next_cursor) is None:
            return ids


async def test_sessions_are_listed_newest_first_page_by_page(log: EventLog, queries: Queries, clock: Clock) -> None:
    for n in range(5):
        await start(log, f"s{n}")
        clock.advance(seconds=n % 2)
    assert await all_pages(queries.sessions) == ["s4", "s3", "s2", "s1", "s0"]


async def test_sessions_are_found_by_title_id_agent_and_status(log: EventLog, queries: Queries) -> None:
    await start(log, "s1", "Refund 50% of order_7", "Refund clerk")
    await start(log, "s2", "Erase customer 9", "Privacy officer")
    await hold(log, "s3")
    found = lambda **filters: all_pages(queries.sessions, **filters)  # noqa: E731
    assert await found(q="50%") == ["s1"]
    assert await found(q="r_7") == ["s1"]
    assert await found(q="%") == ["s1"]
    assert await found(q="ERASE") == ["s2"]
    assert await found(q="s3") == ["s3"]
    assert await found(q="privacy") == ["s2"]
    assert await found(agent="Privacy officer") == ["s2"]
    assert await found(status="waiting_approval") == ["s3"]
    assert await found(q="' OR 1=1 --") == []


async def test_the_inbox_lists_pending_requests_oldest_first(log: EventLog, queries: Queries, clock: Clock) -> None:
    for n in range(5):
        await hold(log, f"s{n}", f"a{n}")
        clock.advance(seconds=1)
    await record(log, "s1", decided("a1"))
    assert await all_pages(queries.inbox) == ["a0", "a2", "a3", "a4"]
    assert await all_pages(queries.inbox, status="approved") == ["a1"]
    assert await all_pages(queries.inbox, status=None) == ["a4", "a3", "a2", "a1", "a0"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "ä", "W10", "WyJpZCIsMSwyXQ"])
async def test_a_made_up_cursor_is_refused_with_a_sentence(queries: Queries, cursor: str) -> None:
    with pytest.raises(BadCursor, match="does not belong to this list"):
        await queries.sessions(cursor=cursor)


async def test_an_approval_shows_all_the_contract_promises(log: EventLog, queries: Queries) -> None:
    await hold(log)
    found = await queries.approval("a1")
    assert found is not None
    assert set(found) >= {
        "id", "kind", "session_id", "call_id", "connector", "tool", "arguments", "arguments_json", "action_digest",
        "definition_hash", "reasoning", "evidence", "checks", "risk", "verify", "release", "because", "status",
        "requested_at", "expires_at", "required", "decisions", "supersedes", "superseded_by",
    }  # fmt: skip
    assert found["arguments"] == {"amount": 412.0, "order": 1043}
    assert found["arguments_json"] == '{"amount":412.0,"order":1043}'
    assert found["reasoning"]["need"] == "money back"
    assert (found["effect"], found["title"]) == ("Refund order 1043, amount 412.0", "Refund order 1043")
    assert await queries.approval("a9") is None


async def test_a_decision_shows_its_reason(log: EventLog, queries: Queries) -> None:
    await hold(log)
    reason = seal("Wrong customer.")
    rejected = decided(decision="reject", status="rejected", because=reason.ref, code="wrong_target", run_by=None)
    await record(log, "s1", rejected, payloads=[reason])
    decision = (await queries.approval("a1"))["decisions"][0]  # type: ignore[index]
    assert (decision["because"], decision["code"], decision["by"]) == ("Wrong customer.", "wrong_target", "ben")


async def test_an_open_approval_shows_what_was_written_since(log: EventLog, queries: Queries) -> None:
    await hold(log)
    text = seal("Stop, it was order 1044!")
    message = MessageReceived(text=text.ref, turn=1, opens_turn=False, by="ann")
    await record(log, "s1", message, status=Status.WAITING_APPROVAL, payloads=[text])
    later = (await queries.approval("a1"))["later_messages"]  # type: ignore[index]
    assert [(each["by"], each["text"]) for each in later] == [("ann", "Stop, it was order 1044!")]


async def test_a_session_shows_all_the_contract_promises(log: EventLog, queries: Queries) -> None:
    await hold(log)
    found = await queries.session("s1")
    assert found is not None
    assert set(found) >= {
        "id", "agent", "title", "status", "result", "because", "answer", "turn", "steps", "tool_calls",
        "working_seconds", "waiting_seconds", "cost_usd", "usage", "context", "approvals",
    }  # fmt: skip
    assert (found["approvals"], found["pins"], found["started_by"]) == (["a1"], {"agent": 1}, "ann")
    assert json.dumps(found)
    assert await queries.session("s9") is None


async def test_a_title_is_cut_at_120_characters(log: EventLog, queries: Queries) -> None:
    await start(log, title="x" * 500)
    assert (await queries.session("s1"))["title"] == "x" * 120  # type: ignore[index]


async def test_events_show_contents_in_place_of_refs(log: EventLog, queries: Queries) -> None:
    await hold(log)
    output = seal('{"refund": 7}')
    await record(log, "s1", decided(), started(), finished(output), payloads=[output])
    events = {each["type"]: each for each in await queries.events("s1")}
    assert events["MessageReceived"]["data"]["text"] == "Refund order 1043"
    assert events["ModelReplied"]["data"]["output"] == {"text": "", "calls": []}
    assert events["CallProposed"]["data"]["details"]["effect"] == "Refund order 1043, amount 412.0"
    assert events["ToolFinished"]["data"]["output"] == {"refund": 7}
    assert len(events["ModelReplied"]["data"]["prompt"]["parts"][0]) == 64, "prompts stay references"
    assert set(events["ToolFinished"]) == {"seq", "type", "v", "at", "status", "data"}
    assert [each["seq"] for each in await queries.events("s1", tail=2)] == [7, 8]


@pytest.mark.parametrize("text", ["plain", '"text"', "42", '{"n": NaN}', "[1e400]", '{"half": "\\ud800"}', "[" * 90_00])
async def test_outputs_that_json_cannot_carry_on_stay_text(log: EventLog, queries: Queries, text: str) -> None:
    await hold(log)
    output = seal(text)
    await record(log, "s1", decided(), started(), finished(output), payloads=[output])
    shown = (await queries.events("s1", tail=1))[0]["data"]["output"]
    assert shown == text
    assert json.dumps(shown, ensure_ascii=False, allow_nan=False).encode()


async def test_a_long_content_is_cut_and_says_so(log: EventLog, queries: Queries) -> None:
    await hold(log)
    output = seal("y" * 30_000)
    await record(log, "s1", decided(), started(), finished(output), payloads=[output])
    data = (await queries.events("s1", tail=1))[0]["data"]
    assert (len(data["output"]), data["truncated"]) == (20_000, True)
    assert await queries.payload("s1", output.ref) == "y" * 30_000


async def test_an_erased_content_says_so(log: EventLog, queries: Queries, database: Database) -> None:
    await start(log)
    await database.write(lambda c: run(c, "UPDATE payloads SET salt = NULL, content = NULL").rowcount)
    data = (await queries.events("s1"))[1]["data"]
    assert (data["text"], data["erased"]) == (None, True)


async def test_an_event_of_a_newer_program_is_still_shown(log: EventLog, queries: Queries, database: Database) -> None:
    await start(log)
    sql = """INSERT INTO events (session_id, seq, type, v, at, status, data, hash)
        VALUES ('s1', 3, 'ShipSailed', 4, '2026-03-02T12:00:00.000000Z', 'running', '{"wind": "north"}', x'00')"""
    await database.write(lambda c: run(c, sql).rowcount)
    assert (await queries.events("s1"))[-1]["data"] == {"wind": "north"}


async def test_a_prompt_is_rebuilt_from_its_parents_exactly(log: EventLog, queries: Queries) -> None:
    await start(log)
    messages = [{"role": "user", "content": f"message {n} \x00 ü"} for n in range(4)]
    parts = [seal(json.dumps([message])) for message in messages]
    tools, output = seal('{"tools": [{"name": "refund_order"}], "candidates": []}'), seal("{}")
    prompts = [
        Prompt(parts=(parts[0].ref, parts[1].ref), tools=tools.ref),
        Prompt(parent=3, parts=(parts[2].ref,), tools=tools.ref),
        Prompt(parent=4, parts=(parts[3].ref,), tools=tools.ref, parameters={"temperature": 0.5}),
    ]
    replies = [replied(n, output, parts[0], prompt=prompt) for n, prompt in enumerate(prompts, 1)]
    await record(log, "s1", *replies, payloads=[*parts, tools, output])
    sent = await queries.prompt("s1", 5)
    assert sent == {
        "model": "offline/operator",
        "messages": messages,
        "tools": [{"name": "refund_order"}],
        "parameters": {"temperature": 0.5},
    }
    assert (await queries.prompt("s1", 3))["messages"] == messages[:2]  # type: ignore[index]
    assert await queries.prompt("s1", 1) is None


async def test_counts_say_how_many_wait(log: EventLog, queries: Queries) -> None:
    await start(log, "s1")
    await hold(log, "s2", "a2")
    await start(log, "s3")
    await record(log, "s3", TurnEnded(turn=1, result="answered", because="done"), status=Status.COMPLETED)
    counts = await queries.counts()
    assert counts["pending"] == 1
    assert {status: n for status, n in counts["sessions"].items() if n} == {
        "queued": 1, "waiting_approval": 1, "completed": 1,
    }  # fmt: skip
