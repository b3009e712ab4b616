"""The inbox, and one approval in full, as the API shows them."""

import json
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.event_log import contents

from .pages import Item, Order, Page, dicts, escaped_like, of_agents, read_page
from .shown import parsed

DECISIONS = """SELECT n, decision, "by", role, code, because_ref, at, action_digest, arguments_ref, status
    FROM decisions WHERE approval_id = :id ORDER BY n"""
LATER_MESSAGES = """SELECT seq, at, data FROM events
    WHERE session_id = :id AND seq > :seq AND type = 'MessageReceived' ORDER BY seq"""


VERIFIED = """SELECT data FROM events WHERE session_id = :id AND seq < :seq AND type = 'CallVerified'
    AND data LIKE :call ESCAPE '!' ORDER BY seq DESC LIMIT 1"""
ASKED = VERIFIED.replace("CallVerified", "InputRequired")


def inbox(
    connection: sa.Connection, status: str | None, limit: int, cursor: str | None, agents: tuple[str, ...] = ()
) -> Page:
    theirs, names = of_agents(agents)
    where = [*([] if status is None else ["status = :status"]), *theirs]
    values = {"status": status, **names}
    order = Order(column="requested_at", newest_first=status != "pending")
    page = read_page(connection, "approvals", where, values, order, limit, cursor)
    return Page(items=[_shown(connection, row) for row in page.items], next_cursor=page.next_cursor)


def approval(connection: sa.Connection, approval_id: str) -> Item | None:
    rows = dicts(connection, "SELECT * FROM approvals WHERE id = :id", {"id": approval_id})
    if not rows:
        return None
    return {**_shown(connection, rows[0]), "later_messages": _later_messages(connection, rows[0])}


def _shown(connection: sa.Connection, row: Item) -> Item:
    """The row with the details it refers to: arguments, evidence, reasoning, effect."""
    details = _details(connection, row.pop("details_ref"), row["session_id"])
    text = details.get("arguments_json")
    title = run(connection, "SELECT title FROM sessions WHERE id = :id", {"id": row["session_id"]}).fetchone()
    return {
        **row,
        "title": title[0] if title else "",
        "rule": None if row["rule"] is None else json.loads(row["rule"]),
        "arguments": None if text is None else parsed(text),
        "arguments_json": text,
        "effect": details.get("effect"),
        "reasoning": details.get("reasoning"),
        "problems": details.get("problems", []),
        "evidence": details.get("evidence", []),
        "checks": json.loads(row["checks"]),
        "effective_votes": _effective_votes(connection, row),
        "form": _form(connection, row) if row["kind"] == "input" else None,
        "decisions": _decisions(connection, row["id"], row["session_id"]),
    }


def _effective_votes(connection: sa.Connection, row: Item) -> float | None:
    """How many independent votes the checks amount to; the panel's event says so, shortly before the request."""
    if row["checks"] == "[]":
        return None
    found = _before(connection, VERIFIED, row)
    return None if found is None else found["effective_votes"]


def _form(connection: sa.Connection, row: Item) -> Item | None:
    """What the server asks, in its own words; None once it was erased."""
    event = _before(connection, ASKED, row)
    text = event and contents(connection, row["session_id"], [event["form"]]).get(event["form"])
    if not text:
        return None
    form = json.loads(text)
    return {**form, "schema": form.pop("fields")}


def _before(connection: sa.Connection, sql: str, row: Item) -> Item | None:
    """The newest event of a kind about the same call, before it was asked."""
    call = escaped_like(f'"call_id":{json.dumps(row["call_id"])},')
    found = run(connection, sql, {"id": row["session_id"], "seq": row["seq"], "call": call}).fetchone()
    return None if found is None else dict(json.loads(found[0]))


def _details(connection: sa.Connection, ref: str, session_id: str) -> dict[str, Any]:
    text = contents(connection, session_id, [ref]).get(ref)
    details = parsed(text) if text else None
    return details if isinstance(details, dict) else {}


def _decisions(connection: sa.Connection, approval_id: str, session_id: str) -> list[Item]:
    decisions = dicts(connection, DECISIONS, {"id": approval_id})
    for decision in decisions:
        because, arguments = decision.pop("because_ref"), decision.pop("arguments_ref")
        texts = contents(connection, session_id, [ref for ref in (because, arguments) if ref])
        decision["because"], decision["arguments_json"] = texts.get(because), texts.get(arguments)
    return decisions


def _later_messages(connection: sa.Connection, row: Item) -> list[Item]:
    """What people wrote since it was requested: whoever decides should know."""
    messages = []
    for seq, at, data in run(connection, LATER_MESSAGES, {"id": row["session_id"], "seq": row["seq"]}).fetchall():
        event = json.loads(data)
        text = contents(connection, row["session_id"], [event["text"]]).get(event["text"])
        messages.append({"seq": seq, "at": at, "by": event["by"], "text": text})
    return messages
