"""What is read off the machine, and how it is written down as a table."""

import os
import resource
import sqlite3
import statistics
from collections.abc import Sequence
from pathlib import Path


def cpu_seconds() -> float:
    """User and system time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def stored_bytes(database: Path) -> int:
    """The database and its log, after a checkpoint."""
    driver = sqlite3.connect(database)
    driver.execute("PRAGMA busy_timeout=10000")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    driver.close()
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*") if "lock" not in path.name)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{title}")
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    for row in (heads, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
