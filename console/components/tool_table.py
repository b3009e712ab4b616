"""The table from which tools are picked: one component that owns its rows and filters them by itself."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nicegui.element import Element

from agents.offering import MANY_TOOLS, MOST_TOOLS
from agents.tools.definition import ToolDefinition
from agents.tools.suggestion import suggest_risk

from .tool_list import RISKS, parameters_of
from .tool_tokens import tokens_offered

WARN_AT, STOP_AT = MANY_TOOLS, MOST_TOOLS
Row = dict[str, Any]
Picks = dict[str, str]
"""`connector/tool` → the risk as the admin says."""


class ToolTable(Element, component="tool_table.js"):
    """`picks` is always what the browser shows; what it sends is believed only as far as the rows go."""

    def __init__(
        self,
        rows: list[Row],
        *,
        fixed: bool,
        window: int | None,
        on_pick: Callable[[], Any],
        on_open: Callable[[str], Any] | None = None,
        price: float | None = None,
        days: int = 0,
    ) -> None:
        """With `on_open` it is the page of a toolset: it is told the key of the tool to show, "" for none. `price` is
        USD per million tokens of input, `days` how far back evidence of use goes."""
        super().__init__()
        self._on_pick = on_pick
        self._keys = {row["key"] for row in rows}
        self.picks: Picks = {row["key"]: row["risk"] for row in rows if row["picked"]}
        self._props |= {"start": rows, "fixed": fixed, "window": window or 0, "warn": WARN_AT, "stop": STOP_AT}
        self._props |= {"full": on_open is not None, "price": price or 0, "days": days}
        self.on("picks", lambda event: self._picked(event.args))
        if on_open is not None:
            self.on("opened", lambda event: on_open(event.args if event.args in self._keys else ""))

    def _picked(self, sent: Any) -> None:
        items = sent if isinstance(sent, list) else []
        self.picks = {
            one["key"]: one["risk"]
            for one in items
            if isinstance(one, dict) and one.get("key") in self._keys and one.get("risk") in RISKS
        }
        self._on_pick()

    def show(self, rows: list[Row]) -> None:
        """The tools as they are now; what was picked stays picked, also by a tick that is still on its way here."""
        self._keys |= {row["key"] for row in rows}
        self.run_method("show", rows)

    def patch(self, key: str, fields: Row) -> None:
        """What one row shows now."""
        self.run_method("patch", key, fields)

    def set(self, keys: list[str], *, picked: bool) -> None:
        """Tick or untick as if it were done by hand."""
        self.run_method("set", keys, picked)

    def count(self, use: Mapping[str, list[int]]) -> None:
        """Evidence of use by key: offered, called, invalid, rejected, failed."""
        self.run_method("count", use)

    def close(self) -> None:
        """No tool is shown any more; the focus goes back to its row."""
        self.run_method("close")


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
        "tokens": tokens_offered(one, entry),
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
