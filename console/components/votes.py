"""How each model has judged and voted so far: what operators look at before they trust its word. Pure HTML."""

from collections.abc import Sequence
from html import escape
from typing import Any

KINDS = {"policy_check": "checks", "vote": "votes", "judge": "picks"}
HEAD = (
    "<tr><th>Model</th><th>As</th><th class='qd-r'>Asked</th><th class='qd-r'>Allow</th><th class='qd-r'>Ask</th>"
    "<th class='qd-r'>Deny</th><th class='qd-r qd-hide'>No word</th><th class='qd-r'>Against the others</th></tr>"
)


def table_of(history: Sequence[dict[str, Any]]) -> str:
    """Items of `Queries.dissent()`; empty text where nobody has been asked yet."""
    if not history:
        return ""
    return f'<table class="qd-tbl"><thead>{HEAD}</thead><tbody>{"".join(map(_row, history))}</tbody></table>'


def _row(one: dict[str, Any]) -> str:
    silent = one["abstain"] + one["failed"]
    title = f"{one['abstain']} abstained, {one['failed']} failed"
    return (
        f'<tr><td>{escape(one["profile"])}</td><td class="qd-i2">{escape(KINDS.get(one["kind"], one["kind"]))}</td>'
        f'<td class="qd-r">{one["votes"]}</td><td class="qd-r">{one["allow"]}</td><td class="qd-r">{one["ask"]}</td>'
        f'<td class="qd-r">{one["deny"]}</td><td class="qd-r qd-hide" title="{title}">{silent}</td>'
        f'<td class="qd-r">{_share(one)}</td></tr>'
    )


def _share(one: dict[str, Any]) -> str:
    """How often most others of its panel saw it otherwise; a checker is alone."""
    if one["kind"] != "vote" or not one["votes"]:
        return '<span class="qd-i3">alone</span>'
    return f"{one['outvoted']} ({one['outvoted'] / one['votes']:.0%})"
