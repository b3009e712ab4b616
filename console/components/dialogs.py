"""Questions before something that cannot be taken back, and texts too long for their place."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from nicegui import ui

from .buttons import button


async def ask_why(
    title: str, text: str, do: str, *, placeholder: str = "Why? (needed; it stays in the record)", needed: bool = True
) -> str | None:
    """Ask for a reason; returns the words, or None when the person thought better of it."""
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg"):
        ui.html(f"<h2>{escape(title)}</h2><p class='qd-i2'>{escape(text)}</p>", sanitize=False)
        words = ui.textarea(placeholder=placeholder).props("outlined dense autofocus autogrow").classes("qd-full")

        def submit() -> None:
            if needed and not (words.value or "").strip():
                words.props("error").props("error-message='A few words, please: they stay in the record.'")
                return
            dialog.submit(words.value or "")

        with ui.element("div").classes("qd-acts"):
            button(do, submit, kind="p")
            button("Cancel", lambda: dialog.submit(None), kind="g")
    answer = await dialog
    if not dialog.is_deleted:  # the page may have been left meanwhile
        dialog.delete()
    return None if answer is None else str(answer).strip()


@contextmanager
def on_page() -> Iterator[None]:
    """A question asked in here outlives the place it was asked from, which may be drawn anew meanwhile."""
    with ui.context.client.content:
        yield


async def confirm(title: str, text: str, do: str) -> bool:
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg"):
        ui.html(f"<h2>{escape(title)}</h2><p class='qd-i2'>{escape(text)}</p>", sanitize=False)
        with ui.element("div").classes("qd-acts"):
            button(do, lambda: dialog.submit(True), kind="d")
            button("Cancel", lambda: dialog.submit(False), kind="g")
    answer = await dialog
    if not dialog.is_deleted:  # the page may have been left meanwhile
        dialog.delete()
    return bool(answer)


def show_text(title: str, sections: list[tuple[str, str]]) -> None:
    """Read-only texts, each under its heading, escaped."""
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg qd-xl"):
        ui.html(f"<h2>{escape(title)}</h2>", sanitize=False)
        for heading, text in sections:
            ui.html(
                f"<h3 class='qd-lab'>{escape(heading)}</h3><pre class='qd-pre'>{escape(text)}</pre>", sanitize=False
            )
        with ui.element("div").classes("qd-acts"):
            button("Close", dialog.close, kind="g")
    dialog.on("hide", dialog.delete)
    dialog.open()
