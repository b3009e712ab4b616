"""Invariant 1: every execution joins exactly one decision of a person allowed to make it, or one named rule."""

import pytest

from agents.errors import AlreadyDecided, NotAllowed
from store.events import ApprovalDecided, ApprovalStatus, CallState, ToolStarted
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, person, the_waiting

pytestmark = pytest.mark.asyncio
ADMINS_ONLY = {"when": {"tool": "wipe"}, "approver": "role:admin", "release": "ask", "because": "Admins only."}


async def _joined(desk: Desk, session_id: str) -> None:
    decided = await desk.events(session_id, ApprovalDecided)
    for start in await desk.events(session_id, ToolStarted):
        if start.approval_id is None:
            assert start.rule is not None and start.rule.version >= 1
            continue
        final = [d for d in decided if d.approval_id == start.approval_id and d.status is ApprovalStatus.APPROVED]
        assert len(final) == 1
        assert final[0].role in ("operator", "admin")
        assert final[0].action_digest == start.action_digest


async def an_approved_call_runs_and_an_unapproved_one_does_not(desk: Desk) -> None:
    calls = (ask("refund", order=1, amount=60), ask("refund", order=2, amount=20), ask("wipe", customer="C-1"))
    session = await desk.ask_model(calls, "Done.")
    assert desk.bench.ran("refund") == [{"order": 2, "amount": 20}]
    refund, wipe = session.approvals
    with pytest.raises(NotAllowed):
        await desk.decide(refund, by=person("vera", "viewer"))
    await desk.decide(refund)
    await desk.decide(wipe, "reject", because="no")
    await desk.rests(session.id)
    assert desk.bench.ran("refund") == [{"order": 2, "amount": 20}, {"order": 1, "amount": 60}]
    assert desk.bench.ran("wipe") == []
    await _joined(desk, session.id)


async def two_people_means_two_others(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=600), "Done.", by="rita")
    approval = the_waiting(session)
    assert approval.required == 2
    with pytest.raises(NotAllowed):
        await desk.decide(approval, by=person("rita"))
    await desk.decide(approval, by=person("olga"))
    with pytest.raises(AlreadyDecided):
        await desk.decide(approval, by=person("olga"))
    await desk.idle()
    assert desk.bench.ledger == []
    await desk.decide(approval, by=person("omar"))
    await desk.rests(session.id)
    assert len(desk.bench.ran("refund")) == 1
    await _joined(desk, session.id)


async def only_the_role_counts_not_the_name(desk: Desk) -> None:
    await desk.change_policy(ADMINS_ONLY)
    session = await desk.ask_model(ask("wipe", customer="C-1"), "Done.")
    for operator in (person("olga"), person("admin")):
        with pytest.raises(NotAllowed):
            await desk.decide(the_waiting(session), by=operator)
    await desk.decide(the_waiting(session), by=person("ada", "admin"))
    await desk.rests(session.id)
    assert len(desk.bench.ran("wipe")) == 1


async def a_policy_that_became_stricter_stops_what_was_allowed(desk: Desk) -> None:
    """The stricter of the policy at the start and the current one, at the moment of consumption."""
    session_id = ""

    async def tightens(_: object) -> object:
        await desk.change_policy({"when": {"tool": "refund"}, "release": "ask", "because": "Not today."})
        return ask("refund", order=2, amount=20)

    desk.models.script = lambda messages: tightens(messages) if len(messages) == 2 else "Done."
    session_id = await desk.start()
    session = await desk.rests(session_id)
    assert desk.bench.ledger == []
    assert [call.state for call in session.calls] == [CallState.HELD]
    await desk.decide(the_waiting(session))
    await desk.rests(session_id)
    assert len(desk.bench.ledger) == 1


async def an_approval_by_too_small_a_role_is_void_once_the_policy_asks_for_more(desk: Desk) -> None:
    session = await desk.ask_model(ask("wipe", customer="C-1"), "Done.")
    await desk.runtime.pause(session.id, by="olga", because="Wait.")
    await desk.decide(the_waiting(session))
    await desk.change_policy(ADMINS_ONLY)
    await desk.runtime.resume(session.id, by="olga", because="Go.")
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert desk.bench.ledger == []


async def test_an_approved_call_runs_and_an_unapproved_one_does_not(desk: Desk) -> None:
    await an_approved_call_runs_and_an_unapproved_one_does_not(desk)


async def test_two_people_means_two_others(desk: Desk) -> None:
    await two_people_means_two_others(desk)


async def test_only_the_role_counts_not_the_name(desk: Desk) -> None:
    await only_the_role_counts_not_the_name(desk)


async def test_a_policy_that_became_stricter_while_the_model_wrote_counts_already(desk: Desk) -> None:
    await a_policy_that_became_stricter_stops_what_was_allowed(desk)


async def test_an_approval_by_too_small_a_role_is_void_once_the_policy_asks_for_more(desk: Desk) -> None:
    await an_approval_by_too_small_a_role_is_void_once_the_policy_asks_for_more(desk)
