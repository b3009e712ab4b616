"""Invariant 6: expired, rejected, cancelled, superseded or drifted calls never run."""

import pytest

from agents.errors import AlreadyDecided, Changed, Expired, NotNow
from store.events import ApprovalStatus, ApprovalVoided, CallState, Status
from tests.fakes.bench import TOOLS, ask, tool
from tests.fakes.desk import Desk, the_waiting

pytestmark = pytest.mark.asyncio
DRIFTED = (*TOOLS[:1], tool("refund", "Also closes the account.", order={"type": "integer"}, amount={"type": "number"}))
HELD = ask("refund", order=1, amount=60)


async def a_request_that_nobody_decided_expires_by_its_timer(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    desk.clock.passes(86_401)
    await desk.runtime.clock.tick()
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert session.approvals[0].status is ApprovalStatus.EXPIRED
    assert desk.bench.ledger == []
    assert "Nobody decided in time" in desk.models.prompts[-1][-1]["content"]


async def a_decision_after_the_time_to_decide_is_refused(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    desk.clock.passes(86_401)
    with pytest.raises(Expired):
        await desk.decide(the_waiting(session))
    assert desk.bench.ledger == []


async def an_approval_whose_time_to_run_is_over_is_void(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    await desk.runtime.pause(session.id, by="olga", because="Wait.")
    await desk.decide(the_waiting(session))
    desk.clock.passes(3_601)  # and the timer is late
    await desk.runtime.resume(session.id, by="olga", because="Go.")
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert session.approvals[0].status is ApprovalStatus.EXPIRED
    assert desk.bench.ledger == []
    assert "the time to run it passed" in desk.models.prompts[-1][-1]["content"]


async def a_rejected_call_does_not_run_and_is_asked_about_as_a_repeat(desk: Desk) -> None:
    session = await desk.ask_model(HELD, HELD, "Done.", HELD, "Done.")
    await desk.decide(the_waiting(session), "reject", because="no", code="wrong_amount")
    session = await desk.rests(session.id)
    assert session.result == "answered"  # the identical call was refused without asking
    assert "A person rejected exactly this call" in desk.models.prompts[-1][-1]["content"]
    await desk.runtime.send(session.id, "Try again.", by="rita")
    session = await desk.until(session.id, lambda s: s.status is Status.WAITING_APPROVAL)
    (shown,) = await desk.pending()
    assert shown["because"].startswith("A repeat")
    assert desk.bench.ledger == []


async def a_changed_definition_voids_what_waits(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    approval = the_waiting(session)
    desk.registry.redefine(*DRIFTED)
    await desk.until(session.id, lambda s: s.result is not None)
    assert len(await desk.events(session.id, ApprovalVoided)) == 1
    with pytest.raises(AlreadyDecided):
        await desk.decide(approval)
    assert desk.bench.ledger == []


async def a_definition_that_changed_silently_is_noticed_at_the_decision(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    desk.registry.redefine(*DRIFTED, announce=False)
    with pytest.raises(Changed):
        await desk.decide(the_waiting(session))
    assert desk.bench.ledger == []


async def a_definition_that_changed_after_the_approval_stops_the_call(desk: Desk) -> None:
    session = await desk.ask_model(HELD, "Done.")
    await desk.runtime.pause(session.id, by="olga", because="Wait.")
    await desk.decide(the_waiting(session))
    desk.registry.redefine(*DRIFTED, announce=False)
    await desk.runtime.resume(session.id, by="olga", because="Go.")
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert desk.bench.ledger == []
    assert session.approvals[0].status is ApprovalStatus.CANCELLED


async def after_a_stop_nothing_runs(desk: Desk) -> None:
    session = await desk.ask_model((HELD, ask("refund", order=2, amount=70)), "Done.")
    first, second = session.approvals
    await desk.runtime.pause(session.id, by="olga", because="Wait.")
    await desk.decide(first)
    await desk.runtime.stop(session.id, by="olga", because="Enough.")
    for approval in (first, second):
        with pytest.raises((AlreadyDecided, NotNow)):
            await desk.decide(approval)
    with pytest.raises(NotNow):
        await desk.runtime.resume(session.id, by="olga", because="Go.")
    await desk.idle()
    session = await desk.session(session.id)
    assert desk.bench.ledger == []
    assert session.status is Status.STOPPED
    assert {call.state for call in session.calls} == {CallState.CANCELLED}
    assert await desk.pending() == []


SCENARIOS = (
    a_request_that_nobody_decided_expires_by_its_timer,
    a_decision_after_the_time_to_decide_is_refused,
    an_approval_whose_time_to_run_is_over_is_void,
    a_rejected_call_does_not_run_and_is_asked_about_as_a_repeat,
    a_changed_definition_voids_what_waits,
    a_definition_that_changed_silently_is_noticed_at_the_decision,
    a_definition_that_changed_after_the_approval_stops_the_call,
    after_a_stop_nothing_runs,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_what_ended_never_runs(desk: Desk, scenario: object) -> None:
    await scenario(desk)  # type: ignore[operator]
