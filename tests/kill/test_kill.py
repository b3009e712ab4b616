"""Kills a run at every named point, really, and judges it by the CRM's own ledger. Five seeds: python -m tests.kill."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def kill(*options: str) -> dict[str, list[str]]:
    """In a process of its own, which forks: what was wrong, by point."""
    command = [sys.executable, "-m", "tests.kill", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout, done.stderr
    verdicts: dict[str, list[str]] = json.loads(done.stdout)
    return verdicts


def test_killed_at_any_point_it_loses_nothing_repeats_nothing_and_runs_nothing_unapproved() -> None:
    verdicts = kill("--seeds", "1")
    assert len(verdicts) == 15
    assert {point: found for point, found in verdicts.items() if found} == {}


def test_the_judge_notices_when_the_tool_runs_before_its_start_is_recorded() -> None:
    (found,) = kill("--seeds", "1", "--late-consume", "--point", "consume-before").values()
    assert "Order 1755 was refunded 2 times." in found
