"""Tools as a server describes them, to read: name, words, size, and the risk its words suggest."""

from collections.abc import Sequence
from html import escape
from typing import Any

from nicegui import ui

from agents.tools.definition import ToolDefinition
from agents.tools.suggestion import suggest_risk

from .. import format
from .buttons import button
from .tool_tokens import tokens_offered

RISKS = {"read": "Read", "write": "Write", "destructive": "Destructive", "unknown": "Unknown"}


def parameters_of(definition: ToolDefinition) -> list[str]:
    """Each parameter in words: `order_id: integer, needed`."""
    schema = definition.input_schema
    properties: dict[str, Any] = schema["properties"] if isinstance(schema.get("properties"), dict) else {}
    needed = schema.get("required") if isinstance(schema.get("required"), list) else []
    return [f"{name}: {_type(one)}{', needed' if name in (needed or ()) else ''}" for name, one in properties.items()]


def risk_mark(risk: str, why: str = "") -> str:
    return f'<span class="qd-risk qd-{escape(risk)}" title="{escape(why)}"><i></i>{RISKS[risk]}</span>'


def table_of(definitions: Sequence[ToolDefinition]) -> str:
    """HTML; every word of the server is escaped."""
    head = (
        "<tr><th>Tool</th><th>Suggested risk</th><th class='qd-r qd-hide'>Parameters</th>"
        "<th class='qd-r' title='Characters of its definition, divided by four'>Tokens</th></tr>"
    )
    rows = "".join(_row(one) for one in definitions)
    return f'<table class="qd-tbl qd-tools"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def show_tools(title: str, definitions: Sequence[ToolDefinition]) -> None:
    with ui.dialog() as dialog, ui.element("div").classes("qd-dlg qd-xl"):
        ui.html(f"<h2>{escape(title)}</h2>", sanitize=False)
        if definitions:
            ui.html(table_of(definitions), sanitize=False).classes("qd-tblwrap qd-tall")
        else:
            ui.html("<p class='qd-i2'>None have been listed yet.</p>", sanitize=False)
        with ui.element("div").classes("qd-acts"):
            button("Close", dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _row(one: ToolDefinition) -> str:
    risk, why = suggest_risk(one)
    parameters = parameters_of(one)
    return (
        f'<tr><td><code class="qd-b qd-break">{escape(one.name)}</code>'
        f'<div class="qd-s qd-i2 qd-clip" title="{escape(one.description)}">{escape(one.description)}</div></td>'
        f'<td class="qd-why">{risk_mark(risk.value, why)}<div class="qd-s qd-i3">{escape(why)}</div></td>'
        f'<td class="qd-r qd-hide" title="{escape(chr(10).join(parameters))}">{len(parameters)}</td>'
        f'<td class="qd-r">{format.tokens(tokens_offered(one))}</td></tr>'
    )


def _type(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "anything"
    if isinstance(schema.get("enum"), list):
        return "one of " + ", ".join(map(str, schema["enum"][:8]))
    kind = schema.get("type")
    return " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "anything")
