"""Two versions of a document: as a difference to read, and the changes to one put on top of another. Pure."""

import difflib
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def difference(old: Sequence[str], new: Sequence[str], label: str) -> str:
    """HTML; every word is escaped."""
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    shown = "\n".join(_coloured(line) for line in lines)
    return f'<pre class="qd-pre qd-diff" aria-label="{escape(label)}">{shown}</pre>'


def pretty(document: Any) -> list[str]:
    """A document as lines; long texts in it line by line too."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return [part for line in text.splitlines() for part in line.replace("\\n", "\\n\n").split("\n") if part]


def on_top(mine: Mapping[str, Any], opened: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed from `opened` to `mine`, on top of what it is by now."""
    if theirs == opened:
        return dict(mine)  # in the order it has
    changed = {key: value for key, value in mine.items() if key not in opened or opened[key] != value}
    taken_away = {key for key in opened if key not in mine}
    return {key: value for key, value in {**theirs, **changed}.items() if key not in taken_away}


def _coloured(line: str) -> str:
    kind = {"+": "qd-add", "-": "qd-del", "@": "qd-i3"}.get(line[:1], "")
    words = "…" if line.startswith("@@") else line
    return f'<span class="{kind}">{escape(words)}</span>'
