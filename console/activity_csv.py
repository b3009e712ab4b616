"""The activity of admins as CSV that a spreadsheet opens without running any of it. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = ("at", "by", "action", "subject", "detail")
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def head() -> str:
    return rows([dict(zip(COLUMNS, COLUMNS, strict=True))])


def rows(items: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe(str(one[name])) for name in COLUMNS] for one in items)
    return text.getvalue()


def safe(cell: str) -> str:
    """A quote in front makes a text of what a spreadsheet would calculate; the blanks before it do not hide it."""
    return f"'{cell}" if cell.startswith(STARTS_A_FORMULA) or cell.lstrip().startswith(STARTS_A_FORMULA) else cell
