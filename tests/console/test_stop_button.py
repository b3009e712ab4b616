"""What the page says after the emergency stop was pulled or lifted is what is in force, whatever could not be done."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from nicegui import Client
from nicegui.page import page

from agents.commands.conversation import Pause, Resume
from console.components import stop_button
from console.desk import Desk as Console
from store.errors import StoreUnavailable
from store.people import Person, Role
from tests.fakes.desk import Desk, open_desk

pytestmark = pytest.mark.asyncio
ADA = Person(id=1, name="ada", display_name="Ada", role=Role.ADMIN, disabled=False)


@pytest_asyncio.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """With Ada in front of it."""

    async def let_in(*_: Any) -> Person:
        return ADA

    monkeypatch.setattr(import_module("console.security.acting"), "allowed", let_in)
    async with open_desk(tmp_path) as running:
        yield running


def console(desk: Desk) -> Console:
    return cast(Console, SimpleNamespace(runtime=desk.runtime))


async def pulled(desk: Desk, because: str = "Smoke.") -> tuple[bool, str]:
    with Client(page("")) as client:
        in_force = await stop_button.pull(console(desk), "everything", None, because)
        return in_force, said(client)


async def lifted(desk: Desk) -> str:
    with Client(page("")) as client:
        await stop_button.lift(console(desk), "everything", None)
        return said(client)


def said(client: Client) -> str:
    (message,) = [data for _, kind, data in client.outbox.messages if kind == "notify"]
    return str(message["message"])


def disk_is_full_for(desk: Desk, monkeypatch: pytest.MonkeyPatch, *kinds: type) -> None:
    append = desk.runtime.log.append

    async def refused(session_id: str, command: Any) -> Any:
        if isinstance(command, kinds):
            raise StoreUnavailable("The disk is full.")
        return await append(session_id, command)

    monkeypatch.setattr(desk.runtime.log, "append", refused)


def no_settings_are_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(desk.runtime.configuration, "change", full)


async def at_work(desk: Desk) -> None:
    """A session whose model is about to answer, and never does."""
    reached = asyncio.Event()

    async def never(_: list[dict[str, Any]]) -> str:
        reached.set()
        await asyncio.Event().wait()
        return ""

    desk.models.script = never
    await desk.start()
    await reached.wait()


async def test_a_session_that_could_not_be_paused_does_not_make_the_stop_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_work(desk)
    disk_is_full_for(desk, monkeypatch, Pause)
    in_force, words = await pulled(desk)
    assert in_force
    assert words == "The emergency stop is in force, but not all of it could be recorded: The disk is full."


async def test_a_stop_that_could_not_be_recorded_is_in_force_until_a_restart(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_settings_are_written(desk, monkeypatch)
    in_force, words = await pulled(desk)
    assert in_force and desk.runtime.world.halts()
    assert words == "It is in force until a restart, but could not be recorded: The disk is full."


async def test_a_stop_without_a_reason_stopped_nothing(desk: Desk) -> None:
    in_force, words = await pulled(desk, because=" ")
    assert not in_force and desk.runtime.world.halts() == ()
    assert words.startswith("Nothing was stopped: A stop needs a reason")


async def test_a_session_that_could_not_go_on_does_not_make_the_lifting_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_work(desk)
    await pulled(desk)
    disk_is_full_for(desk, monkeypatch, Resume)
    assert await lifted(desk) == (
        "It is lifted, but not all of it could be recorded; what is still paused is tried again: The disk is full."
    )
    assert desk.runtime.world.halts() == ()


async def test_a_lifting_that_could_not_be_recorded_lifted_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await pulled(desk)
    no_settings_are_written(desk, monkeypatch)
    assert await lifted(desk) == "Nothing was lifted: The disk is full."
    assert desk.runtime.world.halts()
