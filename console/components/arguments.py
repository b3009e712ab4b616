"""The arguments of a call as a table: every value in full reach, hidden characters and mixed scripts made visible."""

import json
from collections.abc import Callable
from html import escape

from nicegui import ui

from agents.arguments import Leaf, leaves
from agents.hidden import mixed_scripts, visible

from ..icons import icon
from .buttons import button

LONG = 160
"""From here on a value is shown by its head and tail, until somebody has read it all."""


def long_paths(arguments_json: str) -> list[str]:
    """Values that have to be opened before the call may be approved."""
    return [leaf.path for leaf in leaves(arguments_json) if leaf.length > LONG]


def oddities(arguments_json: str) -> tuple[int, int]:
    """(values with hidden characters, values with mixed scripts)."""
    texts = [leaf.value for leaf in leaves(arguments_json) if isinstance(leaf.value, str)]
    hidden = sum(any(piece.hidden for piece in visible(text[:20_000])) for text in texts)
    return hidden, sum(bool(mixed_scripts(text[:20_000])) for text in texts)


def arguments_table(
    arguments_json: str, *, read: set[str], on_read: Callable[[str], None], before: str | None = None
) -> None:
    """Draw the table. `read` holds the long values opened so far; `before` the original of an edited call."""
    old = {leaf.path: leaf.raw for leaf in leaves(before)} if before else {}
    found = leaves(arguments_json)
    if not found:
        ui.html("<p class='qd-i3 qd-s'>The tool is called without any values.</p>", sanitize=False)
    with ui.element("table").classes("qd-args"), ui.element("tbody"):
        for leaf in found:
            _row(leaf, old.get(leaf.path), bool(before), read, on_read)


def _row(leaf: Leaf, old: str | None, edited: bool, read: set[str], on_read: Callable[[str], None]) -> None:
    changed = edited and old != leaf.raw
    odd = isinstance(leaf.value, str) and any(piece.hidden for piece in visible(leaf.value[:20_000]))
    row = ui.element("tr").classes("qd-ed" if changed else "qd-hid" if odd else "")
    with row:
        ui.html(escape(leaf.path.removeprefix("/")), sanitize=False, tag="td").props(f'title="{escape(leaf.path)}"')
        with ui.element("td"):
            if leaf.length > LONG:
                _long(leaf, read, on_read)
            else:
                struck = f' <s class="qd-i3 qd-m">{escape(old or "absent")}</s>' if changed else ""
                ui.html(f"<code>{shown(leaf)}</code>{struck}", sanitize=False)
        ui.html(_mark(leaf, changed), sanitize=False, tag="td")


def _mark(leaf: Leaf, changed: bool) -> str:
    marks = '<span class="qd-chip qd-sea">changed</span> ' if changed else ""
    if isinstance(leaf.value, str):
        if mixed := mixed_scripts(leaf.value[:20_000]):
            scripts = ", ".join(sorted(mixed[0].scripts))
            marks += f'<span class="qd-ev qd-weak">{icon("warn", "sm")}Mixed letters <u>{escape(scripts)}</u></span>'
        elif any(piece.hidden for piece in visible(leaf.value[:20_000])):
            marks += f'<span class="qd-ev qd-weak">{icon("hidden", "sm")}Hidden character</span>'
    return marks or f'<span class="qd-i3 qd-s">{_kind(leaf)}</span>'


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
    return "".join(
        f'<span class="qd-cp">{escape(piece.label or "")}</span>' if piece.hidden else _escaped(piece.text)
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
            ui.html(f'<pre class="qd-pre" style="white-space:pre-wrap;overflow-wrap:anywhere">{whole}</pre>', sanitize=False)
        on_read(leaf.path)

    if leaf.path in read:
        with place:
            open_it()
        return
    with place.classes("qd-long"):
        head, tail = _visible(text[:48]), _visible(text[-24:])
        ui.html(f'<code>"{head} <span class="qd-i3">…</span> {tail}"</code>', sanitize=False)
        button(f"Read all {leaf.length:,}", open_it, kind="t", sign="down")
