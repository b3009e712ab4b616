"""Cells of tables that become cards where there is no room for columns: each carries its column's name along."""

from nicegui import ui
from nicegui.elements.html import Html


def labelled(content: str, head: str) -> Html:
    """`content` is HTML; `head` is shown before it at narrow widths only."""
    cell = ui.html(content, sanitize=False, tag="td")
    cell.props["data-head"] = head
    return cell
