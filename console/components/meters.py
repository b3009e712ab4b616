"""The rail beside a session: context, cost, steps, tool calls, time, cache. Pure: values in, HTML out."""

from datetime import datetime
from html import escape
from typing import Any

from ..format import cost, duration, plural, tokens

COLOURS = {
    "system": ("Instructions", "--slate-m"),
    "tools": ("Tools", "--mt"),
    "summary": ("Summaries", "--plum-m"),
    "recall": ("Recall", "--plum"),
    "messages": ("Turns", "--mu"),
    "results": ("Tool results", "--sea-m"),
}


PURPOSES = {
    "agent": ("Agent", "--sea-m"),
    "check": ("Checks", "--brass-m"),
    "vote": ("Votes", "--star-m"),
    "judge": ("Judge", "--slate-m"),
    "summary": ("Summaries", "--plum-m"),
    "input": ("Input check", "--mt"),
}
"""What money is spent on, in the order in which it is drawn."""


def context_meter(used: int, limit: int | None, segments: list[dict[str, Any]], mark: float | None) -> str:
    """Tokens of the last call over the window, by segment; `mark` is where summarising would begin (0 to 1)."""
    of = f"of {tokens(limit)} tokens" if limit else "tokens, window unknown"
    hint = f"full at {tokens(limit)}" if limit else ""
    if mark and limit:
        hint = f"summarise at {tokens(round(mark * limit))}"
    bar = "".join(
        f'<i style="--w:{100 * part["tokens"] / limit:.2f}%;--c:var({COLOURS[part["name"]][1]})"></i>'
        for part in (segments if limit else ())
    )
    index = f'<span class="qd-idx" style="--x:{100 * mark:.1f}%;--c:var(--plum-m)"></span>' if mark and limit else ""
    scale = "".join(f"<span>{tokens(round((limit or 0) * part / 4))}</span>" for part in range(5)) if limit else ""
    legend = "".join(
        f'<i style="--c:var({COLOURS[part["name"]][1]})"></i><span>{COLOURS[part["name"]][0]}</span>'
        f'<span class="qd-n">{tokens(part["tokens"])}</span>'
        for part in segments
    )
    return (
        f'<div class="qd-blk"><h3>Context<span class="qd-sp"></span><span>{hint}</span></h3>'
        f'<div class="qd-row" style="align-items:baseline"><span class="qd-big">{tokens(used)}</span>'
        f'<span class="qd-i3 qd-s">{of}</span></div>'
        f'<div class="qd-gauge" role="meter" aria-label="Context used" aria-valuenow="{used}" aria-valuemax="{limit or 0}">'
        f'{index}<div class="qd-bar">{bar}</div><div class="qd-grad"></div></div><div class="qd-scale">{scale}</div>'
        f'<div class="qd-leg" style="margin-top:8px">{legend}</div></div>'
    )


def cost_block(session: dict[str, Any], limit_usd: float | None, projected: float | None) -> str:
    unknown = session.get("cost_unknown", 0)
    spent = cost(session["cost_usd"]) if session["cost_usd"] is not None else "unknown"
    words = f"about {cost(projected)} at the limit of steps" if projected and session["status"] == "running" else ""
    words = words or (f"and {plural(unknown, 'call')} of unknown price" if unknown else "")
    share = min(100.0, 100 * (session["cost_usd"] or 0) / limit_usd) if limit_usd else 0.0
    bar = f'<div class="qd-bar1" style="margin-top:6px"><i style="--w:{share:.1f}%"></i></div>' if limit_usd else ""
    return (
        f'<div class="qd-blk"><h3>Cost<span class="qd-sp"></span><span>{f"limit {cost(limit_usd)}" if limit_usd else ""}'
        f'</span></h3><div class="qd-row" style="align-items:baseline"><span class="qd-big">{spent}</span>'
        f'<span class="qd-i3 qd-s">{escape(words)}</span></div>{bar}{_split(session.get("costs") or {})}</div>'
    )


def _split(costs: dict[str, float]) -> str:
    """What the money went to, once it went to more than one thing."""
    total = sum(costs.values())
    parts = [(*look, costs[purpose]) for purpose, look in PURPOSES.items() if costs.get(purpose)]
    if len(parts) < 2:
        return ""
    bar = "".join(f'<i style="--w:{100 * usd / total:.1f}%;--c:var({colour})"></i>' for _, colour, usd in parts)
    legend = "".join(
        f'<i style="--c:var({colour})"></i><span>{words} <span class="qd-i3">{_share(usd / total)}</span></span>'
        f'<span class="qd-n">{cost(usd)}</span>'
        for words, colour, usd in parts
    )
    return f'<div class="qd-bar1" style="margin:8px 0">{bar}</div><div class="qd-leg">{legend}</div>'


def _share(part: float) -> str:
    return "&lt;1%" if part < 0.005 else f"{100 * part:.0f}%"


def pips(name: str, done: int, limit: int, hint: str = "") -> str:
    """One mark per unit up to 30; the newest one stands out."""
    marks = "".join(
        f'<i class="{"qd-cur" if i == done - 1 else "qd-on" if i < done else ""}"></i>' for i in range(min(limit, 30))
    )
    columns = f"grid-template-columns:repeat({min(limit, 30)},1fr)"
    return (
        f'<h3>{escape(name)}<span class="qd-sp"></span><span><b style="color:var(--ink)">{done}</b> of {limit}{escape(hint)}'
        f'</span></h3><div class="qd-pips" style="{columns};margin-bottom:8px" aria-hidden="true">{marks}</div>'
    )


def time_block(
    working: float, waiting: float, *, works_since: datetime | None = None, waits_since: datetime | None = None
) -> str:
    """`works_since`, `waits_since`: when it does so now, from when that is counted, so that the browser can count on."""
    total = working + waiting
    worked, waited = _counted(working, works_since), _counted(waiting, waits_since)
    share = 100 * working / total if total else 0
    return (
        f'<h3>Time<span class="qd-sp"></span><span>{worked} working, {waited} waiting</span></h3>'
        f'<div class="qd-bar1 qd-hatch" style="--hc:var(--brass-m);margin-bottom:8px"><i style="--w:{share:.1f}%"></i></div>'
    )


def _counted(seconds: float, since: datetime | None) -> str:
    words = duration(seconds)
    return f'<qd-time datetime="{since.isoformat()}" data-style="age">{words}</qd-time>' if since else words


def cache_block(usage: dict[str, int], saved_usd: float | None) -> str:
    reading = usage["input"] + usage["cache_read"] + usage["cache_write"]
    share = 100 * usage["cache_read"] / reading if reading else 0
    saved = f", saved {cost(saved_usd)}" if saved_usd else ""
    return (
        '<h3>Cache hits<span class="qd-sp"></span>'
        f'<span><b style="color:var(--ink)">{share:.0f}%</b> of input{saved}</span></h3>'
        f'<div class="qd-bar1"><i style="--w:{share:.1f}%;--c:var(--star-m)"></i></div>'
    )


def latency_block(last_ms: float | None, first_ms: float | None) -> str:
    if last_ms is None:
        return ""
    first = f", first word {_took(first_ms)}" if first_ms else ""
    return f'<h3 style="margin-top:8px">Last reply<span class="qd-sp"></span><span>{_took(last_ms)}{first}</span></h3>'


def _took(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
