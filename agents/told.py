"""What a model hears about a settled call: its output, or why there is none. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from store.events import CallState

from . import arguments
from .folded import Call

ERASED = "[This part of the conversation was erased.]"


def told(call: Call, texts: Mapping[str, str | None]) -> str:
    """The content of the call's tool message."""
    output = _output(texts.get(call.output)) if call.output else ""
    note = (texts.get(call.note) or "") if call.note else ""
    match call.state:
        case CallState.SUCCEEDED | CallState.FAILED if call.settled_by:
            happened = (
                "was carried out; its output was lost" if call.state is CallState.SUCCEEDED else "was not carried out"
            )
            return f"A person confirmed that the call {happened}."
        case CallState.SUCCEEDED | CallState.FAILED if call.edited_by:
            ran = _ran(json.loads(texts.get(call.details) or "{}"))
            result = "Result" if call.state is CallState.SUCCEEDED else "The tool failed"
            return f"A person changed the arguments before approving. What ran: {ran}\n{result}: {output}"
        case CallState.SUCCEEDED:
            return output
        case CallState.FAILED:
            return f"The tool failed: {output}"
        case CallState.REJECTED:
            return f"Rejected by a person ({call.code or 'no reason code'}): {note} Do not propose the same call again."
        case CallState.CANCELLED if call.code == "respond":
            return f"A person answered instead of running the call: {note}"
        case CallState.DENIED:
            return f"Denied by policy: {call.because}"
        case CallState.INVALID:
            return f"The call is invalid and did not run: {_problems(call, texts)}"
        case CallState.EXPIRED | CallState.CANCELLED if call.form:
            return f"The tool asked a person for something before it goes on. {call.because} It was not finished."
        case CallState.EXPIRED:
            return f"{call.because} The call did not run."
        case _:
            return f"The call did not run: {call.because}"


def _output(text: str | None) -> str:
    return ERASED if text is None else text or "(no output)"


def _ran(details: Mapping[str, Any]) -> str:
    """The arguments as they were sent, without those that the administrator fixed."""
    text = details.get("arguments_json") or ""
    kept = details.get("kept") or ()
    if not kept or not text:
        return text
    return arguments.canonical({key: value for key, value in arguments.parse(text).items() if key not in kept})


def _problems(call: Call, texts: Mapping[str, str | None]) -> str:
    details = json.loads(texts.get(call.details) or "{}")
    return "; ".join(details.get("problems", ())) or call.because
