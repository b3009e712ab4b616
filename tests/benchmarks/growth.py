"""Does step n cost what step 1 costs? One session with thousands of events beside a new one, the same prompt length."""

import asyncio
import tempfile
import time
from pathlib import Path

from tests.benchmarks.desk import Desk
from tests.benchmarks.measure import cpu_seconds, median, table
from tests.benchmarks.processes import model_server
from tests.benchmarks.work import STEPS

EVENTS = 5_000
ROUNDS = 12


def main(events: int = EVENTS, rounds: int = ROUNDS) -> None:
    with model_server() as base, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(base, Path(folder), events, rounds))


async def _main(base: str, folder: Path, events: int, rounds: int) -> None:
    desk = Desk(base, folder, agent={"context": {"window_turns": 1}})
    await desk.open()
    old = await desk.begin()
    while (head := (await desk.runtime.log.history(old, after=1 << 40)).head) < events:
        await desk.turn(old)
    seen = []
    for _ in range(rounds):
        new = await desk.begin()
        seen.append((await measured(desk, new), await measured(desk, old)))
    await desk.close()
    fresh, long = ([median([pair[i][n] for pair in seen]) for n in (0, 1)] for i in (0, 1))
    ratio = [median([pair[1][n] / pair[0][n] for pair in seen]) for n in (0, 1)]
    rows = [
        [name, f"{fresh[n]:.2f} ms", f"{long[n]:.2f} ms", f"{ratio[n]:.2f}", "≤ 1.2"]
        for n, name in enumerate(("CPU per step", "time per step"))
    ]
    title = f"Growth: a turn of {STEPS} steps in a new session and in one with {head:,} events"
    table(title, ["what", "second turn", "long session", "ratio", "target"], rows)


async def measured(desk: Desk, session_id: str) -> tuple[float, float]:
    """CPU and wall milliseconds per step of one more turn."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    await desk.turn(session_id)
    return (cpu_seconds() - cpu) * 1000 / STEPS, (time.perf_counter() - wall) * 1000 / STEPS
