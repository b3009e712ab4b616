"""Invariant 8: what was acknowledged is on the disk, without gaps. (tests/kill does it with real kills.)"""

import sqlite3
from pathlib import Path

import pytest

from agents.errors import IllegalEvent
from agents.session import apply, new
from store.database import Database
from store.event_log import Draft, EventLog, Outcome
from store.events import SessionPaused, Status
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, crash_image, open_desk, the_waiting

pytestmark = pytest.mark.asyncio


async def everything_acknowledged_is_in_the_files(folder: Path) -> None:
    async with open_desk(folder / "one") as desk:
        session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
        for n in range(20):
            await desk.runtime.send(session.id, f"Message {n}", by="rita")
            assert f"Message {n}" in await _messages(crash_image(desk, folder / f"after-{n}"), session.id)
        await desk.decide(the_waiting(session))
        image = crash_image(desk, folder / "two")
    log = EventLog(Database.open(image))
    recorded = await log.read(session.id)
    log._database.close()
    assert [each.seq for each in recorded] == list(range(1, len(recorded) + 1))
    assert "ApprovalDecided" in {each.event.type for each in recorded}


async def _messages(folder: Path, session_id: str) -> set[str]:
    with sqlite3.connect(folder / "quarterdeck.db") as db:
        return {text for (text,) in db.execute("SELECT content FROM payloads WHERE session_id = ?", (session_id,))}


async def test_everything_acknowledged_is_in_the_files(tmp_path: Path) -> None:
    await everything_acknowledged_is_in_the_files(tmp_path)


async def test_the_same_number_cannot_be_given_twice(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    with sqlite3.connect(desk.runtime.database.path) as db:
        keys = [row[1] for row in db.execute("PRAGMA table_info(events)") if row[5]]
        assert keys == ["session_id", "seq"]
        numbers = [seq for (seq,) in db.execute("SELECT seq FROM events WHERE session_id = ?", (session.id,))]
    assert numbers == list(range(1, session.seq + 1))


async def test_a_gap_is_refused(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    with pytest.raises(IllegalEvent):
        apply(session, SessionPaused(by="olga", because="x"), session.seq + 2, desk.clock())
    with pytest.raises(IllegalEvent):
        apply(new("S-1"), SessionPaused(by="olga", because="x"), 1, desk.clock())


async def test_a_refused_append_leaves_nothing(desk: Desk) -> None:
    class Half:
        after = 0

        def __call__(self, *_: object) -> Outcome:
            draft = Draft(event=SessionPaused(by="olga", because="x"), status=Status.PAUSED)
            return Outcome(drafts=(draft, "no draft"))  # type: ignore[arg-type]

    session = await desk.ask_model("Done.")
    with pytest.raises(AttributeError):
        await desk.runtime.log.append(session.id, Half())
    assert (await desk.session(session.id)).seq == session.seq
