"""What was open when a role changed or a sign-in ended: those pages are closed on the server and loaded anew.

Who is signed out or gets another role is announced; that a sign-in grew too old is not, so a sweep looks for it.
"""

import logging

from nicegui import App, Client, background_tasks, core

from store.errors import StoreError
from store.people import Person

from .door import Door

log = logging.getLogger(__name__)
SWEEP_SECONDS = 60.0


def close_pages_of_the_revoked(door: Door) -> None:
    door.people.subscribe_revoked(lambda name: _soon(door, name))


def sweep_for_ever(app: App, door: Door) -> None:
    """From the start of the app to its end."""
    app.timer(SWEEP_SECONDS, lambda: close_pages_of_the_expired(door), immediate=False)


async def close_pages_of_the_expired(door: Door) -> None:
    """A socket may stay open for weeks, a sign-in may not. That we look does not make its browser any less idle."""
    for client in tuple(Client.instances.values()):
        seen = person_behind(client)
        if seen is not None and not await _still_so(door, client, seen):
            log.info("A page of %s outlived its sign-in and was closed", seen.name)
            await _close(client)


def _soon(door: Door, name: str) -> None:
    if core.is_loop_running():
        background_tasks.create(_close_outdated(door, name), name=f"close pages of {name}")


async def _close_outdated(door: Door, name: str) -> None:
    for client in tuple(Client.instances.values()):
        seen = person_behind(client)
        if seen is not None and seen.name == name and not await _still_so(door, client, seen):
            await _close(client)


def person_behind(client: Client) -> Person | None:
    """The person as they were when the page was built."""
    return getattr(client.request.state, "person", None)


async def _still_so(door: Door, client: Client, seen: Person) -> bool:
    try:
        person = await door.person(client.request.scope, touch=False)
    except StoreError:
        return False
    return person is not None and person.role == seen.role


async def _close(client: Client) -> None:
    """A page that ignores the reload is cut off all the same, and cannot shake hands again."""
    if client.is_deleted:
        return
    sids = [sid for sid, _ in core.sio.manager.get_participants("/", client.id)]
    await core.sio.emit("run_javascript", {"code": "location.reload()"}, room=client.id)
    if client.id in Client.instances:
        client.delete()
    for sid in sids:
        await core.sio.disconnect(sid)
