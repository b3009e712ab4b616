"""A decision: how long until the tool starts, what 2,000 paused sessions cost while nothing happens, and a restart."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import store.database
from store.events import ApprovalRequested
from tests.benchmarks.desk import Desk
from tests.benchmarks.measure import cpu_seconds, median, resident_mb, stored_bytes, table
from tests.benchmarks.processes import model_server
from tests.benchmarks.work import DEPLOY

PAUSED = 2_000
CLICKS = 40
AT_ONCE = 50
IDLE_SECONDS = 3.0


def main(paused: int = PAUSED, clicks: int = CLICKS, idle_seconds: float = IDLE_SECONDS) -> None:
    with model_server() as base, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(base, Path(folder), paused, clicks, idle_seconds))


async def _main(base: str, folder: Path, paused: int, clicks: int, idle_seconds: float) -> None:
    desk = Desk(base, folder)
    await desk.open()
    await desk.run("warm")
    before = resident_mb()
    slots = asyncio.Semaphore(AT_ONCE)

    async def one() -> ApprovalRequested:
        async with slots:
            return await desk.paused()

    asked = list(await asyncio.gather(*[one() for _ in range(paused)]))
    memory, size = resident_mb() - before, stored_bytes(desk.path)
    queries, cpu = await idle(desk, idle_seconds)
    waits = [await click(desk, asked.pop()) for _ in range(min(clicks, len(asked)))]
    await desk.close()
    ready, cpu_ready, again = await restart(base, folder)
    restarted_queries, _ = await idle(again, idle_seconds)
    waits_again = [await click(again, asked.pop()) for _ in range(min(clicks, len(asked)))]
    await again.close()
    rows = [
        ["decision → tool runs, p50", f"{median(waits):.1f} ms", "≤ 10 ms"],
        ["decision → tool runs, worst", f"{max(waits):.1f} ms", ""],
        ["the same after a restart, p50", f"{median(waits_again or [0]):.1f} ms", "≤ 10 ms"],
        [f"idle with {paused:,} paused: statements/s", f"{queries / idle_seconds:.1f}", "0"],
        [f"idle with {paused:,} paused: CPU", f"{cpu / idle_seconds:.1%}", ""],
        ["idle after a restart: statements/s", f"{restarted_queries / idle_seconds:.1f}", "0"],
        ["restart until ready", f"{ready:.2f} s ({cpu_ready:.2f} s CPU)", "< 10 s"],
        ["memory per paused session", f"{memory * 1000 / paused:.1f} kB", ""],
        ["database per paused session", f"{size / 1000 / paused:.0f} kB", ""],
    ]
    table(f"Deciding, with {paused:,} sessions waiting for a person", ["what", "measured", "target"], rows)


async def click(desk: Desk, asked: ApprovalRequested) -> float:
    """Milliseconds from the decision's arrival until the tool has been called: two commits lie in between."""
    loop = asyncio.get_running_loop()
    desk.connection.called.clear()
    began = loop.time()
    await desk.approve(asked)
    return (desk.connection.called[DEPLOY] - began) * 1000


async def restart(base: str, folder: Path) -> tuple[float, float, Desk]:
    """Seconds until a runtime on the same folder is open, and the processor's share of it."""
    began, cpu = time.perf_counter(), cpu_seconds()
    desk = Desk(base, folder)
    await desk.reopen()
    ready = time.perf_counter() - began, cpu_seconds() - cpu
    await desk.runtime.models.warm()
    return *ready, desk


async def idle(desk: Desk, seconds: float) -> tuple[int, float]:
    """Statements run on any connection, and processor seconds used, while nobody does anything."""
    if tasks := tuple(desk.runtime.engine._tasks):  # they keep their last snapshots
        await asyncio.wait(tasks)
    with counted() as count:
        cpu = cpu_seconds()
        await asyncio.sleep(seconds)
        return count(), cpu_seconds() - cpu


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Counts what the store asks of its driver, in every thread."""
    seen: list[None] = []
    driver_of = store.database.driver_of

    def counting(connection: object) -> sqlite3.Connection:
        seen.append(None)
        return driver_of(connection)  # type: ignore[arg-type]

    store.database.driver_of = counting  # type: ignore[assignment]
    try:
        yield lambda: len(seen)
    finally:
        store.database.driver_of = driver_of
