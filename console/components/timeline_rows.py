"""One row of the timeline as HTML, word for word as transcript.js draws it (a browser test compares them). Pure."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Any

from ..icons import icon

Row = dict[str, Any]
CHIPS = {
    "succeeded": "qd-ok",
    "failed": "qd-bad",
    "invalid": "qd-bad",
    "denied": "qd-bad",
    "rejected": "qd-bad",
    "expired": "qd-warn",
    "cancelled": "qd-warn",
    "unknown": "qd-warn",
    "executing": "qd-sea",
    "proposed": "qd-sea",
}
ENDS = {
    "answered": "Answer",
    "limit": "Limit reached",
    "error": "Failed",
    "stopped": "Stopped",
    "fallback": "Fallback answer",
}
VERDICTS = {"allow": "qd-ok", "deny": "qd-bad", "ask": "qd-warn", "failed": "qd-warn"}
FAILED = ("failed", "invalid", "denied", "rejected")


def row_html(row: Row) -> str:
    if row["kind"] == "turn":
        time = f'<time datetime="{_said(row["at"])}">{_day(row["at"])}</time>'
        return f'<div class="qd-day"><span>Turn {row["turn"]}, {time}</span></div>'
    waits = _waits(row)
    return (
        f'<div class="qd-e{" qd-wait" if waits else ""}" data-key="{_said(row["key"])}">'
        f'<time datetime="{_said(row["at"])}">{_said(row["at"][11:19])}</time>'
        f'<span class="qd-k {_tone(row)}">{icon(_sign(row))}</span>'
        f'<div class="qd-e-body">{_BODIES[row["kind"]](row)}</div></div>'
    )


def _day(at: str) -> str:
    """As a browser set to English writes it; the timeline then writes it as this one does."""
    day = datetime.fromisoformat(at)
    return f"{day:%B} {day.day}"


def _user(row: Row) -> str:
    return f'{_heading(row["who"], row["hint"])}<p class="qd-said">{_said(row["text"])}</p>'


def _step(row: Row) -> str:
    name = f"Step {row['step']}" if row["step"] else "Step"
    numbers = f'<span class="qd-meta qd-num qd-wide">{_said(_numbers(row))}</span>' if row["model"] else ""
    said = f'<p class="qd-said">{_said(row["said"])}</p>' if row["said"] else ""
    return (
        f'<div class="qd-hd1"><b>{name}</b><span class="qd-meta qd-el">{_said(_asks(row))}</span><span class="qd-sp"></span>'
        f"{numbers}</div>{said}{_list(row.get('attempts'))}"
    )


def _call(row: Row) -> str:
    if _waits(row):
        ends = row["approval"]["expires_at"]
        left = f'<qd-countdown expires="{_said(ends)}"></qd-countdown>' if ends else ""
        lost = "May or may not have happened. " if row["state"] == "unknown" else ""
        what = (
            f'<div class="qd-gap"><div class="qd-hd1"><b class="qd-el">{_said(row["effect"])}</b>'
            f'<span class="qd-sp"></span>{left}<span class="qd-btn qd-t">Open approval</span></div>'
            f'<div class="qd-meta">{lost}{_said(row["because"])}</div></div>'
        )
    else:
        output = row.get("output")
        shown = "" if output is None else f'<span class="qd-arrow">→</span><code>{_said(output)}</code>'
        what = (
            f'<div class="qd-hd1"><code class="qd-tool">{_said(_name(row))}</code>'
            f'<span class="qd-risk qd-{_said(row["risk"])}"><i></i></span>'
            f'<span class="qd-chip {CHIPS.get(row["state"], "")}">{_said(_state(row))}</span>'
            f'<span class="qd-meta qd-el">{_said(_why(row))}</span><span class="qd-sp"></span>'
            f'<span class="qd-meta qd-num">{_took(row.get("latency_ms"))}</span></div>'
            f'<div class="qd-io"><code>{_said(row["arguments"])}</code>{shown}</div>{_list(row.get("problems"))}'
        )
    reasoning = f"› Reasoning: {_said(_first(row['reasoning']))}" if row["reasoning"] else ""
    folded = f'<span class="qd-fold">{reasoning}</span>' if reasoning else ""
    return f'{what}{_doubts(row)}{_checked(row)}{folded}<span class="qd-fold">Whole record</span>'


def _answer(row: Row) -> str:
    done = str(row["because"] or "")
    if row["result"] == "answered":
        done = f"turn {row['turn']} done"
    elif row["result"] == "fallback" and row["html"]:  # it gives the reason itself
        done = f"turn {row['turn']} ended by its fallback"
    cut = '<span class="qd-fold">It is longer than this: whole answer</span>' if row["cut"] else ""
    prose = f'<div class="qd-prose">{row["html"]}</div>' if row["html"] else ""  # made safe by console/markdown.py
    return f"{_heading(ENDS.get(row['result'], str(row['result'])), done, ' qd-el')}{prose}{cut}"


def _note(row: Row) -> str:
    who = f"<span>{_said(row['who'])}</span> " if row.get("who") else ""
    numbers = f'<span class="qd-band-n qd-wide">{_said(row["numbers"])}</span>' if row.get("numbers") else ""
    label = f'<span class="qd-fold">› {_said(row["label"])}</span>' if row.get("label") else ""
    session = '<span class="qd-fold">Open its session</span>' if row.get("session") else ""
    return (
        f'<div class="qd-band qd-{_said(row["tone"])}"><b>{_said(row["title"])}</b> {who}'
        f"<span>{_said(row['text'])}</span>{numbers}</div>{_list(row.get('more'))}{label}{session}"
    )


def _doubts(row: Row) -> str:
    chips = "".join(
        f'<span class="qd-ev qd-{_said(one["kind"])}"><span class="qd-sign">{icon("warn")}</span>'
        f"<code>{_said(one['path'])} {_said(one['value'])}</code><u>{_said(one['words'])}</u></span>"
        for one in row.get("warnings") or ()
    )
    return f'<div class="qd-doubts">{chips}</div>' if chips else ""


def _checked(row: Row) -> str:
    checked = row.get("checked")
    if not checked:
        return ""
    chips = "".join(
        f'<span class="qd-chip {VERDICTS.get(one["verdict"], "")}">{_said(one["words"])}</span>'
        for one in checked["chips"]
    )
    return (
        f'<div class="qd-checked"><span class="qd-sign">{icon("shield")}</span>{chips}'
        f'<span class="qd-meta qd-el">{"" if _waits(row) else _said(checked["dissent"])}</span><span class="qd-sp"></span>'
        f'<span class="qd-meta qd-num qd-wide">{_said(checked["numbers"])}</span></div>'
    )


_BODIES: dict[str, Callable[[Row], str]] = {
    "user": _user,
    "step": _step,
    "call": _call,
    "answer": _answer,
    "note": _note,
}


def _heading(name: str, hint: str, kind: str = "") -> str:
    return f'<div class="qd-hd1"><b>{_said(name)}</b><span class="qd-meta{kind}">{_said(hint)}</span></div>'


def _list(lines: Any) -> str:
    return f'<ul class="qd-attempts">{"".join(f"<li>{_said(one)}</li>" for one in lines)}</ul>' if lines else ""


def _said(text: Any) -> str:
    """Safe for HTML, and for the wire: a model may write halves of characters."""
    return escape(str(text).encode("utf-8", "replace").decode())


def _waits(row: Row) -> bool:
    return bool(row.get("approval")) and row.get("state") in ("held", "unknown")


def _name(row: Row) -> str:
    return f"{row['connector']}.{row['tool']}" if row["connector"] else str(row["tool"])


def _first(reasoning: dict[str, Any]) -> str:
    return re.split(r"(?<=[.!?])\s", reasoning.get("therefore") or reasoning.get("need") or "")[0]


def _asks(row: Row) -> str:
    if row["closing"]:
        return "last answer, without tools"
    what = f"asks for {row['calls']} tool call{'s' if row['calls'] > 1 else ''}" if row["calls"] else "answers"
    return f"{what} · {row['route']}" if row.get("route") else what


def _numbers(row: Row) -> str:
    cost = _price(row["cost_usd"])
    cached = f", {_count(row['tokens_cached'])} cached" if row["tokens_cached"] else ""
    return (
        f"{row['model']} · {_count(row['tokens_in'])} in{cached} · {_count(row['tokens_out'])} out · {cost}"
        f" · {_took(row['latency_ms'])}"
    )


def _price(usd: float | None) -> str:
    if usd is None:
        return "cost unknown"
    return "< $0.0001" if 0 < usd < 0.00005 else f"${_fixed(usd, 4)}"


def _count(tokens: int) -> str:
    return f"{_fixed(tokens / 1000, 1)}k" if tokens >= 1000 else str(tokens)


def _took(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"{_fixed(ms, 0)} ms" if ms < 1000 else f"{_fixed(ms / 1000, 1)} s"


def _fixed(number: float, digits: int) -> str:
    """As `toFixed` writes it: halves are rounded up."""
    return str(Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _state(row: Row) -> str:
    state, by = row["state"], row.get("decided_by")
    approved = f"{'changed and approved' if row.get('edited_by') else 'approved'} by {by}"
    match state:
        case "allowed":
            return "released"
        case "proposed":
            return "being checked"
        case "executing":
            return "running"
        case "succeeded" if by:
            return approved
        case "succeeded":
            return "read" if row["risk"] == "read" else "done"
        case "failed" if by:
            return f"failed, {approved}"
        case "cancelled" if row.get("decision") == "respond":
            return f"answered by {by}"
        case "rejected":
            return f"rejected by {by}"
    return str(state)


def _why(row: Row) -> str:
    if row.get("decision_because"):
        return f"“{row['decision_because']}”"
    read = row["state"] == "succeeded" and row["risk"] == "read"
    return "" if row["state"] in ("failed", "executing") or read else str(row["because"])


def _sign(row: Row) -> str:
    if row.get("sign"):
        return str(row["sign"])
    if row["kind"] == "call":
        return "lock" if _waits(row) else "tool"
    return {"user": "user", "step": "agent", "answer": "msg", "note": "flag"}[row["kind"]]


def _tone(row: Row) -> str:
    match row["kind"]:
        case "user":
            return "qd-sea"
        case "call" if row["state"] == "succeeded":
            return "qd-star"
        case "call" if row["state"] in FAILED:
            return "qd-port"
        case "call" if _waits(row):
            return "qd-brass"
        case "answer" if row["result"] == "error":
            return "qd-port"
        case "note" if row["tone"] == "plum":
            return "qd-plum"
    return ""
