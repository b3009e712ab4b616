"""The gate before everything: no page is built, and no form taken, before we know who asks and whether they may."""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from nicegui import __version__ as nicegui_version
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store.errors import StoreError
from store.people import Person, Role

from ..plain_page import message_page
from .door import Door
from .headers import with_headers
from .origins import from_our_page, same_origin

log = logging.getLogger(__name__)
SAFE = ("GET", "HEAD", "OPTIONS")
LEAST_ROLE = (("/people", Role.ADMIN), ("/activity", Role.ADMIN))
"""Pages not everybody may open; other pages show less to some. What pages do is checked in each handler: acting.py."""
OPEN_TO_ALL = ("/signin", "/signout", "/favicon.ico")
OPEN_BELOW = ("/link/", "/assets/", f"/_nicegui/{nicegui_version}/", "/_nicegui_ws/")
GUARDED_ELSEWHERE = ("/api", "/healthz")
"""The API asks for tokens itself, and takes the cookie for reading only."""
NO_PASSWORD_NEEDED = ("/welcome",)
FOREIGN = "This came from another site's page, so nothing was done. Open Quarterdeck itself and try again."
BROKEN = "Quarterdeck could not show this; its log says why. Nothing recorded is lost: go back and try again."
TOO_LITTLE = "This page is for {role}s. Ask an admin to change your role if you need it."


def below(path: str, prefix: str) -> bool:
    """`/people` and all under it, but not `/peoples`."""
    return path == prefix or path.startswith(f"{prefix.rstrip('/')}/")


def route_path(scope: Scope) -> str:
    """The path without the sub-path a reverse proxy serves us under. Never taken from a parsed URL: Host can lie."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return (path[len(root) :] or "/") if root and below(path, root) else path


class Gate:
    """Outermost of all, so that its headers are on errors too."""

    def __init__(self, app: ASGIApp, door: Door, has_password: Callable[[str], Awaitable[bool]]) -> None:
        self._app = app
        self._door = door
        self._has_password = has_password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        scope = self._cleaned(scope)
        if scope["type"] == "websocket":
            return await self._socket(scope, receive, send)
        send = with_headers(send, https=self._door.is_https(scope))
        refusal = await self._refusal(scope)
        return await _answered(refusal or self._app, scope, receive, send)

    def _cleaned(self, scope: Scope) -> Scope:
        """NiceGUI writes X-Forwarded-Prefix into pages and redirects, whoever sent it."""
        scope = {**scope, "state": dict(scope.get("state", {}))}
        if not self._door.trusted_proxy:
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"x-forwarded-prefix"]
        return scope

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Browsers send Origin with every websocket; what sends none is no page. Who it is: sockets.py."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin, host = headers.get(b"origin"), headers.get(b"host", "")
        if origin is not None and not same_origin(origin, host, https=self._door.is_https(scope)):
            log.warning("A websocket from a page of %r was refused", origin)
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        return await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """None: the way is free, and `request.state.person` says whose request it is."""
        path, method = route_path(scope), scope["method"]
        if any(below(path, prefix) for prefix in GUARDED_ELSEWHERE):
            return None
        if method not in SAFE and not from_our_page(scope, https=self._door.is_https(scope)):
            log.warning("%s %s came from another site and was refused", method, path)
            return message_page(scope, "Not from here", FOREIGN, status=403)
        if path in OPEN_TO_ALL or path.startswith(OPEN_BELOW):
            return None
        try:
            return await self._judge(scope, path)
        except StoreError as error:
            return message_page(scope, "Not just now", str(error), status=503)

    async def _judge(self, scope: Scope, path: str) -> Response | None:
        person = await self._door.person(scope)
        if person is None:
            return _to_sign_in(scope, path)
        scope["state"]["person"] = person
        needed = least_role(path)
        if person.role.rank < needed.rank:
            log.warning("%s (%s) may not open %s", person.name, person.role, path)
            return message_page(scope, "Not for you", TOO_LITTLE.format(role=needed), status=403)
        return await self._first_a_password(scope, path, person)

    async def _first_a_password(self, scope: Scope, path: str, person: Person) -> Response | None:
        """Whoever came by a link chooses a password before anything else."""
        if path in NO_PASSWORD_NEEDED or path.startswith("/_nicegui") or await self._has_password(person.name):
            return None
        return RedirectResponse(f"{scope.get('root_path', '')}/welcome", 303)


def least_role(path: str) -> Role:
    return next((role for prefix, role in LEAST_ROLE if below(path, prefix)), Role.VIEWER)


async def _answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever breaks behind us, the browser gets a sentence with the same headers as ever."""
    gone = started = False

    async def receiving() -> Message:
        nonlocal gone
        message = await receive()
        gone = gone or message["type"] == "http.disconnect"
        return message

    async def sending(message: Message) -> None:
        nonlocal started
        started = True
        await send(message)

    try:
        await app(scope, receiving, sending)
    except Exception:
        if gone:  # Starlette complains when a browser leaves while an answer is made
            return
        if started:
            raise
        log.exception("%s %s failed", scope["method"], scope["path"])
        await message_page(scope, "That went wrong", BROKEN, status=500)(scope, receive, send)


def _to_sign_in(scope: Scope, path: str) -> Response:
    if scope["method"] not in SAFE:
        return PlainTextResponse("You are not signed in. Nothing was done.", 401)
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = quote(f"{path}?{query}" if query else path, safe="/")
    suffix = "" if path == "/" else f"?next={wanted}"
    return RedirectResponse(f"{scope.get('root_path', '')}/signin{suffix}", 303)
