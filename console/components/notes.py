"""A sentence that stands out from what is around it. Pure."""

from html import escape

from ..icons import icon

SIGNS = {"ok": "check", "bad": "warn", "warn": "warn"}


def note(kind: str, words: str) -> str:
    """HTML; `kind` is "ok", "warn", "bad", or "" for a plain one."""
    return f'<div class="qd-note qd-{kind}">{icon(SIGNS.get(kind, "help"), "md")}<span>{escape(words)}</span></div>'
