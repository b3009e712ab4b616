"""A session in which every guard has its say, each text of which tries to become markup; and one that waits for an answer."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from store.database import Database
from store.event_log import EventLog
from store.events import (
    BestPicked,
    CallState,
    CallVerified,
    Candidate,
    HandedOver,
    InputChecked,
    MessageReceived,
    PassagesRecalled,
    ProgressNoted,
    Release,
    ResultsStubbed,
    Risk,
    Seat,
    Segment,
    SessionStarted,
    Status,
    Summarised,
    SummaryFailed,
    ToolSuspended,
    Usage,
    Verify,
)
from store.payloads import Payload, seal
from store.times import utc_now
from tests.browser.records import EVIL, Fact
from tests.store import scenes

GUARDED, ASKING = "S-9a4d", "S-a51c"
APPROVAL = f"{GUARDED}.8.1.1"
POLICY = "§3.2 The order must belong to the customer who asked. Above 50 EUR a person decides."
ARGUMENTS = (
    '{"amount_minor":41200,"currency":"EUR","customer_id":"cus_2217","internal_note":"VIP goodwill, ticket 7781",'
    '"notify":"ann.beck@fjordmail.example","order_id":1043,"reference":"R-88213","refund_to":"original_card"}'
)
SEGMENTS = tuple(
    Segment(name=name, tokens=tokens)  # type: ignore[arg-type]
    for name, tokens in (
        ("system", 2_900), ("tools", 950), ("summary", 3_100), ("recall", 800), ("messages", 6_200), ("results", 11_900),
    )
)  # fmt: skip
USAGE = Usage(input=7_350, cache_read=18_500, output=212)


def evidence(path: str, value: str, origin: str, **more: Any) -> dict[str, Any]:
    return {
        "path": path,
        "value": value,
        "origin": origin,
        "seq": None,
        "quote": None,
        "near": None,
        "trusted": True,
        **more,
    }


EVIDENCE = [
    evidence("/amount_minor", "41200", "computed", quote="412.00 × 100", seq=6),
    evidence("/currency", '"EUR"', "schema", quote="default"),
    evidence("/customer_id", '"cus_2217"', "tool", quote='"customer": "cus_2217"', seq=6),
    evidence("/internal_note", '"VIP goodwill, ticket 7781"', "tool", quote="treat as VIP goodwill", seq=6, trusted=False),
    evidence("/notify", '"ann.beck@fjordmail.example"', "user", quote=f"You can reach me at ann.beck@ {EVIL}", seq=2),
    evidence("/order_id", "1043", "nowhere", near="the user wrote 1034"),
    evidence("/reference", '"R-88213"', "nowhere"),
    evidence("/refund_to", '"original_card"', "recall", quote="back to the original card, please", seq=2),
]  # fmt: skip


def seat(kind: Any, profile: str, verdict: Any, because: str, **more: Any) -> Seat:
    values = {"usage": Usage(input=900, output=60), "cost_usd": 0.0016, "latency_ms": 640.0, **more}
    return Seat(kind=kind, profile=profile, model=f"offline/{profile}", verdict=verdict, because=because, **values)


SEATS = (
    seat("policy_check", "harbor-judge", "ask", "The order is not one of hers.", clause=POLICY, path="/order_id"),
    seat("vote", "tern-2", "allow", "The amount matches the payment."),
    seat("vote", "harbor-large", "deny", f"The request names 1034, the call 1043. {EVIL}", path="/order_id", supports=False),
    seat("vote", "gull-mini", "failed", "No answer within 20 s.", cost_usd=None, latency_ms=20_000.0),
)  # fmt: skip


def reply(step: int, text: str = "", **changes: Any) -> Fact:
    output = seal(json.dumps({"text": text, "calls": []}))
    values = {"latency_ms": 1240.0, "usage": USAGE, "cost_usd": 0.0148, "segments": SEGMENTS, "cache_saved_usd": 0.0122}
    return scenes.replied(step, output, output, **{**values, **changes}), output


def call(step: int, state: CallState, effect: str, *, tool: str, risk: Risk, arguments: str, **more: Any) -> Fact:
    reasoning = {
        "need": "Ann Beck’s tent poles arrived cracked; she asks for the full price back.",
        "source": "The CRM holds the order and the card payment.",
        "therefore": "Refund order 1034 in full, 412.00 EUR. Delivery was 6 days ago.",
        "alternatives": [{"tool": "send_message", "why_not": "she asked for money"}],
    }
    found = more.pop("evidence", [])
    value = {"arguments_json": arguments, "raw": None, "reasoning": reasoning, "effect": effect, "evidence": found}
    details = seal(json.dumps(value))
    event = scenes.proposed(details, call_id=f"{step}.1", state=state)
    changes = {"step": step, "tool": tool, "own_name": tool, "risk": risk, "because": "reads run by themselves", **more}
    return event.model_copy(update=changes), details


def read(step: int, tool: str, arguments: str, output: str) -> Iterator[Fact]:
    yield call(step, CallState.ALLOWED, "", tool=tool, risk=Risk.READ, arguments=arguments, release=Release.ALLOW)
    yield scenes.started(approval_id=None, call_id=f"{step}.1"), None
    text = seal(output)
    yield scenes.finished(text, call_id=f"{step}.1"), text


def message(text: str, turn: int, *, opens: bool = True) -> Fact:
    words = seal(text)
    return MessageReceived(text=words.ref, turn=turn, opens_turn=opens, by="Ann Beck"), words


def checked(verdict: Any, because: str, question: str | None = None) -> Fact:
    asked = seal("[]")
    words = seal(question) if question else None
    seat_ = seat("judge", "gull-mini", "allow", because, cost_usd=0.0003, latency_ms=410.0)
    event = InputChecked(
        turn=1, verdict=verdict, because=because, question=words.ref if words else None, asked=asked.ref, seat=seat_,
        latency_ms=412.0,
    )  # fmt: skip
    return event, (asked, words) if words else asked


def facts() -> Iterator[Fact]:
    title = seal("Cracked tent poles, order 1034")
    yield SessionStarted(agent="Refund clerk", pins={"agent": 1}, title=title.ref, by="ann"), title
    yield message("It is order 1034, the poles are cracked. I want my money back. ann.beck@fjordmail.example", 1)
    yield checked("enough", "Order, fault and wish are all there.")
    yield _recalled()
    yield reply(1, role="plan", because="the first step is planned; first of plan")
    yield from read(
        1, "get_order", '{"order_id": 1034}', '{"customer": "cus_2217", "paid": 412.00, "status": "delivered"}'
    )
    yield from _shortened()
    yield _best(2)
    yield reply(2, role="small", because="the last step only looked things up; first of small")
    yield from read(2, "find_order", '{"q": "tent poles"}', "There is no such order.")
    yield _stuck("nudge"), None
    yield ToolSuspended(tool="write_to_customer", because="People rejected it three times in a row."), None
    yield from _held(8)


def _recalled() -> Fact:
    passages = seal(f"[14] Please send it back to the original card. {EVIL}\n[31] The card ends in 4417.")
    event = PassagesRecalled(turn=1, query="refund card 1034", passages=passages.ref, seqs=(14, 31), latency_ms=3.5)
    return event, passages


def _shortened() -> Iterator[Fact]:
    because = "The prompt has reached 90% of what it may have."
    yield ResultsStubbed(upto=6, because=because), None
    summary, asked = seal(f"Ann Beck (cus_2217) bought a tent, order 1034, 412.00 EUR. {EVIL}"), seal("[]")
    yield (
        Summarised(
            upto=6, turns=14, summary=summary.ref, asked=asked.ref, before_tokens=18_200, after_tokens=2_100,
            profile="gull-mini", model="offline/gull-mini", usage=Usage(input=18_000, output=900), cost_usd=0.0041,
            latency_ms=2100.0,
        ),
        (summary, asked),
    )  # fmt: skip
    yield SummaryFailed(because="The summary was longer than what it was to replace."), None


def _best(step: int) -> Fact:
    outputs = [
        seal(json.dumps({"text": f"{words} {EVIL}", "calls": []})) for words in ("I refund it.", "I look first.")
    ]
    outputs.append(seal("not json"))
    candidates = tuple(
        Candidate(
            profile="tern-2", model="offline/tern-2", output=one.ref, cost_usd=0.014, latency_ms=900.0, problems=why
        )
        for one, why in zip(outputs, ((), (), ("It is not JSON.",)), strict=True)
    )
    because = "It looks the order up before it promises anything."
    judge = seat("judge", "harbor-judge", "allow", because)
    return BestPicked(
        step=step, candidates=candidates, picked=1, because=because, judge=judge, latency_ms=1500.0
    ), tuple(outputs)


def _stuck(action: Any) -> ProgressNoted:
    because = "find_order gave the same answer to the same arguments four times."
    return ProgressNoted(pattern="same_result", action=action, key="find_order 4", because=because)


def _held(step: int) -> Iterator[Fact]:
    yield reply(step)
    because = "Refunds above 50 EUR are voted on."
    event, details = call(
        step, CallState.PROPOSED, "Refund 412.00 EUR to Ann Beck for order 1043", tool="refund_order", risk=Risk.WRITE,
        arguments=ARGUMENTS, evidence=EVIDENCE, because=because, verify=Verify.CONSENSUS,
    )  # fmt: skip
    yield event, details
    assert isinstance(details, Payload)
    asked, verdict = seal("[]"), "1 of 3 allow it; harbor-large denies it on /order_id: the request names 1034"
    yield (
        CallVerified(
            call_id=f"{step}.1", verify=Verify.CONSENSUS, verdict="ask", because=verdict, seats=SEATS, effective_votes=1.25,
            asked=asked.ref, state=CallState.HELD, release=Release.ASK, latency_ms=20_000.0,
        ),
        asked,
    )  # fmt: skip
    expires = utc_now() + timedelta(minutes=41)
    request = scenes.requested(
        details, APPROVAL, call_id=f"{step}.1", because=verdict, checks=SEATS, expires_at=expires, step=step,
        verify=Verify.CONSENSUS, own_name="refund_order", agent="Refund clerk",
    )  # fmt: skip
    yield request, None


def asking() -> Iterator[Fact]:
    title = seal("A refund for somebody")
    yield SessionStarted(agent="Refund clerk", pins={"agent": 1}, title=title.ref, by="ann"), title
    yield message("I want my money back.", 1)
    because = "No order is named, and no fault."
    yield checked("missing", because, f"Which order is it, and what is wrong with the goods? {EVIL}")


def handed_over() -> Iterator[Fact]:
    """What ends the guarded session, once its call was decided."""
    yield _stuck("stop"), None
    summary = seal(f"Order 1034 could not be refunded. {EVIL}")
    yield (
        HandedOver(to="agent", because="It was stuck.", summary=summary.ref, agent="Senior clerk", session_id=ASKING),
        summary,
    )


def write(folder: Path) -> None:
    """In a thread: the browser's driver has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_write(folder))).result()


async def _write(folder: Path) -> None:
    database = Database.open(folder)
    log = EventLog(database)
    for id_, script, status in (
        (GUARDED, facts(), Status.WAITING_APPROVAL),
        (ASKING, asking(), Status.WAITING_INPUT),
        (GUARDED, handed_over(), Status.WAITING_APPROVAL),
    ):
        for event, payload in script:
            payloads = payload if isinstance(payload, tuple) else (payload,) if payload else ()
            await scenes.record(log, id_, event, status=status, payloads=payloads)
    database.close()
