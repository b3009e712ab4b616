"""Which tools a step offers the model, and the text that is recorded of them. Pure."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from store.events import Risk

from . import recall
from .config import ToolEntry, Toolset
from .proposals import Offered, offer
from .tools.definition import ToolDefinition

MANY_TOOLS = 20
"""From here on models begin to confuse them, and pages warn."""
MOST_TOOLS = 30
"""More are refused, unless the toolset says why it has to be so many."""
STRICTNESS = (Risk.READ, Risk.WRITE, Risk.UNKNOWN, Risk.DESTRUCTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What a step offers besides, or less than, the whole toolset."""

    only: tuple[str, ...] | None = None
    """The names a workflow stage is limited to."""
    recall: bool = False
    """The tool that looks up the older conversation."""


def offer_all(
    toolset: Toolset,
    listed: Mapping[str, tuple[ToolDefinition, ...]],
    accepted: Callable[[ToolDefinition], bool],
    offers: Offers,
) -> tuple[dict[str, Offered], str]:
    """The tools by the name they are offered under, and the text of them; one whose definition drifted is left out."""
    tools: dict[str, Offered] = {}
    for entry in toolset.tools:
        name = entry.as_ or entry.tool
        definition = next((one for one in listed[entry.connector] if one.name == entry.tool), None)
        if definition is None or not accepted(definition) or (offers.only is not None and name not in offers.only):
            continue
        unique = name if name not in tools else f"{entry.connector}_{name}"
        tools[unique] = offer(unique, entry, definition)
    if offers.recall and recall.RECALL_TOOL.name not in tools:
        entry = ToolEntry(connector=recall.CONNECTOR, tool=recall.RECALL_TOOL.name, risk=Risk.READ)
        tools[recall.RECALL_TOOL.name] = offer(recall.RECALL_TOOL.name, entry, recall.RECALL_TOOL)
    return tools, told(tools)


def without(tools: Mapping[str, Offered], suspended: Collection[str]) -> tuple[dict[str, Offered], str]:
    """Less the tools that people rejected too often."""
    left = {name: tool for name, tool in tools.items() if name not in suspended}
    return left, told(left)


def told(tools: Mapping[str, Offered]) -> str:
    """JSON recorded with the prompt: the tools as offered, and the definition hash of each."""
    candidates = [
        {"tool": name, "connector": one.entry.connector, "definition_hash": one.definition.hash}
        for name, one in tools.items()
    ]
    shown = {"tools": [dict(one.wire) for one in tools.values()], "candidates": candidates}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def narrowed(pinned: Toolset, current: Toolset) -> Toolset:
    """The toolset a session started with, less what was taken out since, each tool at the stricter of both words."""
    if pinned == current:
        return pinned
    now = {(entry.connector, entry.tool): entry for entry in current.tools}
    kept = tuple(_stricter(entry, one) for entry in pinned.tools if (one := now.get((entry.connector, entry.tool))))
    return pinned.model_copy(update={"tools": kept})


def _stricter(pinned: ToolEntry, current: ToolEntry) -> ToolEntry:
    return pinned.model_copy(
        update={
            "risk": max(pinned.risk, current.risk, key=STRICTNESS.index),
            "idempotent": pinned.idempotent and current.idempotent,
            "sensitive": tuple(dict.fromkeys((*pinned.sensitive, *current.sensitive))),
        }
    )


def pin_of(definition: ToolDefinition) -> dict[str, Any]:
    """The document that holds an accepted definition."""
    return {
        "hash": definition.hash,
        "description": definition.description,
        "input_schema": definition.input_schema,
        "output_schema": definition.output_schema,
        "annotations": definition.annotations,
        **({"wire": definition.wire} if definition.wire else {}),
    }
