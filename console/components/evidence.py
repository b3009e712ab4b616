"""Where the values of a call came from, as chips: quiet when all is well, red where nobody said it. Pure: HTML out."""

from html import escape
from typing import Any

from ..guard_rows import doubt
from ..icons import icon

Evidence = dict[str, Any]
ORIGINS = {
    "user": ("user", "User", "qd-user"),
    "tool": ("tool", "Tool result", "qd-tool"),
    "recall": ("recall", "Recall", "qd-recall"),
    "summary": ("fold", "Summary", "qd-recall"),
    "configuration": ("lock", "Configuration", ""),
    "schema": ("braces", "Schema", ""),
    "computed": ("equals", "Computed", ""),
    "nowhere": ("warn", "Invented?", ""),
}
"""Icon, word and colour of each origin."""
MODELS_TEXT = ("agent", "Model’s text", "")
"""A letter or a reason is nobody's value; the facts in it are known."""
SHORT = 22
"""Characters of a quote beside the chip's word; all of it is in the tooltip."""


def chip(one: Evidence, session: str) -> str:
    """One value's origin; it links to the event whose text holds the value. `session`: path of its session's page."""
    sign, word, colour = ORIGINS.get(one["origin"], ("help", one["origin"], ""))
    if one["origin"] == "computed" and not one.get("quote"):
        sign, word, colour = MODELS_TEXT
    kind, because = doubt(one)
    colour = {"none": "qd-none", "weak": "qd-weak"}.get(kind, colour)
    hint = "outside text" if not one.get("trusted", True) else _hint(one)
    inner = f"{icon(sign, 'sm')}{escape(word)}" + (f" <u>{escape(hint)}</u>" if hint else "")
    title = escape(" – ".join(filter(None, (because, f"“{one['quote']}”" if one.get("quote") else ""))))
    if one.get("seq"):
        where = f"{session}?event={int(one['seq'])}"
        return f'<a class="qd-ev {colour}" href="{escape(where)}" title="{title}">{inner}</a>'
    return f'<span class="qd-ev {colour}" title="{title}">{inner}</span>'


def near(one: Evidence) -> str:
    """What the value is almost, beside the value itself."""
    if not one.get("near"):
        return ""
    colour = "qd-near" if one["origin"] == "nowhere" else "qd-s qd-brass"
    return f' <span class="{colour} qd-beside-value">{escape(one["near"])}</span>'


def is_invented(one: Evidence | None) -> bool:
    return one is not None and one["origin"] == "nowhere"


def _hint(one: Evidence) -> str:
    quote = one.get("quote") or ""
    if one["origin"] in ("computed", "configuration", "schema") and quote:
        return quote if len(quote) <= SHORT else f"{quote[:SHORT]}…"
    return f"event {one['seq']}" if one.get("seq") else ""
