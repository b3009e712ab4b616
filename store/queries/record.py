"""A session's events with their contents, the exact prompts of its model calls, and the log of admin changes."""

import json
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.event_log import contents, select_rows
from store.references import is_json, shown_refs

from .pages import Item, Order, Page, read_page
from .shown import shown

ADMIN_ORDER = Order(column="at", newest_first=True)
SELECT_REPLY = "SELECT data FROM events WHERE session_id = :id AND seq = :seq AND type = 'ModelReplied'"


def events(
    connection: sa.Connection, session_id: str, after: int, before: int | None, tail: int | None, limit: int | None
) -> list[Item]:
    rows = select_rows(connection, session_id, after, before, tail, limit)
    return [_event(connection, session_id, *row[1:]) for row in rows]


def payload(connection: sa.Connection, session_id: str, ref: str) -> str | None:
    return contents(connection, session_id, [ref]).get(ref)


def prompt(connection: sa.Connection, session_id: str, seq: int) -> Item | None:
    """Follows the parents back to the first prompt, then reads the parts in order; an erased part is None."""
    reply = _reply(connection, session_id, seq)
    if reply is None:
        return None
    parts = _parts(connection, session_id, reply)
    sent = reply["prompt"]
    refs = [*parts, *([sent["tools"]] if sent["tools"] else [])]
    texts = contents(connection, session_id, refs)
    return {
        "model": reply["model"],
        "messages": [_loaded(texts.get(ref)) for ref in parts],
        "tools": _loaded(texts.get(sent["tools"])) if sent["tools"] else [],
        "parameters": sent["parameters"],
    }


def admin_log(connection: sa.Connection, limit: int, cursor: str | None) -> Page:
    return read_page(connection, "admin_log", [], {}, ADMIN_ORDER, limit, cursor)


def _event(
    connection: sa.Connection, session_id: str, seq: int, type_: str, v: int, at: str, status: str, text: str
) -> Item:
    data = json.loads(text)
    data.pop("type", None), data.pop("v", None)
    refs = shown_refs(type_, data)
    texts = contents(connection, session_id, refs.values())
    for name, ref in refs.items():
        _show(data, type_, name, texts.get(ref))
    return {"seq": seq, "type": type_, "v": v, "at": at, "status": status, "data": data}


def _show(data: Item, type_: str, name: str, text: str | None) -> None:
    if text is None:
        data[name], data["erased"] = None, True
        return
    data[name], cut = shown(text, as_json=is_json(type_, name))
    if cut:
        data["truncated"] = True


def _reply(connection: sa.Connection, session_id: str, seq: int) -> dict[str, Any] | None:
    row = run(connection, SELECT_REPLY, {"id": session_id, "seq": seq}).fetchone()
    return None if row is None else json.loads(row[0])


def _parts(connection: sa.Connection, session_id: str, reply: dict[str, Any]) -> list[str]:
    appended = [reply["prompt"]["parts"]]
    while reply["prompt"]["parent"] is not None:
        parent = _reply(connection, session_id, reply["prompt"]["parent"])
        if parent is None:
            break
        reply = parent
        appended.append(reply["prompt"]["parts"])
    return [ref for parts in reversed(appended) for ref in parts]


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)
