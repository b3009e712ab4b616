"""Two versions of a document as a difference to read. Pure."""

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import yaml

from .shortening import MOST_ROWS, first_lines, shortened

TEXT_MARK = re.compile(r"(?<=: )\|[-+\d]*$")
"""How YAML says that a text follows; whether it ends with a line break is no difference worth a line."""


def difference(old: Sequence[str], new: Sequence[str], label: str) -> str:
    """HTML; every word is escaped."""
    lines, more = _unified(old, new, 2)
    shown = "\n".join(_coloured(line) for line in lines)
    return f'<pre class="qd-pre qd-diff" aria-label="{escape(label)}">{shown}{more and f"<span>{more}</span>"}</pre>'


def line_by_line(old: Sequence[str], new: Sequence[str], label: str) -> str:
    """HTML: unified, with a little context, wide lines wrapped so that it can be read on a phone."""
    lines, more = _unified(old, new, 3)
    rows = "".join(_rows(lines)) + (more and f'<div class="qd-gapline">{more}</div>')
    if not rows:
        return '<p class="qd-i3">Only line breaks at the end of a text differ.</p>'
    return f'<div class="qd-lines" role="group" tabindex="0" aria-label="{escape(label)}">{rows}</div>'


def _unified(old: Sequence[str], new: Sequence[str], around: int) -> tuple[list[str], str]:
    """The lines to show, and a word on those that are too many."""
    lines = list(difflib.unified_diff(first_lines(old), first_lines(new), lineterm="", n=around))[2:]
    more = len(lines) - MOST_ROWS
    return lines[:MOST_ROWS], f"\n… and {more:,} more" if more > 0 else ""


def yaml_lines(document: Any) -> list[str]:
    """A document as the export writes it, texts of several lines as such; nothing of a deleted one."""
    if document is None:
        return []
    text = yaml.dump(shortened(document), Dumper=_Readable, sort_keys=False, allow_unicode=True, width=110)
    return [TEXT_MARK.sub("|", line) for line in text.splitlines()]


class _Readable(yaml.SafeDumper):
    """A text of several lines stays one, instead of being folded into quotes."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def _rows(lines: Sequence[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        if line.startswith("@@"):
            yield '<div class="qd-gapline">…</div>' if at else ""
            continue
        kind, sign = {"+": ("qd-addline", "+"), "-": ("qd-delline", "−")}.get(line[:1], ("", ""))
        yield f'<div class="{kind}"><i aria-label="{_SPOKEN.get(sign, "")}">{sign}</i><span>{escape(line[1:])}</span></div>'


_SPOKEN = {"+": "added", "−": "taken out"}


def pretty(document: Any) -> list[str]:
    """A document as lines; long texts in it line by line too."""
    text = json.dumps(shortened(document), indent=2, ensure_ascii=False)
    return [part for line in text.splitlines() for part in line.replace("\\n", "\\n\n").split("\n") if part]


def _coloured(line: str) -> str:
    kind = {"+": "qd-add", "-": "qd-del", "@": "qd-i3"}.get(line[:1], "")
    words = "…" if line.startswith("@@") else line
    return f'<span class="{kind}">{escape(words)}</span>'
