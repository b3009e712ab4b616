"""Deleting a document of the configuration: asks first, and says what still uses it when that is refused."""

from collections.abc import Callable
from html import escape

from nicegui import ui

from agents.administration import Expected, Overtaken
from agents.config import PLURAL
from agents.errors import AgentsError, BadRequest
from store.errors import StoreError
from store.people import Role

from .. import problems
from ..desk import Desk
from ..security import allowed
from .buttons import button
from .dialogs import confirm

KEPT = "Its versions are kept, so it can be put back through the configuration."


async def delete_document(
    desk: Desk, kind: str, name: str, then: Callable[[], None], *, text: str = KEPT, expected: Expected | None = None
) -> None:
    """Raises Overtaken, with nothing deleted, where it has another version by now than `expected`."""
    title = f"Delete the {kind.replace('_', ' ')} “{name}”?"
    if await allowed(desk, Role.ADMIN) is None or not await confirm(title, text, "Delete"):
        return
    if (person := await allowed(desk, Role.ADMIN)) is None:
        return
    administration = desk.runtime.administration
    try:
        await administration.delete(kind, name, by=person.name, expected=expected)
    except Overtaken:
        raise  # who was first, and what they changed, is told by the page
    except BadRequest as error:
        whole = await administration.whole()
        whole[PLURAL[kind]] = [one for one in whole[PLURAL[kind]] if one["name"] != name]
        _refused(kind, name, problems.users(error.problems, whole))
    except (AgentsError, StoreError) as error:
        ui.notify(f"Nothing was deleted: {error}", type="negative")
    else:
        then()


def _refused(kind: str, name: str, users: list[str]) -> None:
    items = "".join(f"<li>{escape(one)}</li>" for one in users)
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg"):
        ui.html(
            f"<h2>“{escape(name)}” is still in use</h2><p class='qd-i2'>Nothing was deleted. These use it; "
            f"change them first:</p><ul class='qd-list'>{items}</ul>",
            sanitize=False,
        )
        with ui.element("div").classes("qd-acts"):
            button("Close", dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
