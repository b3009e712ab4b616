"""A record with every kind of row, each text of which tries to become markup, written before the program starts."""

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
    AnswerRefused,
    ApprovalExpired,
    ApprovalStatus,
    ApprovalVoided,
    CallRevised,
    CallState,
    CallWithdrawn,
    Event,
    FailedAttempt,
    MessageReceived,
    ModelFailed,
    OutcomeSettled,
    OutcomeUnknown,
    Risk,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    StageEntered,
    Status,
    ToolFinished,
    TurnEnded,
)
from store.payloads import Payload, seal
from store.times import utc_now
from tests.store import scenes

EVERY = "S-ec01"
EVIL = "<img src=//evil.example/x.png onerror=alert(1)><script>alert(1)</script>"
LONG = "unabridged " * 4000
Fact = tuple[Event, Payload | tuple[Payload, ...] | None]


def details(effect: str, arguments: str | None, *, raw: str | None = None, problems: tuple[str, ...] = ()) -> Payload:
    reasoning = {
        "need": "The customer wants the money for the broken poles back.",
        "source": "The order is in the crm.",
        "therefore": f"Call the tool with the number from the message. {EVIL}",
        "alternatives": [{"tool": "list_orders", "why_not": f"the number is known {EVIL}"}],
    }
    value = {"arguments_json": arguments, "raw": raw, "reasoning": reasoning, "effect": effect, "problems": problems}
    return seal(json.dumps(value))


class Script:
    """Facts in order; each `call` takes the next step."""

    def __init__(self) -> None:
        self.step = 0

    def reply(self, text: str = "", **changes: Any) -> Fact:
        self.step += 1
        output = seal(json.dumps({"text": text, "calls": []}))
        return scenes.replied(self.step, output, output, first_token_ms=320.0, latency_ms=1240.0, **changes), output

    def call(self, state: CallState, effect: str, *, tool: str = "get_order", **changes: Any) -> Fact:
        arguments = changes.pop("arguments", json.dumps({"order_id": 1043, "note": "short"}))
        problems, risk = changes.pop("problems", ()), changes.pop("risk", Risk.READ)
        text = details(effect, arguments, raw=changes.pop("raw", None), problems=problems)
        event = scenes.proposed(text, call_id=self.id, state=state)
        values = {"step": self.step, "tool": tool, "risk": risk, "because": "reads run by themselves", **changes}
        return event.model_copy(update=values), text

    @property
    def id(self) -> str:
        return f"{self.step}.1"

    @property
    def approval(self) -> str:
        return f"{EVERY}.{self.id}.1"

    def output(self, text: str, state: Any = CallState.SUCCEEDED) -> Fact:
        output = seal(text)
        size = len(text)
        return ToolFinished(
            call_id=self.id, state=state, output=output.ref, output_bytes=size, latency_ms=118.0
        ), output

    def held(self, effect: str, **changes: Any) -> Iterator[Fact]:
        yield self.reply()
        because = "Refunds above 50 EUR are decided by a person."
        event, text = self.call(CallState.HELD, effect, tool="refund_order", risk=Risk.WRITE, because=because)
        yield event, text
        assert text
        expires = utc_now() + timedelta(hours=1)
        asked = {"approval_id": self.approval, "call_id": self.id, "because": because, "expires_at": expires, **changes}
        yield scenes.requested(text, **asked), None


def facts() -> Iterator[Fact]:
    script, title, inputs = Script(), seal(f"Broken poles, order 1043 {EVIL}"), seal('{"channel": "live chat"}')
    yield (
        SessionStarted(agent="Refund clerk", pins={"agent": 1}, title=title.ref, inputs=inputs.ref, by="ann"),
        (title, inputs),
    )
    yield _message(f"The poles are broken. I want my money back.\nOrder 1043. {EVIL}")
    yield StageEntered(index=0, stage="Understand", because="The workflow begins here."), None
    yield from _reads(script)
    yield from _decided(script)
    yield from _ended(script)


def _message(text: str, *, turn: int = 1, opens: bool = True) -> Fact:
    words = seal(text)
    return MessageReceived(text=words.ref, turn=turn, opens_turn=opens, by="Ann Beck"), words


def _reads(script: Script) -> Iterator[Fact]:
    yield script.reply(f"I look the order up first. {EVIL}")
    long = json.dumps({"order_id": 1043, "note": LONG[:3000]})
    yield script.call(CallState.ALLOWED, "Get order 1043", arguments=long)
    yield scenes.started(approval_id=None, call_id=script.id), None
    yield script.output(json.dumps({"customer": f"cus_2217 {EVIL}", "note": LONG}))
    yield script.reply()
    problem = "/delivered_on must be a date"
    yield script.call(CallState.INVALID, "", tool="check_return_window", problems=(problem,), because="told the model")
    yield script.reply()
    raw = f"{{not json {EVIL}"
    problems = ("The arguments are not JSON.",)
    yield script.call(CallState.INVALID, "", arguments=None, raw=raw, problems=problems, because="told the model")
    yield script.reply()
    why = "Nobody may write to addresses that are not on file."
    yield script.call(CallState.DENIED, "Write", tool="write_to_address", risk=Risk.WRITE, because=why)
    yield script.reply()
    yield script.call(CallState.ALLOWED, "Get ticket 7781", tool="get_ticket")
    yield scenes.started(approval_id=None, call_id=script.id), None
    yield script.output(f"There is no ticket 7781. {EVIL}", CallState.FAILED)
    yield _message("Is there any news?", opens=False)


def _decided(script: Script) -> Iterator[Fact]:
    words = seal(f"The window closed on Monday. {EVIL}")
    yield from script.held("Refund order 1043, amount 412.0")
    rejected = {"decision": "reject", "status": ApprovalStatus.REJECTED, "because": words.ref, "run_by": None}
    yield scenes.decided(script.approval, **rejected), words
    yield from script.held("Refund order 1043, amount 100.0")
    yield ApprovalExpired(approval_id=script.approval, because="Nobody decided within an hour."), None
    yield from script.held("Refund order 1043, amount 90.0")
    yield (
        ApprovalVoided(approval_id=script.approval, status=ApprovalStatus.CANCELLED, because="The tool changed."),
        None,
    )
    yield CallWithdrawn(call_id=script.id, because="The tool's definition changed."), None
    yield from script.held("Refund order 1043, amount 80.0")
    changed = details("Refund order 1043, amount 75.5", '{"amount":75.5,"order_id":1043}')
    yield CallRevised(call_id=script.id, details=changed.ref, action_digest=scenes.DIGEST, by="ben"), changed
    yield scenes.decided(script.approval, run_by=utc_now() + timedelta(hours=1)), None
    yield scenes.started(script.approval, call_id=script.id), None
    yield script.output('{"refunded": 75.5}')
    yield from script.held("Refund order 1043, amount 10.0")
    yield scenes.decided(script.approval, run_by=utc_now() + timedelta(hours=1)), None
    yield scenes.started(script.approval, call_id=script.id), None
    yield OutcomeUnknown(call_id=script.id, because="Quarterdeck stopped while the tool ran."), None
    yield OutcomeSettled(call_id=script.id, happened=True, by="ben"), None


def _ended(script: Script) -> Iterator[Fact]:
    note = seal(f"/amount must be a number {EVIL}")
    yield AnswerRefused(step=script.step, note=note.ref), note
    yield SessionPaused(by="ben", because="I look at the ticket first."), None
    yield SessionResumed(by="ben", because="All clear."), None
    failed = FailedAttempt(model="openai/gpt-test", error="Timeout", message="no answer in 120 s", latency_ms=120_000)
    yield script.reply(attempts=(failed,))
    answer = seal(f"I refunded **75.50 EUR** for order 1043. {EVIL}\n\n- [terms](javascript:alert(1))\n- `done`")
    yield TurnEnded(turn=1, result="answered", because="The model answered.", answer=answer.ref), answer
    yield _message("And the tent pegs?", turn=2)
    script.step += 1
    yield ModelFailed(step=script.step, turn=2, attempts=(failed,), because="No model in the chain answered."), None
    yield TurnEnded(turn=2, result="error", because="No model in the chain answered."), None
    yield _message("Try again.", turn=3)
    best = seal("So far: the pegs were sent on Monday.")
    yield TurnEnded(turn=3, result="limit", because="15 of 15 steps used.", answer=best.ref), best
    yield _message("Now the refund for the pegs.", turn=4)
    yield from script.held(f"Refund order 1044, amount 60.0 {EVIL}")
    yield script.reply()
    yield from _unknown(script)


def _unknown(script: Script) -> Iterator[Fact]:
    event, text = script.call(CallState.ALLOWED, "Write to Ann Beck", tool="write_to_customer", risk=Risk.DESTRUCTIVE)
    yield event, text
    yield scenes.started(approval_id=None, call_id=script.id), None
    yield OutcomeUnknown(call_id=script.id, because="The connection broke while the tool ran."), None
    assert text
    asked = {"kind": "unknown_outcome", "expires_at": None, "because": "The connection broke while the tool ran."}
    yield scenes.requested(text, approval_id=script.approval, call_id=script.id, **asked), None


def write(folder: Path) -> None:
    """In a thread: the browser's driver has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_write(folder))).result()


async def _write(folder: Path) -> None:
    database = Database.open(folder)
    log = EventLog(database)
    for event, payload in facts():
        payloads = payload if isinstance(payload, tuple) else (payload,) if payload else ()
        await scenes.record(log, EVERY, event, status=Status.WAITING_APPROVAL, payloads=payloads)
    database.close()
