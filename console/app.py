"""Puts the console together: the gate, static files, the API and the pages. Nothing happens on import."""

from pathlib import Path

from fastapi import Request
from nicegui import app
from starlette.responses import RedirectResponse, Response

from . import api, security
from .desk import Desk
from .pages import (
    activity,
    agent,
    agents,
    connector,
    connectors,
    inbox,
    model,
    models,
    new_session,
    oauth,
    outbox,
    overview,
    people,
    policies,
    schedules,
    session,
    sessions,
    settings,
    sign_in,
    toolsets,
    versions,
)
from .plain_page import message_page

ASSETS = Path(__file__).parents[1] / "assets"
FOLDERS = ("fonts", "api-docs")
FILES = ("app.css", "qd.js", "favicon.svg")
PAGES = (
    sign_in, overview, inbox, sessions, new_session, session,
    agents, agent, toolsets, connectors, connector, oauth, policies, models, model, schedules,
    people, settings, activity, versions, outbox,
)  # fmt: skip

NOTHING_HERE = "There is nothing at this address. It may have been removed, or the link is not quite right."


def create_app(desk: Desk, *, trusted_proxy: bool = False) -> None:
    """Everything the browser sees. `trusted_proxy`: believe X-Forwarded-Proto and -For, which only a proxy may set."""
    app.state.desk = desk
    security.install(app, desk, trusted_proxy=trusted_proxy)
    _serve_files()
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_exception_handler(404, _nothing_here)
    app.add_exception_handler(Exception, _broken)
    for page in PAGES:
        page.register(desk)
    api.register(app, desk)


def _serve_files() -> None:
    """Named one by one: the demo's configuration lies in the same folder."""
    for folder in FOLDERS:
        app.add_static_files(f"/assets/{folder}", ASSETS / folder, max_cache_age=86_400)
    for file in FILES:
        app.add_static_file(local_file=ASSETS / file, url_path=f"/assets/{file}", max_cache_age=0)


async def _home(request: Request) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/overview", 303)


async def _nothing_here(request: Request, _error: Exception) -> Response:
    return message_page(request.scope, "Nothing here", NOTHING_HERE, status=404)


async def _broken(_request: Request, error: Exception) -> Response:
    """Up to the gate, which logs it and answers; NiceGUI would show the exception's text to whoever asked."""
    raise error
