"""What the parts of the page of people share: how a table, a heading and a refused action look."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from nicegui import ui

from store.errors import StoreError
from store.people import Person, Role

from ..components.field import OUTLINED, field
from ..desk import Desk

LONGEST = 80
ROLES = {
    Role.VIEWER: "Viewer: reads everything",
    Role.OPERATOR: "Operator: starts sessions and decides",
    Role.ADMIN: "Admin: also changes the configuration",
}
SHORT = {role: role.value.capitalize() for role in Role}
Refresh = Callable[[], Awaitable[None]]


class Section:
    """A part of the page. `changed`: what stands in the tables is not what is any more."""

    def __init__(self, desk: Desk, me: Person, changed: Refresh) -> None:
        self.desk = desk
        self.me = me
        self.changed = changed

    async def attempt(self, action: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """What the store refuses is a sentence; either way the tables show what is now so."""
        client = ui.context.client
        try:
            await action()
        except StoreError as error:
            ui.notify(str(error), type="negative")
            done = False
        else:
            done = True
        if not client.is_deleted:  # whoever changes their own role gets a new page
            await self.changed()
        return done


@contextmanager
def table(*headings: str) -> Iterator[None]:
    with ui.element("table").classes("qd-tbl qd-stack"):
        *others, actions = headings
        cells = "".join(f"<th>{escape(heading)}</th>" for heading in others)
        cells += f"<th class='qd-r'>{escape(actions)}</th>"
        ui.html(f"<tr>{cells}</tr>", sanitize=False, tag="thead")
        with ui.element("tbody"):
            yield


def heading(title: str, text: str) -> None:
    words = f"<h2 style='font-size:15px'>{escape(title)}</h2><p class='qd-i3 qd-s'>{escape(text)}</p>"
    ui.html(words, sanitize=False).style("margin-top:10px")


def cell(html: str) -> None:
    ui.html(html, sanitize=False, tag="td")


def role_choice(label: str) -> ui.select:
    with field("Role"):
        made = ui.select(ROLES, value=Role.OPERATOR).props(OUTLINED)
    made.props["aria-label"] = label
    return made


def clear(*inputs: ui.input) -> None:
    for one in inputs:
        one.set_value("")


def a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"
