"""CPU per agent step, every event durable, against a bare litellm loop on the same fake model; bytes per session."""

from tests.benchmarks.measure import median, table
from tests.benchmarks.processes import ask, model_server, started, until_ready

LEVELS = {1: 12, 50: 100, 200: 200}
"""Concurrent sessions → sessions per round."""
ROUNDS = 3
TARGETS = {1: 1.5, 50: 1.25, 200: 1.25}


def main(levels: dict[int, int] = LEVELS, rounds: int = ROUNDS) -> None:
    with model_server() as base, started("worker", "bare", base) as bare, started("worker", "desk", base) as desk:
        until_ready(bare)
        until_ready(desk)
        rows = []
        for concurrency, sessions in levels.items():
            seen = [
                (
                    ask(bare, concurrency=concurrency, sessions=sessions),
                    ask(desk, concurrency=concurrency, sessions=sessions),
                )
                for _ in range(rounds)
            ]
            ratios = [ours["cpu_ms_per_step"] / theirs["cpu_ms_per_step"] for theirs, ours in seen]
            theirs, ours = ({key: median([pair[i][key] for pair in seen]) for key in seen[0][i]} for i in (0, 1))
            rows.append(
                [
                    f"{concurrency}",
                    f"{theirs['cpu_ms_per_step']:.2f}",
                    f"{ours['cpu_ms_per_step']:.2f}",
                    f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
                    f"≤ {TARGETS.get(concurrency, 1.5)}",
                    f"{theirs['steps_per_second']:.0f}",
                    f"{ours['steps_per_second']:.0f}",
                    f"{theirs['kb_per_session']:.0f}",
                    f"{ours['kb_per_session']:.0f}",
                ]
            )
    heads = [
        "sessions",
        "bare CPU ms/step",
        "ours",
        "ratio",
        "target",
        "bare steps/s",
        "ours",
        "bare kB/session",
        "ours",
    ]
    table("Steps: CPU per step against a bare litellm loop, medians of interleaved rounds", heads, rows)
