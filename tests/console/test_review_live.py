"""Live pages share a feed: one that fails must not cost another its rows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from console.live import Feeds
from tests.fakes.desk import Desk, open_desk


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as running:
        yield running


async def test_a_page_that_fails_keeps_no_rows_and_no_meters_from_the_others(desk: Desk) -> None:
    session = await desk.ask_model("Done.")
    feeds, seen = Feeds(desk.queries, desk.runtime.hub), []

    def broken(_: Any) -> None:
        raise RuntimeError("this page is gone")

    leave_broken = feeds.join(session.id, broken, broken)
    leave = feeds.join(session.id, lambda batch: seen.append("rows"), lambda row: seen.append("meters"))
    await desk.runtime.send(session.id, "And now?", by="rita")
    await desk.rests(session.id)
    feed = feeds._feeds[session.id]
    await feed._flush()
    await feed._measure()
    leave_broken()
    leave()
    assert {"rows", "meters"} <= set(seen)
    assert feeds._feeds == {}
    assert not desk.runtime.hub.is_watched(session.id)
