"""What summarising costs a conversation: turns with a summariser that takes its time, and without one, in turn."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from store.events import Summarised
from tests.benchmarks.measure import median, table
from tests.fakes.desk import Desk
from tests.fakes.processes import OpenAIServer, openai_server
from tests.guards.scene import desk_on, says

TURNS = 40
SUMMARISER_MS = 1_500
WORDS = "All is well with it. " * 12
SCRIPT = {
    "talker": [says(f"Answer {number}. {WORDS}") for number in range(400)],
    "summariser": [says("Goals and requests: questions were answered, turn by turn.", after_ms=SUMMARISER_MS)],
}
CONTEXT = {"window_turns": 50, "window_tokens": 2_000, "keep_tokens": 300}


def main(turns: int = TURNS) -> None:
    with openai_server(SCRIPT) as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(server, Path(folder), turns))


async def _main(server: OpenAIServer, folder: Path, turns: int) -> None:
    with_it: dict[str, Any] = {"act": "talker", "summarize": "summariser"}
    async with (
        desk_on(server, folder / "with", with_it, context=CONTEXT) as summarising,
        desk_on(server, folder / "without", {"act": "talker"}, context=CONTEXT) as forgetting,
    ):
        desks = {"a summariser that takes 1.5 s": summarising, "no summariser": forgetting}
        sessions = {name: await _answered(desk, await desk.start("Begin.")) for name, desk in desks.items()}
        waits: dict[str, list[float]] = {name: [] for name in desks}
        for number in range(turns):
            for name, desk in desks.items():
                began = time.perf_counter()
                await desk.runtime.send(sessions[name], f"Something else, number {number}.", by="rita")
                await _answered(desk, sessions[name])
                waits[name].append((time.perf_counter() - began) * 1000)
        await summarising.idle()
        rows = [
            [
                name,
                f"{median(waits[name]):.0f} ms",
                f"{max(waits[name]):.0f} ms",
                str(await _summaries(desk, sessions[name])),
            ]
            for name, desk in desks.items()
        ]
    table(f"Message → answer over {turns} turns", ["with", "p50", "worst", "summaries"], rows)


async def _answered(desk: Desk, session_id: str) -> str:
    await desk.until(session_id, lambda session: not session.turn_open)
    return session_id


async def _summaries(desk: Desk, session_id: str) -> int:
    return len(await desk.events(session_id, Summarised))
