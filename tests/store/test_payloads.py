"""Payloads: salted, checkable, erasable, and never half a character."""

import pytest

from store.database import Database, run
from store.event_log import EventLog
from store.payloads import matches, seal

from .scenes import record, start


def test_equal_texts_do_not_share_a_digest() -> None:
    assert seal("yes").ref != seal("yes").ref


def test_a_payload_proves_its_content_and_no_other() -> None:
    payload = seal("refund 50")
    assert matches(payload.ref, payload.salt, "refund 50")
    assert not matches(payload.ref, payload.salt, "refund 500")


@pytest.mark.parametrize(("given", "kept"), [("a\ud800b", "a�b"), ("\ud83d\ude00", "😀"), ("\0 and ﷽", "\0 and ﷽")])
def test_what_no_database_can_hold_is_made_whole(given: str, kept: str) -> None:
    assert seal(given).content == kept


@pytest.mark.asyncio
async def test_contents_come_back_by_ref_and_erased_ones_as_none(log: EventLog, database: Database) -> None:
    await start(log)
    kept, erased = seal("kept \0 whole"), seal("erased")
    event = (await log.read("s1"))[1].event
    await record(log, "s1", event, payloads=[kept, erased])
    sql = "UPDATE payloads SET salt = NULL, content = NULL WHERE ref = :ref"
    await database.write(lambda c: run(c, sql, {"ref": erased.ref}).rowcount)
    found = await log.payloads("s1", [kept.ref, erased.ref, "unknown"])
    assert found == {kept.ref: "kept \0 whole", erased.ref: None}
