"""Judges a killed run by the CRM's own ledger and by the record after the restart. Pure but for reading files."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.demo.crm.ledger import LedgerRow, read_ledger
from tests.kill.runner import MESSAGE, amounts

Event = dict[str, Any]
UNSAFE = frozenset({"1.2", "1.3"})
"""The two refunds: neither may be repeated without a person."""


def faults(folder: Path, seed: int) -> list[str]:
    """One sentence per thing that went wrong; empty when the run is as it should be."""
    ledger = [row for row in read_ledger(folder / "crm.db") if row.tool == "refund_order"]
    after = json.loads((folder / "after.json").read_text())
    return [
        *_acknowledged(_lines(folder, "acknowledged"), after),
        *_seen(_lines(folder, "seen"), after),
        *_sequence(after),
        *_refunds(ledger, after, seed),
        *_standing(_lines(folder, "seen"), after),
        *after["differences"],
    ]


def _lines(folder: Path, name: str) -> list[Event]:
    path = folder / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _events(after: Event, kind: str) -> list[Event]:
    return [event for event in after.get("events", ()) if event["type"] == kind]


def _acknowledged(told: list[Event], after: Event) -> Iterator[str]:
    """Whatever a person was told had been taken is there."""
    decided = {event["data"]["approval_id"] for event in _events(after, "ApprovalDecided")}
    for line in told:
        if "session" in line and after["session"] != line["session"]:
            yield f"Session {line['session']} was acknowledged and is gone."
        if "approval" in line and line["approval"] not in decided:
            yield f"The decision on {line['approval']} was acknowledged and is gone."
    if any("session" in line for line in told) and MESSAGE not in json.dumps(_events(after, "MessageReceived")):
        yield "The message was acknowledged and is gone."


def _seen(seen: list[Event], after: Event) -> Iterator[str]:
    """Whatever anybody saw recorded is still there, at its place."""
    kept = {event["seq"]: event["type"] for event in after.get("events", ())}
    for line in seen:
        if kept.get(line["seq"]) != line["type"]:
            yield f"Event {line['seq']} ({line['type']}) was seen and is gone."


def _sequence(after: Event) -> Iterator[str]:
    numbers = [event["seq"] for event in after.get("events", ())]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"The numbers of the events have gaps: {numbers}."


def _refunds(ledger: list[LedgerRow], after: Event, seed: int) -> Iterator[str]:
    if after["session"] is None:
        if ledger:
            yield "Money moved for a session that does not exist."
        return
    made = Counter((row.arguments["order_id"], row.arguments["amount"]) for row in ledger)
    for order, amount in amounts(seed).items():
        if made[order, amount] != 1:
            yield f"Order {order} was refunded {made[order, amount]} times."
    if len(ledger) != len(amounts(seed)):
        yield f"The ledger holds {len(ledger)} refunds."
    approvals = [e["at"] for e in _events(after, "ApprovalDecided") if e["data"]["decision"] == "approve"]
    starts = [e["at"] for e in _events(after, "ToolStarted") if e["data"]["call_id"] == "1.3"]
    for row in ledger:
        if row.arguments["order_id"] == 1755:
            if not any(_moment(at) <= _moment(row.at) for at in approvals):
                yield "The large refund was made before anybody had approved it."
            if not any(_moment(at) <= _moment(row.at) for at in starts):
                yield "The large refund was made before its start, and the use of its approval, was recorded."


def _moment(text: str) -> str:
    return text.replace("Z", "").replace("+00:00", "")


def _standing(seen: list[Event], after: Event) -> Iterator[str]:
    """It ended, or visibly waits; and a call that was cut off waits for a person's word."""
    if after["session"] is None:
        return
    stands, inbox = after["stands"], {tuple(item) for item in after["inbox"]}
    if stands["status"] not in ("waiting_approval", "completed"):
        yield f"After the restart it is {stands['status']}: {stands['because']}."
    for call_id, state in stands["calls"].items():
        if state == "executing":
            yield f"After the restart nobody runs call {call_id}, yet it counts as running."
        if state == "unknown" and ("unknown_outcome", call_id) not in inbox:
            yield f"The fate of call {call_id} is unknown and nobody is asked."
    for call_id in UNSAFE:
        starts = [e for e in _events(after, "ToolStarted") if e["data"]["call_id"] == call_id]
        words = [e for e in _events(after, "ApprovalDecided") if e["data"]["decision"] in ("approve", "run_again")]
        allowed = sum(e["data"]["approval_id"].split(".", 1)[1].startswith(call_id) for e in words)
        if len(starts) > allowed + (call_id == "1.2"):
            yield f"Call {call_id} was started {len(starts)} times on {allowed} approvals."
    if after["end"]["status"] != "completed":
        yield f"In the end it is {after['end']['status']}: {after['end']['because']}."
