"""Before a toolset is published: what changes, and, where it holds too many tools, why it has to."""

from html import escape
from typing import Any

from nicegui import ui

from .. import format
from ..components.buttons import button
from ..components.differences import difference, pretty
from ..components.field import field, lines
from ..components.notes import note

MANY = "More than {warn} tools: models begin to confuse them."
TOO_MANY = "{count} tools are more than {stop}. It can be published with a reason, which stays in the record."


async def reviewed(
    now: dict[str, Any] | None, mine: dict[str, Any], users: list[str], marks: tuple[int, int]
) -> str | None:
    """The reason for too many tools (or ""), or None when it is not to be published."""
    count, (warn, stop) = len(mine["tools"]), marks
    if now == mine:
        ui.notify("Nothing is changed, so there is nothing to publish.")
        return None
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg qd-xl"):
        ui.html(f"<h2>{_title(now, mine)}</h2>{_who(users)}", sanitize=False)
        changes = difference(pretty(now) if now else [], pretty(mine), "published and new")
        ui.html(changes, sanitize=False).classes("qd-ts-review")
        if count > stop:
            ui.html(note("bad", TOO_MANY.format(count=count, stop=stop)), sanitize=False)
            with field("Why so many", needed=True) as place:
                because = lines("Why so many tools", mine.get("over_limit_because") or "")
        elif count > warn:
            ui.html(note("warn", MANY.format(warn=warn)), sanitize=False)

        def publish() -> None:
            why = str(because.value or "").strip() if count > stop else ""
            if count > stop and not why:
                place.complain("A few words: they stay in the record.")
                return
            dialog.submit(why)

        with ui.element("div").classes("qd-acts"):
            button("Publish", publish, kind="p")
            button("Go on editing", lambda: dialog.submit(None), kind="g")
    answer = await dialog
    if not dialog.is_deleted:  # the page may have been left meanwhile
        dialog.delete()
    return None if answer is None else str(answer)


def _title(now: dict[str, Any] | None, mine: dict[str, Any]) -> str:
    tools = format.plural(len(mine["tools"]), "tool")
    return (
        f"Publish {escape(mine['name'])} with {tools}"
        if now
        else f"Publish the new toolset {escape(mine['name'])}: {tools}"
    )


def _who(users: list[str]) -> str:
    if not users:
        return "<p class='qd-i2'>No agent uses it yet.</p>"
    names = escape(", ".join(users))
    return f"<p class='qd-i2'>It holds for {names}. Sessions that are under way keep what they began with, less what is taken out.</p>"
