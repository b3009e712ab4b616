"""What a page shows where there is nothing yet: what that means and what to do next."""

from html import escape

from nicegui import ui

from ..icons import icon


def empty(sign: str, title: str, text: str, link: tuple[str, str] | None = None) -> None:
    """`link` is (path, words) of the next thing to do."""
    action = f'<a class="qd-btn qd-p" href="{escape(link[0])}">{escape(link[1])}</a>' if link else ""
    html = f"{icon(sign)}<h2>{escape(title)}</h2><p>{escape(text)}</p>{action}"
    ui.html(html, sanitize=False).classes("qd-empty")
