"""One side of a measurement in a process of its own: runs batches of sessions as its input says.

python -m tests.benchmarks.worker bare|desk API_BASE
stdin:  {"concurrency": 50, "sessions": 50}      stdout: {"cpu_ms_per_step": …, "kb_per_session": …}
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import cpu_seconds, stored_bytes
from tests.benchmarks.work import STEPS

SETTLE_SECONDS = 0.3
"""Background loggers and writers that are still busy count too."""


def side(name: str, api_base: str, folder: Path) -> Any:
    if name == "bare":
        from tests.benchmarks.bare import Bare

        return Bare(api_base, folder)
    from tests.benchmarks.desk import Desk

    return Desk(api_base, folder)


async def batch(one: Any, concurrency: int, sessions: int) -> dict[str, float]:
    slots = asyncio.Semaphore(concurrency)

    async def run(number: int) -> None:
        async with slots:
            await one.run(f"{concurrency}-{number}-{time.time_ns()}")

    gc.collect()
    size, cpu, began = stored_bytes(one.path), cpu_seconds(), time.perf_counter()
    await asyncio.gather(*[run(number) for number in range(sessions)])
    wall = time.perf_counter() - began
    await asyncio.sleep(SETTLE_SECONDS)
    cpu = cpu_seconds() - cpu
    return {
        "cpu_ms_per_step": cpu * 1000 / sessions / STEPS,
        "steps_per_second": sessions * STEPS / wall,
        "kb_per_session": (stored_bytes(one.path) - size) / sessions / 1000,
    }


async def main(name: str, api_base: str) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        one = side(name, api_base, Path(folder))
        await one.open()
        for number in range(3):
            await one.run(f"warm-{number}")
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await batch(one, **json.loads(line))), flush=True)
        await one.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
