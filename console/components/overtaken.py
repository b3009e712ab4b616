"""What is told to the second of two people who change the same document: who was first, what they did, and what would come of it."""

from collections.abc import Mapping
from html import escape
from typing import Any

from nicegui import ui

from store.configuration import Stored

from .. import format
from ..merging import Merged
from ..version_words import WORDS
from .differences import difference, pretty
from .notes import note

STILL_HERE = "What you typed is still here."
ANEW = "It can be made anew."
SEE = "Below is what saving your changes on top of that would do."


def conflicts(merged: Merged) -> str:
    """A sentence about each place that both changed; nothing where there is none."""
    if not merged.conflicts:
        return ""
    places = "; ".join(", ".join(_word(one) for one in path) for path in merged.conflicts)
    return f"You both changed this, and yours would replace theirs: {places}."


def _word(key: str) -> str:
    return WORDS.get(key, key.replace("_", " "))


def tell(words: str, now: Stored, opened: Mapping[str, Any] | None, merged: Merged | None) -> None:
    """Nothing to compare where the document is gone; `merged` is None where it would be deleted."""
    parts = [words, *([conflicts(merged)] if merged else [])]
    ui.html(note("bad", " ".join(one for one in parts if one)), sanitize=False)
    if now.document is None:
        return
    title = f"What {escape(now.by)} changed, {format.moment(now.at, 'date')}"
    _fold(title, opened, now.document, "as you opened it, and now")
    if merged is not None:
        _fold("What saving yours on top would change", now.document, merged.document, "as it is now, and with yours")


def _fold(title: str, old: Mapping[str, Any] | None, new: Mapping[str, Any], label: str) -> None:
    shown = difference(pretty(old), pretty(new), label) if old != new else "<p class='qd-i3'>Nothing.</p>"
    ui.html(f"<details class='qd-more' open><summary>{title}</summary>{shown}</details>", sanitize=False)
