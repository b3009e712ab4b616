"""Who acts, asked again at the moment of acting: an open page outlives the role with which it was built."""

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, cast

from nicegui import app, ui
from starlette.requests import Request

from store.errors import StoreError
from store.people import Person, Role

from ..desk import Desk
from .door import Door

log = logging.getLogger(__name__)
P = ParamSpec("P")
Handler = Callable[Concatenate[Person, P], Awaitable[None] | None]
Checked = Callable[P, Coroutine[Any, Any, None]]
SIGNED_OUT = "You are signed out; nothing was done. Sign in again."
ARTICLES = {Role.VIEWER: "a viewer", Role.OPERATOR: "an operator", Role.ADMIN: "an admin"}


def person_of(request: Request) -> Person:
    """For page builders: whom the gate let in with this request. The role is that of this very moment."""
    return cast(Person, request.state.person)


async def current_person() -> Person | None:
    """Whose page this is (in a page builder or handler), read anew; None when they were signed out or disabled."""
    return await _door().person(ui.context.client.request.scope)


def acting(desk: Desk, least: Role) -> Callable[[Handler[P]], Checked[P]]:
    """Decorates every handler that changes something:

        @acting(desk, Role.OPERATOR)
        async def stop(person: Person) -> None:
            await desk.runtime.stop(session_id, by=person.name, because="…")

        button.on("click", stop)

    The handler gets the person first, then what the event brings. If they may not (any more), a sentence tells
    them, a line is logged, and the handler does not run.
    """

    def decorate(handler: Handler[P]) -> Checked[P]:
        @functools.wraps(handler)
        async def checked(*args: P.args, **kwargs: P.kwargs) -> None:
            person = await allowed(desk, least, getattr(handler, "__name__", "act"))
            if person is not None:
                result = handler(person, *args, **kwargs)
                if isinstance(result, Awaitable):
                    await result

        _hide_person(checked, handler)
        return checked

    return decorate


async def allowed(desk: Desk, least: Role, what: str = "act") -> Person | None:
    """The same inside a handler: the person, or None after they have been told why not."""
    try:
        person = await _door(desk).person(ui.context.client.request.scope)
    except StoreError as error:
        ui.notify(f"Nothing was done: {error}", type="negative")
        return None
    if person is None:
        log.warning("Somebody who is signed out tried to %s; refused", what)
        ui.notify(SIGNED_OUT, type="warning")
        ui.navigate.reload()
        return None
    if person.role.rank < least.rank:
        log.warning("%s (%s) tried to %s, which needs %s; refused", person.name, person.role, what, ARTICLES[least])
        said = f"Nothing was done: this needs {ARTICLES[least]}, and you are {ARTICLES[person.role]}."
        ui.notify(said, type="warning")
        return None
    return person


def _door(desk: Desk | None = None) -> Door:
    """The door of this app, which knows whether a proxy is trusted."""
    door = getattr(app.state, "door", None)
    return cast(Door, door) if door is not None or desk is None else Door(people=desk.people)


def _hide_person(checked: Any, handler: Any) -> None:
    """NiceGUI looks at the signature to see whether a handler wants the event: the person is not for it to give."""
    signature = inspect.signature(handler)
    checked.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
