"""Invariant 1, of a word given in advance: the start names it and its version, and it counts only while it stands."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.config import StandingApproval
from agents.errors import BadRequest
from store.configuration import Change
from store.events import CallState, Release, ToolStarted
from tests.fakes.bench import TOOLS, ask, tool
from tests.fakes.desk import Desk, configuration, open_desk, the_waiting, waiting

pytestmark = pytest.mark.asyncio
USUAL = {
    "name": "usual",
    "connector": "bench",
    "tool": "refund",
    "arguments": [{"path": "/amount", "op": "le", "value": 700}],
    "because": "Agreed with the shop.",
}


async def what_stands_releases_only_what_is_asked_and_is_named(desk: Desk) -> None:
    await desk.runtime.administration.save("standing_approval", USUAL, by="ada")
    session = await desk.ask_model((ask("refund", order=1, amount=60), ask("refund", order=2, amount=600)), "Done.")
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]
    (start,) = await desk.events(session.id, ToolStarted)
    assert start.approval_id is None
    assert (start.rule.policy, start.rule.standing, start.rule.standing_version) == ("rules", "usual", 1)
    assert the_waiting(session).required == 2


async def once_revoked_it_releases_nothing_more(desk: Desk) -> None:
    """Revoked while the model wrote: what was in force when it was asked does not count."""
    await desk.runtime.administration.save("standing_approval", USUAL, by="ada")

    async def revokes() -> object:
        await desk.runtime.administration.delete("standing_approval", "usual", by="ada")
        return ask("refund", order=1, amount=60)

    desk.models.script = lambda messages: revokes() if len(messages) == 2 else "Done."
    session = await desk.rests(await desk.start())
    assert desk.bench.ledger == []
    assert [call.state for call in session.calls] == [CallState.HELD]


async def released_and_not_started(desk: Desk) -> str:
    """A call that a standing approval released while the session was paused."""
    await desk.runtime.administration.save("standing_approval", USUAL | {"expires_at": in_an_hour(desk)}, by="ada")

    async def pauses() -> object:
        await desk.runtime.pause(session_id, by="olga", because="A moment.")
        return ask("refund", order=1, amount=60)

    desk.models.script = lambda messages: pauses() if len(messages) == 2 else "Done."
    session_id = await desk.start()
    session = await desk.until(session_id, lambda s: bool(s.calls))
    assert [call.state for call in session.calls] == [CallState.ALLOWED]
    return session_id


async def revoked_before_the_start_it_does_not_start(desk: Desk) -> None:
    session_id = await released_and_not_started(desk)
    await desk.runtime.administration.delete("standing_approval", "usual", by="ada")
    await it_is_asked_about_instead(desk, session_id)


async def expired_before_the_start_it_does_not_start(desk: Desk) -> None:
    session_id = await released_and_not_started(desk)
    desk.clock.passes(3_601)
    await it_is_asked_about_instead(desk, session_id)


async def it_is_asked_about_instead(desk: Desk, session_id: str) -> None:
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    session = await desk.rests(session_id)
    assert desk.bench.ledger == []
    assert the_waiting(session).required == 1
    await desk.decide(the_waiting(session))
    await desk.rests(session_id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


def in_an_hour(desk: Desk) -> str:
    return (desk.clock() + timedelta(seconds=3_600)).isoformat()


async def test_what_stands_releases_only_what_is_asked_and_is_named(desk: Desk) -> None:
    await what_stands_releases_only_what_is_asked_and_is_named(desk)


async def test_once_revoked_it_releases_nothing_more(desk: Desk) -> None:
    await once_revoked_it_releases_nothing_more(desk)


async def test_revoked_before_the_start_it_does_not_start(desk: Desk) -> None:
    await revoked_before_the_start_it_does_not_start(desk)


async def test_expired_before_the_start_it_does_not_start(desk: Desk) -> None:
    await expired_before_the_start_it_does_not_start(desk)


async def test_while_it_stands_what_was_released_starts_after_the_pause(desk: Desk) -> None:
    session_id = await released_and_not_started(desk)
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    await desk.rests(session_id)
    assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


async def test_without_the_look_at_the_clock_an_expired_one_releases(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(desk.runtime.world, "now", lambda: long_ago)
    with pytest.raises(AssertionError):
        await expired_before_the_start_it_does_not_start(desk)


async def test_without_the_look_at_what_stands_now_a_revoked_one_releases(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = {"usual": (1, StandingApproval.model_validate(USUAL))}
    monkeypatch.setattr("agents.world.World.standing_now", lambda _: remembered)
    with pytest.raises(AssertionError):
        await once_revoked_it_releases_nothing_more(desk)
    desk.bench.ledger.clear()
    with pytest.raises(AssertionError):
        await revoked_before_the_start_it_does_not_start(desk)


async def test_without_the_limit_to_ask_two_people_would_be_passed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.standing.RELEASABLE", tuple(Release))
    monkeypatch.setattr("agents.standing.OTHERS", "nobody")
    with pytest.raises(AssertionError):
        await what_stands_releases_only_what_is_asked_and_is_named(desk)


async def test_an_agent_for_two_people_asks_two_and_nothing_stands_in_for_them(tmp_path: object) -> None:
    async with open_desk(tmp_path, configuration(approval={"people": 2})) as desk:  # type: ignore[arg-type]
        await desk.runtime.administration.save("standing_approval", USUAL, by="ada")
        session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
        assert [one.required for one in waiting(session)] == [2]
        assert desk.bench.ledger == []


async def the_word_of_who_asks_does_not_stand_in_for_another(desk: Desk) -> None:
    four_eyes = {"when": {"tool": "refund"}, "release": "ask", "approver": "not_requester", "because": "Four eyes."}
    await desk.change_policy(four_eyes)
    await desk.runtime.administration.save("standing_approval", USUAL, by="rita")
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    assert desk.bench.ledger == []
    assert len(waiting(session)) == 1


async def test_the_word_of_who_asks_does_not_stand_in_for_another(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await the_word_of_who_asks_does_not_stand_in_for_another(desk)
    monkeypatch.setattr("agents.standing.OTHERS", "nobody")
    with pytest.raises(AssertionError):
        await the_word_of_who_asks_does_not_stand_in_for_another(desk)


async def test_a_word_given_for_one_definition_does_not_hold_for_the_next(desk: Desk) -> None:
    given = USUAL | {"definition_hash": TOOLS[1].hash}
    await desk.runtime.administration.save("standing_approval", given, by="ada")
    await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    assert len(desk.bench.ledger) == 1
    words = {"order": {"type": "integer"}, "amount": {"type": "number"}, "iban": {"type": "string"}}
    changed = tool("refund", "Pays to any account", **words)
    desk.registry.redefine(TOOLS[0], changed, *TOOLS[2:])
    await desk.idle()
    await desk.runtime.administration.accept("bench", "refund", changed.hash, by="bob")
    session = await desk.ask_model(ask("refund", order=1, amount=60, iban="XX00"), "Done.")
    assert len(desk.bench.ledger) == 1
    assert len(waiting(session)) == 1


async def test_a_word_is_taken_back_whatever_is_wrong_with_the_rest(desk: Desk) -> None:
    """A toolset as it could be saved before there was a most to it."""
    administration = desk.runtime.administration
    await administration.save("standing_approval", USUAL, by="ada")
    big = {"name": "old", "tools": [{"connector": "bench", "tool": f"t{n}"} for n in range(31)]}
    await desk.runtime.configuration.change([Change(kind="toolset", name="old", document=big)], by="ada")
    await administration.load()
    await administration.save("settings", {"name": "desk", "budget_usd_per_day": 1.0}, by="ada")
    await administration.delete("standing_approval", "usual", by="ada")
    assert "usual" not in administration.documents("standing_approval")
    with pytest.raises(BadRequest, match="mistakes"):
        await administration.save("toolset", big | {"limit": 40}, by="ada")
    with pytest.raises(BadRequest, match="mistakes"):
        await administration.delete("connector", "bench", by="ada")
