"""Recorded tool calls as they were proposed and judged, with what people decided: read session by session, on demand.

Calls that made no sense (`invalid`) were never judged, and are left out.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from store.database import run
from store.encoding import decode
from store.spending import PRICED, spent

from .pages import Item, dicts, of_agents

AT_ONCE = 200
"""Sessions per read, so that a reader is soon free again."""
SESSIONS = """SELECT id FROM sessions WHERE updated_at >= :since AND (:all OR {agents}) ORDER BY created_at, id"""
CALLS = """SELECT e.session_id, e.seq, e.at, e.data, s.agent, c.state, p.content AS details
    FROM events e JOIN sessions s ON s.id = e.session_id
    LEFT JOIN calls c ON c.session_id = e.session_id AND c.call_id = json_extract(e.data, '$.call_id')
    LEFT JOIN payloads p ON p.session_id = e.session_id AND p.ref = json_extract(e.data, '$.details')
    WHERE e.session_id IN (SELECT value FROM json_each(:sessions)) AND e.type = 'CallProposed' AND e.at >= :since
    ORDER BY e.session_id, e.seq"""
DECIDED = """SELECT a.session_id, a.call_id, a.status, d.decision, d."by", d.code, p.content AS because
    FROM approvals a LEFT JOIN decisions d ON d.approval_id = a.id
    LEFT JOIN payloads p ON p.session_id = a.session_id AND p.ref = d.because_ref
    WHERE a.kind = 'call' AND a.session_id IN (SELECT value FROM json_each(:sessions))
    ORDER BY a.session_id, a.call_id, a.seq, d.n"""
PAID = f"""SELECT session_id, seq, type, v, at, status, data FROM events
    WHERE session_id IN (SELECT value FROM json_each(:sessions)) AND type IN {PRICED} ORDER BY session_id, seq"""
WORDS = {"approve": "approved", "edit": "edited", "reject": "rejected", "respond": "rejected"}
STRONGEST = ("rejected", "edited", "approved", "expired")
"""Of several decisions about one call: what counts is that somebody did not want it so."""

Key = tuple[str, str]


def session_ids(connection: sa.Connection, since: str, agents: tuple[str, ...]) -> list[str]:
    """Of these agents, or of all if none is named, that did anything since."""
    theirs, names = of_agents(agents)
    sql = SESSIONS.format(agents=theirs[0] if theirs else "1")
    return [row[0] for row in run(connection, sql, {"since": since, "all": not agents, **names}).fetchall()]


def recorded_calls(connection: sa.Connection, since: str, sessions: Sequence[str], costs: bool) -> list[Item]:
    """One item per judged call: its CallProposed event, its details as JSON text (None: erased), what became of it,
    and with `costs` what its session had cost by then (None: something of unknown price)."""
    wanted = {"sessions": json.dumps(list(sessions)), "since": since}
    decided = _decided(dicts(connection, DECIDED, {"sessions": wanted["sessions"]}))
    paid = _paid(connection, wanted["sessions"]) if costs else {}
    found = [_item(row, decided) for row in dicts(connection, CALLS, wanted)]
    judged = [one for one in found if one["event"]["state"] != "invalid" and one["event"]["own_name"]]
    for one in judged:
        one["session_cost_usd"] = _cost(paid.get(one["session_id"], ()), one["seq"]) if costs else None
    return judged


def _item(row: Item, decided: dict[Key, Item]) -> Item:
    event = json.loads(row.pop("data"))
    none = {"decision": None, "decided_by": None, "decided_because": None}
    return row | {"event": event} | decided.get((row["session_id"], event["call_id"]), none)


def _decided(rows: Iterable[Item]) -> dict[Key, Item]:
    """Session and call → the decision that says most about it."""
    of_call: dict[Key, list[Item]] = defaultdict(list)
    for row in rows:
        word = WORDS.get(row["decision"] or "", "expired" if row["status"] == "expired" else None)
        if word is not None:
            because = row["because"] or row["code"]
            one = {"decision": word, "decided_by": row["by"], "decided_because": because}
            of_call[row["session_id"], row["call_id"]].append(one)
    return {key: min(ones, key=lambda one: STRONGEST.index(one["decision"])) for key, ones in of_call.items()}


def _paid(connection: sa.Connection, sessions: str) -> dict[str, list[tuple[int, float | None]]]:
    """Session → (seq, price) of everything it paid for, in order."""
    prices: dict[str, list[tuple[int, float | None]]] = defaultdict(list)
    for row in run(connection, PAID, {"sessions": sessions}).fetchall():
        recorded: Any = decode(*row)
        prices[row[0]] += [(row[1], one.cost_usd) for one in spent(recorded.event)]
    return prices


def _cost(prices: Iterable[tuple[int, float | None]], before: int) -> float | None:
    earlier = [price for seq, price in prices if seq < before]
    known = [price for price in earlier if price is not None]
    return sum(known) if len(known) == len(earlier) else None
