"""The table from which an agent's tools are picked: one component that owns its rows and filters them by itself."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nicegui.element import Element

from agents.tools.definition import ToolDefinition
from agents.tools.suggestion import suggest_risk

from .tool_list import RISKS, parameters_of, tokens_of

WARN_AT = 20
STOP_AT = 30
Row = dict[str, Any]
Picks = dict[str, str]
"""`connector/tool` → the risk as the admin says."""


class ToolTable(Element, component="tool_table.js"):
    """`picks` is always what the browser shows; what it sends is believed only as far as the rows go."""

    def __init__(self, rows: list[Row], *, fixed: bool, window: int | None, on_pick: Callable[[], Any]) -> None:
        super().__init__()
        self._on_pick = on_pick
        self._keys = {row["key"] for row in rows}
        self.picks: Picks = {row["key"]: row["risk"] for row in rows if row["picked"]}
        self._props |= {"start": rows, "fixed": fixed, "window": window or 0, "warn": WARN_AT, "stop": STOP_AT}
        self.on("picks", lambda event: self._picked(event.args))

    def _picked(self, sent: Any) -> None:
        items = sent if isinstance(sent, list) else []
        self.picks = {
            one["key"]: one["risk"]
            for one in items
            if isinstance(one, dict) and one.get("key") in self._keys and one.get("risk") in RISKS
        }
        self._on_pick()

    def show(self, rows: list[Row]) -> None:
        """The tools as they are now; what was picked stays picked."""
        self._keys = {row["key"] for row in rows}
        self.run_method("show", rows)


def key_of(connector: str, tool: str) -> str:
    return f"{connector}/{tool}"


def rows_of(
    definitions: Iterable[ToolDefinition], entries: Iterable[Mapping[str, Any]], changed: Iterable[ToolDefinition]
) -> list[Row]:
    """One row per tool: those offered now, then those picked before that nobody offers at the moment."""
    picked = {key_of(one["connector"], one["tool"]): one for one in entries}
    held = {key_of(one.connector, one.name) for one in changed}
    rows = []
    for definition in definitions:
        key = key_of(definition.connector, definition.name)
        note = "definition changed" if key in held else ""
        rows.append(_row(key, definition, picked.pop(key, None), note))
    return [*rows, *(_absent(key, entry) for key, entry in picked.items())]


def _row(key: str, one: ToolDefinition, entry: Mapping[str, Any] | None, note: str) -> Row:
    suggested, why = suggest_risk(one)
    return {
        "key": key,
        "connector": one.connector,
        "tool": one.name,
        "first": next(iter(one.description.strip().splitlines()), ""),
        "text": one.description.strip(),
        "search": f"{one.connector} {one.name} {one.name.replace('_', ' ')} {one.description}".lower(),
        "parameters": parameters_of(one),
        "suggested": suggested.value,
        "risk": entry.get("risk", "unknown") if entry is not None else suggested.value,
        "why": why,
        "tokens": tokens_of(one),
        "picked": entry is not None,
        "note": note,
    }


def _absent(key: str, entry: Mapping[str, Any]) -> Row:
    return {
        "key": key,
        "connector": entry["connector"],
        "tool": entry["tool"],
        "first": "",
        "text": "Its connector does not offer it now.",
        "search": f"{entry['connector']} {entry['tool']}".lower(),
        "parameters": [],
        "suggested": "unknown",
        "risk": entry.get("risk", "unknown"),
        "why": "",
        "tokens": 0,
        "picked": True,
        "note": "not offered now",
    }
