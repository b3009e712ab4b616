"""What sessions leave behind: bytes in the database by table, and memory while they wait."""

import asyncio
import gc
import sqlite3
import tempfile
from pathlib import Path

from tests.benchmarks.desk import Desk
from tests.benchmarks.measure import resident_mb, stored_bytes, table
from tests.benchmarks.processes import model_server

SESSIONS = 200
AT_ONCE = 50


def main(sessions: int = SESSIONS) -> None:
    with model_server() as base, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(base, Path(folder), sessions))


async def _main(base: str, folder: Path, sessions: int) -> None:
    desk = Desk(base, folder)
    await desk.open()
    for number in range(5):
        await desk.run(f"warm-{number}")
    slots = asyncio.Semaphore(AT_ONCE)

    async def many(doing: str) -> tuple[float, float]:
        """kB of database and of memory per session."""

        async def one() -> None:
            async with slots:
                await (desk.paused() if doing == "paused" else desk.run(""))

        gc.collect()
        size, memory = stored_bytes(desk.path), resident_mb()
        await asyncio.gather(*[one() for _ in range(sessions)])
        gc.collect()
        return (stored_bytes(desk.path) - size) / sessions / 1000, (resident_mb() - memory) * 1000 / sessions

    rows = []
    for doing, target in (("answered", "≤ 100 kB"), ("paused", "")):
        size, memory = await many(doing)
        rows.append(
            [
                f"{doing} (11 steps)" if doing == "answered" else f"{doing} at step 6",
                f"{size:.0f} kB",
                target,
                f"{memory:.1f} kB",
            ]
        )
    table(f"Sizes per session, over {sessions} sessions", ["session", "database", "target", "memory"], rows)
    by_table = contents(desk.path)
    await desk.close()
    total = sum(by_table.values())
    if total:
        rows = [[name, f"{size / 1000:.0f} kB", f"{size / total:.0%}"] for name, size in list(by_table.items())[:10]]
        table("Where the bytes are", ["table or index", "size", "share"], rows)


def contents(database: Path) -> dict[str, int]:
    """Bytes by table and index, the largest first; nothing where SQLite was built without dbstat."""
    driver = sqlite3.connect(database)
    try:
        rows = driver.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
        return {str(name): int(size) for name, size in rows}
    except sqlite3.OperationalError:
        return {}
    finally:
        driver.close()
