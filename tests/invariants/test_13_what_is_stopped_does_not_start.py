"""The emergency stop: from the moment it is pulled nothing it covers starts, and nothing is lifted by accident."""

from pathlib import Path
from typing import Any

import pytest

from agents.errors import BadRequest, Changed, Halted, NotFound
from agents.tools.errors import ToolFailure
from store.errors import StoreUnavailable
from store.events import CallState, SessionPaused, Status
from tests.fakes.bench import Gate, ask, in_turn
from tests.fakes.desk import Desk, configuration, open_desk, the_waiting, waiting

pytestmark = pytest.mark.asyncio
REFUND = ask("refund", order=1, amount=60)
STOPS: list[tuple[str, str | None]] = [
    ("everything", None),
    ("agent", "Clerk"),
    ("connector", "bench"),
    ("tool", "bench/refund"),
]


async def pulled_between_approval_and_execution_nothing_runs(desk: Desk, what: str, name: str | None) -> None:
    session = await desk.ask_model(REFUND, "Done.")
    await desk.runtime.pause(session.id, by="olga", because="A moment.")
    await desk.decide(the_waiting(session))
    assert (await desk.session(session.id)).calls[0].state is CallState.ALLOWED
    await desk.runtime.stops.pull(what, name, by="olga", because="It refunds the wrong people.")
    await desk.runtime.resume(session.id, by="olga", because="On.")
    await desk.idle()
    assert desk.bench.started == []
    session = await desk.session(session.id)
    assert session.calls == () or session.calls[0].state is not CallState.EXECUTING


@pytest.mark.parametrize(("what", "name"), STOPS)
async def test_pulled_between_approval_and_execution_nothing_runs(desk: Desk, what: str, name: str | None) -> None:
    await pulled_between_approval_and_execution_nothing_runs(desk, what, name)


async def test_it_is_in_force_before_it_is_on_the_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    await desk.idle()
    monkeypatch.setattr(desk.runtime.configuration, "change", full)
    with pytest.raises(StoreUnavailable):
        await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    with pytest.raises(Halted, match="olga stopped everything"):
        await desk.start()


@pytest.mark.parametrize(("what", "name"), STOPS)
async def test_a_call_held_for_a_person_is_kept_and_cannot_be_approved_until_it_is_lifted(
    desk: Desk, what: str, name: str | None
) -> None:
    session = await desk.ask_model(REFUND, "Done.")
    await desk.runtime.stops.pull(what, name, by="olga", because="Wrong people.")
    with pytest.raises(Changed, match="Wrong people. The request is kept"):
        await desk.decide(the_waiting(session))
    assert len(waiting(await desk.session(session.id))) == 1
    await desk.runtime.stops.lift(what, name, by="ada")
    await desk.decide(the_waiting(await desk.session(session.id)))
    session = await desk.rests(session.id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]
    assert session.result == "answered"


async def test_a_request_may_be_rejected_while_it_is_in_force(desk: Desk) -> None:
    session = await desk.ask_model(REFUND, "Done.")
    await desk.runtime.stops.pull("tool", "bench/refund", by="olga", because="Wrong people.")
    await desk.decide(the_waiting(session), "reject")
    assert (await desk.rests(session.id)).result == "answered"


async def test_what_the_model_asks_of_a_stopped_tool_is_refused_and_other_tools_go_on(desk: Desk) -> None:
    await desk.runtime.stops.pull("tool", "bench/refund", by="olga", because="Wrong people.")
    calls = (ask("look_up", order=1), ask("refund", order=1, amount=5))
    session = await desk.ask_model(calls, "Done.")
    assert desk.bench.started == ["look_up"]
    assert session.result == "answered"
    told = str(desk.models.prompts[-1])
    assert "Emergency stop" in told and "Wrong people." in told


async def test_a_call_that_failed_is_not_tried_again_once_its_tool_is_stopped(tmp_path: Path) -> None:
    document = configuration()
    document["toolsets"][0] = tried_again(document["toolsets"][0])
    async with open_desk(tmp_path, document) as desk:
        gate = Gate()

        async def fails(arguments: Any) -> str:
            await gate(arguments)
            raise ToolFailure("The line is down.", "not_sent")

        desk.bench.on["look_up"] = fails
        desk.models.script = in_turn(ask("look_up", order=1), "Done.")
        session_id = await desk.start()
        await gate.reached.wait()
        await desk.runtime.stops.pull("tool", "bench/look_up", by="olga", because="Wrong people.")
        gate.opened.set()
        await desk.until(session_id, lambda one: one.result == "answered")
        assert desk.bench.started == ["look_up"]
        assert "The line is down. It was not tried again: Emergency stop" in str(desk.models.prompts[-1])


def tried_again(toolset: dict[str, Any]) -> dict[str, Any]:
    return toolset | {"tools": [one | ({"retries": 3} if one["tool"] == "look_up" else {}) for one in toolset["tools"]]}


async def test_a_stopped_agent_takes_no_further_step_waits_visibly_and_goes_on_when_it_is_lifted(desk: Desk) -> None:
    gate = desk.bench.on["look_up"] = Gate()
    desk.models.script = in_turn(ask("look_up", order=1), "Done.")
    session_id = await desk.start()
    await gate.reached.wait()
    await desk.runtime.stops.pull("agent", "Clerk", by="olga", because="It loops.")
    session = await desk.session(session_id)
    assert session.status is Status.PAUSED
    assert session.because.startswith("Emergency stop: olga stopped the agent Clerk") and "It loops." in session.because
    gate.opened.set()
    await desk.idle()
    assert len(desk.models.prompts) == 1
    await desk.runtime.stops.lift("agent", "Clerk", by="ada")
    assert (await desk.until(session_id, lambda one: one.result == "answered")).status is Status.COMPLETED
    assert len(desk.models.prompts) == 2


async def test_a_session_that_was_resumed_while_it_is_in_force_pauses_again(desk: Desk) -> None:
    gate = desk.bench.on["look_up"] = Gate()
    desk.models.script = in_turn(ask("look_up", order=1), "Done.")
    session_id = await desk.start()
    await gate.reached.wait()
    await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    gate.opened.set()
    await desk.idle()
    await desk.runtime.resume(session_id, by="olga", because="I insist.")
    await desk.idle()
    assert (await desk.session(session_id)).status is Status.PAUSED
    assert len(await desk.events(session_id, SessionPaused)) == 2
    assert len(desk.models.prompts) == 1


async def test_what_a_person_has_paused_stays_paused_when_it_is_lifted(desk: Desk) -> None:
    session = await desk.ask_model(REFUND, "Done.")
    await desk.runtime.pause(session.id, by="olga", because="Emergency stop: so I say.")
    await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    await desk.runtime.stops.lift("everything", None, by="ada")
    assert (await desk.session(session.id)).status is Status.PAUSED


async def test_no_session_of_a_stopped_agent_is_started(desk: Desk) -> None:
    await desk.runtime.stops.pull("agent", "Clerk", by="olga", because="It loops.")
    with pytest.raises(Halted, match="It loops."):
        await desk.start()
    await desk.runtime.stops.lift("agent", "Clerk", by="ada")
    await desk.rests(await desk.start())


async def test_it_survives_a_restart(desk: Desk) -> None:
    await desk.runtime.stops.pull("agent", "Clerk", by="olga", because="It loops.")
    stored = await desk.runtime.configuration.get("settings", "desk")
    assert stored is not None and stored.by == "olga"
    assert stored.document["halts"][0]["because"] == "It loops."


async def test_pulling_and_lifting_stand_in_the_log_of_what_people_did(desk: Desk) -> None:
    await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    await desk.runtime.stops.lift("everything", None, by="ada")
    log = (await desk.queries.admin_log()).items
    entries = [(one["by"], one["action"], one["subject"], one["detail"]) for one in log]
    assert ("olga", "emergency stop pulled", "everything", "Smoke.") in entries
    assert ("ada", "emergency stop lifted", "everything", "Smoke.") in entries


@pytest.mark.parametrize(
    ("what", "name", "because", "words"),
    [
        ("agent", "Nobody", "x", "no agent"),
        ("connector", "none", "x", "no connector"),
        ("tool", "bench", "x", "connector/tool"),
        ("planet", "x", "x", "cannot be stopped"),
        ("everything", None, "  ", "needs a reason"),
    ],
)
async def test_what_cannot_be_stopped_is_refused(
    desk: Desk, what: str, name: str | None, because: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        await desk.runtime.stops.pull(what, name, by="olga", because=because)
    assert desk.runtime.world.halts() == ()


async def test_lifting_what_is_not_in_force_says_so(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.runtime.stops.lift("everything", None, by="ada")


async def replacing_the_configuration_lifts_nothing_silently(desk: Desk) -> None:
    await desk.runtime.stops.pull("everything", None, by="olga", because="Smoke.")
    with pytest.raises(BadRequest) as refused:
        await desk.configure(configuration() | {"settings": []})
    assert "everything is stopped; lift that in Settings first" in refused.value.problems[0]
    with pytest.raises(BadRequest):
        await desk.configure(configuration() | {"settings": [{"name": "desk", "halts": []}]})
    await desk.configure(configuration(description="Another."))
    assert [one.what for one in desk.runtime.world.halts()] == ["everything"]


async def test_replacing_the_configuration_lifts_nothing_silently(desk: Desk) -> None:
    await replacing_the_configuration_lifts_nothing_silently(desk)
