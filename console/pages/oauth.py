"""Signing in to a remote MCP server: the button that leads to the server's own page, and where that page sends back to."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from fastapi import Request
from nicegui import app, ui
from starlette.responses import RedirectResponse, Response

from agents.config import Connector
from agents.tools.errors import ConnectorDown, ToolFailure
from agents.tools.sign_ins import SignInFailed, is_by_person
from store.people import Role

from .. import format
from ..components.buttons import button
from ..components.dialogs import confirm
from ..components.under_way import UnderWay
from ..desk import Desk
from ..plain_page import base_of, message_page
from ..security import allowed, person_of
from ..security.door import Door

PATH = "oauth/callback"
ONLY_ADMINS = "Only admins sign in to other systems. Nothing changed."


def register(desk: Desk) -> None:
    async def callback(request: Request) -> Response:
        """Reached by the server's own page, so by GET: what protects it is the state that this browser was given."""
        signs, given = desk.runtime.registry.signs, request.query_params
        if person_of(request).role.rank < Role.ADMIN.rank or signs is None:
            return message_page(request.scope, "Not signed in", ONLY_ADMINS, status=403)
        try:
            name = await signs.finish(
                state=given.get("state", ""),
                browser=browser_of(request),
                code=given.get("code", ""),
                issuer=given.get("iss"),
                error=given.get("error", ""),
                words=given.get("error_description", ""),
            )
            await desk.runtime.registry.reconnect(name)
        except (SignInFailed, ToolFailure) as error:
            return message_page(request.scope, "Not signed in", str(error), status=400)
        return RedirectResponse(f"{base_of(request.scope)}/connectors/{quote(name)}", 303)

    app.add_api_route(f"/{PATH}", callback, include_in_schema=False)


def browser_of(request: Request) -> str:
    """Stands for the signed-in session of one browser; the cookie itself goes nowhere."""
    door: Door = app.state.door
    return hashlib.sha256((door.token(request.scope) or "").encode()).hexdigest()


class SignIn:
    """The button; only there where a person signs in."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk = desk
        self.name = name
        with ui.element("div").classes("qd-signin") as self.place:
            self.button = button(f"Sign in to {name}", self._begin, kind="p", sign="lock")
            self.out = button("Sign out there", self._sign_out, kind="g")
            self.who = ui.html("", sanitize=False).classes("qd-s qd-i2")
            self.under_way = UnderWay()

    def _connector(self) -> Connector | None:
        found: Connector | None = self.desk.runtime.administration.documents("connector").get(self.name)
        return found

    def show(self) -> None:
        connector, signs = self._connector(), self.desk.runtime.registry.signs
        self.place.set_visibility(connector is not None and signs is not None and is_by_person(connector))
        kept = signs.kept(connector) if connector is not None and signs is not None else None
        self.button.set_visibility(kept is None)
        self.out.set_visibility(kept is not None)
        at = datetime.fromtimestamp(kept.at, UTC) if kept else None
        self.who.set_content(f"{escape(kept.by)} signed in there, {format.moment(at, 'date')}." if kept else "")

    async def _begin(self) -> None:
        person = await allowed(self.desk, Role.ADMIN, "sign in to a connector")
        connector, signs = self._connector(), self.desk.runtime.registry.signs
        if person is None or connector is None or signs is None or self.under_way.is_busy:
            return
        request = ui.context.client.request
        work = signs.begin(
            connector,
            self.desk.secrets.resolve,
            redirect_uri=f"{request.base_url}{PATH}",
            by=person.name,
            browser=browser_of(request),
        )
        try:
            url = await self.under_way.run(f"Asking {self.name} where to sign in", work)
        except SignInFailed as error:
            ui.notify(str(error), type="negative", multi_line=True)
            return
        if url is not None:
            ui.navigate.to(url)

    async def _sign_out(self) -> None:
        connector, signs = self._connector(), self.desk.runtime.registry.signs
        words = "Quarterdeck forgets its token; calls are refused until somebody signs in again."
        if connector is None or signs is None or not await confirm(f"Sign out of {self.name}", words, "Sign out there"):
            return
        if (person := await allowed(self.desk, Role.ADMIN, "sign out of a connector")) is None:
            return
        await signs.forget(connector, f"{person.display_name} signed out", by=person.name)
        with suppress(ConnectorDown):  # it is, from now on
            await self.desk.runtime.registry.reconnect(self.name)
        self.show()
