"""Recorded events → patches of timeline rows, merged by key in the browser. Pure, one event at a time.

A patch with a `kind` makes a row; one without changes the row of its key, in whichever order the two arrive.
"""

import json
from typing import Any

from . import guard_rows
from .markdown import render

Event = dict[str, Any]
Patch = dict[str, Any]
SHORT = 240
"""Characters of arguments and outputs in a row; the whole text is one click away."""


def patches(event: Event) -> list[Patch]:
    """The row patches of one event as `store.queries.events` gives it."""
    made: list[Patch] = _ROWS.get(event["type"], _other)(event, event["data"])
    for patch in made:
        patch["seq"] = event["seq"]
        if "kind" in patch:
            patch["at"] = event["at"]
    return made


def call_of(event: Event) -> str | None:
    """The id of the call an event is about, if it is about one."""
    data = event["data"]
    if "call_id" in data:
        return str(data["call_id"])
    return _call_key(data["approval_id"]).removeprefix("call-") if "approval_id" in data else None


def page(events: list[Event]) -> dict[str, Any]:
    """What the timeline fetches: the rows of these events, and which events they are."""
    first, last = (events[0]["seq"], events[-1]["seq"]) if events else (1, 0)
    return {"first": first, "last": last, "rows": [patch for event in events for patch in patches(event)]}


def step_key(step: int) -> str:
    return f"step-{step}"


def words(key: str, text: str) -> Patch:
    """A piece of a reply that is still being written; with `anew`, all of it so far."""
    return {"key": key, "words": text}


def _started(event: Event, data: Event) -> list[Patch]:
    if not data.get("inputs"):
        return []
    return [{"key": "inputs", "kind": "note", "tone": "plain", "title": "Inputs", "text": _flat(data["inputs"])}]


def _message(event: Event, data: Event) -> list[Patch]:
    rows: list[Patch] = []
    if data["opens_turn"]:
        rows.append({"key": f"turn-{data['turn']}", "kind": "turn", "turn": data["turn"]})
    hint = f"turn {data['turn']}{'' if data['opens_turn'] else ', read at the next step'}"
    text = data["text"] if data["text"] is not None else "[erased]"
    return [*rows, {"key": f"e{event['seq']}", "kind": "user", "who": data["by"], "hint": hint, "text": text}]


def _replied(event: Event, data: Event) -> list[Patch]:
    usage = data["usage"]
    output = _parts(data.get("output"))
    reading = usage["input"] + usage["cache_read"] + usage["cache_write"]
    row: Patch = {
        "key": step_key(data["step"]),
        "kind": "step",
        "step": data["step"],
        "closing": data["purpose"] == "closing",
        "model": data["profile"],
        "route": _route(data),
        "said": output.get("text", "") if data["calls"] else "",
        "calls": data["calls"],
        "tokens_in": reading,
        "tokens_cached": usage["cache_read"],
        "tokens_out": usage["output"],
        "cost_usd": data["cost_usd"],
        "latency_ms": data["latency_ms"],
        "first_token_ms": data["first_token_ms"],
        "because": data["because"],
        "attempts": [f"{one['model']}: {one['error']}, {one['message']}" for one in data.get("attempts", ())],
        "words": None,
    }
    return [row]


def _model_failed(event: Event, data: Event) -> list[Patch]:
    attempts = [f"{one['model']}: {one['error']}, {one['message']}" for one in data["attempts"]]
    note = {"kind": "note", "tone": "bad", "title": "No model replied", "text": data["because"], "more": attempts}
    return [{"key": step_key(data["step"]), **note}]


def _proposed(event: Event, data: Event) -> list[Patch]:
    details = _parts(data.get("details"))
    return [
        {
            "key": f"call-{data['call_id']}",
            "kind": "call",
            "from_seq": event["seq"],
            "call": data["call_id"],
            "step": data["step"],
            "tool": data["tool"],
            "connector": data["connector"],
            "risk": data["risk"],
            "state": data["state"],
            "because": data["because"],
            "effect": details.get("effect", ""),
            "arguments": _arguments(data),
            "reasoning": details.get("reasoning"),
            "problems": details.get("problems", []),
            "warnings": guard_rows.warnings(details.get("evidence", ())),
        }
    ]


def _revised(event: Event, data: Event) -> list[Patch]:
    details = _parts(data.get("details"))
    return [
        {
            "key": f"call-{data['call_id']}",
            "arguments": _arguments(data),
            "effect": details.get("effect", ""),
            "warnings": guard_rows.warnings(details.get("evidence", ())),
            "edited_by": data["by"],
        }
    ]


def _tool_started(event: Event, data: Event) -> list[Patch]:
    return [{"key": f"call-{data['call_id']}", "state": "executing", "began": event["at"], "attempt": data["attempt"]}]


def _tool_finished(event: Event, data: Event) -> list[Patch]:
    output = data.get("output")
    return [
        {
            "key": f"call-{data['call_id']}",
            "state": data["state"],
            "output": _short(_flat(output)),
            "output_bytes": data["output_bytes"],
            "latency_ms": data["latency_ms"],
        }
    ]


def _asks(event: Event, data: Event) -> list[Patch]:
    """A server's question, beside the call it belongs to."""
    form = _parts(data.get("form"))
    text = form.get("message") or "[erased]"
    note = {"kind": "note", "tone": "warn", "title": "A question in the middle of the call", "who": ""}
    return [{"key": f"call-{data['call_id']}", "state": "held"}, {"key": f"e{event['seq']}", **note, "text": text}]


def _requested(event: Event, data: Event) -> list[Patch]:
    approval = {
        "id": data["approval_id"],
        "expires_at": data["expires_at"],
        "kind": data["kind"],
        "asked_at": event["at"],
    }
    state = "unknown" if data["kind"] == "unknown_outcome" else "held"
    return [{"key": f"call-{data['call_id']}", "state": state, "approval": approval, "because": data["because"]}]


def _answered(event: Event, data: Event) -> list[Patch]:
    """Somebody answered a server's question: no word on the call itself, which was released before."""
    title = "Answered" if data["decision"] == "answer" else "Declined to answer"
    text = _short(_flat(data["arguments"])) if data["decision"] == "answer" else ""
    note = {"kind": "note", "tone": "plain", "title": title, "who": f"by {data['by']}", "text": text}
    call = {"key": _call_key(data["approval_id"]), "state": "allowed", "approval": None}
    return [call, {"key": f"e{event['seq']}", **note}]


def _decided(event: Event, data: Event) -> list[Patch]:
    if data["decision"] in ("answer", "decline"):
        return _answered(event, data)
    patch: Patch = {
        "key": _call_key(data["approval_id"]),
        "decision": data["decision"],
        "decided_by": data["by"],
        "decided_at": event["at"],
        "decision_code": data.get("code"),
        "decision_because": data.get("because"),
    }
    if data["status"] != "pending":
        state = {"approved": "allowed", "rejected": "rejected", "cancelled": "cancelled"}.get(data["status"])
        patch |= {"approval": None} | ({"state": state} if state else {})
    return [patch]


def _expired(event: Event, data: Event) -> list[Patch]:
    return [{"key": _call_key(data["approval_id"]), "state": "expired", "approval": None, "because": data["because"]}]


def _voided(event: Event, data: Event) -> list[Patch]:
    return [{"key": _call_key(data["approval_id"]), "approval": None, "because": data["because"]}]


def _withdrawn(event: Event, data: Event) -> list[Patch]:
    return [{"key": f"call-{data['call_id']}", "state": "cancelled", "approval": None, "because": data["because"]}]


def _lost(event: Event, data: Event) -> list[Patch]:
    return [{"key": f"call-{data['call_id']}", "state": "unknown", "because": data["because"]}]


def _settled(event: Event, data: Event) -> list[Patch]:
    state = "succeeded" if data["happened"] else "failed"
    words = "It happened" if data["happened"] else "It did not happen"
    return [
        {"key": f"call-{data['call_id']}", "state": state, "output": f"{words}, says {data['by']}.", "approval": None}
    ]


def _turn_ended(event: Event, data: Event) -> list[Patch]:
    answer = data.get("answer")
    return [
        {
            "key": f"end-{event['seq']}",
            "kind": "answer",
            "result": data["result"],
            "because": data["because"],
            "turn": data["turn"],
            "html": render(answer) if answer else "",
            "cut": bool(data.get("truncated")),
        }
    ]


def _note(title: str, tone: str) -> Any:
    def rows(event: Event, data: Event) -> list[Patch]:
        by = f"by {data['by']}" if data.get("by") else ""
        text = data.get("because") or data.get("note") or ""
        return [{"key": f"e{event['seq']}", "kind": "note", "tone": tone, "title": title, "who": by, "text": text}]

    return rows


def _stage(event: Event, data: Event) -> list[Patch]:
    title = f"Stage {data['index'] + 1}: {data['stage']}"
    return [{"key": f"e{event['seq']}", "kind": "note", "tone": "plain", "title": title, "text": data["because"]}]


def _other(event: Event, data: Event) -> list[Patch]:
    """An event of a newer program: shown by name, so that nothing is hidden."""
    return [
        {
            "key": f"e{event['seq']}",
            "kind": "note",
            "tone": "plain",
            "title": event["type"],
            "text": _short(_flat(data)),
        }
    ]


_ROWS: dict[str, Any] = {
    "SessionStarted": _started,
    "MessageReceived": _message,
    "ModelReplied": _replied,
    "ModelFailed": _model_failed,
    "CallProposed": _proposed,
    "CallRevised": _revised,
    "ToolStarted": _tool_started,
    "ToolFinished": _tool_finished,
    "ApprovalRequested": _requested,
    "ApprovalDecided": _decided,
    "ApprovalExpired": _expired,
    "ApprovalVoided": _voided,
    "CallWithdrawn": _withdrawn,
    "InputRequired": _asks,
    "OutcomeUnknown": _lost,
    "OutcomeSettled": _settled,
    "TurnEnded": _turn_ended,
    "StageEntered": _stage,
    **guard_rows.ROWS,
    "AnswerRefused": _note("Sent back to the model", "warn"),
    "SessionPaused": _note("Paused", "warn"),
    "SessionResumed": _note("Resumed", "plain"),
    "SessionStopped": _note("Stopped", "bad"),
}


def _route(data: Event) -> str:
    """Which model was asked instead of the one that acts, and by which rule."""
    role, because = data.get("role", "act"), str(data["because"])
    return f"{role}: {because.split(';')[0]}" if role != "act" else ""


def _call_key(approval_id: str) -> str:
    """`S-4c1f.7.1.2` → `call-7.1`: the session's own id holds no dot."""
    return "call-" + ".".join(approval_id.split(".")[1:3])


def _parts(value: Any) -> dict[str, Any]:
    """A content that is an object; too long a one comes as text, cut, and an erased one not at all."""
    return value if isinstance(value, dict) else {}


def _arguments(data: Event) -> str:
    details = data.get("details")
    if not isinstance(details, dict):
        return _short(details or "[erased]")
    return _short(details.get("arguments_json") or details.get("raw") or "")


def _flat(value: Any) -> str:
    if value is None:
        return "[erased]"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"
