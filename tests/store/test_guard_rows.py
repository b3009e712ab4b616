"""What the guards record shows in rows: the state of calls, the price of every opinion, who voted how."""

from typing import Any

import pytest

from store.audit import verify
from store.database import Database, run
from store.errors import IllegalProjection
from store.event_log import EventLog
from store.events import (
    BestPicked,
    CallState,
    CallVerified,
    CallWithdrawn,
    Candidate,
    HandedOver,
    InputChecked,
    MessageReceived,
    Release,
    Seat,
    SessionPaused,
    Status,
    Summarised,
    SummaryFailed,
    ToolFinished,
    Usage,
    Verify,
)
from store.payloads import Payload, seal
from store.queries import Queries

from .scenes import Clock, proposed, record, replied, requested, start, started

pytestmark = pytest.mark.asyncio
ASKED, OUTPUT, PART = seal('[{"role": "user", "content": "{}"}]'), seal("{}"), seal("[]")
EVIDENCE = {
    "path": "/order", "value": "1043", "origin": "user", "seq": 2, "quote": "Refund order 1043", "near": None,
    "trusted": True,
}  # fmt: skip
DETAILS = seal(
    '{"arguments_json":"{\\"order\\":1043}","effect":"Refund order 1043","problems":[],"evidence":[{"path":"/order",'
    '"value":"1043","origin":"user","seq":2,"quote":"Refund order 1043","near":null,"trusted":true}]}'
)
SUMMED = Usage(input=300, cache_read=100, cache_write=0, output=40)
PAYLOADS = (ASKED, OUTPUT, PART, DETAILS)


def seat(verdict: Any = "allow", **changes: Any) -> Seat:
    return Seat(
        **{
            "kind": "vote", "profile": "first", "model": "openai/one", "verdict": verdict, "because": "It fits.",
            "usage": SUMMED, "cost_usd": 0.01, "latency_ms": 200.0, **changes,
        }
    )  # fmt: skip


def verified(*seats: Seat, **changes: Any) -> CallVerified:
    return CallVerified(
        **{
            "call_id": "1.0", "verify": Verify.CONSENSUS, "verdict": "allow", "because": "Two of three agree.",
            "seats": seats, "effective_votes": 1.8, "asked": ASKED.ref, "state": CallState.ALLOWED,
            "release": Release.ALLOW, "latency_ms": 200.0, **changes,
        }
    )  # fmt: skip


async def propose(log: EventLog, session_id: str = "s1") -> None:
    """A started session whose call waits for models to look at it."""
    await start(log, session_id)
    await record(log, session_id, proposed(DETAILS, state=CallState.PROPOSED), payloads=PAYLOADS)


async def session(queries: Queries, id_: str = "s1") -> dict[str, Any]:
    found = await queries.session(id_)
    assert found is not None
    return found


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_verified_call_may_run_and_nobody_is_asked(log: EventLog, queries: Queries) -> None:
    await propose(log)
    await record(log, "s1", verified(seat()))
    await record(log, "s1", started(None))
    assert await queries.inbox_matches_events() == []


async def test_a_call_the_panel_holds_waits_in_the_inbox_with_all_that_was_said(
    log: EventLog, queries: Queries
) -> None:
    await propose(log)
    against = seat("deny", because="Above 200.", clause="Refunds above 200 need a manager.", path="/amount")
    held = verified(seat(), against, verdict="ask", state=CallState.HELD, release=Release.ASK)
    await record(log, "s1", held)
    assert await queries.inbox_matches_events() == ["call 1.0 of session s1 waits, but is not in the inbox."]
    await record(log, "s1", requested(DETAILS, checks=(seat(), against)), status=Status.WAITING_APPROVAL)
    assert await queries.inbox_matches_events() == []
    (item,) = (await queries.inbox()).items
    assert item["checks"][1] == {
        "kind": "vote", "profile": "first", "model": "openai/one", "verdict": "deny", "because": "Above 200.",
        "clause": "Refunds above 200 need a manager.", "supports": None, "path": "/amount", "cost_usd": 0.01,
        "latency_ms": 200.0,
    }  # fmt: skip
    assert item["evidence"] == [EVIDENCE]
    assert item["effective_votes"] == 1.8
    assert (await queries.approval("a1"))["checks"] == item["checks"]  # type: ignore[index]


async def test_a_call_that_ended_meanwhile_is_not_brought_back_by_its_panel(log: EventLog) -> None:
    await propose(log)
    await record(log, "s1", CallWithdrawn(call_id="1.0", because="stopped"))
    with pytest.raises(IllegalProjection, match=r"1\.0 of session s1 does not wait to be verified"):
        await record(log, "s1", verified(seat()))


# ── costs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_opinion_is_paid_for_under_its_own_purpose(log: EventLog, queries: Queries) -> None:
    await propose(log)
    replies = [replied(n, OUTPUT, PART, cost_usd=0.25, cache_saved_usd=0.125) for n in (1, 2)]
    check = seat(kind="policy_check", cost_usd=0.02)
    picked = BestPicked(
        step=2, picked=1, because="clearer", judge=seat(kind="judge", cost_usd=0.04), asked=ASKED.ref, latency_ms=1.0,
        candidates=tuple(candidate(cost) for cost in (0.5, 99.0, 1.0)),
    )  # fmt: skip
    summed = Summarised(
        upto=2, turns=1, summary=OUTPUT.ref, asked=ASKED.ref, before_tokens=900, after_tokens=90, profile="small",
        model="openai/small", usage=SUMMED, cost_usd=0.0625, latency_ms=9.0,
    )  # fmt: skip
    checked = InputChecked(turn=1, verdict="enough", because="All there.", seat=seat(kind="judge", cost_usd=0.03))
    failed = SummaryFailed(because="longer than before", usage=SUMMED, cost_usd=0.0625)
    await record(log, "s1", checked, *replies, verified(check, seat(), seat()), picked, summed, failed)
    row = await session(queries)
    assert row["costs"] == pytest.approx(
        {"agent": 2.0, "check": 0.02, "vote": 0.02, "judge": 0.04, "summary": 0.125, "input": 0.03}
    )
    assert row["cost_usd"] == pytest.approx(sum(row["costs"].values()))
    assert (row["saved_usd"], row["cost_unknown"], row["steps"]) == (0.25, 0, 2)


def candidate(cost: float | None, **changes: Any) -> Candidate:
    return Candidate(profile="first", model="openai/one", output=OUTPUT.ref, usage=SUMMED, cost_usd=cost, **changes)


async def test_tokens_of_the_guards_count_but_the_meter_stays_the_agents(log: EventLog, queries: Queries) -> None:
    await propose(log)
    await record(log, "s1", replied(1, OUTPUT, PART), verified(seat(), seat()))
    row = await session(queries)
    assert row["usage"] == {"input": 1500, "cache_read": 300, "cache_write": 20, "output": 120}
    assert (row["context"]["used"], row["context"]["limit"]) == (1020, 32_000)
    assert row["cache_hit_rate"] == pytest.approx(300 / 1820)


async def test_a_session_that_sent_nothing_has_no_hit_rate(log: EventLog, queries: Queries) -> None:
    await start(log)
    assert (await session(queries))["cache_hit_rate"] is None


async def test_an_opinion_of_unknown_price_is_unknown_and_a_model_never_reached_is_free(
    log: EventLog, queries: Queries
) -> None:
    await propose(log)
    silent = seat("failed", usage=Usage(), cost_usd=None)
    cut_off = seat("failed", cost_usd=None)
    await record(log, "s1", verified(silent, cut_off, seat(usage=Usage(), cost_usd=None)))
    assert (await session(queries))["cost_unknown"] == 2


async def test_yesterdays_sessions_count_what_their_guards_cost_today(
    log: EventLog, queries: Queries, clock: Clock
) -> None:
    await propose(log)
    clock.advance(days=1)
    await record(log, "s1", verified(seat(), seat(cost_usd=None)))
    assert await queries.spend_today() == {"cost_usd": 0.01, "unknown": 1}


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_says_why_it_waits_until_the_person_has_written(log: EventLog, queries: Queries) -> None:
    await start(log)
    question, text = seal("Which order?"), seal("1034")
    missing = InputChecked(turn=1, verdict="missing", because="No order is named.", question=question.ref)
    await record(log, "s1", missing, status=Status.WAITING_INPUT, payloads=[question])
    row = await session(queries)
    assert (row["status"], row["because"]) == ("waiting_input", "No order is named.")
    message = MessageReceived(text=text.ref, turn=1, opens_turn=False, by="ann")
    await record(log, "s1", message, payloads=[text])
    assert (await session(queries))["because"] is None


async def test_a_message_does_not_hide_why_a_session_is_paused(log: EventLog, queries: Queries) -> None:
    await start(log)
    text = seal("1034")
    message = MessageReceived(text=text.ref, turn=1, opens_turn=False, by="ann")
    await record(log, "s1", SessionPaused(by="ann", because="lunch"), message, status=Status.PAUSED, payloads=[text])
    assert (await session(queries))["because"] == "lunch"


@pytest.mark.parametrize(("to", "because"), [("person", "The limit was reached."), ("agent", None)])
async def test_a_session_handed_to_a_person_says_why(log: EventLog, queries: Queries, to: Any, because: Any) -> None:
    await start(log)
    summary = seal("Ann wants money back.")
    over = HandedOver(to=to, because="The limit was reached.", summary=summary.ref)
    await record(log, "s1", over, status=Status.WAITING_INPUT, payloads=[summary])
    assert (await session(queries))["because"] == because


# ── votes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def vote(log: EventLog, session_id: str, verdict: Any, *verdicts: Any) -> None:
    await propose(log, session_id)
    names = ("first", "second", "third")
    seats = (seat(one, profile=name, model=f"openai/{name}") for one, name in zip(verdicts, names, strict=True))
    state = CallState.ALLOWED if verdict == "allow" else CallState.HELD
    await record(log, session_id, verified(*seats, verdict=verdict, state=state))


async def test_each_models_votes_are_counted_over_all_sessions(log: EventLog, queries: Queries) -> None:
    await vote(log, "s1", "allow", "allow", "allow", "deny")
    await vote(log, "s2", "ask", "allow", "allow", "deny")  # unanimous: a single vote against it is a veto
    await vote(log, "s3", "allow", "allow", "allow", "abstain")
    await vote(log, "s4", "ask", "failed", "ask", "deny")
    nobody = {"allow": 0, "ask": 0, "deny": 0, "abstain": 0, "failed": 0, "dissented": 0, "outvoted": 0}
    first, second, third = await queries.dissent()
    assert first == {
        **nobody, "kind": "vote", "profile": "first", "model": "openai/first", "votes": 4, "allow": 3, "failed": 1,
        "dissented": 1,
    }  # fmt: skip
    assert (second["allow"], second["ask"], second["dissented"], second["outvoted"]) == (3, 1, 1, 0)
    assert (third["deny"], third["abstain"], third["dissented"], third["outvoted"]) == (3, 1, 1, 2)


async def test_nobody_is_outvoted_where_there_is_no_majority(log: EventLog, queries: Queries) -> None:
    await vote(log, "s1", "ask", "allow", "deny", "abstain")
    assert [one["outvoted"] for one in await queries.dissent()] == [0, 0, 0]


async def test_a_refused_panel_leaves_no_votes(log: EventLog, queries: Queries) -> None:
    await start(log)
    with pytest.raises(IllegalProjection):
        await record(log, "s1", verified(seat()))
    assert await queries.dissent() == []


# ── contents ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def finish(log: EventLog, masks: Payload) -> None:
    await propose(log)
    output, shown = seal('{"iban": "DE02"}'), seal('{"iban": "<iban-1>"}')
    finished = ToolFinished(
        call_id="1.0", state=CallState.SUCCEEDED, output=output.ref, shown=shown.ref, output_bytes=16, latency_ms=1.0,
        masks=masks.ref,
    )  # fmt: skip
    await record(log, "s1", verified(seat()), started(None), finished, payloads=[output, shown, masks])


async def test_the_values_behind_stand_ins_are_shown_nowhere_but_audited(
    log: EventLog, queries: Queries, database: Database
) -> None:
    masks = seal('{"<iban-1>": "DE02"}')
    await finish(log, masks)
    data = (await queries.events("s1", tail=1))[0]["data"]
    assert data["masks"] is True
    assert masks.ref not in str(data)
    assert verify(database.path).ok
    await database.write(lambda c: run(c, "DELETE FROM payloads WHERE ref = :ref", {"ref": masks.ref}).rowcount)
    assert "is gone" in verify(database.path).problems[0]


async def test_all_candidates_are_shown_with_what_they_wrote(
    log: EventLog, queries: Queries, database: Database
) -> None:
    await start(log)
    texts = [seal(f'{{"text": "Answer {n}", "calls": []}}') for n in (1, 2)]
    erased = seal('{"text": "Gone", "calls": []}')
    candidates = tuple(
        Candidate(profile="first", model="openai/one", output=one.ref, latency_ms=1.0) for one in (*texts, erased)
    )
    picked = BestPicked(step=1, candidates=candidates, picked=0, because="clearer", asked=ASKED.ref, latency_ms=2.0)
    await record(log, "s1", picked, payloads=[*texts, ASKED])
    data = (await queries.events("s1", tail=1))[0]["data"]
    assert [one["output"] and one["output"]["text"] for one in data["candidates"]] == ["Answer 1", "Answer 2", None]
    assert (data["candidates"][2]["erased"], data["asked"][0]["role"]) == (True, "user")
    assert f"payload {erased.ref[:12]} is gone" in verify(database.path).problems[0]
