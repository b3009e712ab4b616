"""What is too long to be compared line by line, cut: long texts become their size and digest, many lines fewer. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Any

LONGEST_TEXT_BYTES = 200_000
MOST_LINES = 20_000
MOST_ROWS = 5_000


def shortened(value: Any) -> Any:
    """The same without its longest texts, of which can still be seen whether they differ."""
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(one) for one in value]
    if not isinstance(value, str) or len(value) * 4 <= LONGEST_TEXT_BYTES:
        return value
    encoded = value.encode("utf-8", "surrogatepass")
    if len(encoded) <= LONGEST_TEXT_BYTES:
        return value
    return f"({len(encoded) / 1_000_000:.1f} MB, sha256 {_digest(encoded)})"


def first_lines(lines: Sequence[str]) -> Sequence[str]:
    """As many as can be compared in a moment; a last line stands for the others."""
    if len(lines) <= MOST_LINES:
        return lines
    rest = lines[MOST_LINES:]
    digest = _digest("\n".join(rest).encode("utf-8", "surrogatepass"))
    return [*lines[:MOST_LINES], f"({len(rest):,} more lines, sha256 {digest})"]


def _digest(encoded: bytes) -> str:
    return hashlib.sha256(encoded).hexdigest()[:16]
