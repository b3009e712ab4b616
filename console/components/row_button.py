"""A small button that stands in every row of a list: for those who cannot see the row, its label says which."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from .buttons import button


def row_button(words: str, about: str, on_click: Callable[[], Any], *, kind: str = "", sign: str = "") -> Element:
    made = button(words, on_click, kind=f"t {kind}".strip(), sign=sign)
    made.props["aria-label"] = f"{words}: {about}"
    return made
