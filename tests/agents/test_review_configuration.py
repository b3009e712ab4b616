"""What a change of the configuration does to sessions that are under way."""

from typing import Any

import pytest

from store.events import Status
from tests.fakes.bench import ask
from tests.fakes.desk import TOOLSET, Desk, configuration, the_waiting

pytestmark = pytest.mark.asyncio


async def test_a_deleted_toolset_pauses_the_session_with_the_reason(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    await desk.configure(
        configuration(toolset="other-tools") | {"toolsets": [TOOLSET | {"name": "other-tools"}]},
    )
    await desk.decide(the_waiting(session))
    session = await desk.until(session.id, lambda s: s.status is Status.PAUSED)
    assert "The toolset 'bench-tools' does not exist any more" in session.because
    assert desk.bench.ledger == []
    await desk.configure(configuration())
    await desk.runtime.resume(session.id, by="olga", because="It is back.")
    session = await desk.until(session.id, lambda s: s.result is not None)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


async def test_a_tool_whose_risk_was_raised_is_asked_about_in_sessions_under_way(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), ask("look_up", order=1), "Done.")
    tools = [one | {"risk": "destructive"} if one["tool"] == "look_up" else one for one in TOOLSET["tools"]]
    await desk.configure(configuration() | {"toolsets": [TOOLSET | {"tools": tools}]})
    await desk.decide(the_waiting(session))
    session = await desk.until(session.id, lambda s: s.step == 2 and s.status is Status.WAITING_APPROVAL)
    assert desk.bench.ran("look_up") == []


async def test_a_tool_that_was_taken_out_does_not_run_in_sessions_under_way(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    tools = [one for one in TOOLSET["tools"] if one["tool"] != "refund"]
    await desk.configure(configuration() | {"toolsets": [TOOLSET | {"tools": tools}]})
    await desk.decide(the_waiting(session))
    await desk.until(session.id, lambda s: s.result is not None)
    assert desk.bench.ledger == []


@pytest.mark.parametrize(("entry", "seconds"), [({}, 7), ({"timeout_seconds": 3}, 3)])
async def test_a_call_may_take_as_long_as_its_connector_allows(
    desk: Desk, entry: dict[str, Any], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = configuration()
    tools = [one | entry for one in TOOLSET["tools"]]
    connectors = [one | {"timeout_seconds": 7} for one in document["connectors"]]
    await desk.configure(document | {"connectors": connectors, "toolsets": [TOOLSET | {"tools": tools}]})
    given: list[float] = []
    call = desk.bench.call

    async def timed(tool: str, arguments_json: str, timeout_seconds: float) -> Any:
        given.append(timeout_seconds)
        return await call(tool, arguments_json, timeout_seconds)

    monkeypatch.setattr(desk.bench, "call", timed)
    await desk.ask_model(ask("look_up", order=1), "Done.")
    assert given == [seconds]


async def test_one_watcher_that_fails_keeps_nothing_from_the_others(desk: Desk) -> None:
    """Pages come and go; a defect in one must not cost another its news, nor the clock its timers."""
    heard: list[str] = []

    def broken(*_: Any) -> None:
        raise RuntimeError("a page that is gone")

    leave = desk.runtime.hub.watch_all(broken)
    desk.runtime.hub.watch_all(lambda id_, _: heard.append(id_))
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    leave()
    assert set(heard) == {session.id}
    assert desk.runtime.clock._next == the_waiting(session).expires_at
