"""The emergency stop when a person, or the disk, comes between its steps: each session is seen to by itself."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agents.commands.conversation import Pause, Resume
from store.errors import StoreUnavailable
from store.events import Status
from tests.fakes.bench import in_turn
from tests.fakes.desk import Desk

pytestmark = pytest.mark.asyncio


class Talking:
    """A model that never comes to an end; it counts who listens, and who has been broken off."""

    def __init__(self) -> None:
        self.listening = 0
        self.broken_off = 0
        self.news = asyncio.Condition()

    async def __call__(self, _: list[dict[str, Any]]) -> str:
        await self._count(listening=1)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return ""

    async def _count(self, listening: int) -> None:
        async with self.news:
            self.listening += listening
            self.news.notify_all()

    async def until_heard_by(self, count: int) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: self.listening == count)


async def three_at_work(desk: Desk) -> tuple[Talking, list[str]]:
    talking = desk.models.script = Talking()
    sessions = [await desk.start() for _ in range(3)]
    await talking.until_heard_by(3)
    return talking, sessions


async def three_paused(desk: Desk) -> list[str]:
    """By a stop of their agent."""
    _, sessions = await three_at_work(desk)
    await desk.runtime.stops.pull("agent", "Clerk", by="olga", because="It loops.")
    await desk.idle()
    desk.models.script = in_turn("Done.")
    return sessions


async def statuses(desk: Desk, sessions: list[str]) -> list[Status | None]:
    return [(await desk.session(one)).status for one in sessions]


def refusing(desk: Desk, monkeypatch: pytest.MonkeyPatch, session_id: str, kind: type) -> Callable[[], None]:
    """The disk refuses this command for this session until what is returned is called."""
    append = desk.runtime.log.append

    async def refused(id_: str, command: Any) -> Any:
        if id_ == session_id and isinstance(command, kind):
            raise StoreUnavailable("The disk is full.")
        return await append(id_, command)

    monkeypatch.setattr(desk.runtime.log, "append", refused)
    return lambda: monkeypatch.setattr(desk.runtime.log, "append", append)


def stopped_once_listed(desk: Desk, monkeypatch: pytest.MonkeyPatch, listing: str) -> None:
    """Somebody stops the first session for good after it was listed; who lists later still sees it there."""
    read, listed = getattr(desk.runtime.holds.costs, listing), {}

    async def stale(*asked: str) -> list[tuple[str, str]]:
        if asked not in listed:
            listed[asked] = await read(*asked)
            for session_id, _ in listed[asked][:1]:
                await desk.runtime.stop(session_id, by="omar", because="This one for good.")
        found: list[tuple[str, str]] = listed[asked]
        return found

    monkeypatch.setattr(desk.runtime.holds.costs, listing, stale)


async def test_a_session_that_somebody_stops_meanwhile_keeps_no_other_one_going(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking, sessions = await three_at_work(desk)
    stopped_once_listed(desk, monkeypatch, "at_work")
    await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    assert sorted(await statuses(desk, sessions), key=str) == [Status.PAUSED, Status.PAUSED, Status.STOPPED]
    await desk.idle()
    assert talking.broken_off == 3


async def test_a_session_that_cannot_be_paused_is_broken_off_and_the_others_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking, sessions = await three_at_work(desk)
    refusing(desk, monkeypatch, sessions[0], Pause)
    with pytest.raises(StoreUnavailable):
        await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    assert (await statuses(desk, sessions))[1:] == [Status.PAUSED, Status.PAUSED]
    assert desk.runtime.stops.recorded("everything", None)
    await desk.idle()
    assert (talking.broken_off, talking.listening) == (3, 3)


async def test_a_stop_that_cannot_be_recorded_breaks_off_what_is_at_work_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    talking, sessions = await three_at_work(desk)
    monkeypatch.setattr(desk.runtime.configuration, "change", full)
    with pytest.raises(StoreUnavailable):
        await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    assert await statuses(desk, sessions) == [Status.PAUSED] * 3
    assert not desk.runtime.stops.recorded("everything", None)
    await desk.idle()
    assert talking.broken_off == 3


async def test_what_is_lifted_goes_on_though_somebody_stops_one_session_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = await three_paused(desk)
    stopped_once_listed(desk, monkeypatch, "paused_by")
    await desk.runtime.stops.lift("agent", "Clerk", by="ada")
    await desk.idle()
    expected = [Status.COMPLETED, Status.COMPLETED, Status.STOPPED]
    assert sorted(await statuses(desk, sessions), key=str) == expected


async def test_a_session_that_cannot_go_on_keeps_no_other_one_waiting_and_goes_on_when_the_disk_is_well_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = await three_paused(desk)
    well_again = refusing(desk, monkeypatch, sessions[0], Resume)
    with pytest.raises(StoreUnavailable):
        await desk.runtime.stops.lift("agent", "Clerk", by="ada")
    await desk.idle()
    assert desk.runtime.world.halts() == ()
    assert await statuses(desk, sessions) == [Status.PAUSED, Status.COMPLETED, Status.COMPLETED]
    assert desk.runtime.clock._next is not None  # it wakes by itself
    well_again()
    await desk.runtime.clock.tick()
    await desk.until(sessions[0], lambda one: one.result == "answered")


async def test_what_is_lifted_goes_on_though_the_lifting_cannot_be_noted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    sessions = await three_paused(desk)
    monkeypatch.setattr(desk.runtime.stops, "_record", full)
    with pytest.raises(StoreUnavailable):
        await desk.runtime.stops.lift("agent", "Clerk", by="ada")
    await desk.idle()
    assert await statuses(desk, sessions) == [Status.COMPLETED] * 3
