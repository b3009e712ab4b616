"""Session statuses in words and colour. Pure."""

from html import escape
from typing import Any

WORDS = {
    "queued": ("Queued", ""),
    "running": ("Running", "sea"),
    "waiting_approval": ("Waits for approval", "warn"),
    "waiting_input": ("Waits for an answer", "warn"),
    "paused": ("Paused", "warn"),
    "completed": ("Done", "ok"),
    "failed": ("Failed", "bad"),
    "stopped": ("Stopped", "bad"),
}


def shown(session: dict[str, Any], *, at_work: bool) -> dict[str, Any]:
    """The row as people see it: queued is what waits for its turn, not what waits for the model's first reply.

    `at_work`: whether the engine has begun with it, which nothing on record says before that reply.
    """
    return {**session, "status": "running"} if at_work and session["status"] == "queued" else session


def chip(status: str, result: str | None = None) -> str:
    """HTML chip; a turn that ended at a limit or by fallback says so."""
    words, kind = WORDS.get(status, (status, ""))
    if status == "completed" and result in ("limit", "fallback"):
        words, kind = ("Limit reached", "warn") if result == "limit" else ("Fallback answer", "warn")
    return f'<span class="qd-chip {f"qd-{kind}" if kind else ""}">{escape(words)}</span>'
