"""The console as a program of its own: one page with buttons per role, and a few routes to look behind the scenes.

`python -m tests.console.served DATA [--unguarded]` prints one JSON line when it listens.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import Request

PASSWORD = "correct horse battery"


def main(data: Path, *, unguarded: bool) -> None:
    os.environ["NICEGUI_STORAGE_PATH"] = str(data / "nicegui")
    from nicegui import Client, app, core, ui
    from nicegui.server import Server

    from console import start
    from console.app import create_app
    from console.components.palette import Palette
    from console.security import acting, person_of
    from console.security.gate import Gate
    from console.security.revocation import close_pages_of_the_expired
    from store.database import run
    from store.people import Person, Role

    desk = start.open_desk(data, None)
    port = start.free_port("127.0.0.1", 0)
    bare = dict(core.sio.handlers["/"])
    create_app(desk, trusted_proxy=not unguarded)
    if unguarded:
        core.sio.handlers["/"].update(bare)
        core.sio.eio.cors_allowed_origins = "*"
        Gate._socket = lambda self, scope, receive, send: self._app(scope, receive, send)  # type: ignore
    pressed: list[str] = []

    @ui.page("/buttons")
    def buttons(request: Request) -> None:
        ui.label(person_of(request).name)
        for role in Role:

            @acting(desk, role)
            async def press(person: Person, role: Role = role) -> None:
                pressed.append(f"{role} by {person.name}")

            ui.button(role.value, on_click=press)
        Palette(desk, [], "")
        ui.button("unchecked", on_click=lambda: pressed.append("unchecked"))

    @app.get("/ids")
    def ids() -> Any:
        """What an attacker who saw the page's source knows."""
        return {
            client.id: {
                getattr(element, "text", "search"): [element.id, next(iter(element._event_listeners))]
                for element in client.elements.values()
                if isinstance(element, ui.button | Palette)
            }
            for client in Client.instances.values()
        }

    @app.get("/pressed")
    async def pressed_so_far() -> Any:
        """Once every handler that has begun is through."""
        at_work = [task for task in asyncio.all_tasks() if "press" in task.get_name()]
        await asyncio.gather(*at_work, return_exceptions=True)
        return pressed

    @app.get("/link-for/{name}")
    async def link_for(name: str) -> str:
        return await desk.people.make_link(name)

    @app.get("/role/{name}/{role}")
    async def change_role(name: str, role: str, quietly: bool = False) -> None:
        """`quietly`: nobody is told, so that only a handler that looks again can notice."""
        if quietly:
            row = {"name": name, "role": role}
            sql = "UPDATE people SET role = :role WHERE name = :name"
            await desk.runtime.database.write(lambda c: run(c, sql, row).close())
        else:
            await desk.people.change(name, role=Role(role), by="test")

    @app.get("/forget-newest-sign-in")
    async def forget_newest_sign_in() -> None:
        """Quietly, as when it has grown too old."""
        sql = "DELETE FROM sign_ins WHERE created_at = (SELECT MAX(created_at) FROM sign_ins)"
        await desk.runtime.database.write(lambda c: run(c, sql).close())

    @app.get("/sweep")
    async def sweep(hours_later: float) -> None:
        """What the sweep does at a later hour, of which nothing else hears."""
        database = desk.runtime.database
        now = database.now
        database.now = lambda: now() + timedelta(hours=hours_later)
        try:
            await close_pages_of_the_expired(app.state.door)
        finally:
            database.now = now

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("broken on purpose")

    @ui.page("/broken-page")
    async def broken_page() -> None:
        raise ValueError("broken on purpose")

    async def begin() -> None:
        tokens = {}
        for role in Role:
            person = await desk.people.create(role.value, role.value, role, PASSWORD, by="test")
            tokens[role.value] = await desk.people.sign_in(person, agent="test")
        await desk.people.create("newcomer", "Newcomer", Role.VIEWER, None, by="test")

        async def say() -> None:
            while not Server.instance.started:
                await asyncio.sleep(0.02)
            print(json.dumps({"url": f"http://127.0.0.1:{port}", "tokens": tokens}), flush=True)

        app.state.saying = asyncio.create_task(say())

    app.on_startup(begin)
    app.on_shutdown(desk.runtime.database.close)
    ui.run(host="127.0.0.1", port=port, reload=False, show=False, show_welcome_message=False, proxy_headers=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), unguarded="--unguarded" in sys.argv)
