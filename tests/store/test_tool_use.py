"""What became of every tool, counted from the record."""

import json
from typing import Any

import pytest

from store.configuration import Change, ConfigurationStore
from store.database import Database
from store.event_log import EventLog
from store.events import CallProposed, CallState, Prompt, Release, Risk
from store.payloads import Payload, seal
from store.queries import Queries

from .scenes import Clock, record, replied, start

pytestmark = pytest.mark.asyncio

CANDIDATES = [
    {"tool": "pay_back", "connector": "crm", "definition_hash": "r" * 64},
    {"tool": "get_order", "connector": "crm", "definition_hash": "g" * 64},
]


def tools(*candidates: dict[str, str]) -> Payload:
    """With a schema that speaks of candidates itself."""
    schema = {"name": "odd", "candidates": [{"tool": "none"}], "text": '"candidates":['}
    return seal(json.dumps({"tools": [schema], "candidates": candidates}, separators=(",", ":")))


def proposed(step: int, n: int, own_name: str | None, state: Any) -> CallProposed:
    return CallProposed(
        call_id=f"{step}.{n}", provider_id="c", step=step, tool="x", connector="crm" if own_name else None,
        own_name=own_name, definition_hash=None, action_digest=None, risk=Risk.READ, details=DETAILS.ref, state=state, release=Release.ASK, because="b",
    )  # fmt: skip


DETAILS = seal("{}")


async def step(log: EventLog, n: int, offered: Payload | None, *calls: CallProposed, session: str = "s1") -> None:
    output, part = seal("{}"), seal("[]")
    reply = replied(n, output, part, prompt=Prompt(parts=(part.ref,), tools=offered.ref if offered else None))
    payloads = [output, part, DETAILS, *([offered] if offered else [])]
    await record(log, session, reply, *calls, payloads=payloads)


async def test_each_tool_is_counted_by_what_was_offered_and_what_became_of_its_calls(
    database: Database, log: EventLog, queries: Queries
) -> None:
    accepted = [("crm/refund", "r"), ("crm/get_order", "g")]
    changes = [Change(kind="definition", name=name, document={"hash": one * 64}) for name, one in accepted]
    await ConfigurationStore(database).change(changes, by="quarterdeck")
    offered = tools(*CANDIDATES)
    await start(log)
    await step(log, 1, offered, proposed(1, 1, "refund", CallState.INVALID), proposed(1, 2, None, CallState.INVALID))
    await step(log, 2, offered, proposed(2, 1, "refund", CallState.ALLOWED), proposed(2, 2, "refund", CallState.DENIED))
    await step(log, 3, None)
    assert await queries.tool_use() == [
        {"connector": "crm", "tool": "get_order", "offered": 2, "called": 0, "invalid": 0, "rejected": 0, "failed": 0},
        {"connector": "crm", "tool": "refund", "offered": 2, "called": 3, "invalid": 1, "rejected": 0, "failed": 0},
    ]


async def test_only_the_last_days_count(log: EventLog, queries: Queries, clock: Clock) -> None:
    offered = tools(CANDIDATES[1])
    await start(log)
    await step(log, 1, offered, proposed(1, 1, "get_order", CallState.INVALID))
    clock.advance(days=31)
    await step(log, 2, offered)
    found = await queries.tool_use(30)
    assert [(one["tool"], one["offered"], one["called"]) for one in found] == [("get_order", 1, 0)]
    assert await queries.tool_use(60) != found


async def test_tools_of_which_nothing_was_accepted_go_by_the_name_they_were_offered_under(
    log: EventLog, queries: Queries
) -> None:
    await start(log)
    await step(log, 1, tools(CANDIDATES[0]))
    assert [one["tool"] for one in await queries.tool_use()] == ["pay_back"]
