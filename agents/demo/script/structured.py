"""Answers as a JSON object when the runtime shows the schema that the answer must fit; pure."""

import json
from typing import Any

from .memory import Memory, merged_facts
from .replies import Fate, Fields
from .schemas import fitted, kind_of, resolved

_PROSE = (
    "answer",
    "summary",
    "message",
    "text",
    "result",
    "explanation",
    "description",
    "outcome",
    "note",
    "notes",
    "reply",
)
_OTHER_NAMES = {
    "refund_amount": "amount", "amount_refunded": "amount", "refunded_amount": "amount", "amount_eur": "amount",
    "customer": "customer_name", "name": "customer_name", "order": "order_id", "order_number": "order_id",
    "id": "refund_id", "ticket": "ticket_id",
}  # fmt: skip
_DID = {
    "refunded": "refund_order",
    "erased": "delete_customer",
    "deleted": "delete_customer",
    "written": "write_to_customer",
}


def structured(text: str, memory: Memory, schema: Fields) -> str:
    """A JSON object filled from what results said, with `text` wherever prose is asked for."""
    facts = merged_facts(memory.now.calls) or merged_facts(call for turn in memory.turns for call in turn.calls)
    return json.dumps(_object(text, memory, facts, schema, schema), ensure_ascii=False)


def _object(text: str, memory: Memory, facts: Fields, schema: Fields, root: Fields) -> Any:
    rules = resolved(schema, root)
    known = {
        name: value
        for name, inner in (rules.get("properties") or {}).items()
        if (value := _known(name, inner, text, memory, facts, root)) is not None
    }
    return fitted(known, rules, root)


def _known(name: str, inner: Any, text: str, memory: Memory, facts: Fields, root: Fields) -> Any:
    rules = resolved(inner, root)
    wanted = kind_of(rules)
    if wanted == "object":
        return _object(text, memory, facts, rules, root)
    if wanted == "boolean":
        return _done(memory, _DID.get(name, ""))
    if name in _PROSE:
        return text if wanted == "string" else None
    value = facts.get(
        name, facts.get(_OTHER_NAMES.get(name, ""), facts.get("name") if name == "customer_name" else None)
    )
    if wanted == "array":
        return value if isinstance(value, list) else None
    return value if not isinstance(value, (list, dict)) else None


def _done(memory: Memory, kind: str) -> bool:
    """Whether such a call ran; for any other yes-or-no, whether nothing was refused."""
    calls = [call for call in memory.now.calls if not kind or call.kind == kind]
    return bool(calls) and all(call.outcome.happened or call.outcome.fate is Fate.UNREADABLE for call in calls)
