"""What an agent still lacks, as chips that lead to where it is mended."""

from collections.abc import Iterable
from html import escape

from agents.readiness import Finding, Severity

from ..frame import base_path
from ..icons import icon

KINDS = {Severity.BLOCKS: "bad", Severity.WARNS: "warn", Severity.NOTES: "o"}
READY = "Ready"


def chips(findings: Iterable[Finding], *, least: Severity = Severity.NOTES) -> str:
    """HTML; `least` leaves out what is less grave. Without any: that it is ready."""
    order = list(Severity)
    shown = [one for one in findings if order.index(one.severity) <= order.index(least)]
    if not shown:
        return f'<span class="qd-chip qd-ok">{icon("check", "sm")}{READY}</span>'
    return "".join(_chip(one) for one in shown)


def _chip(one: Finding) -> str:
    title, path = escape(one.sentence), escape(f"{base_path()}{one.link}")
    return f'<a class="qd-chip qd-{KINDS[one.severity]}" href="{path}" title="{title}">{escape(one.words)}</a>'


def sentences(findings: Iterable[Finding]) -> str:
    """HTML: each in full, with a link."""
    items = "".join(_sentence(one) for one in findings)
    return f'<ul class="qd-findings">{items}</ul>' if items else ""


def _sentence(one: Finding) -> str:
    sign = icon({Severity.BLOCKS: "warn", Severity.WARNS: "warn", Severity.NOTES: "help"}[one.severity], "md")
    path = escape(f"{base_path()}{one.link}")
    words = f'<span>{escape(one.sentence)}</span><a class="qd-link" href="{path}">Go there{icon("chevron", "sm")}</a>'
    return f'<li class="qd-{KINDS[one.severity]}">{sign}{words}</li>'
