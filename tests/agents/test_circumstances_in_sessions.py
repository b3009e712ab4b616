"""Rules about who calls, when, and what the session has cost, asked when a call is proposed and when it starts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from store.events import CallState
from tests.fakes.bench import ask
from tests.fakes.desk import POLICY, Desk, configuration, open_desk, the_waiting

pytestmark = pytest.mark.asyncio
SMALL = ask("refund", order=1, amount=20)
MORNING, NIGHT = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 23))


def only_if(release: str, **when: Any) -> dict[str, Any]:
    return {"when": {"tool": "refund", **when}, "release": release, "because": "So it was agreed."}


def keep_time(desk: Desk, now: datetime) -> None:
    """For the rules alone: nothing else of the desk looks at this clock."""
    desk.runtime.world.now = lambda: now


async def what_becomes_of_a_small_refund(desk: Desk, *rules: dict[str, Any]) -> CallState:
    await desk.change_policy(*rules)
    session = await desk.ask_model(SMALL, "Done.")
    (call,) = (*session.calls, *session.done)
    return call.state


async def test_a_rule_about_one_agent_holds_for_that_agent_alone(desk: Desk) -> None:
    assert await what_becomes_of_a_small_refund(desk, only_if("deny", agent="Night *")) is CallState.SUCCEEDED
    assert await what_becomes_of_a_small_refund(desk, only_if("deny", agent="Cl*")) is CallState.DENIED


async def test_a_rule_about_the_night_asks_at_night_and_not_by_day(desk: Desk) -> None:
    at_night = only_if("ask", hours={"start": "22:00", "end": "06:00"})
    keep_time(desk, MORNING)
    assert await what_becomes_of_a_small_refund(desk, at_night) is CallState.SUCCEEDED
    keep_time(desk, NIGHT)
    assert await what_becomes_of_a_small_refund(desk, at_night) is CallState.HELD


async def test_the_hour_of_the_reply_counts_and_not_that_of_the_question(desk: Desk) -> None:
    await desk.change_policy(only_if("deny", hours={"start": "22:00", "end": "06:00"}))
    keep_time(desk, MORNING)

    async def until_night() -> object:
        keep_time(desk, NIGHT)
        return SMALL

    desk.models.script = lambda messages: until_night() if len(messages) == 2 else "Done."
    session = await desk.rests(await desk.start())
    assert [one.state for one in session.done] == [CallState.DENIED]


async def test_what_was_allowed_by_day_and_starts_at_night_is_asked_about(desk: Desk) -> None:
    await desk.change_policy(only_if("ask", hours={"start": "22:00", "end": "06:00"}))
    keep_time(desk, MORNING)

    async def pauses() -> object:
        await desk.runtime.pause(session_id, by="olga", because="A moment.")
        return SMALL

    desk.models.script = lambda messages: pauses() if len(messages) == 2 else "Done."
    session_id = await desk.start()
    await desk.until(session_id, lambda s: bool(s.calls))
    keep_time(desk, NIGHT)
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    session = await desk.rests(session_id)
    assert desk.bench.ledger == []
    assert the_waiting(session).required == 1


@pytest.mark.parametrize(("cost_usd", "state"), [(0.01, "succeeded"), (0.05, "held"), (None, "held")])
async def test_the_reply_that_calls_is_counted_and_an_unknown_price_is_too_much(
    desk: Desk, cost_usd: float | None, state: str
) -> None:
    desk.models.cost_usd = cost_usd  # type: ignore[assignment]
    rule = only_if("ask", session_cost_over_usd=0.04)
    assert await what_becomes_of_a_small_refund(desk, rule) == state


async def test_an_unknown_price_allows_nothing(desk: Desk) -> None:
    desk.models.cost_usd = None  # type: ignore[assignment]
    await desk.configure(configuration() | {"policies": [POLICY | {"rules": []}]})
    await desk.change_policy(only_if("allow", session_cost_over_usd=0), keep=False)
    session = await desk.ask_model(SMALL, "Done.")
    assert [call.state for call in session.calls] == [CallState.HELD]


async def test_where_an_agent_wants_two_people_two_are_asked(tmp_path: Path) -> None:
    async with open_desk(tmp_path, configuration(approval={"people": 2})) as desk:
        session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
        request = the_waiting(session)
        assert (request.required, request.approver) == (2, "not_requester")
