"""Who counts as the person who made a request, when several wrote before it."""

import asyncio
from typing import Any

import pytest

from agents.errors import NotAllowed
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import Desk, person, the_waiting

pytestmark = pytest.mark.asyncio


async def asked_by_two(desk: Desk) -> Any:
    """Rita asks for a refund that two others have to approve; Olga writes into the same turn before it is asked."""
    go, reached = asyncio.Event(), asyncio.Event()
    script = in_turn(ask("refund", order=1, amount=600), "Done.")

    async def waiting(messages: list[dict[str, Any]]) -> Any:
        reached.set()
        await go.wait()
        return script(messages)

    desk.models.script = waiting
    session_id = await desk.start(by="rita")
    await reached.wait()
    await desk.runtime.send(session_id, "Please be quick.", by="olga")
    go.set()
    return the_waiting(await desk.rests(session_id))


@pytest.mark.parametrize("name", ["rita", "olga"])
async def test_nobody_who_wrote_in_the_turn_is_one_of_the_two_others(desk: Desk, name: str) -> None:
    approval = await asked_by_two(desk)
    with pytest.raises(NotAllowed):
        await desk.decide(approval, by=person(name))
    await desk.decide(approval, by=person("mira"))


async def test_whoever_only_asks_while_it_waits_may_still_decide(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=600), "Done.", by="rita")
    await desk.runtime.send(session.id, "Why so much?", by="olga")
    await desk.decide(the_waiting(session), by=person("olga"))


async def test_an_edit_does_not_make_somebody_else_the_requester(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=600), "Done.", by="rita")
    await desk.runtime.send(session.id, "Why so much?", by="olga")
    await desk.edit(the_waiting(session), by=person("mira"), order=1, amount=550)
    renewed = the_waiting(await desk.session(session.id))
    with pytest.raises(NotAllowed):
        await desk.decide(renewed, by=person("rita"))
    (shown,) = await desk.pending()
    assert shown["requested_by"] == "rita"
    await desk.decide(renewed, by=person("olga"))
