"""The models of a server of one's own: asked for by its address, one of them chosen with a click."""

from collections.abc import Callable
from html import escape

from nicegui import ui

from agents.errors import BadRequest
from agents.model_listing import Listed, Listing, list_models
from store.people import Role

from .. import format, problems
from ..components.buttons import button
from ..components.notes import note
from ..components.under_way import UnderWay
from ..desk import Desk
from ..security import allowed

Where = Callable[[], tuple[str, str | None]]
"""The address and the key as the form has them now. Raises KeyError for a key that is not there."""


class ServerModels:
    """`take` is called with the address that answered and the model that was chosen."""

    def __init__(self, desk: Desk, where: Where, take: Callable[[str, Listed], None]) -> None:
        self.desk = desk
        self.where = where
        self.take = take
        with ui.element("div").classes("qd-f qd-servermodels"):
            with ui.element("div").classes("qd-acts"):
                button("List its models", self._list, sign="list")
            self.under_way = UnderWay()
            self.found = ui.element("div").classes("qd-f").props("role=status")

    async def _list(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "list a server's models") is None or self.under_way.is_busy:
            return
        self.found.clear()
        try:
            url, key = self.where()
            listing = await self.under_way.run("Asking the server for its models.", list_models(url, key))
        except BadRequest as error:
            self._say(" ".join(problems.by_field(error.problems, ())[1]))
        except KeyError as error:
            self._say(f"Not asked: {error.args[0]}")
        else:
            if listing is not None and not self.found.is_deleted:
                self._show(listing)

    def _say(self, words: str) -> None:
        with self.found:
            ui.html(note("bad", words), sanitize=False)

    def _show(self, listing: Listing) -> None:
        with self.found:
            if not listing.models:
                words = "The server answers, and has no models yet. Load one there and ask again."
                ui.html(note("warn", words), sanitize=False)
                return
            said = f"It has {format.plural(len(listing.models), 'model')}. Choose one:"
            ui.html(f"<span class='qd-help'>{said}</span>", sanitize=False)
            with ui.element("div").classes("qd-modelpicks"):
                for one in listing.models:
                    self._one(listing.api_base, one)

    def _one(self, url: str, one: Listed) -> None:
        made = ui.element("button").classes("qd-btn qd-t").props('type="button"')
        about = ", ".join(
            word for word in (one.about, f"{one.context_window:,} tokens" if one.context_window else "") if word
        )
        with made:
            more = f'<span class="qd-i3">{escape(about)}</span>' if about else ""
            ui.html(f"<code>{escape(one.name)}</code>{more}", sanitize=False).style("display:contents")
        made.on("click", lambda: self.take(url, one))
