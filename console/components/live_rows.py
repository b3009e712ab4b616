"""Rows that are brought up to date where they stand: what stays keeps its place, and the focus with it."""

from collections.abc import Mapping, Sequence
from html import escape

from nicegui import ui
from nicegui.element import Element

Shown = tuple[str, str]
"""Address and HTML of one row."""


class LiveRows:
    """Each row is a link. New ones come at the end until the page is opened again; `empty` is HTML for none."""

    def __init__(self, rows: Mapping[str, Shown], empty: str, classes: str = "") -> None:
        self._classes = f"qd-lr {classes}"
        self.place = ui.element("div")
        self._rows: dict[str, tuple[Element, ui.html]] = {}
        with self.place:
            self._empty = ui.html(empty, sanitize=False).classes("qd-in qd-i3")
        self.show(rows)

    def order(self, wanted: Sequence[str], most: int) -> list[str]:
        """Of all that could be shown, those that are there already first."""
        stay = [key for key in self._rows if key in wanted]
        return [*stay, *(key for key in wanted if key not in self._rows)][:most]

    def show(self, rows: Mapping[str, Shown]) -> None:
        for key in [key for key in self._rows if key not in rows]:
            self._rows.pop(key)[0].delete()
        for key, (address, html) in rows.items():
            if key not in self._rows:
                self._rows[key] = self._made(address)
            if self._rows[key][1].content != html:
                self._rows[key][1].set_content(html)
        self._empty.set_visibility(not rows)

    def _made(self, address: str) -> tuple[Element, ui.html]:
        with self.place, ui.element("a").classes(self._classes) as row:
            row.props["href"] = address
            return row, ui.html("", sanitize=False).style("display:contents")


def hint(text: str) -> str:
    return f'<span class="qd-hint qd-n">{escape(text)}</span>' if text else ""
