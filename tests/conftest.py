"""The files that take longest come first, so that no worker is left with one of them at the end."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONG = ("kill", "foreign", "browser", "test_benchmarks.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    first = item.path.relative_to(TESTS).parts[0]
    return LONG.index(first) if first in LONG else len(LONG)
