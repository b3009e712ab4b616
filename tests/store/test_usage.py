"""What models were used and what that cost, and what people decided: counted from recorded events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.event_log import EventLog
from store.events import ApprovalExpired, BestPicked, CallVerified, Candidate, Seat, Status, SummaryFailed, Usage
from store.payloads import seal
from store.queries import Queries
from store.queries.decisions import quantile
from store.queries.usage import midnight, projected

from .scenes import NOON, Clock, decided, hold, proposed, record, replied, requested, start

pytestmark = pytest.mark.asyncio
EARLIER = NOON - timedelta(days=30)
USED = Usage(input=10, cache_read=5, cache_write=2, output=3)


def said(profile: str = "small", cost: float | None = 0.01, verdict: Any = "allow", **changes: Any) -> Seat:
    kind = changes.pop("kind", "vote")
    used = changes.pop("usage", USED)
    return Seat(
        kind=kind, profile=profile, model="m/1", verdict=verdict, because="fits", usage=used, cost_usd=cost, **changes
    )


def verified(*seats: Seat) -> CallVerified:
    return CallVerified(
        call_id="1.0", verify="consensus", verdict="allow", because="agreed", seats=seats, asked="a" * 64,
        state="allowed", release="allow", latency_ms=1.0,
    )  # fmt: skip


async def verify(log: EventLog, *seats: Seat, session_id: str = "s1") -> None:
    """A call that waits for its verification, and what came of that."""
    details = seal("{}")
    call = proposed(details, state="proposed")
    await record(log, session_id, call, verified(*seats), payloads=[details])


async def reply(log: EventLog, session_id: str = "s1", **changes: Any) -> None:
    output, part = seal('{"text": "", "calls": []}'), seal('{"role": "user", "content": "hi"}')
    await record(log, session_id, replied(1, output, part, **changes), payloads=[output, part])


async def test_replies_are_added_up_by_day_profile_and_model(log: EventLog, queries: Queries, clock: Clock) -> None:
    await start(log)
    await reply(log, cache_saved_usd=0.5)
    await reply(log, cost_usd=None)
    await reply(log, profile="big", model="m/2")
    clock.advance(days=1)
    await reply(log)
    rows = await queries.usage(EARLIER)
    assert [(r["day"], r["profile"], r["model"], r["calls"], r["cost_usd"], r["unknown"]) for r in rows] == [
        ("2026-03-02", "big", "m/2", 1, 0.25, 0),
        ("2026-03-02", "scripted", "offline/operator", 2, 0.25, 1),
        ("2026-03-03", "scripted", "offline/operator", 1, 0.25, 0),
    ]
    assert rows[1] == {
        "day": "2026-03-02", "profile": "scripted", "model": "offline/operator", "purpose": "agent", "calls": 2,
        "input": 1800, "cache_read": 200, "cache_write": 40, "output": 80, "cost_usd": 0.25, "unknown": 1,
        "saved_usd": 0.5,
    }  # fmt: skip


async def test_guards_are_counted_by_their_own_models_and_purposes(log: EventLog, queries: Queries) -> None:
    await start(log)
    unreached = said("gone", cost=None, verdict="failed", usage=Usage())
    seats = (said("a"), said("b", cost=None), said("a", kind="policy_check"), unreached)
    await verify(log, *seats)
    found = {(r["profile"], r["purpose"]): r for r in await queries.usage(EARLIER)}
    assert set(found) == {("a", "vote"), ("b", "vote"), ("a", "check")}
    assert (found["b", "vote"]["unknown"], found["b", "vote"]["cost_usd"]) == (1, 0.0)
    assert [found["a", "vote"][name] for name in ("input", "cache_read", "cache_write", "output")] == [10, 5, 2, 3]


async def test_of_several_candidates_the_picked_one_is_priced_by_its_reply_alone(
    log: EventLog, queries: Queries
) -> None:
    await start(log)
    candidates = tuple(
        Candidate(profile=name, model="m/1", output="a" * 64, usage=USED, cost_usd=0.1) for name in ("won", "lost")
    )
    await record(log, "s1", BestPicked(step=1, candidates=candidates, picked=0, because="better", latency_ms=1))
    assert [(r["profile"], r["cost_usd"]) for r in await queries.usage(EARLIER)] == [("lost", 0.1)]


async def test_a_failed_summary_still_counts_what_it_cost(log: EventLog, queries: Queries) -> None:
    await start(log)
    await record(log, "s1", SummaryFailed(because="no reply fitted", usage=USED, cost_usd=0.2))
    (row,) = await queries.usage(EARLIER)
    assert (row["profile"], row["purpose"], row["cost_usd"]) == ("", "summary", 0.2)


async def test_the_sums_are_those_of_the_sessions(log: EventLog, queries: Queries) -> None:
    await start(log)
    await reply(log)
    await verify(log, said("a"), said("b", cost=None))
    session = await queries.session("s1")
    rows = await queries.usage(EARLIER)
    assert session is not None
    assert sum(r["cost_usd"] for r in rows) == pytest.approx(session["cost_usd"])
    assert sum(r["unknown"] for r in rows) == session["cost_unknown"]
    assert sum(r["input"] for r in rows) == session["usage"]["input"]


async def test_what_was_before_the_moment_asked_for_is_left_out(log: EventLog, queries: Queries, clock: Clock) -> None:
    await start(log)
    await reply(log)
    clock.advance(hours=2)
    await reply(log, cost_usd=0.75)
    assert [r["cost_usd"] for r in await queries.usage(NOON + timedelta(hours=1))] == [0.75]


async def test_days_are_those_of_the_readers_clock(log: EventLog, queries: Queries, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    await start(log)
    await reply(log)
    await verify(log, said("a"))
    assert {r["day"] for r in await queries.usage(EARLIER, offset_minutes=120)} == {"2026-03-03"}
    assert {r["day"] for r in await queries.usage(EARLIER, offset_minutes=-120)} == {"2026-03-02"}


async def test_the_spend_of_today_begins_at_the_readers_midnight(log: EventLog, queries: Queries, clock: Clock) -> None:
    clock.at = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
    await start(log)
    await reply(log)
    clock.at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    await reply(log)
    await verify(log, said("a"))
    at_greenwich = await queries.spend()
    assert at_greenwich["by"] == {"agent": 0.25, "vote": 0.01}
    assert at_greenwich["cost_usd"] == pytest.approx(0.26)
    assert at_greenwich["projected_usd"] == pytest.approx(0.26 * 6)
    assert (await queries.spend(offset_minutes=180))["by"]["agent"] == 0.5


async def test_nothing_is_told_from_the_first_hour_of_a_day() -> None:
    assert projected(1.0, timedelta(minutes=59)) is None
    assert projected(1.0, timedelta(hours=6)) == 4.0
    assert midnight(NOON, 720) == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert midnight(NOON, -60) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


async def test_decisions_are_counted_by_tool(log: EventLog, queries: Queries, clock: Clock) -> None:
    for n in range(6):
        await hold(log, f"s{n}", f"a{n}")
    clock.advance(minutes=4)
    await record(log, "s0", decided("a0"))
    await record(log, "s1", decided("a1", decision="reject", status="rejected", run_by=None))
    await edit(log, "s2", "a2", "b2")
    await record(log, "s3", ApprovalExpired(approval_id="a3", because="nobody decided"))
    await record(log, "s4", decided("a4", status="pending", run_by=None), status=Status.WAITING_APPROVAL)
    found = await queries.decisions(1)
    assert found["tools"] == [
        {"tool": "refund_order", "requests": 6, "approved": 1, "edited": 1, "rejected": 1, "answered": 0, "expired": 1,
         "pending": 2}
    ]  # fmt: skip
    assert found["hours"] == [0] * 12 + [6] + [0] * 11
    assert (found["median_seconds"], found["p95_seconds"]) == (240.0, 240.0)


async def edit(log: EventLog, session_id: str, old: str, new: str) -> None:
    details = seal("{}")
    await record(
        log,
        session_id,
        decided(old, decision="edit", status="superseded", run_by=None, superseded_by=new),
        proposed(details, "1.1"),
        requested(details, new, "1.1", supersedes=old),
        decided(new),
        payloads=[details],
    )


async def test_a_desk_where_nothing_was_asked_has_no_decisions(queries: Queries) -> None:
    assert await queries.decisions(7) == {"tools": [], "hours": [0] * 24, "median_seconds": None, "p95_seconds": None}
    assert await queries.usage(EARLIER) == []
    assert (await queries.spend())["cost_usd"] == 0


async def test_decisions_of_yesterday_are_not_those_of_today(log: EventLog, queries: Queries, clock: Clock) -> None:
    await hold(log)
    clock.advance(days=1)
    assert (await queries.decisions(1))["tools"] == []
    assert (await queries.decisions(2))["tools"][0]["requests"] == 1


async def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert quantile([], 0.5) is None
    assert quantile([1, 2, 3, 4], 0.5) == 2
    assert quantile([float(n) for n in range(1, 101)], 0.95) == 95.0
