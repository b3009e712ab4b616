"""Two versions of a document: as a difference to read, and the changes to one put on top of another. Pure."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import yaml

TEXT_MARK = re.compile(r"(?<=: )\|[-+\d]*$")
"""How YAML says that a text follows; whether it ends with a line break is no difference worth a line."""


def difference(old: Sequence[str], new: Sequence[str], label: str) -> str:
    """HTML; every word is escaped."""
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    shown = "\n".join(_coloured(line) for line in lines)
    return f'<pre class="qd-pre qd-diff" aria-label="{escape(label)}">{shown}</pre>'


def line_by_line(old: Sequence[str], new: Sequence[str], label: str) -> str:
    """HTML: unified, with a little context, wide lines wrapped so that it can be read on a phone."""
    rows = "".join(_rows(list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]))
    if not rows:
        return '<p class="qd-i3">Only line breaks at the end of a text differ.</p>'
    return f'<div class="qd-lines" role="group" tabindex="0" aria-label="{escape(label)}">{rows}</div>'


def yaml_lines(document: Any) -> list[str]:
    """A document as the export writes it, texts of several lines as such; nothing of a deleted one."""
    if document is None:
        return []
    text = yaml.dump(document, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=110)
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
