"""Invariant 11, at the runtime: whoever may only look decides nothing. (Pages and API have their own tests of this.)"""

from typing import Any

import pytest

from agents.errors import NotAllowed
from agents.tools.errors import ToolFailure
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, person, the_waiting

pytestmark = pytest.mark.asyncio


def _dies(_: object) -> str:
    raise ToolFailure("The line went dead.", "unknown")


async def a_viewer_decides_nothing(desk: Desk) -> None:
    session = await desk.ask_model(ask("refund", order=1, amount=60), "Done.")
    before = await desk.events(session.id)
    more: dict[Any, Any] = {"edit": {"new_arguments": '{"order": 1, "amount": 70}'}, "respond": {"because": "No."}}
    for decision in ("approve", "edit", "reject", "respond"):
        for role in ("viewer", "", "Operator", "nobody"):
            with pytest.raises(NotAllowed):
                settings = more.get(decision, {})
                await desk.decide(the_waiting(session), decision, person("vera", role), **settings)  # type: ignore[arg-type]
    assert await desk.events(session.id) == before


async def a_viewer_settles_nothing(desk: Desk) -> None:
    desk.bench.on["refund"] = _dies
    session = await desk.ask_model(ask("refund", order=1, amount=20), "Done.")
    for decision in ("happened", "not_happened", "run_again"):
        with pytest.raises(NotAllowed):
            await desk.decide(the_waiting(session), decision, person("vera", "viewer"))  # type: ignore[arg-type]


async def test_a_viewer_decides_nothing(desk: Desk) -> None:
    await a_viewer_decides_nothing(desk)


async def test_a_viewer_settles_nothing(desk: Desk) -> None:
    await a_viewer_settles_nothing(desk)
