"""The console as it ships, in a process of its own, over a long session that it prolongs when told to.

`python -m tests.benchmarks.live_server DATA EVENTS` prints one JSON line when it listens, then answers each JSON line.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request

from tests.benchmarks.live_work import Fact, facts
from tests.benchmarks.measure import cpu_seconds, resident_mb

AT_ONCE = 100
OLD, BARE, SHORT = "S-0001", "S-0002", "S-0003"
SHORT_EVENTS = 24


@dataclass
class Append:
    """A command that records these facts, and wants to see no history."""

    facts: list[Fact]
    after: int

    def __call__(self, history: Any, at: Any) -> Any:
        from store.event_log import Draft, Outcome
        from store.events import Status

        # a status in which the engine leaves the session alone: the events come from us
        drafts = tuple(Draft(event=event, status=Status.WAITING_INPUT) for event, _ in self.facts)
        return Outcome(drafts=drafts, payloads=tuple(one for _, payloads in self.facts for one in payloads))


class Session:
    """One session that grows."""

    def __init__(self, log: Any, session_id: str) -> None:
        self._log, self._id = log, session_id
        self._facts: Iterator[Fact] = facts()
        self.head = 0

    async def grow(self, events: int, at_once: int = AT_ONCE) -> None:
        while events > 0:
            some = [next(self._facts) for _ in range(min(events, at_once))]
            await self._log.append(self._id, Append(some, self.head))
            self.head += len(some)
            events -= len(some)

    async def play(self, rate: float, seconds: float) -> dict[str, Any]:
        """Appends `rate` events a second; tells when each was committed, and what CPU all of this process used."""
        committed: dict[int, float] = {}
        stop = self._log.subscribe(lambda id_, events: committed.update({e.seq: time.time() for e in events}))
        cpu, began = cpu_seconds(), time.monotonic()
        for n in range(round(rate * seconds)):
            await asyncio.sleep(max(0, began + n / rate - time.monotonic()))
            await self.grow(1)
        await asyncio.sleep(0.5)
        stop()
        used, took = cpu_seconds() - cpu, time.monotonic() - began
        return {"cpu": used, "seconds": took, "committed": committed, "megabytes": resident_mb()}


def main(data: Path, events: int) -> None:
    os.environ["NICEGUI_STORAGE_PATH"] = str(data / "nicegui")
    from nicegui import app, ui
    from nicegui.server import Server

    from console import start
    from console.app import create_app
    from store.people import Role

    desk = start.open_desk(data, None)
    port = start.free_port("127.0.0.1", 0)
    create_app(desk)
    _element_per_event(desk)
    sessions: dict[str, Session] = {}

    async def begin() -> None:
        person = await desk.people.create("watcher", "Watcher", Role.OPERATOR, "a quiet harbour", by="benchmark")
        for id_, count in ((OLD, events), (BARE, SHORT_EVENTS), (SHORT, SHORT_EVENTS)):
            sessions[id_] = Session(desk.runtime.log, id_)
            await sessions[id_].grow(count)
        token = await desk.people.sign_in(person, agent="benchmark")
        app.state.serving = asyncio.create_task(serve(token))

    async def serve(token: str) -> None:
        while not Server.instance.started:
            await asyncio.sleep(0.02)
        print(json.dumps({"url": f"http://127.0.0.1:{port}", "token": token}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await answer(json.loads(line))), flush=True)
        os._exit(0)

    async def answer(question: dict[str, Any]) -> dict[str, Any]:
        if "rest" in question:
            cpu = cpu_seconds()
            await asyncio.sleep(question["rest"])
            return {"cpu": cpu_seconds() - cpu, "seconds": question["rest"], "megabytes": resident_mb()}
        if "grow" in question:
            await sessions[question["session"]].grow(question["grow"])
            return {"head": sessions[question["session"]].head}
        return await sessions[question["session"]].play(question["rate"], question["seconds"])

    app.on_startup(begin)
    ui.run(
        host="127.0.0.1", port=port, reload=False, show=False, show_welcome_message=False, proxy_headers=False,
        uvicorn_logging_level="warning", ws_per_message_deflate=False, reconnect_timeout=30, server_header=False,
        tailwind=False, dark=None,
    )  # fmt: skip


def _element_per_event(desk: Any) -> None:
    """The baseline: what NiceGUI offers for a list that grows, one element for each event."""
    from nicegui import ui

    from console import rows

    @ui.page("/element-per-event/{session_id}", response_timeout=60)
    async def page(request: Request, session_id: str) -> None:
        with ui.scroll_area().classes("w-full h-screen"):
            column = ui.column()
        for event in await desk.queries.events(session_id):
            show(column, event)

        async def more(seq: int) -> None:
            for event in await desk.queries.events(session_id, after=seq - 1, before=seq + 1):
                show(column, event)

        stop = desk.runtime.hub.watch(
            session_id, lambda _id, new: [asyncio.ensure_future(more(e.seq)) for e in new] and None
        )
        ui.context.client.on_delete(stop)

    def show(column: Any, event: dict[str, Any]) -> None:
        with column:
            ui.label(json.dumps(rows.patches(event))).classes("qd-e")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
