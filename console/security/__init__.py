"""Who may come in, what their browser may do, and who acts. Pages need `person_of`, `current_person` and `acting`."""

from nicegui import App, core
from starlette.types import ASGIApp

from ..desk import Desk
from .acting import acting, allowed, current_person, person_of
from .door import Door
from .gate import Gate
from .passwords import Passwords
from .revocation import close_pages_of_the_revoked, sweep_for_ever
from .sockets import guard


def install(app: App, desk: Desk, *, trusted_proxy: bool = False) -> Door:
    """Put the gate before the app, guards on its websocket, and reload pages whose person changed or sign-in ended."""
    door = Door(people=desk.people, trusted_proxy=trusted_proxy)
    passwords = Passwords(desk.people)
    build = type(app).build_middleware_stack

    def build_behind_the_gate() -> ASGIApp:
        """Not add_middleware: NiceGUI adds its own later, which would be outside, and answer to strangers first."""
        return Gate(build(app), door, passwords.has_one)

    app.build_middleware_stack = build_behind_the_gate  # type: ignore[method-assign]
    app.state.door = door
    app.state.passwords = passwords
    guard(core.sio, door)
    close_pages_of_the_revoked(door)
    sweep_for_ever(app, door)
    return door


__all__ = ["Door", "acting", "allowed", "current_person", "install", "person_of"]
