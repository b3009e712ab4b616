"""A session's events with their contents, the exact prompts of its model calls, and the log of admin changes."""

import json
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.event_log import contents, select_rows
from store.references import hide, is_json, places

from .pages import Item, Order, Page, read_page
from .shown import CAP_CHARACTERS, shown

AT_ONCE = 200
"""Events whose contents are read together: few enough for any database's limit of parameters."""
SELECT_BEGINNINGS = "SELECT ref, SUBSTR(content, 1, :length) FROM payloads WHERE session_id = :id AND ref IN ({})"
ADMIN_ORDER = Order(column="at", newest_first=True)
SELECT_REPLY = "SELECT data FROM events WHERE session_id = :id AND seq = :seq AND type = 'ModelReplied'"


def events(
    connection: sa.Connection, session_id: str, after: int, before: int | None, tail: int | None, limit: int | None
) -> list[Item]:
    """In steps, so that however many events there are, contents are held for some of them at a time."""
    rows = select_rows(connection, session_id, after, before, tail, limit)
    steps = (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
    return [event for some in steps for event in _shown_events(connection, session_id, some)]


def payload(connection: sa.Connection, session_id: str, ref: str) -> str | None:
    return contents(connection, session_id, [ref]).get(ref)


def prompt(connection: sa.Connection, session_id: str, seq: int) -> Item | None:
    """Follows the parents back to the first prompt, then reads the parts in order; an erased part is one None."""
    reply = _reply(connection, session_id, seq)
    if reply is None:
        return None
    parts = _parts(connection, session_id, reply)
    sent = reply["prompt"]
    refs = [*parts, *([sent["tools"]] if sent["tools"] else [])]
    texts = contents(connection, session_id, refs)
    return {
        "model": reply["model"],
        "messages": [message for ref in parts for message in _loaded(texts.get(ref)) or [None]],
        "tools": (_loaded(texts.get(sent["tools"])) or {}).get("tools", []) if sent["tools"] else [],
        "parameters": sent["parameters"],
    }


def admin_log(connection: sa.Connection, limit: int, cursor: str | None) -> Page:
    return read_page(connection, "admin_log", [], {}, ADMIN_ORDER, limit, cursor)


def _shown_events(connection: sa.Connection, session_id: str, rows: list[Any]) -> list[Item]:
    items: list[Item] = []
    wanted: list[tuple[Item, str, str, str]] = []
    for _, seq, type_, v, at, status, text in rows:
        data = json.loads(text)
        data.pop("type", None), data.pop("v", None)
        items.append({"seq": seq, "type": type_, "v": v, "at": at, "status": status, "data": data})
        hide(type_, data)
        wanted += [(holder, type_, name, ref) for holder, name, ref in places(type_, data)]
    texts = _beginnings(connection, session_id, {ref for *_, ref in wanted})
    for holder, type_, name, ref in wanted:
        _show(holder, type_, name, texts.get(ref))
    return items


def _beginnings(connection: sa.Connection, session_id: str, refs: set[str]) -> dict[str, str | None]:
    """The contents by ref, a little more than will be shown of each; in one statement."""
    names = {f"r{n}": ref for n, ref in enumerate(refs)}
    sql = SELECT_BEGINNINGS.format(", ".join(f":{name}" for name in names))
    return dict(run(connection, sql, {"id": session_id, "length": CAP_CHARACTERS + 1, **names}).fetchall())


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
