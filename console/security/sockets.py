"""The websocket, closed where NiceGUI leaves it open: foreign origins, others' clients, and events sent for others.

NiceGUI 3.18 accepts any Origin, and knows a sender only by ids that are in the page's source. Here each message must
come from a socket that shook hands for that client, and only the browser that loaded a page may shake hands for it.
"""

import functools
import hmac
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from nicegui import Client
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refused

from .door import Door
from .origins import same_origin

log = logging.getLogger(__name__)
MESSAGES = ("event", "javascript_response", "ack", "log")
RELOAD = "Implicit handshake failed"
"""The text at which NiceGUI's page loads itself anew: then it is either its own again, or the sign-in page."""

Handler = Callable[..., Any]


def guard(sio: AsyncServer, door: Door) -> None:
    """Wrap NiceGUI's handlers. Doing it again replaces the earlier guards."""
    handlers = sio.handlers["/"]
    sio.eio.cors_allowed_origins = lambda origin, environ: _is_ours(door, origin, environ)
    handlers["connect"] = _owned_connect(inspect.unwrap(handlers["connect"]), door)
    handlers["handshake"] = _owned_handshake(inspect.unwrap(handlers["handshake"]), door, sio)
    for name in MESSAGES:
        handlers[name] = _own_client_only(name, inspect.unwrap(handlers[name]), sio)


def _is_ours(door: Door, origin: str | None, environ: dict[str, Any]) -> bool:
    https = door.is_https(environ["asgi.scope"])
    return origin is not None and same_origin(origin, environ.get("HTTP_HOST", ""), https=https)


def _owned_connect(original: Handler, door: Door) -> Handler:
    @functools.wraps(original)
    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> Any:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        is_handshake = query.get("implicit_handshake", [""])[0] == "true"
        if is_handshake and not await _owns(door, environ, query.get("client_id", [""])[0]):
            raise Refused(RELOAD)
        return await original(sid, environ, auth)

    return connect


def _owned_handshake(original: Handler, door: Door, sio: AsyncServer) -> Handler:
    @functools.wraps(original)
    async def handshake(sid: str, data: Any) -> bool:
        if not isinstance(data, dict) or not await _owns(door, sio.get_environ(sid), data.get("client_id", "")):
            return False
        return bool(await original(sid, data))

    return handshake


def _own_client_only(name: str, original: Handler, sio: AsyncServer) -> Handler:
    @functools.wraps(original)
    async def handle(sid: str, message: Any) -> None:
        if not isinstance(message, dict) or message.get("client_id") not in sio.rooms(sid):
            log.warning("A socket sent %r for a page that is not its own; nothing was done", name)
            return
        result = original(sid, message)
        if isinstance(result, Awaitable):
            await result

    return handle


async def _owns(door: Door, environ: dict[str, Any] | None, client_id: Any) -> bool:
    """The socket carries the cookie with which this page was loaded, and that sign-in still holds."""
    client = Client.instances.get(client_id) if isinstance(client_id, str) else None
    if client is None or environ is None:
        return False
    theirs, ours = door.token(environ["asgi.scope"]), door.token(client.request.scope)
    if theirs is None or ours is None or not hmac.compare_digest(theirs.encode(), ours.encode()):
        log.warning("A socket asked for a page that another sign-in had loaded; it was refused")
        return False
    return await door.people.who(theirs) is not None
