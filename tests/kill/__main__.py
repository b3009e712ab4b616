"""`python -m tests.kill [--seeds N] [--point NAME] [--late-consume]`: kills a run at each point and judges it."""

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agents.demo.crm.seed import seed as seed_crm
from tests.kill.judge import faults
from tests.kill.points import NAMES, Point, arm
from tests.kill.runner import consume_late, first_life, second_life

AT_ONCE = 4


@dataclass(slots=True)
class Run:
    """One run: its folder, and which of its two lives is going on."""

    point: Point
    folder: Path
    late_consume: bool
    life: int = 0

    def first(self) -> None:
        arm(self.point)
        if self.late_consume:
            consume_late()
        asyncio.run(first_life(self.folder, self.point.seed))

    def second(self) -> None:
        if self.late_consume:
            consume_late()
        asyncio.run(second_life(self.folder, self.point.seed))

    def next_life(self) -> int:
        self.life += 1
        return _fork(self.first if self.life == 1 else self.second, self.folder / f"life-{self.life}.log")

    def verdict(self, status: int) -> list[str] | None:
        """After a life has ended: None while another one has to follow."""
        if self.life == 1:
            return None if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else self._unexpected()
        return faults(self.folder, self.point.seed) if status == 0 else self._unexpected()

    def _unexpected(self) -> list[str]:
        said = (self.folder / f"life-{self.life}.log").read_text()[-1500:]
        return [f"Life {self.life} ended otherwise than it should: {said or 'the point was never reached'}"]


def _fork(life: Callable[[], Any], log: Path) -> int:
    """A copy of this process, which has everything imported already; it never returns."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
        life()
        code = 0
    except BaseException:  # this is the child's end, however it comes
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def judge_all(points: Iterable[Point], folder: Path, *, late_consume: bool = False) -> dict[Point, list[str]]:
    """Runs them, several at once, and returns what was wrong with each."""
    template = folder / "crm.db"
    seed_crm(template, number=1, today=datetime.now().astimezone().date())
    waiting, running, verdicts = list(points), dict[int, Run](), dict[Point, list[str]]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            run = _prepare(waiting.pop(0), folder, template, late_consume)
            running[run.next_life()] = run
        pid, status = os.waitpid(-1, 0)
        run = running.pop(pid)
        verdict = run.verdict(status)
        if verdict is None:
            running[run.next_life()] = run
        else:
            verdicts[run.point] = verdict
    return verdicts


def _prepare(point: Point, folder: Path, template: Path, late_consume: bool) -> Run:
    own = folder / f"{point.name}-{point.seed}"
    own.mkdir()
    (own / "crm.db").write_bytes(template.read_bytes())
    return Run(point, own, late_consume)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.kill", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="runs of each point")
    parser.add_argument("--point", choices=NAMES, action="append", help="only this one")
    parser.add_argument("--late-consume", action="store_true", help="with the defect the judge has to notice")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pairs = itertools.product(range(options.seeds), options.point or NAMES)
    points = [Point(name=name, seed=seed) for seed, name in pairs]
    with tempfile.TemporaryDirectory() as folder:
        verdicts = judge_all(points, Path(folder), late_consume=options.late_consume)
    if options.json:
        print(json.dumps({f"{point.name}-{point.seed}": found for point, found in verdicts.items()}))
    else:
        for point, found in verdicts.items():
            print(f"{point.name} (seed {point.seed}): {'as it should be' if not found else ' '.join(found)}")
    return int(any(verdicts.values()))


if __name__ == "__main__":
    sys.exit(main())
