"""Invariant 2: what a person was shown, what they approved and what ran are the same bytes."""

import hashlib
import json
from pathlib import Path

import pytest

from agents.demo.crm.ledger import read_ledger
from agents.demo.setup import configuration as demo
from agents.errors import Changed
from agents.model_calls import ModelCall
from store.database import run
from store.events import CallState, ToolStarted
from tests.fakes.bench import THOUGHT, ask
from tests.fakes.desk import Desk, open_desk, the_waiting

pytestmark = pytest.mark.asyncio


def _written(arguments: str) -> ModelCall:
    """A call whose arguments are this very text, reasoning put first."""
    return ModelCall(id="", name="refund", arguments=f'{{"reasoning": {json.dumps(THOUGHT)}, {arguments[1:]}')


async def test_what_the_crm_carried_out_is_what_the_inbox_showed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, demo(tmp_path)) as desk:
        desk.models.script = lambda messages: (
            ask("refund_order", order_id=1755, amount=60.5, reason="late") if len(messages) == 2 else "Done."
        )
        session = await desk.rests(await desk.start(agent="Refund clerk"))
        (shown,) = await desk.pending()
        text = json.dumps(
            [shown["connector"], shown["own_name"], shown["definition_hash"], shown["arguments_json"]],
            separators=(",", ":"),
            ensure_ascii=False,
        )
        assert shown["action_digest"] == hashlib.sha256(text.encode()).hexdigest()
        assert read_ledger(tmp_path / "crm.db") == []
        await desk.decide(shown)
        await desk.until(session.id, lambda s: s.result == "answered")
        (row,) = read_ledger(tmp_path / "crm.db")
        assert row.arguments == shown["arguments"]
        (start,) = await desk.events(session.id, ToolStarted)
        assert start.action_digest == shown["action_digest"]


@pytest.mark.parametrize("amount", ["60", "60.0", "123456789012345678901234567890", "6e1"])
async def test_a_number_travels_as_it_was_shown(desk: Desk, amount: str) -> None:
    await desk.runtime.administration.save(
        "policy",
        {"name": "rules", "rules": [{"when": {"tool": "refund"}, "release": "ask", "because": "Ask."}]},
        by="ada",
    )
    session = await desk.ask_model(_written(f'{{"amount": {amount}, "order": 1}}'), "Done.")
    (shown,) = await desk.pending()
    await desk.decide(shown)
    await desk.rests(session.id)
    assert desk.bench.texts == [shown["arguments_json"]]
    assert repr(json.loads(amount)) in shown["arguments_json"]


@pytest.mark.parametrize(
    "arguments",
    [
        '{"order": 1, "amount": NaN}',
        '{"order": 1, "amount": 1e400}',
        '{"order": 1, "amount": 20, "amount": 60}',
        '{"order": 1, "amount": 20, "note": "\\ud800"}',
        '{"order": 1, "amount": ' + "9" * 5000 + "}",
    ],
)
async def test_arguments_that_two_readers_could_read_differently_are_invalid(desk: Desk, arguments: str) -> None:
    session = await desk.ask_model(_written(arguments), "Done.")
    assert desk.bench.ledger == []
    assert session.result == "answered"
    assert "is invalid" in desk.models.prompts[-1][-1]["content"]


async def tampered_bytes_are_not_run(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    (call,) = session.calls
    stored = json.loads(await desk.text(session.id, call.details) or "")
    stored["arguments_json"] = '{"amount":99,"order":1}'
    row = {"ref": call.details, "content": json.dumps(stored)}
    tamper = "UPDATE payloads SET content = :content WHERE ref = :ref"
    await desk.runtime.database.write(lambda c: run(c, tamper, row).close())
    await desk.decide(the_waiting(session))
    session = await desk.rests(session.id)
    assert desk.bench.ledger == []
    assert "do not match what was released" in desk.models.prompts[-1][-1]["content"]


async def a_decision_about_other_bytes_is_refused(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    with pytest.raises(Changed):
        await desk.decide(the_waiting(session), action_digest="0" * 64)
    assert (await desk.session(session.id)).calls[0].state is CallState.HELD


async def test_tampered_bytes_are_not_run(desk: Desk) -> None:
    await tampered_bytes_are_not_run(desk)


async def test_a_decision_about_other_bytes_is_refused(desk: Desk) -> None:
    await a_decision_about_other_bytes_is_refused(desk)
