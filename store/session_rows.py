"""Events → the session's row: a fold over a plain dict whose keys are the columns of SessionRow. Pure."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .encoding import FIRST_HASH
from .events import (
    CallProposed,
    CallState,
    HandedOver,
    InputChecked,
    MessageReceived,
    ModelReplied,
    Recorded,
    SessionPaused,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    Status,
    TurnEnded,
)
from .payloads import Payload
from .spending import spent
from .tables import SessionRow
from .times import from_text, to_text

Row = dict[str, Any]
TITLE_CHARACTERS = 120
WORKING = {Status.QUEUED, Status.RUNNING}
WAITING = {Status.WAITING_APPROVAL, Status.WAITING_INPUT, Status.PAUSED}
_ZEROES = {name: field.default for name, field in SessionRow.model_fields.items() if not field.is_required()}


def new_row(session_id: str) -> Row:
    """The row of a session before its first event."""
    return {**_ZEROES, "id": session_id, "seq": 0, "hash": FIRST_HASH, "status": "", "title": ""}


def count_time(row: Row, at: datetime) -> None:
    """Adds the time since the last event to working or waiting, by what the session was doing."""
    if row["seq"]:
        seconds = max(0.0, (at - from_text(row["updated_at"])).total_seconds())
        if row["status"] in WORKING:
            row["working_seconds"] += seconds
        elif row["status"] in WAITING:
            row["waiting_seconds"] += seconds


def fold(row: Row, recorded: Recorded, payloads: Mapping[str, Payload]) -> None:
    """Carries one event onto the row."""
    row["seq"], row["status"] = recorded.seq, recorded.status.value
    carry = _CARRIED.get(type(recorded.event))
    if carry is not None:
        carry(row, recorded.event)
    _pay(row, recorded.event)
    if isinstance(recorded.event, SessionStarted):
        row["created_at"] = to_text(recorded.at)
        row["title"] = _title(payloads.get(recorded.event.title))


def _title(payload: Payload | None) -> str:
    return "" if payload is None else payload.content[:TITLE_CHARACTERS]


def _started(row: Row, event: SessionStarted) -> None:
    row["agent"], row["started_by"], row["pins"] = event.agent, event.by, json.dumps(event.pins, sort_keys=True)


def _pay(row: Row, event: Any) -> None:
    """Adds the tokens and the price of every model call the event tells of."""
    for one in spent(event):
        row["input_tokens"] += one.usage.input
        row["cache_read_tokens"] += one.usage.cache_read
        row["cache_write_tokens"] += one.usage.cache_write
        row["output_tokens"] += one.usage.output
        if one.cost_usd is None:
            row["cost_unknown"] += 1
        elif one.cost_usd:
            row["cost_usd"] += one.cost_usd
            costs = json.loads(row["costs"])
            row["costs"] = json.dumps({**costs, one.purpose: costs.get(one.purpose, 0.0) + one.cost_usd})


def _message(row: Row, event: MessageReceived) -> None:
    if event.opens_turn:
        row["turn"], row["turn_steps"], row["turn_tool_calls"] = event.turn, 0, 0
        row["result"] = row["because"] = row["answer_ref"] = None
        return
    row["answer_ref"] = None  # whatever a person was asked, this answers it
    if row["status"] != Status.PAUSED:
        row["because"] = None


def _replied(row: Row, event: ModelReplied) -> None:
    if event.purpose == "agent":
        row["steps"] += 1
        row["turn_steps"] += 1
    row["saved_usd"] += event.cache_saved_usd or 0.0
    row["context_used"], row["context_limit"] = event.usage.context, event.context_limit
    row["segments"] = json.dumps([{"name": part.name, "tokens": part.tokens} for part in event.segments])


def _proposed(row: Row, event: CallProposed) -> None:
    row["tool_calls"] += 1
    row["turn_tool_calls"] += 1
    row["invalid_calls"] += event.state == CallState.INVALID


def _because(row: Row, event: SessionPaused | SessionStopped) -> None:
    row["because"] = event.because


def _input_checked(row: Row, event: InputChecked) -> None:
    """What the session asks the person stands where its answer will stand."""
    if event.question is None or row["result"] is not None:  # a turn that has ended has an answer of its own
        return
    row["answer_ref"] = event.question
    if row["status"] != Status.PAUSED:
        row["because"] = event.because


def _handed_over(row: Row, event: HandedOver) -> None:
    if event.to == "person":
        row["because"] = event.because


def _resumed(row: Row, event: SessionResumed) -> None:
    asked = row["status"] == Status.WAITING_INPUT
    row["because"] = "The question asked before the pause is still open." if asked else None


def _stopped(row: Row, event: SessionStopped) -> None:
    row["result"], row["because"] = "stopped", event.because


def _ended(row: Row, event: TurnEnded) -> None:
    row["result"], row["because"], row["answer_ref"] = event.result, event.because, event.answer


_CARRIED: dict[type, Callable[[Row, Any], None]] = {
    SessionStarted: _started,
    MessageReceived: _message,
    ModelReplied: _replied,
    CallProposed: _proposed,
    InputChecked: _input_checked,
    HandedOver: _handed_over,
    SessionPaused: _because,
    SessionResumed: _resumed,
    SessionStopped: _stopped,
    TurnEnded: _ended,
}
