"""What watchers of a session are told, how often, and what those learn who come late."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.hub import Hub, Words
from console.live import Batch, Feeds
from console.pace import Paced
from console.shared import Shared
from store.database import Database
from store.errors import StoreClosed, StoreUnavailable
from store.event_log import EventLog
from store.payloads import seal
from store.queries import Queries
from tests.store import scenes


class Desk:
    def __init__(self, database: Database) -> None:
        self.log = EventLog(database)
        self.hub = Hub()
        self.log.subscribe(self.hub.recorded)
        self.queries = Queries(database)
        self.feeds = Feeds(self.queries, self.hub)

    def say(self, text: str, **changes: Any) -> None:
        self.hub.words(Words(session_id="s1", step=1, text=text, **changes))


class Watcher:
    def __init__(self, desk: Desk) -> None:
        self.batches: list[Batch] = []
        self.measured: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self.leave = desk.feeds.join("s1", self._deliver, self.measured.append)

    def _deliver(self, batch: Batch) -> None:
        self.batches.append(batch)
        self._news.set()

    async def batch(self) -> Batch:
        """The next one that was not asked for yet."""
        await asyncio.wait_for(self._news.wait(), 10)
        batch = self.batches.pop(0)
        if not self.batches:
            self._news.clear()
        return batch


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database.open(tmp_path)
    yield Desk(database)
    database.close()


async def reply(desk: Desk) -> None:
    output, part = seal('{"text": "Good day", "calls": []}'), seal("{}")
    await scenes.record(desk.log, "s1", scenes.replied(1, output, part), payloads=[output, part])


async def test_a_batch_says_which_events_it_covers_and_is_the_same_text_for_all(desk: Desk) -> None:
    one, two = Watcher(desk), Watcher(desk)
    await scenes.start(desk.log)
    first, same = await one.batch(), await two.batch()
    assert first is same and (first.after, first.last) == (0, 2)
    assert json.loads(first.text) == {"after": 0, "last": 2, "rows": first.patches}
    await reply(desk)
    second = await one.batch()
    assert (second.after, second.last, second.patches[0]["key"]) == (2, 3, "step-1")


async def test_events_in_quick_succession_travel_together_and_none_is_missed(desk: Desk) -> None:
    watcher = Watcher(desk)
    await scenes.start(desk.log)
    for _ in range(9):
        await reply(desk)
    batches = [await watcher.batch()]
    while batches[-1].last < 11:
        batches.append(await watcher.batch())
    assert [batch.after for batch in batches] == [0, *(batch.last for batch in batches[:-1])]
    assert len(batches) < 9


async def test_words_come_before_the_reply_they_belong_to_and_not_once_it_is_whole(desk: Desk) -> None:
    await scenes.start(desk.log)
    watcher = Watcher(desk)
    desk.say("Good ")
    desk.say("day")
    assert (await watcher.batch()).patches == [{"key": "step-1", "words": "Good day"}]
    desk.say(", Ann")
    await reply(desk)
    (row,) = (await watcher.batch()).patches
    assert row["kind"] == "step" and row["words"] is None


async def test_words_do_not_overtake_what_was_recorded_before_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await scenes.start(desk.log)
    watcher, read = Watcher(desk), desk.queries.events

    async def goes_on_meanwhile(*arguments: Any, **more: Any) -> Any:
        events = await read(*arguments, **more)
        monkeypatch.setattr(desk.queries, "events", read)
        await reply(desk)
        desk.hub.words(Words(session_id="s1", step=2, text="Then"))
        return events

    monkeypatch.setattr(desk.queries, "events", goes_on_meanwhile)
    await reply(desk)
    first, second = await watcher.batch(), await watcher.batch()
    assert [patch["key"] for patch in first.patches] == ["step-1"]
    assert [patch["key"] for patch in second.patches] == ["step-1", "step-2"]


async def test_who_comes_while_a_reply_is_being_written_gets_all_of_it(desk: Desk) -> None:
    await scenes.start(desk.log)
    first = Watcher(desk)
    desk.say("Good ")
    await first.batch()
    late = Watcher(desk)
    assert (await late.batch()).patches == [{"key": "step-1", "words": "Good ", "anew": True}]
    await reply(desk)
    await late.batch()
    assert Watcher(desk).batches == []


async def test_words_of_an_attempt_that_failed_are_taken_back(desk: Desk) -> None:
    await scenes.start(desk.log)
    watcher = Watcher(desk)
    desk.say("Goo")
    desk.say("Good day", reset=True)
    assert (await watcher.batch()).patches == [{"key": "step-1", "words": "Good day", "anew": True}]


async def test_what_is_recorded_between_a_pages_reading_and_its_joining_is_measured_at_once(desk: Desk) -> None:
    await scenes.start(desk.log)
    since = desk.hub.told
    await reply(desk)
    measured: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    desk.feeds.join("s1", lambda _: None, measured.put_nowait, since)
    assert (await asyncio.wait_for(measured.get(), 10))["steps"] == 1


async def test_what_is_recorded_between_a_lists_reading_and_its_joining_is_told_at_once(desk: Desk) -> None:
    shared, told = Shared(desk.queries.counts, desk.hub), asyncio.Queue[dict[str, Any]]()
    since = desk.hub.told
    await scenes.start(desk.log)
    shared.join(told.put_nowait, since)
    assert (await asyncio.wait_for(told.get(), 10))["sessions"]["queued"] == 1


async def test_a_page_measures_anew_when_the_engine_begins_with_its_session(desk: Desk) -> None:
    await scenes.start(desk.log)
    measured: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    desk.feeds.join("s1", lambda _: None, measured.put_nowait, desk.hub.told)
    desk.hub.moved("another")
    desk.hub.moved("s1")
    assert (await asyncio.wait_for(measured.get(), 10))["status"] == "queued"


async def test_who_missed_nothing_is_told_nothing_anew(desk: Desk) -> None:
    await scenes.start(desk.log)
    shared = Shared(desk.queries.counts, desk.hub)
    shared.join(lambda _: None, desk.hub.told)
    assert shared._telling._task is None


async def test_a_feed_ends_with_its_last_watcher(desk: Desk) -> None:
    one, two = Watcher(desk), Watcher(desk)
    one.leave()
    assert desk.hub.is_watched("s1")
    two.leave()
    assert not desk.hub.is_watched("s1")


async def test_work_that_fails_for_the_store_is_tried_again_and_a_closed_store_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("console.pace.RETRY_SECONDS", 0.0)
    outcomes: list[Exception | None] = [StoreUnavailable("full"), None, StoreClosed()]
    done = asyncio.Event()

    async def work() -> None:
        outcome = outcomes.pop(0)
        if len(outcomes) < 2:
            done.set()
        if outcome:
            raise outcome

    paced = Paced(0.0, work)
    paced.soon()
    await asyncio.wait_for(done.wait(), 10)
    assert len(outcomes) == 1
    done.clear()
    paced.soon()
    await asyncio.wait_for(done.wait(), 10)
    assert outcomes == []


async def test_work_asked_for_many_times_is_done_at_once_and_once_more() -> None:
    runs: list[int] = []
    second = asyncio.Event()

    async def work() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            for _ in range(20):
                paced.soon()
        else:
            second.set()

    paced = Paced(0.01, work)
    paced.soon()
    await asyncio.wait_for(second.wait(), 10)
    assert runs == [0, 1]
