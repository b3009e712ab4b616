"""Invariant 5: an edit is a new action: schema and policy judge it again, it replaces the old, the model is told."""

from typing import Any

import pytest

from agents.errors import AlreadyDecided, BadRequest, NotAllowed
from store.events import ApprovalRequested, ApprovalStatus, Release
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, person, the_waiting

pytestmark = pytest.mark.asyncio


async def _held(desk: Desk, amount: float = 60) -> Any:
    return await desk.ask_model(ask("refund", order=1, amount=amount), "Done.")


async def what_policy_denies_cannot_be_edited_in(desk: Desk) -> None:
    session = await _held(desk)
    before = await desk.events(session.id)
    for arguments in (
        {"order": 1, "amount": 2000},
        {"order": 1},
        {"order": "one", "amount": 60},
        {"amount": 60, "x": 1},
    ):
        with pytest.raises(BadRequest):
            await desk.edit(the_waiting(session), **arguments)
    assert await desk.events(session.id) == before
    await desk.decide(the_waiting(session))
    await desk.rests(session.id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


async def the_edited_call_runs_once_and_the_old_one_never(desk: Desk) -> None:
    session = await _held(desk)
    old = the_waiting(session)
    decided = await desk.edit(old, order=1, amount=70)
    assert decided.supersedes == old.id
    session = await desk.rests(session.id)
    assert desk.bench.ledger == [("refund", {"order": 1, "amount": 70})]
    assert [one.status for one in session.approvals] == [ApprovalStatus.SUPERSEDED, ApprovalStatus.CONSUMED]
    assert session.approvals[1].digest != old.digest
    told = desk.models.prompts[-1][-1]["content"]
    assert "A person changed the arguments" in told
    assert '{"amount":70,"order":1}' in told
    with pytest.raises(AlreadyDecided):
        await desk.decide(old)


async def an_edit_into_ask_two_is_only_the_first_of_two(desk: Desk) -> None:
    session = await _held(desk)
    await desk.edit(the_waiting(session), order=1, amount=600)
    await desk.idle()
    session = await desk.session(session.id)
    assert desk.bench.ledger == []
    renewed = the_waiting(session)
    assert (renewed.required, renewed.approved_by, renewed.release) == (2, ("olga",), Release.ASK_TWO)
    with pytest.raises(AlreadyDecided):
        await desk.decide(renewed)
    await desk.decide(renewed, by=person("omar"))
    await desk.rests(session.id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 600}]


async def an_edit_needs_whoever_the_new_values_need(desk: Desk) -> None:
    """Editing must not be a way around a rule about who approves."""
    condition = {"path": "/amount", "op": "gt", "value": 100}
    await desk.change_policy(
        {
            "when": {"tool": "refund", "arguments": [condition]},
            "release": "ask",
            "approver": "role:admin",
            "because": "Admins only.",
        }
    )
    session = await _held(desk)
    with pytest.raises(NotAllowed):
        await desk.edit(the_waiting(session), order=1, amount=200)
    with pytest.raises(NotAllowed):  # ask_two never counts the requester
        await desk.edit(the_waiting(session), person("rita", "admin"), order=1, amount=600)
    assert (await desk.session(session.id)).seq == session.seq
    await desk.edit(the_waiting(session), person("ada", "admin"), order=1, amount=200)
    await desk.rests(session.id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 200}]


async def test_what_policy_denies_cannot_be_edited_in(desk: Desk) -> None:
    await what_policy_denies_cannot_be_edited_in(desk)


async def test_the_edited_call_runs_once_and_the_old_one_never(desk: Desk) -> None:
    await the_edited_call_runs_once_and_the_old_one_never(desk)


async def test_an_edit_into_ask_two_is_only_the_first_of_two(desk: Desk) -> None:
    await an_edit_into_ask_two_is_only_the_first_of_two(desk)


async def test_an_edit_needs_whoever_the_new_values_need(desk: Desk) -> None:
    await an_edit_needs_whoever_the_new_values_need(desk)


async def test_an_edit_that_changes_nothing_is_a_plain_approval(desk: Desk) -> None:
    session = await _held(desk)
    decided = await desk.edit(the_waiting(session), order=1, amount=60)
    assert decided.supersedes is None
    await desk.rests(session.id)
    assert len(await desk.events(session.id, ApprovalRequested)) == 1
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


async def test_arguments_beside_a_plain_approval_are_refused(desk: Desk) -> None:
    session = await _held(desk)
    with pytest.raises(BadRequest):
        await desk.decide(the_waiting(session), new_arguments='{"order": 1, "amount": 70}')
