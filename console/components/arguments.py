"""The arguments of a call as a table: every value in full reach, hidden characters and mixed scripts made visible.

The model chose the names as well as the values. Neither may go through `.props("…")`: its parser can be talked out of
its quotes, and NiceGUI runs the value of a prop whose name begins with a colon.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from nicegui import ui

from agents.arguments import Leaf, leaves
from agents.hidden import mixed_scripts, visible

from ..icons import icon
from .buttons import button
from .evidence import chip, is_invented, near

LONG = 160
"""From here on a value is shown by its head and tail, until somebody has read it all."""
MOST_ROWS = 200
"""Every row costs the server several elements and much of a millisecond; the rest is one text, opened on request."""
REST = "the rest"
"""Stands for that text among the paths of long values, which begin with a slash."""
CHECKED = 20_000
"""Characters looked through for marks beside a value; opened, all of it is drawn with its boxes."""


def long_paths(arguments_json: str) -> list[str]:
    """Values that have to be opened before the call may be approved."""
    found = leaves(arguments_json)
    long = [leaf.path for leaf in found[:MOST_ROWS] if leaf.length > LONG]
    return [*long, REST] if len(found) > MOST_ROWS else long


def oddities(arguments_json: str) -> tuple[int, int]:
    """(values with hidden characters, values with mixed scripts), in their names or in themselves."""
    found = leaves(arguments_json)
    return sum(map(_hides, found)), sum(bool(_mixed(leaf)) for leaf in found)


def arguments_table(
    arguments_json: str,
    *,
    read: set[str],
    on_read: Callable[[str], None],
    before: str | None = None,
    evidence: Iterable[dict[str, Any]] = (),
    session: str = "",
) -> None:
    """Draw the table. `read` holds the long values opened so far; `before` the original of an edited call.

    `session` is the path of the session's page, for the links of the evidence.
    """
    known = {one["path"]: one for one in evidence}
    old = {leaf.path: leaf.raw for leaf in leaves(before)} if before else {}
    found = leaves(arguments_json)
    if not found:
        ui.html("<p class='qd-i3 qd-s'>The tool is called without any values.</p>", sanitize=False)
    rest = [_line(leaf, old.pop(leaf.path, None), bool(before)) for leaf in found[MOST_ROWS:]]
    with ui.element("table").classes("qd-args"), ui.element("tbody"):
        for leaf in found[:MOST_ROWS]:
            was = old.pop(leaf.path, None)
            changed = bool(before) and was != leaf.raw
            origin = None if changed else known.get(leaf.path)  # a person changed it: they know where it is from
            _row(leaf, was, changed, Origin(origin, session), read, on_read)
        for path, raw in list(old.items())[:MOST_ROWS]:
            _removed_row(path, raw)
    rest += [f"{_name(path)} {_struck(raw)} (removed)" for path, raw in list(old.items())[MOST_ROWS:]]
    if rest:
        _rest(rest, read, on_read)


def _line(leaf: Leaf, old: str | None, edited: bool) -> str:
    """One of the values that have no row: its name, all of it, and what it was before."""
    was = f"{_struck(old)} (changed)" if edited and old != leaf.raw else ""
    return f"{_name(leaf.path)} = {shown(leaf)}{was}"


def _rest(lines: list[str], read: set[str], on_read: Callable[[str], None]) -> None:
    """Closed at first; once opened, all of it stays open and counts as read."""
    place = ui.element("div").classes("qd-bd")

    def open_it() -> None:
        place.clear()
        with place:
            text = "\n".join(lines)
            ui.html(f'<pre class="qd-pre" style="white-space:pre-wrap">{text}\n</pre>', sanitize=False)
        on_read(REST)

    if REST in read:
        open_it()
        return
    with place:
        ui.html(f"<p class='qd-i3 qd-s'>and {len(lines):,} more values</p>", sanitize=False)
        button(f"Read all {len(lines):,}", open_it, kind="t", sign="down")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, if that is known, and where its session is shown."""

    found: dict[str, Any] | None
    session: str

    def near(self) -> str:
        return near(self.found) if self.found else ""

    def chip(self) -> str:
        return chip(self.found, self.session) if self.found else ""


def _row(
    leaf: Leaf, old: str | None, changed: bool, origin: Origin, read: set[str], on_read: Callable[[str], None]
) -> None:
    look = "qd-ed" if changed else "qd-bad" if is_invented(origin.found) else "qd-hid" if _hides(leaf) else ""
    with ui.element("tr").classes(look):
        _cell(_name(leaf.path))
        with ui.element("td"):
            if leaf.length > LONG:
                _long(leaf, read, on_read)
                ui.html(origin.near(), sanitize=False)
            else:
                was = _struck(old) if changed else ""
                ui.html(f"<code>{shown(leaf)}</code>{was}{origin.near()}", sanitize=False)
        _cell(_mark(leaf, changed, origin.chip()))


def _removed_row(path: str, raw: str) -> None:
    with ui.element("tr").classes("qd-ed"):
        _cell(_name(path))
        _cell(_struck(raw))
        _cell('<span class="qd-chip qd-sea">removed</span>')


def _cell(html: str) -> None:
    ui.html(html, sanitize=False, tag="td")


def _name(path: str) -> str:
    """Kept apart from what follows, whichever way its letters run."""
    return f"<bdi>{_visible(path.removeprefix('/'))}</bdi>"


def _struck(raw: str | None) -> str:
    if raw is None:
        return ' <s class="qd-i3 qd-m">absent</s>'
    text = raw if len(raw) <= LONG else f"{raw[:48]} … {raw[-24:]}"
    return f' <s class="qd-i3 qd-m">{_boxed(text, escape)}</s>'


def _texts(leaf: Leaf) -> tuple[str, ...]:
    return (leaf.path, leaf.value[:CHECKED]) if isinstance(leaf.value, str) else (leaf.path,)


def _hides(leaf: Leaf) -> bool:
    return any(piece.hidden for text in _texts(leaf) for piece in visible(text))


def _mixed(leaf: Leaf) -> set[str]:
    """The scripts of the first suspicious words."""
    return {script for text in _texts(leaf) for found in mixed_scripts(text)[:1] for script in found.scripts}


def _mark(leaf: Leaf, changed: bool, origin: str) -> str:
    marks = '<span class="qd-chip qd-sea">changed</span> ' if changed else ""
    if mixed := _mixed(leaf):
        scripts = escape(", ".join(sorted(mixed)))
        marks += f'<span class="qd-ev qd-weak">{icon("warn", "sm")}Mixed letters <u>{scripts}</u></span>'
    elif _hides(leaf):
        marks += f'<span class="qd-ev qd-weak">{icon("hidden", "sm")}Hidden character</span>'
    return f"{marks}{origin}" or f'<span class="qd-i3 qd-s">{_kind(leaf)}</span>'


def _kind(leaf: Leaf) -> str:
    if isinstance(leaf.value, bool):
        return "true or false"
    if isinstance(leaf.value, int | float):
        return "number"
    if isinstance(leaf.value, str):
        return f"text, {leaf.length}"
    return "empty" if leaf.value is None or not leaf.value else ""


def shown(leaf: Leaf) -> str:
    """The exact JSON of a value, escaped, with what cannot be seen drawn as a labelled box."""
    if not isinstance(leaf.value, str):
        return escape(leaf.raw)
    return f'"{_visible(leaf.value)}"'


def _visible(text: str) -> str:
    return _boxed(text, _escaped)


def _boxed(text: str, written: Callable[[str], str]) -> str:
    return "".join(
        f'<span class="qd-cp">{escape(piece.label)}</span>' if piece.hidden else written(piece.text)
        for piece in visible(text)
    )


def _escaped(text: str) -> str:
    """As JSON writes it (a quote inside a text stays recognisable), then safe for HTML."""
    return escape(json.dumps(text, ensure_ascii=False)[1:-1])


def _long(leaf: Leaf, read: set[str], on_read: Callable[[str], None]) -> None:
    """Head and tail first; once opened, all of it stays open and counts as read."""
    text = leaf.value if isinstance(leaf.value, str) else leaf.raw
    place = ui.element("div")

    def open_it() -> None:
        place.clear()
        with place:
            whole = _visible(text) if isinstance(leaf.value, str) else escape(leaf.raw)
            ui.html(
                f'<pre class="qd-pre" style="white-space:pre-wrap;overflow-wrap:anywhere">{whole}</pre>', sanitize=False
            )
        on_read(leaf.path)

    if leaf.path in read:
        with place:
            open_it()
        return
    with place.classes("qd-long"):
        quote = '"' if isinstance(leaf.value, str) else ""
        head, tail = f"{quote}{_visible(text[:48])}", f"{_visible(text[-24:])}{quote}"
        ui.html(f'<code>{head} <span class="qd-i3">…</span> {tail}</code>', sanitize=False)
        button(f"Read all {leaf.length:,}", open_it, kind="t", sign="down")
