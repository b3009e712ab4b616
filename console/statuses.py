"""Session statuses in words and colour. Pure."""

from html import escape

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


def chip(status: str, result: str | None = None) -> str:
    """HTML chip; a turn that ended at a limit or by fallback says so."""
    words, kind = WORDS.get(status, (status, ""))
    if status == "completed" and result in ("limit", "fallback"):
        words, kind = ("Limit reached", "warn") if result == "limit" else ("Fallback answer", "warn")
    return f'<span class="qd-chip {f"qd-{kind}" if kind else ""}">{escape(words)}</span>'
