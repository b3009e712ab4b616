"""Numbers and moments as people read them. Pure."""

from datetime import datetime
from html import escape


def cost(usd: float | None) -> str:
    """USD with as many digits as its size deserves; None is unknown, never zero."""
    if usd is None:
        return "unknown"
    if usd == 0:
        return "$0.00"
    if usd < 0.00005:
        return "< $0.0001"  # rounded to four digits it would read as free
    return f"${usd:.2f}" if usd >= 0.1 else f"${usd:.4f}"


def tokens(count: int | None) -> str:
    if count is None:
        return "unknown"
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)


def duration(seconds: float) -> str:
    """`0.4 s`, `48 s`, `21 min`, `1 h 04`, `3 d`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02}"
    return f"{minutes // 1440} d"


def size(count: int) -> str:
    """Bytes."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def short_digest(digest: str) -> str:
    return f"{digest[:4]}…{digest[-4:]}" if len(digest) > 9 else digest


def moment(at: str | datetime | None, style: str = "time") -> str:
    """HTML `<time>` that the browser rewrites in the reader's own zone; style: time, date, age."""
    if at is None:
        return ""
    text = at.isoformat() if isinstance(at, datetime) else at
    return f'<qd-time datetime="{escape(text)}" data-style="{escape(style)}">{escape(text[11:19])}</qd-time>'


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
