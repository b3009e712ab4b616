"""A rule as it stands in the editor: rows of conditions and what follows, read from a document and back. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Document = dict[str, Any]

SIZES = ("lt", "le", "gt", "ge")
LISTS = ("in", "not_in")
TEXTS = ("starts_with", "ends_with", "matches")
SINGLE = {"tool": "tool", "connector": "connector", "risk": "risk", "evidence": "evidence", "agent": "agent"}
"""What a row is about → its key in `when`, where it is one plain value."""
ASKS_NOBODY = ("allow", "deny")
ABOUT = {
    "tool": "Tool",
    "connector": "Connector",
    "risk": "Risk",
    "argument": "Argument",
    "evidence": "Evidence",
    "agent": "Agent",
    "hours": "Time",
    "cost": "Session cost",
}


@dataclass(slots=True)
class RuleDraft:
    """`number` tells it from the others for as long as the page is open; `before` is how it was opened: `stored` in the
    editor's words."""

    number: int
    rows: list[Row] = field(default_factory=list)
    verify: str | None = None
    release: str | None = None
    approver: str | None = None
    because: str = ""
    before: Document | None = None
    stored: Document | None = None
    is_removed: bool = False
    always_names_approver: bool = False
    """It was saved with an approver though it asks nobody: who that is counts where another rule asks."""

    @property
    def state(self) -> str:
        """`new`, `changed`, or nothing."""
        if self.before is None:
            return "new"
        return "changed" if self.document() != self.before else ""

    @property
    def names_approver(self) -> bool:
        """Whether who decides is part of it, and shown."""
        return self.always_names_approver or self.release not in ASKS_NOBODY

    def document(self) -> Document:
        """What of it can be read; `problems` says what cannot."""
        approver = self.approver if self.names_approver else None
        plain = {"verify": self.verify, "release": self.release, "approver": approver}
        said = {key: value for key, value in plain.items() if value}
        return {"when": when_of(self.rows)[0], **said, "because": self.because.strip()}

    def written(self) -> Document:
        """As it is to be saved: one that nobody touched stays word for word, so that others' changes to it are seen."""
        return self.document() if self.state or self.stored is None else self.stored

    def misread(self) -> list[str]:
        """Which conditions cannot be read, and why."""
        return when_of(self.rows)[1]

    def problems(self) -> list[str]:
        found = self.misread()
        if not self.because.strip():
            found.append("Say why, under Because: whoever is asked reads it.")
        return found


def opened(number: int, rule: Mapping[str, Any]) -> RuleDraft:
    draft = RuleDraft(
        number=number,
        rows=rows_of(rule.get("when") or {}),
        verify=rule.get("verify"),
        release=rule.get("release"),
        approver=rule.get("approver"),
        because=rule.get("because") or "",
        always_names_approver=bool(rule.get("approver")) and rule.get("release") in ASKS_NOBODY,
    )
    draft.before = draft.document()
    draft.stored = dict(rule)
    return draft


def fresh(number: int) -> RuleDraft:
    return RuleDraft(number=number, rows=[fresh_row("tool")], release="ask")


def fresh_row(about: str) -> Row:
    return {
        "about": about,
        "value": "",
        "path": "",
        "op": "eq",
        "start": "22:00",
        "end": "06:00",
        "timezone": "UTC",
        "days": [],
    }


def rows_of(when: Mapping[str, Any]) -> list[Row]:
    rows = [fresh_row(about) | {"value": when[key]} for about, key in SINGLE.items() if when.get(key) is not None]
    rows += [argument_row(one) for one in when.get("arguments") or ()]
    if hours := when.get("hours"):
        rows.append(fresh_row("hours") | dict(hours) | {"days": list(hours.get("days") or ())})
    if (cost := when.get("session_cost_over_usd")) is not None:
        rows.append(fresh_row("cost") | {"value": repr(cost).removesuffix(".0")})
    return rows


def argument_row(condition: Mapping[str, Any]) -> Row:
    path, op, value = condition.get("path", ""), condition["op"], condition.get("value")
    text = "" if op == "exists" else written(value, op)
    more = {"missing": value is False} if op == "exists" else {}
    return fresh_row("argument") | {"path": path, "op": op, "value": text, "is_whole": path == ""} | more


def when_of(rows: Iterable[Row]) -> tuple[Document, list[str]]:
    """The `when` these rows make, and what is wrong with those left out of it."""
    when: Document = {}
    wrong: list[str] = []
    for at, row in enumerate(rows, 1):
        about = str(row["about"])
        key = {"argument": "arguments", "hours": "hours", "cost": "session_cost_over_usd"}.get(about, about)
        try:
            value = _value(row)
            if about == "argument":
                when.setdefault(key, []).append(value)
            elif key in when:
                raise ValueError(f"another condition is about the {ABOUT[about].lower()} already; keep one of them")
            else:
                when[key] = value
        except ValueError as error:
            wrong.append(f"Condition {at}: {error}.")
    return when, wrong


def _value(row: Row) -> Any:
    match row["about"]:
        case "argument":
            return _condition(row)
        case "hours":
            return _hours(row)
        case "cost":
            return _number(str(row["value"]), "the cost is a number of US dollars, 2.50 say")
        case about:
            if not (text := str(row["value"] or "").strip()):
                raise ValueError(f"say which {ABOUT[about].lower()}, or remove the condition")
            return text


def _condition(row: Row) -> Document:
    path = str(row["path"] or "").strip()
    if not path and not row.get("is_whole"):
        raise ValueError("name the argument, amount say, or customer/id for one inside another")
    path = path if path.startswith("/") or not path else f"/{path}"
    if row["op"] == "exists":
        return {"path": path, "op": "exists", "value": not row.get("missing", False)}
    return {"path": path, "op": row["op"], "value": read(str(row["value"] or ""), row["op"])}


def _hours(row: Row) -> Document:
    start, end = str(row["start"] or "").strip(), str(row["end"] or "").strip()
    if not start or not end:
        raise ValueError("a time of day begins and ends, 22:00 and 06:00 say")
    days = {"days": list(row["days"])} if row["days"] else {}
    return {"start": start, "end": end, "timezone": row["timezone"] or "UTC", **days}


def _number(text: str, words: str) -> float | int:
    try:
        value = json.loads(text, parse_constant=lambda name: None)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(words)
    return value


def read(text: str, op: str) -> Any:
    """`8000` is a number, `"8000"` and `EUR` are texts, `EUR, USD` is a list for those that want one."""
    text = text.strip()
    if op in SIZES:
        return _number(text, "only a number can be compared by size")
    if op in TEXTS:
        if not text:
            raise ValueError("say with which text to compare")
        return text
    if op in LISTS:
        return _list(text)
    if not text:
        raise ValueError('say with what to compare; "" is the empty text')
    return _scalar(text)


def _list(text: str) -> list[Any]:
    if text.startswith("["):
        try:
            return list(json.loads(text))
        except ValueError as error:
            raise ValueError("the list is not readable; separate its values by commas") from error
    return [_scalar(part.strip()) for part in text.split(",") if part.strip()]


def _scalar(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


def written(value: Any, op: str) -> str:
    """The text that `read` makes the same value of."""
    if op in LISTS and isinstance(value, list | tuple):
        parts = [written(one, "eq") for one in value]
        plain = all("," not in part and part == part.strip() and part[:1] not in ("", "[", "{") for part in parts)
        return ", ".join(parts) if plain else json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, str) and (op in TEXTS or (value.strip() == value and value and _scalar(value) == value)):
        return value
    return json.dumps(value, ensure_ascii=False)
