"""The overview's cards of numbers: spend, decisions, connectors, readiness. Values in, HTML out."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from agents.readiness import Finding, Severity
from agents.tools.health import Health

from .. import format
from ..components.meters import PURPOSES
from ..components.plots import sparkline
from ..icons import icon

Tools = Sequence[Mapping[str, Any]]
PARTS = (
    ("approved", "--star-m"),
    ("edited", "--brass-m"),
    ("rejected", "--port-m"),
    ("answered", "--plum-m"),
    ("expired", "--slate-m"),
)
"""What can become of a request, in the order in which it is drawn."""
ENOUGH, ALMOST_ALL = 20, 0.95
DOTS = {"up": "--star-m", "connecting": "--brass-m", "down": "--port-m", "unsupported": "--slate-m"}
TONES = {Severity.BLOCKS: "qd-red", Severity.WARNS: "qd-brass", Severity.NOTES: "qd-sea"}


def by_purpose(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        found[row["purpose"]] = found.get(row["purpose"], 0.0) + row["cost_usd"]
    return {key: found[key] for key in PURPOSES if found.get(key)}


def spend(rows: Sequence[Mapping[str, Any]], budget_usd: float | None, projected_usd: float | None, until: str) -> str:
    """`projected_usd` by `until` (“midnight”); the bar ends at the budget, or at what is expected."""
    by = by_purpose(rows)
    total, unknown = sum(row["cost_usd"] for row in rows), sum(row["unknown"] for row in rows)
    most = max(budget_usd or 0.0, total, (projected_usd or 0.0) if not budget_usd else 0.0) or 1.0
    bar = "".join(f'<i style="--w:{100 * usd / most:.2f}%;--c:var({PURPOSES[key][1]})"></i>' for key, usd in by.items())
    about = f"about {format.cost(projected_usd)} by {until}" if projected_usd and total else ""
    index = ""
    if about and budget_usd:
        index = f'<span class="qd-idx" style="--x:{min(100, 100 * (projected_usd or 0) / most):.1f}%"></span>'
    scale = "".join(f"<span>{format.cost(most * n / 3) if total or budget_usd else ''}</span>" for n in range(4))
    legend = "".join(
        f'<span class="qd-lg" style="--c:var({PURPOSES[key][1]})">{PURPOSES[key][0]} {100 * usd / total:.0f}%</span>'
        for key, usd in by.items()
    )
    more = f'<span class="qd-brass">{format.plural(unknown, "call")} of unknown price</span>' if unknown else ""
    return (
        f'<div class="qd-row qd-spent"><span class="qd-big">{format.cost(total)}</span>'
        f'<span class="qd-i3 qd-s qd-n">{about}</span></div><div class="qd-gauge">{index}<div class="qd-bar">{bar}</div>'
        f'<div class="qd-grad" style="--t:30"></div><div class="qd-scale">{scale}</div></div>'
        f'<div class="qd-row qd-xs qd-i2 qd-n qd-legend">{legend}{more}</div>'
    )


def stats(ended: Mapping[str, Any]) -> str:
    each = ended["cost_usd"] / ended["answered"] if ended["answered"] else None
    told = (
        ("Sessions done", str(ended["done"])),
        ("Cost per success", format.cost(each) if each is not None else "none yet"),
        ("Cache saved", format.cost(ended["saved_usd"])),
    )
    return "".join(
        f'<div><div class="qd-i3 qd-xs">{words}</div><b class="qd-n">{value}</b></div>' for words, value in told
    )


def tool_names(tools: Tools) -> str:
    return "".join(
        f'<span class="qd-el qd-s" title="{escape(one["tool"])}">{escape(one["tool"])}</span>' for one in tools
    )


def tool_numbers(tools: Tools) -> str:
    return "".join(_numbers(one) for one in tools)


def _numbers(one: Mapping[str, Any]) -> str:
    decided = sum(one[name] for name, _ in PARTS)
    said = ", ".join(f"{one[name]} {name}" for name, _ in (*PARTS, ("pending", "")) if one[name])
    three = (
        " · ".join(f"{100 * one[name] / decided:.0f}" for name in ("approved", "edited", "rejected")) if decided else ""
    )
    share = f"{three}%" if three else "all wait"
    return f'<span class="qd-s qd-n qd-i3 qd-r" title="{said}">{share} <b>{one["requests"]}</b></span>'


def advice(tools: Tools, base: str) -> str:
    """Where people agree nearly always, a rule could; the deciding is left to the admin."""
    fitting = [one for one in tools if one["requests"] >= ENOUGH and one["approved"] >= ALMOST_ALL * one["requests"]]
    if not fitting:
        return ""
    one = max(fitting, key=lambda each: each["approved"])
    words = f"{one['tool']}: {one['requests']} asked, {one['approved']} approved as they were."
    link = f'<a class="qd-link" href="{base}/policies">See what a rule would do</a>'
    return f'{icon("bulb", "md")}<span>{escape(words)}</span><span class="qd-sp"></span>{link}'


def connector(name: str, health: Health, tools: int | None) -> str:
    """Name, tools and how quick its calls were; while it is not up, what the matter is."""
    is_up = health.state == "up"
    words = format.plural(tools or 0, "tool") if is_up else health.because.splitlines()[0] if health.because else ""
    tone = "qd-i3" if is_up else "qd-red" if health.state == "down" else "qd-brass"
    line = sparkline(health.call_ms, "--slate-m" if is_up else "--brass-m")
    return (
        f'<i class="qd-dot" style="--c:var({DOTS[health.state]})" title="{health.state}"></i>'
        f'<span class="qd-el" title="{escape(health.because)}"><b>{escape(name)}</b> <span class="qd-s {tone}">{escape(words)}</span></span>{line}'
        f'<span class="qd-s qd-n qd-i3 qd-r">{_quick(health)}</span>'
    )


def _quick(health: Health) -> str:
    if health.state != "up":
        return f"since {format.moment(health.since, 'date')}"
    if not health.call_ms:
        return "not called yet"
    ordered = sorted(health.call_ms)
    return f"p95 {ordered[max(0, -(-95 * len(ordered) // 100) - 1)]:,.0f} ms"


def ready(name: str, version: int, found: Sequence[Finding], base: str) -> str:
    """The gravest finding, as the link to where it is mended."""
    address = f"{base}/agents/{quote(name, safe='')}"
    words = f'<span class="qd-row qd-s qd-green">{icon("check", "sm")}<span>ready</span></span>'
    grave = [one for one in found if one.severity is not Severity.NOTES]
    if grave:
        first, more = grave[0], f" +{len(grave) - 1}" if len(grave) > 1 else ""
        words = (
            f'<a class="qd-link qd-s {TONES[first.severity]}" href="{escape(base + first.link)}" '
            f'title="{escape(first.sentence)}">{escape(first.words)}{more}</a>'
        )
    return (
        f'<div class="qd-lr qd-lr-ready"><a class="qd-el" href="{escape(address)}"><b>{escape(name)}</b> '
        f'<span class="qd-s qd-i3">v{version}</span></a>{words}</div>'
    )


def is_ready(found: Sequence[Finding]) -> bool:
    return all(one.severity is Severity.NOTES for one in found)
