"""A draft of twelve rules against 10,000 recorded calls: reading them, judging them again, and how long a click waits."""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from agents import models
from agents.arguments import CallDetails, canonical
from agents.config import Policy
from agents.trying import read_calls, what_if
from agents.what_if import RecordedCall
from store.database import Database
from store.events import CallProposed, CallState, Evidence, Release, Risk
from store.queries import Queries
from store.tables import CallRow, EventRow, PayloadRow, SessionRow
from store.times import to_text, utc_now
from tests.benchmarks.measure import median, table
from tests.benchmarks.toolset import _insert

CALLS = 10_000
PER_SESSION = 5
ROUNDS = 5


def main(calls: int = CALLS, rounds: int = ROUNDS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder))
        _recorded(Path(folder) / "quarterdeck.db", calls)
        models.leave_alone()  # as in the program, which has loaded litellm by then
        measured = [asyncio.run(_measured(database)) for _ in range(rounds)]
        waits = [asyncio.run(_watched(database)) for _ in range(rounds)]
        database.close()
    first, *later = measured
    rows = [
        (name, f"{first[n]:.2f}", f"{median([one[n] for one in later or measured]):.2f}")
        for n, name in enumerate(("read from the record, s", "judged again, s", "both, s (target ≤ 2)"))
    ]
    rows.append(("longest wait of the loop, s", f"{waits[0]:.2f}", f"{median(waits):.2f}"))
    table(f"what if: {calls:,} recorded calls under a draft of {len(DRAFT.rules)} rules", ("", "first", "median"), rows)


async def _watched(database: Database) -> float:
    """The longest wait; looking for it costs time of its own."""
    watch = asyncio.create_task(_longest_wait(waits := []))
    await _measured(database)
    watch.cancel()
    return max(waits, default=0.0)


async def _measured(database: Database) -> tuple[float, float, float]:
    began = time.perf_counter()
    calls: list[RecordedCall] = []
    async for items in Queries(database).recorded_calls(""):
        calls += await asyncio.to_thread(read_calls, items)
    read = time.perf_counter() - began

    async def source() -> list[RecordedCall]:
        return calls

    found = await what_if(source, DRAFT, now=utc_now())
    assert found.calls == len(calls)
    return read, found.seconds, read + found.seconds


async def _longest_wait(waits: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        waits.append(time.perf_counter() - began - 0.001)


def _rule(tool: str, release: str, *conditions: tuple[str, str, Any], **when: Any) -> dict[str, Any]:
    arguments = [{"path": path, "op": op, "value": value} for path, op, value in conditions]
    return {"when": {"tool": tool, "arguments": arguments, **when}, "release": release, "because": "So it is."}


DRAFT = Policy.model_validate(
    {
        "name": "draft",
        "rules": [
            _rule("refund*", "allow", ("/amount", "le", 50)),
            _rule("refund*", "ask", ("/amount", "gt", 50)),
            _rule("refund*", "ask_two", ("/amount", "gt", 500)),
            _rule("refund*", "deny", ("/amount", "gt", 1000)),
            _rule("*", "ask", ("/note", "matches", r"(?i)urgent|at once")),
            _rule("*", "ask", ("/lines/*/sku", "starts_with", "X-")),
            _rule("*", "deny", evidence="nowhere"),
            _rule("*", "ask", hours={"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin"}),
            _rule("*", "ask", agent="Night*"),
            _rule("send_*", "ask", ("/to", "ends_with", "@example.org")),
            _rule("delete_*", "deny"),
            _rule("*", "ask", ("/country", "in", ["XA", "XB", "XC"])),
        ],
    }
)


def _recorded(path: Path, calls: int) -> None:
    """Rows as sessions leave them, written past the log: only their reading is measured."""
    at = to_text(utc_now())
    driver = sqlite3.connect(path)
    for n in range(-(-calls // PER_SESSION)):
        session = f"S-{n:06}"
        row = {"id": session, "hash": b"", "agent": "Clerk", "title": "t", "started_by": "b", "pins": "{}"}
        row |= {"created_at": at, "updated_at": at, "status": "completed", "seq": 9}
        _insert(driver, SessionRow, row)
        for step in range(PER_SESSION):
            _call_rows(driver, session, step, n * PER_SESSION + step, at)
    driver.commit()
    driver.close()


def _call_rows(driver: sqlite3.Connection, session: str, step: int, n: int, at: str) -> None:
    values = {"order": n, "amount": n % 1500, "note": "Please at once" if n % 40 == 0 else "as agreed " * 8,
              "lines": [{"sku": f"A-{n}"}, {"sku": f"B-{n}"}], "country": "DE"}  # fmt: skip
    evidence = tuple(Evidence(path=f"/{name}", value=str(value), origin="user") for name, value in values.items())
    details = CallDetails(arguments_json=canonical(values), effect="Refund", evidence=evidence).model_dump_json()
    event = CallProposed(
        call_id=f"{step}.1", provider_id="c", step=step, tool="refund_order", connector="crm", own_name="refund_order",
        definition_hash=None, action_digest=None, risk=Risk.WRITE, details=f"d{step}", state=CallState.HELD,
        release=Release.ASK, because="b",
    )  # fmt: skip
    common = {"session_id": session, "call_id": f"{step}.1", "step": step, "tool": "refund_order"}
    _insert(driver, PayloadRow, {"session_id": session, "ref": f"d{step}", "salt": b"s", "content": details})
    row = {"session_id": session, "seq": step, "type": "CallProposed", "v": 1, "at": at, "status": "running"}
    _insert(driver, EventRow, row | {"data": event.model_dump_json(), "hash": b""})
    named = {"connector": "crm", "own_name": "refund_order", "risk": "write", "state": "succeeded"}
    _insert(driver, CallRow, common | named | {"details_ref": f"d{step}"})


if __name__ == "__main__":
    main()
