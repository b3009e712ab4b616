"""Labelled inputs of plain forms, each with a place for what is wrong with it."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.html import Html

OUTLINED = "outlined dense options-dense"


class Field(ui.element):
    """A labelled place for one input. `complain` shows a sentence under it; an empty one takes it away."""

    def __init__(self, label: str, help_text: str = "", *, needed: bool = False) -> None:
        super().__init__("div")
        self.classes("qd-f")
        self.label = label
        with self:
            star = " <span class='qd-i3'>(needed)</span>" if needed else ""
            ui.html(f"<span class='qd-lab'>{escape(label)}{star}</span>", sanitize=False)
            if help_text:
                ui.html(f"<span class='qd-help'>{escape(help_text)}</span>", sanitize=False)
            self._wrong: Html = ui.html("", sanitize=False).classes("qd-err").props("role=alert")

    def complain(self, words: str) -> None:
        self._wrong.set_content(escape(words))


def field(label: str, help_text: str = "", *, needed: bool = False) -> Field:
    return Field(label, help_text, needed=needed)


def line(
    label: str, value: str = "", *, hint: str = "", fixed: bool = False, mono: bool = False, secret: bool = False
) -> ui.input:
    """One line of text. `fixed`: shown, not to be changed."""
    made = ui.input(value=value, placeholder=hint, password=secret)
    _dress(made, label, fixed, mono, 'autocomplete="new-password"' if secret else 'autocomplete="off"')
    return made


def lines(
    label: str, value: str = "", *, hint: str = "", fixed: bool = False, mono: bool = False, tall: int = 64
) -> ui.textarea:
    made = ui.textarea(value=value, placeholder=hint)
    _dress(made, label, fixed, mono, f'autogrow input-style="min-height:{tall}px"')
    return made


def number(
    label: str, value: float | None = None, *, hint: str = "", fixed: bool = False, step: float | None = None
) -> ui.number:
    """No least value here: NiceGUI would silently put it in place of what was typed. The document's own check tells."""
    made = ui.number(value=value, placeholder=hint, format="%.12g", step=step)
    _dress(made, label, fixed, False, "")
    return made


def percent(value: float | None) -> str:
    """What is wrong with a share that is typed in per cent; empty if nothing is."""
    return "" if value is None or 0 < value <= 100 else "It has to be more than 0 and at most 100."


def choice(
    label: str, options: Mapping[str, str] | Iterable[str], value: Any, *, fixed: bool = False, several: bool = False
) -> ui.select:
    known = dict(options) if isinstance(options, Mapping) else list(options)
    made = ui.select(known, value=value, multiple=several)
    _dress(made, label, fixed, False, "use-chips" if several else "")
    return made


def whole_number(value: Any) -> Any:
    """What a number input holds: 8000.0 was meant as 8000."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _dress(made: Element, label: str, fixed: bool, mono: bool, more: str) -> None:
    made.props(f"{OUTLINED} {more}" + (" readonly" if fixed else ""))
    made.props["aria-label"] = label
    made.classes("qd-mono" if mono else "")
