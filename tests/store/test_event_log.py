"""The event log on a real file: order, refusal, concurrency, subscription."""

import asyncio
import sqlite3

import pytest

from store.database import Database, driver_of
from store.errors import IllegalProjection
from store.event_log import EventLog, History
from store.events import SessionPaused, SessionResumed, Status
from store.payloads import seal

from .scenes import Clock, Record, Refuse, Refused, decided, hold, record, start

pytestmark = pytest.mark.asyncio
PAUSE = SessionPaused(by="ann", because="lunch")


async def test_events_are_numbered_from_one_without_gaps(log: EventLog) -> None:
    await start(log)
    await record(log, "s1", PAUSE)
    assert [each.seq for each in await log.read("s1")] == [1, 2, 3]


async def test_two_hundred_racing_appends_to_one_session_leave_no_gap(log: EventLog) -> None:
    await start(log)
    seen: list[int] = []
    look = lambda history: seen.append(history.head)  # noqa: E731
    await asyncio.gather(*(log.append("s1", Record([PAUSE], look=look)) for _ in range(200)))
    assert [each.seq for each in await log.read("s1")] == list(range(1, 203))
    assert seen == list(range(2, 202)), "each command saw what the one before it in its batch had recorded"


async def test_a_command_that_refuses_leaves_nothing(log: EventLog) -> None:
    await start(log)
    with pytest.raises(Refused, match="not now"):
        await log.append("s1", Refuse())
    assert len(await log.read("s1")) == 2


async def test_one_refusal_does_not_fail_the_others_of_its_batch(log: EventLog) -> None:
    await start(log)
    commands = [Record([PAUSE]), Refuse(), Record([PAUSE, PAUSE]), Refuse(), Record([PAUSE])]
    results = await asyncio.gather(*(log.append("s1", each) for each in commands), return_exceptions=True)
    assert [isinstance(result, Refused) for result in results] == [False, True, False, True, False]
    assert [each.seq for each in await log.read("s1")] == [1, 2, 3, 4, 5, 6]


async def test_a_contradiction_in_the_last_event_undoes_the_first_of_the_same_append(log: EventLog) -> None:
    await start(log)
    note = seal("kept nowhere")
    with pytest.raises(IllegalProjection):
        await record(log, "s1", PAUSE, decided("nobody asked"), payloads=[note])
    assert len(await log.read("s1")) == 2
    assert await log.payloads("s1", [note.ref]) == {}


async def test_a_command_without_events_returns_its_value_and_records_nothing(log: EventLog) -> None:
    await start(log)
    heard: list[str] = []
    log.subscribe(lambda session_id, _: heard.append(session_id))
    appended = await record(log, "s1")
    assert (appended.value, appended.recorded, heard) == ("done", (), [])


async def test_a_session_begins_with_its_start(log: EventLog) -> None:
    with pytest.raises(IllegalProjection, match="There is no session s9"):
        await record(log, "s9", PAUSE)


async def test_the_append_returns_only_after_the_commit(log: EventLog, database: Database) -> None:
    await start(log)
    with sqlite3.connect(database.path) as other:
        assert other.execute("SELECT COUNT(*) FROM events").fetchone() == (2,)


async def test_the_commit_comes_before_the_answer(log: EventLog, database: Database) -> None:
    order: list[str] = []
    driver_of(database._writer_connection).set_trace_callback(order.append)
    log.subscribe(lambda *_: order.append("listener"))
    await start(log)
    order.append("answer")
    assert order[-3:] == ["COMMIT", "listener", "answer"]


async def test_a_command_that_has_folded_everything_reads_nothing(log: EventLog, database: Database) -> None:
    await start(log)
    statements: list[str] = []
    driver_of(database._writer_connection).set_trace_callback(statements.append)
    await log.append("s1", Record([PAUSE], after=2))
    assert not [each for each in statements if each.startswith("SELECT")]


async def test_after_a_failed_commit_the_head_is_read_from_the_file_again(log: EventLog, database: Database) -> None:
    await start(log)
    log._heads.settle(False)
    statements: list[str] = []
    driver_of(database._writer_connection).set_trace_callback(statements.append)
    await log.append("s1", Record([PAUSE], after=2))
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


async def test_a_command_gets_the_tail_after_what_it_has_folded(log: EventLog) -> None:
    await start(log)
    await record(log, "s1", PAUSE, SessionResumed(by="ann", because="back"))
    seen: list[History] = []
    await log.append("s1", Record([PAUSE], after=2, look=seen.append))
    assert (seen[0].head, seen[0].snapshot, [each.seq for each in seen[0].tail]) == (4, None, [3, 4])


async def test_a_command_that_knows_nothing_gets_the_snapshot_and_the_tail_after_it(log: EventLog) -> None:
    await start(log)
    await log.keep_snapshot("s1", 2, 7, b"folded")
    await record(log, "s1", PAUSE)
    history = await log.history("s1")
    assert history.snapshot is not None
    assert (history.snapshot.seq, history.snapshot.version, history.snapshot.data) == (2, 7, b"folded")
    assert [each.seq for each in history.tail] == [3]


async def test_an_older_snapshot_does_not_replace_a_newer_one(log: EventLog) -> None:
    await start(log)
    await log.keep_snapshot("s1", 2, 1, b"newer")
    await log.keep_snapshot("s1", 1, 1, b"older")
    assert (await log.history("s1")).snapshot.data == b"newer"  # type: ignore[union-attr]


async def test_listeners_hear_every_append_in_commit_order(log: EventLog) -> None:
    heard: list[int] = []
    stop = log.subscribe(lambda _, recorded: heard.extend(each.seq for each in recorded))
    await start(log)
    await asyncio.gather(*(record(log, "s1", PAUSE) for _ in range(20)))
    stop()
    await record(log, "s1", PAUSE)
    assert heard == list(range(1, 23))


async def test_a_broken_listener_does_not_keep_the_answer_back(log: EventLog) -> None:
    log.subscribe(lambda *_: 1 / 0)
    await start(log)
    assert len(await log.read("s1")) == 2


async def test_a_cancelled_caller_does_not_break_the_writer(log: EventLog) -> None:
    await start(log)
    waiting = asyncio.ensure_future(record(log, "s1", PAUSE))
    await asyncio.sleep(0)
    waiting.cancel()
    await record(log, "s1", PAUSE)
    assert len(await log.read("s1")) == 4, "what the cancelled caller wrote is kept"


async def test_the_log_is_read_in_windows(log: EventLog) -> None:
    await start(log)
    await record(log, "s1", *[PAUSE] * 8)
    seqs = lambda events: [each.seq for each in events]  # noqa: E731
    assert seqs(await log.read("s1", after=7)) == [8, 9, 10]
    assert seqs(await log.read("s1", before=3)) == [1, 2]
    assert seqs(await log.read("s1", tail=2)) == [9, 10]
    assert seqs(await log.read("s1", after=2, limit=2)) == [3, 4]
    assert seqs(await log.read("s1", before=9, tail=2)) == [7, 8]


async def test_what_was_running_or_queued_is_found_after_a_restart(log: EventLog) -> None:
    await start(log, "queued")
    await hold(log, "held")
    assert await log.unfinished() == [("queued", Status.QUEUED)]


async def test_a_restarted_program_goes_on_at_the_head(log: EventLog, database: Database) -> None:
    await start(log)
    await record(EventLog(database), "s1", PAUSE)
    assert [each.seq for each in await log.read("s1")] == [1, 2, 3]


async def test_an_append_carries_the_writers_clock(log: EventLog, clock: Clock) -> None:
    await start(log)
    clock.advance(seconds=5)
    await record(log, "s1", PAUSE)
    assert (await log.read("s1"))[-1].at == clock.at


async def test_the_session_of_an_approval_is_known(log: EventLog) -> None:
    await hold(log)
    assert (await log.session_of_approval("a1"), await log.session_of_approval("a2")) == ("s1", None)
