"""What the watched session records: turns of ten tool calls, each with its arguments, reasoning and output. Pure."""

import json
from collections.abc import Iterator

from store.events import (
    CallProposed,
    CallState,
    Event,
    MessageReceived,
    ModelReplied,
    Prompt,
    Release,
    Risk,
    Segment,
    SessionStarted,
    ToolFinished,
    ToolStarted,
    TurnEnded,
    Usage,
)
from store.payloads import Payload, seal

CALLS_PER_TURN = 10
HASH = "e" * 64
REASONING = {
    "need": "The customer wants to know where the parcel is and whether the tent can still be returned.",
    "source": "The order lives in the crm.",
    "therefore": "Look the order up by its number. The ticket names it.",
    "alternatives": [{"tool": "list_orders", "why_not": "the number is known"}],
}
ANSWER = """Order **{n}** left the warehouse and arrives on *Tuesday*.

- parcel `{n}-A`: on its way
- parcel `{n}-B`: packed"""
RECORD = {
    "customer": "cus_2217",
    "paid": 412.0,
    "currency": "EUR",
    "lines": [{"sku": f"T-{n}", "count": 1} for n in range(8)],
}

Fact = tuple[Event, tuple[Payload, ...]]


def mark(number: int) -> str:
    """Text by which a row is recognised in the browser."""
    return f"mark-{number}-"


def facts() -> Iterator[Fact]:
    """For ever; the n-th one carries mark(n) wherever its row has a place for it."""
    text = seal("Where is my tent?")
    yield SessionStarted(agent="Refund clerk", pins={"agent": 1}, title=text.ref, by="ann"), (text,)
    number, step, turn = 1, 0, 0
    while True:
        turn += 1
        words = seal(f"{mark(number)} Where is my order, and may I send the tent back?")
        yield MessageReceived(text=words.ref, turn=turn, opens_turn=True, by="ann"), (words,)
        number += 1
        for _ in range(CALLS_PER_TURN):
            step += 1
            for event, payloads in _call(step, turn, number):
                yield event, payloads
                number += 1
        yield _answer(turn, number)
        number += 1


def _call(step: int, turn: int, number: int) -> Iterator[Fact]:
    call = {"id": "c", "name": "get_order", "arguments": json.dumps({"order_id": step})}
    said = seal(json.dumps({"text": f"{mark(number)} I look order {step} up first.", "calls": [call]}))
    yield _reply(step, turn, said), (said,)
    details = seal(
        json.dumps(
            {
                "arguments_json": json.dumps({"order_id": step, "note": mark(number + 1)}),
                "raw": None,
                "reasoning": REASONING,
                "effect": f"Get order {step}",
                "problems": [],
            }
        )
    )
    yield _proposed(step, details), (details,)
    yield ToolStarted(call_id=f"{step}.0", attempt=1, action_digest=HASH), ()
    output = seal(json.dumps({"mark": mark(number + 3), **RECORD}))
    yield _finished(step, output), (output,)


def _reply(step: int, turn: int, said: Payload) -> Event:
    return ModelReplied(
        step=step, turn=turn, profile="demo", model="offline/operator", because="first of act",
        prompt=Prompt(parts=(said.ref,)), output=said.ref, calls=1, finish_reason="tool_calls",
        usage=Usage(input=1200 + step, cache_read=800, output=90), cost_usd=0.004, latency_ms=812.5,
        first_token_ms=240.0, context_limit=32_000,
        segments=(Segment(name="system", tokens=300), Segment(name="messages", tokens=900 + step)),
    )  # fmt: skip


def _proposed(step: int, details: Payload) -> Event:
    return CallProposed(
        call_id=f"{step}.0", provider_id="c", step=step, tool="get_order", connector="crm", own_name="get_order",
        definition_hash=HASH, risk=Risk.READ, details=details.ref, action_digest=HASH, state=CallState.ALLOWED,
        release=Release.ALLOW, because="reads run by themselves",
    )  # fmt: skip


def _finished(step: int, output: Payload) -> Event:
    size = len(output.content)
    return ToolFinished(
        call_id=f"{step}.0", state=CallState.SUCCEEDED, output=output.ref, output_bytes=size, latency_ms=41.5
    )


def _answer(turn: int, number: int) -> Fact:
    answer = seal(f"{mark(number)} {ANSWER.format(n=turn)}")
    return TurnEnded(turn=turn, result="answered", because="The model answered.", answer=answer.ref), (answer,)
