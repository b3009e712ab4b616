"""The two lives of a run: one that is killed at its point, and one that starts on the same folder and goes on.

Both use the shipped Runtime, store and CRM process; only the model is scripted here, to be there at once.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agents.commands.calls import StartCalls
from agents.demo.crm.ledger import read_ledger
from agents.demo.setup import configuration
from agents.folded import Session
from agents.loop import load
from agents.perform import calls as room
from agents.perform.work import Work
from agents.runtime import Decider, Runtime
from agents.tools.definition import ToolOutput
from store.database import Database
from store.events import CallState, Recorded, Status
from store.queries import Queries
from store.secrets import Secrets
from tests.fakes.bench import ScriptedModels, ask, in_turn

SECONDS = 40
OPERATOR = Decider(name="olga", role="operator")
MESSAGE = "Please refund 60 on order 1755 and a little on 1756."
FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED, Status.PAUSED})


def amounts(seed: int) -> dict[int, float]:
    """What is to be refunded, by order."""
    return {1755: 60.0 + seed, 1756: 10.0 + seed}


def models(seed: int) -> ScriptedModels:
    wanted = amounts(seed)
    calls = (
        ask("get_order", order_id=1755),
        ask("refund_order", order_id=1756, amount=wanted[1756], reason="small"),
        ask("refund_order", order_id=1755, amount=wanted[1755], reason="large"),
    )
    return ScriptedModels(in_turn(calls, "Both are refunded."))


@asynccontextmanager
async def runtime(folder: Path, seed: int) -> AsyncIterator[Runtime]:
    database = Database.open(folder)
    with patch("agents.runtime.Models", lambda _: models(seed)):
        running = Runtime(database, Secrets(database), lambda: datetime.now(UTC))
    if not await running.configuration.current():
        document = configuration(folder)
        document["connectors"][0]["env"] = {"QUARTERDECK_CRM_DELAY_MS": "40"}
        await running.administration.replace(document, by="ada")
    await running.open()
    yield running
    await running.close()


async def first_life(folder: Path, seed: int) -> None:
    """Start a session and approve what it asks; write down whatever was acknowledged. Ends by being killed."""
    async with asyncio.timeout(SECONDS), runtime(folder, seed) as running:
        running.log.subscribe(lambda _, events: [_note(folder, "seen", _as_seen(each)) for each in events])
        session_id, _ = await running.start("Refund clerk", MESSAGE, by="rita")
        _note(folder, "acknowledged", {"session": session_id, "text": MESSAGE})
        while (session := await _rest(running, session_id)).status not in FINAL:
            await _decide_all(running, session, folder)


async def second_life(folder: Path, seed: int) -> None:
    """Start again, write down how the session stands, then answer whatever is asked until it has ended."""
    async with asyncio.timeout(SECONDS), runtime(folder, seed) as running:
        queries = Queries(running.database)
        found = (await queries.sessions()).items
        report: dict[str, Any] = {"session": None, "differences": await queries.inbox_matches_events()}
        if found:
            session_id = found[0]["id"]
            session = await _rest(running, session_id)
            report |= {"session": session_id, "stands": _standing(session)}
            report["inbox"] = [[one["kind"], one["call_id"]] for one in (await queries.inbox()).items]
            report["differences"] += await queries.inbox_matches_events()
            while (session := await _rest(running, session_id)).status not in FINAL:
                await _decide_all(running, session, folder)
            report |= {"end": _standing(session), "events": await queries.events(session_id)}
        (folder / "after.json").write_text(json.dumps(report, default=str))


async def _rest(running: Runtime, session_id: str) -> Session:
    """The session once nothing moves in it by itself."""
    news = asyncio.Event()
    leave = running.log.subscribe(lambda *_: news.set())
    try:
        while True:
            session = await load(running.desk, session_id)
            moving = any(call.state in (CallState.EXECUTING, CallState.ALLOWED) for call in session.calls)
            if session.status not in (Status.QUEUED, Status.RUNNING) and not moving:
                return session
            await news.wait()
            news.clear()
    finally:
        leave()


async def _decide_all(running: Runtime, session: Session, folder: Path) -> None:
    for approval in session.approvals:
        if approval.status != "pending":
            continue
        decision = "approve" if approval.kind == "call" else await _what_became_of_it(session, approval.call_id, folder)
        await running.decide(approval.id, decision, by=OPERATOR, action_digest=approval.digest)
        _note(folder, "acknowledged", {"approval": approval.id, "decision": decision})


async def _what_became_of_it(session: Session, call_id: str, folder: Path) -> Any:
    """An honest operator looks into the CRM."""
    order = 1755 if call_id == "1.3" else 1756
    if call_id == "1.1":
        return "happened"
    done = any(row.arguments.get("order_id") == order for row in read_ledger(folder / "crm.db"))
    return "happened" if done else "run_again"


def _standing(session: Session) -> dict[str, Any]:
    calls = {call.id: call.state.value for call in session.calls}
    return {"status": session.status, "because": session.because, "result": session.result, "calls": calls}


def _as_seen(recorded: Recorded) -> dict[str, Any]:
    return {"seq": recorded.seq, "type": recorded.event.type}


def _note(folder: Path, name: str, line: dict[str, Any]) -> None:
    """Appended by one system call, so it survives the death of this process."""
    file = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, (json.dumps(line) + "\n").encode())
    os.close(file)


def consume_late() -> None:
    """The defect that the judge has to notice: the tool runs first, its start is recorded behind it."""

    async def start_calls(work: Work, call_ids: tuple[str, ...]) -> tuple[str, ...]:
        situation = await work.desk.world.situation(work.session)
        values = await room._values(work, call_ids)
        for call in work.session.calls:
            if call.id in call_ids:
                answers[call.id] = await room._run(work, call)
        clear = work.desk.world.clear(situation, values)
        started: tuple[str, ...] = await work.append(
            StartCalls(known=work.session, agent=situation.agent, call_ids=call_ids, clear=clear)
        )
        return started

    async def execute(work: Work, call_id: str) -> None:
        if call_id not in answers:
            await original(work, call_id)
            return
        call = work.session.call(call_id)
        assert call is not None
        await room._keep_result(work, call, answers[call_id], 1.0)

    answers: dict[str, ToolOutput] = {}
    original = room.execute
    room.start_calls, room.execute = start_calls, execute
