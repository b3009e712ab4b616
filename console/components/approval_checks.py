"""What models said of a call before a person was asked, dissent first. Pure: values in, HTML out."""

from collections.abc import Iterable
from html import escape
from typing import Any

from .. import guard_rows
from ..icons import icon

CHIPS = {"allow": "qd-ok", "deny": "qd-bad", "ask": "qd-warn", "failed": "qd-warn"}
SIGNS = {
    "allow": ("check", "qd-green"),
    "deny": ("x", "qd-red"),
    "ask": ("warn", "qd-brass"),
    "failed": ("warn", "qd-brass"),
}
NO_SIGN = ("help", "qd-i3")


def checks_html(seats: list[dict[str, Any]], effective: float | None) -> str:
    """One entry per model: its verdict, why, the clause it quotes, what it took."""
    said = "".join(_entry(one) for one in guard_rows.in_order(seats))
    votes = guard_rows.votes_words(effective, seats)
    foot = f'<div class="qd-i3" style="display:block">{escape(votes)}</div>' if votes else ""
    return f'<div class="qd-vt">{said}{foot}</div>'


def _entry(one: dict[str, Any]) -> str:
    sign, colour = SIGNS.get(one["verdict"], NO_SIGN)
    disputes = f'Disputes <code class="qd-red qd-b">{escape(one["path"])}</code>: ' if one["path"] else ""
    against = '<span class="qd-red"> The reasoning does not support these values.</span>' if one["unsupported"] else ""
    clause = f'<span class="qd-q">{escape(one["clause"])}</span>' if one["clause"] else ""
    numbers = f'<span class="qd-i3 qd-xs qd-n">{escape(one["numbers"])}</span>' if one["numbers"] else ""
    return (
        f'<div><span class="{colour}">{icon(sign, "md")}</span>'
        f'<span><b>{escape(one["title"])}</b> <span class="qd-i3">{escape(one["name"])}</span></span>'
        f'<span class="qd-chip {CHIPS.get(one["verdict"], "")}">{escape(one["verdict"])}</span>'
        f'<p class="qd-break">{disputes}{escape(one["because"])}{against}{clause}{numbers}</p></div>'
    )


def findings(seats: Iterable[dict[str, Any]]) -> list[tuple[str, bool]]:
    """The dissent in at most two lines, worst first, and whether each is one to worry about."""
    said = [(seat["kind"], seat["verdict"]) for seat in seats]
    votes = [verdict for kind, verdict in said if kind == "vote"]
    against = [verdict for verdict in votes if verdict in ("ask", "deny")]
    silent = [verdict for verdict in votes if verdict != "allow"]
    found: list[tuple[str, bool]] = []
    if against:
        say = "says" if len(against) == 1 else "say"
        found.append((f"{len(against)} of {len(votes)} votes {say} no", "deny" in against))
    elif silent:
        found.append((f"{len(silent)} of {len(votes)} votes missing", False))
    checks = [verdict for kind, verdict in said if kind == "policy_check" and verdict != "allow"]
    if checks:
        words = {"deny": "Against the written policy", "ask": "The policy check has doubts"}
        found.append((words.get(checks[0], "The policy check gave no verdict"), checks[0] == "deny"))
    return sorted(found, key=lambda one: not one[1])
