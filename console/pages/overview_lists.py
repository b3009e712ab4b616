"""The overview's rows: what waits for a person, and what is at work. Values in, HTML out."""

from collections.abc import Iterable
from html import escape
from typing import Any

from .. import format, statuses
from ..components.live_rows import Shown

Item = dict[str, Any]
RANK = {"destructive": 0, "unknown": 1, "write": 2, "read": 3}
SHORT = {"waiting_approval": ("approval", "warn"), "waiting_input": ("waits for input", "warn")}
WAITING = ("waiting_approval", "waiting_input")


def ordered(items: Iterable[Item]) -> list[Item]:
    """As the inbox lists them: what may have happened, then the riskiest, then who has waited longest."""
    return sorted(items, key=lambda one: (one["kind"] == "call", RANK.get(one["risk"], 1), one["requested_at"]))


def waiting_row(one: Item, base: str) -> Shown:
    risk = escape(str(one["risk"]))
    effect = one["effect"] or one["tool"]
    words = f"{effect}, may have happened" if one["kind"] == "unknown_outcome" else effect
    strong = " qd-b" if risk == "destructive" or one["kind"] == "unknown_outcome" else ""
    asked, expires = escape(one["requested_at"]), escape(one["expires_at"] or "")
    ring = f'<qd-countdown ring="16" bare expires="{expires}" from="{asked}"></qd-countdown>' if expires else ""
    html = (
        f'<span class="qd-risk qd-{risk}" title="{risk}"><i></i></span><span class="qd-el{strong}">{escape(words)}</span>'
        f'<span class="qd-s qd-i3 qd-el qd-agent-of">{escape(one["agent"])}</span>'
        f'<span class="qd-row qd-s qd-n qd-i3 qd-since">{format.moment(asked, "age")}{ring}</span>'
    )
    return f"{base}/inbox/{one['id']}", html


def waiting_hint(items: list[Item], many: int) -> str:
    """HTML: how many, and since when the oldest waits."""
    if not items:
        return ""
    count = f"{many}+" if len(items) >= many else str(len(items))
    oldest = min(one["requested_at"] for one in items)
    return f'<span class="qd-hint qd-n">{count}, oldest {format.moment(oldest, "age")}</span>'


def running_row(one: Item, steps: int | None, base: str) -> Shown:
    """`steps`: the limit of its agent, where that is known."""
    context = one["context"]
    share = 100 * context["used"] / context["limit"] if context["limit"] else None
    colour = "--brass-m" if share is not None and share >= 75 else "--sea-m"
    bar = f'<span class="qd-bar1"><i style="--w:{min(share or 0, 100):.0f}%;--c:var({colour})"></i></span>'
    full = f"{share:.0f}% full" if share is not None else "window unknown"
    words, kind = SHORT.get(one["status"], (one["status"], "sea" if one["status"] == "running" else ""))
    done = f"step {one['turn_steps']}{f' of {steps}' if steps else ''}"
    price = format.cost(one["cost_usd"]) + ("+" if one["cost_unknown"] else "")
    html = (
        f'<span class="qd-el">{escape(one["title"])} <span class="qd-i3 qd-s">{escape(one["agent"])}</span></span>'
        f'<span class="qd-chip {f"qd-{kind}" if kind else ""}" title="{escape(statuses.WORDS[one["status"]][0])}">'
        f'{escape(words)}</span><span class="qd-row qd-s qd-i3 qd-n qd-fill">{bar}{full}</span>'
        f'<span class="qd-s qd-i3 qd-n qd-steps">{done}</span><span class="qd-s qd-n qd-r">{price}</span>'
    )
    return f"{base}/sessions/{one['id']}", html


def running_hint(items: list[Item]) -> str:
    if not items:
        return ""
    waiting = sum(one["status"] in WAITING for one in items)
    wait = f", {waiting} {'waits' if waiting == 1 else 'wait'} for a person" if waiting else ""
    return f'<span class="qd-hint qd-n">{format.plural(len(items), "session")}{wait}</span>'
