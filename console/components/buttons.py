"""Buttons as our sheet draws them: plain elements, one icon at most, an optional key."""

from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ..icons import icon


def button(
    words: str, on_click: Callable[[], Any] | None = None, *, kind: str = "", sign: str = "", key: str = ""
) -> Element:
    """`kind`: "" outlined, "p" primary, "d" dangerous, "g" ghost, "t" small; several may be combined with a space."""
    element = ui.element("button").classes(" ".join(["qd-btn", *(f"qd-{one}" for one in kind.split())]))
    element.props('type="button"')
    with element:
        drawn = icon(sign, "md") if sign else ""
        pressed = f"<kbd>{escape(key)}</kbd>" if key else ""
        ui.html(f"{drawn}<span>{escape(words)}</span>{pressed}", sanitize=False).style("display:contents")
    if on_click:
        element.on("click", on_click)
    return element


def disable(element: Element, disabled: bool) -> None:
    element.props("disabled" if disabled else "", remove="" if disabled else "disabled")
