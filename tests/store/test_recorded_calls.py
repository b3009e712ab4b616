"""Recorded calls, read back with what people decided and what their session had cost by then."""

from typing import Any

import pytest

from store.event_log import EventLog
from store.events import ApprovalExpired, ApprovalStatus, CallState
from store.payloads import seal
from store.queries import Queries, recorded_calls
from store.times import to_text

from .scenes import DETAILS, NOON, Clock, decided, hold, proposed, record, replied, requested, start

pytestmark = pytest.mark.asyncio


async def read(queries: Queries, since: str = "", *agents: str, costs: bool = False) -> list[dict[str, Any]]:
    return [one async for some in queries.recorded_calls(since, agents, costs=costs) for one in some]


async def test_each_judged_call_comes_with_its_details_and_the_decision_about_it(
    log: EventLog, queries: Queries
) -> None:
    await hold(log, "s1", "a1")
    because = seal("Receipt is missing.")
    reject = decided("a1", decision="reject", status=ApprovalStatus.REJECTED, run_by=None, because=because.ref)
    await record(log, "s1", reject, payloads=[because])
    await hold(log, "s2", "a2")
    await record(log, "s2", ApprovalExpired(approval_id="a2", because="Nobody decided."))
    await hold(log, "s3", "a3")
    first, second, third = await read(queries)
    assert (first["decision"], first["decided_by"], first["decided_because"]) == ("rejected", "ben", because.content)
    assert (first["agent"], first["details"], first["event"]["own_name"]) == ("Refund clerk", DETAILS, "refund")
    assert (second["decision"], second["decided_by"]) == ("expired", None)
    assert third["decision"] is None


async def test_an_edit_says_more_than_the_approval_it_became(log: EventLog, queries: Queries) -> None:
    await hold(log, "s1", "a1")
    edit = decided("a1", decision="edit", status=ApprovalStatus.SUPERSEDED, run_by=None, superseded_by="a2")
    await record(log, "s1", edit, requested(seal(DETAILS), "a2", supersedes="a1"))
    await record(log, "s1", decided("a2"))
    [one] = await read(queries)
    assert one["decision"] == "edited"


async def test_calls_that_made_no_sense_and_calls_of_long_ago_are_left_out(
    log: EventLog, queries: Queries, clock: Clock
) -> None:
    await hold(log, "s1", "a1")
    details = seal(DETAILS)
    await record(log, "s1", proposed(details, "1.1", CallState.INVALID), payloads=[details])
    clock.advance(days=2)
    await record(log, "s1", proposed(details, "1.2", CallState.ALLOWED))
    assert [one["event"]["call_id"] for one in await read(queries)] == ["1.0", "1.2"]
    clock.advance(days=1)
    assert [one["event"]["call_id"] for one in await read(queries, to_text(NOON.replace(day=3)))] == ["1.2"]


async def test_only_the_sessions_of_the_named_agents_are_read(log: EventLog, queries: Queries) -> None:
    await hold(log, "s1", "a1")
    assert await read(queries, "", "Somebody else") == []
    assert len(await read(queries, "", "Somebody else", "Refund clerk")) == 1


async def test_the_cost_is_that_of_everything_before_the_call_and_unknown_once_a_price_is(
    log: EventLog, queries: Queries
) -> None:
    await start(log)
    output, part, details = seal("{}"), seal("[]"), seal(DETAILS)
    payloads = [output, part, details]
    for step, cost in ((1, 0.25), (2, 0.5), (3, None)):
        call = proposed(details, f"{step}.0", CallState.ALLOWED)
        await record(log, "s1", replied(step, output, part, cost_usd=cost), call, payloads=payloads)
    assert [one["session_cost_usd"] for one in await read(queries, costs=True)] == [0.25, 0.75, None]
    assert [one["session_cost_usd"] for one in await read(queries)] == [None, None, None]


async def test_many_sessions_are_read_some_at_a_time_and_none_twice(
    log: EventLog, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_calls, "AT_ONCE", 2)
    for n in range(5):
        await hold(log, f"s{n}", f"a{n}")
    sizes = [len(some) async for some in queries.recorded_calls("")]
    assert sizes == [2, 2, 1]
