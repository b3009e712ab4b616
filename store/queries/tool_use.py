"""What became of every tool over the last days: offered, called, invalid, rejected, failed; counted from the record."""

import json
from collections import Counter
from functools import lru_cache

import sqlalchemy as sa

from store.database import run
from store.event_log import contents

from .pages import Item

REPLIES = """SELECT e.session_id, e.data FROM events e JOIN sessions s ON s.id = e.session_id
    WHERE s.updated_at >= :since AND e.type = 'ModelReplied' AND e.at >= :since"""
CALLS = """SELECT c.session_id, c.step, c.connector, c.own_name, c.state, COUNT(*)
    FROM calls c JOIN sessions s ON s.id = c.session_id WHERE s.updated_at >= :since AND c.connector IS NOT NULL
    GROUP BY c.session_id, c.step, c.connector, c.own_name, c.state"""
ACCEPTED = "SELECT name, document FROM documents WHERE kind = 'definition'"
CANDIDATES = '"candidates":['
"""The last part of what is recorded of the tools that a prompt offered; no text inside can hold it unescaped."""
COUNTED = {"invalid": "invalid", "rejected": "rejected", "failed": "failed"}
"""State of a call → what it counts as, besides called."""

Tool = tuple[str, str]
"""Connector, and its own name for the tool."""


def tool_use(connection: sa.Connection, since: str) -> list[Item]:
    """{connector, tool, offered, called, invalid, rejected, failed}; offered once per model call that could choose it."""
    prompts, steps = _prompts(connection, since)
    found: dict[Tool, Counter[str]] = {}
    for tool, count in _offered(connection, prompts).items():
        found.setdefault(tool, Counter())["offered"] += count
    for session_id, step, connector, own_name, state, count in run(connection, CALLS, {"since": since}).fetchall():
        if (session_id, step) in steps:
            counts = found.setdefault((connector, own_name), Counter())
            counts["called"] += count
            if state in COUNTED:
                counts[COUNTED[state]] += count
    return [_item(tool, counts) for tool, counts in sorted(found.items())]


def _item(tool: Tool, counts: Counter[str]) -> Item:
    numbers = {name: counts[name] for name in ("offered", "called", *COUNTED.values())}
    return {"connector": tool[0], "tool": tool[1], **numbers}


def _prompts(connection: sa.Connection, since: str) -> tuple[Counter[Tool], set[tuple[str, int]]]:
    """How many model calls each recorded list of tools was sent with, by session and ref; and the steps they were."""
    prompts: Counter[tuple[str, str]] = Counter()
    steps: set[tuple[str, int]] = set()
    for session_id, text in run(connection, REPLIES, {"since": since}).fetchall():
        reply = json.loads(text)
        steps.add((session_id, reply["step"]))
        if reply["prompt"]["tools"]:
            prompts[session_id, reply["prompt"]["tools"]] += 1
    return prompts, steps


def _offered(connection: sa.Connection, prompts: Counter[Tool]) -> Counter[Tool]:
    """Erased contents tell nothing and are left out."""
    own_names = _own_names(connection)
    offered: Counter[Tool] = Counter()
    for (session_id, ref), count in prompts.items():
        text = contents(connection, session_id, [ref]).get(ref)
        for connector, name, definition in _candidates(text[text.rfind(CANDIDATES) :]) if text else ():
            offered[own_names.get(definition) or (connector, name)] += count
    return offered


@lru_cache(maxsize=512)
def _candidates(tail: str) -> tuple[tuple[str, str, str], ...]:
    """Connector, name as offered, and definition hash of each; sessions of one toolset share this text."""
    if not tail:
        return ()
    listed = json.loads("{" + tail)["candidates"]
    return tuple((one["connector"], one["tool"], one["definition_hash"]) for one in listed)


def _own_names(connection: sa.Connection) -> dict[str, Tool]:
    """Definition hash → the tool: what an admin renamed is still the same tool."""
    found: dict[str, Tool] = {}
    for name, text in run(connection, ACCEPTED).fetchall():
        document = json.loads(text)
        if document:
            connector, _, tool = name.partition("/")
            found[document["hash"]] = (connector, tool)
    return found
