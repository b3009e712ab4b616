"""Rows of inputs that can be added, removed and moved; whoever uses it draws the inputs of one row."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from .buttons import button, disable
from .focusing import focus_in, focus_on
from .row_button import row_button

Row = dict[str, Any]
TOUCHED = "window.qdTouched = true"


class RowList:
    """`rows` is changed in place. `draw(row)` creates its inputs; `what` is what one row is called: “stage”."""

    def __init__(
        self,
        rows: list[Row],
        draw: Callable[[Row], None],
        fresh: Callable[[], Row],
        *,
        what: str,
        fixed: bool,
        on_change: Callable[[], Any] = lambda: None,
        kind: str = "",
    ) -> None:
        self.rows = rows
        self._row = draw
        self._fresh = fresh
        self.what = what
        self.fixed = fixed
        self.on_change = on_change
        self.place = ui.element("div").classes(f"qd-rows {kind}")
        self.add = None if fixed else button(f"Add {_article(what)} {what}", self._add, kind="t", sign="plus")
        self.draw()

    def draw(self) -> None:
        self.place.clear()
        with self.place:
            for at, row in enumerate(self.rows):
                with ui.element("div").classes("qd-rowitem").props("role=group") as item:
                    item.props["aria-label"] = f"{self.what.capitalize()} {at + 1}"
                    with ui.element("div").classes("qd-rowfields"):
                        self._row(row)
                    if not self.fixed:
                        self._acts(at)

    def _acts(self, at: int) -> None:
        about = f"{self.what} {at + 1}"
        with ui.element("div").classes("qd-rowacts"):
            up = row_button("Up", about, lambda: self._move(at, -1), kind="g")
            down = row_button("Down", about, lambda: self._move(at, 1), kind="g")
            disable(up, at == 0)
            disable(down, at == len(self.rows) - 1)
            row_button("Remove", about, lambda: self._remove(at), kind="g")

    def _add(self) -> None:
        self.rows.append(self._fresh())
        self._changed()
        last = f".qd-rowitem:nth-child({len(self.rows)})"
        focus_in(self.place, f"{last} input, {last} textarea")

    def _move(self, at: int, by: int) -> None:
        to = at + by
        if not 0 <= to < len(self.rows):
            return
        self.rows[at], self.rows[to] = self.rows[to], self.rows[at]
        self._changed()
        # the last way there is leads nowhere: then the other button of the row is focused
        button_at = 2 if (by > 0 and to < len(self.rows) - 1) or to == 0 else 1
        focus_in(self.place, f".qd-rowitem:nth-child({to + 1}) .qd-rowacts button:nth-child({button_at})")

    def _remove(self, at: int) -> None:
        del self.rows[at]
        self._changed()
        if self.add is not None:
            focus_on(self.add)

    def _changed(self) -> None:
        with self.place:
            ui.run_javascript(TOUCHED)
        self.draw()
        self.on_change()


def kept_in(row: Row, key: str, made: Any, read: Callable[[Any], Any] = lambda value: value) -> Any:
    """What is typed into the input goes into the row."""

    def keep(event: Any) -> None:
        row[key] = read(event.value)

    made.on_value_change(keep)
    return made


def tick(label: str, value: bool, *, fixed: bool) -> ui.checkbox:
    made = ui.checkbox(label, value=value).props("dense")
    made.on_value_change(lambda: ui.run_javascript(TOUCHED))
    if fixed:
        made.disable()
    return made


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"
