"""A rule of a policy as a sentence people can read, and its outcome in a word. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Rule = Mapping[str, Any]

OPS = {
    "eq": "is",
    "ne": "is not",
    "gt": "is more than",
    "ge": "is at least",
    "lt": "is less than",
    "le": "is at most",
    "in": "is one of",
    "not_in": "is none of",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "matches": "matches the pattern",
    "exists": "is given",
}
EVIDENCE = {
    "nowhere": "from nowhere",
    "near": "almost a known one",
    "untrusted": "only in a tool's prose",
    "user": "from a person",
    "tool": "from a tool's result",
    "recall": "looked up in the past",
    "summary": "from a summary",
    "configuration": "from the configuration",
    "schema": "from the tool's schema",
    "computed": "computed",
}
RISKS = {"read": "Read", "write": "Write", "destructive": "Destructive", "unknown": "Unknown risk"}
VERIFY = {"none": "No check", "check": "Check", "consensus": "Consensus", "unanimous": "Unanimous"}
RELEASE = {"": "As the default", "allow": "Allow", "ask": "Ask", "ask_two": "Ask two", "deny": "Deny"}
TONES = {"allow": "ok", "ask": "warn", "ask_two": "warn", "deny": "bad"}
DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
LONGEST = 60


def sentence(when: Mapping[str, Any]) -> str:
    """HTML: `<code>refund_order</code> where <code>amount_minor</code> is more than <b>8000</b>`."""
    return " ".join([_subject(when), *_rest(when)])


def outcome(rule: Rule) -> tuple[str, str]:
    """The tone of its chip, and its words: `unanimous, then ask`."""
    verify, release = rule.get("verify") or "none", rule.get("release") or ""
    checks = [] if verify == "none" else [VERIFY[verify].lower()]
    words = RELEASE[release].lower() if release else ""
    said = ", then ".join([*checks, *([words] if words else [])])
    return TONES.get(release, "warn" if checks else ""), said or "says nothing"


def released(release: str, verify: str = "none") -> str:
    """HTML: the chip of a ruling."""
    tone, words = outcome({"release": release, "verify": verify})
    return f'<span class="qd-chip qd-{tone}">{escape(words)}</span>'


def chip(rule: Rule) -> str:
    tone, words = outcome(rule)
    return f'<span class="qd-chip qd-{tone}">{escape(words)}</span>'


def conditions(arguments: Sequence[Mapping[str, Any]]) -> str:
    """HTML; empty where there are none."""
    return " and ".join(_argument(one) for one in arguments)


def shown(value: Any) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _subject(when: Mapping[str, Any]) -> str:
    tool, risk, connector = when.get("tool"), when.get("risk"), when.get("connector")
    kind = f"<b>{escape(RISKS.get(risk, risk))}</b>" if risk else ""
    if tool:
        head = f"<code>{escape(tool)}</code>" + (f", if it is {kind}," if kind else "")
        return head + (f" of <code>{escape(connector)}</code>" if connector else "")
    return (kind or "Any call") + (f" in <code>{escape(connector)}</code>" if connector else " in any connector")


def _rest(when: Mapping[str, Any]) -> Iterator[str]:
    parts = [_argument(one) for one in when.get("arguments") or ()]
    if evidence := when.get("evidence"):
        parts.append(f"a value is <b>{escape(EVIDENCE.get(evidence, evidence))}</b>")
    if parts:
        yield f"where {' and '.join(parts)}"
    if agent := when.get("agent"):
        yield f"by <b>{escape(agent)}</b>"
    if hours := when.get("hours"):
        yield _hours(hours)
    if (cost := when.get("session_cost_over_usd")) is not None:
        yield f"once the session has cost more than <b>${cost:g}</b>"


def _argument(condition: Mapping[str, Any]) -> str:
    path, op, value = condition.get("path", ""), condition.get("op", "eq"), condition.get("value")
    named = f"<code>{escape(path.removeprefix('/') or 'the arguments')}</code>"
    if op == "exists":
        return f"{named} is <b>{'missing' if value is False else 'given'}</b>"
    return f"{named} {OPS[op]} <b>{escape(shown(value))}</b>"


def _hours(hours: Mapping[str, Any]) -> str:
    days = ", ".join(DAYS[day] for day in hours.get("days") or ())
    zone = hours.get("timezone") or "UTC"
    return f"<b>{escape(hours['start'])} to {escape(hours['end'])}</b> {escape(zone)}{f' on {days}' if days else ''}"
