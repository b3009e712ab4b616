"""Invariant 7: at every commit the inbox holds exactly what a person still has to say, whatever happened before."""

import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agents.decide import Busy, Wait, next_move
from agents.errors import AgentsError
from agents.folded import MOVING_CALLS, Session
from agents.forms import Question, form_of
from agents.tools.errors import InputNeeded, ToolFailure
from store.database import run
from store.events import Status
from tests.fakes.bench import TOOLS, Bench, ask, tool
from tests.fakes.desk import Clock, Desk, configuration, crash_image, open_desk, person, waiting

pytestmark = pytest.mark.asyncio
CALLS = (
    lambda chance: ask("look_up", order=chance.randint(1, 9)),
    lambda chance: ask("refund", order=chance.randint(1, 9), amount=20),
    lambda chance: ask("refund", order=chance.randint(1, 9), amount=60),
    lambda chance: ask("refund", order=chance.randint(1, 9), amount=600),
    lambda chance: ask("refund", order=chance.randint(1, 9), amount=6000),
    lambda chance: ask("wipe", customer=f"C-{chance.randint(1, 9)}"),
    lambda chance: ask("mystery", thing="box"),
    lambda chance: ask("no_such_tool"),
    lambda chance: ask("refund", order="none"),
)
FORM = form_of((Question(key="q", message="Which floor?", fields={"type": "object", "properties": {}}),))
DRIFTED = (*TOOLS[:2], tool("wipe", "Changed.", customer={"type": "string"}), TOOLS[3])


class Walk:
    """A seeded random walk over everything people, tools, models and time can do."""

    def __init__(self, desk: Desk, chance: random.Random, sessions: list[str]) -> None:
        self.desk = desk
        self.chance = chance
        self.sessions = sessions
        desk.models.script = self._say
        desk.bench.on = {"refund": self._refund}

    def _say(self, messages: list[dict[str, Any]]) -> Any:
        if self.chance.random() < 0.4:
            return "Done."
        return [self.chance.choice(CALLS)(self.chance) for _ in range(self.chance.randint(1, 3))]

    def _refund(self, _: dict[str, Any]) -> str:
        match self.chance.randint(1, 6):
            case 1:
                raise ToolFailure("The line went dead.", "unknown")
            case 2:
                raise ToolFailure("It was not there.", "not_sent")
            case 3 | 4:
                raise InputNeeded(FORM, "state")
        return "refunded"

    async def step(self) -> None:
        kinds: list[Callable[[], Awaitable[Any]]] = [self.begin, self.lives, self.passes, self.drifts, self.policy]
        try:
            await self.chance.choices([self.decides, *kinds], [10, 3, 3, 1, 1, 1])[0]()
        except AgentsError:
            pass  # refused, as people are now and then

    async def begin(self) -> None:
        self.sessions.append(await self.desk.start())

    async def lives(self) -> None:
        if not self.sessions:
            return
        session_id, runtime = self.chance.choice(self.sessions), self.desk.runtime
        match self.chance.choice(["send", "send", "pause", "resume", "resume", "stop"]):
            case "send":
                await runtime.send(session_id, "And another thing.", by="rita")
            case act:
                await getattr(runtime, act)(session_id, by="olga", because="Because.")

    async def decides(self) -> None:
        for session_id in self.sessions:
            for approval in waiting(await self.desk.session(session_id)):
                words = ["approve", "approve", "edit", "reject", "respond"]
                if approval.kind == "unknown_outcome":
                    words = ["happened", "not_happened", "run_again"]
                if approval.kind == "input":
                    words = ["answer", "answer", "decline"]
                word: Any = self.chance.choice(words)
                more: dict[str, Any] = {"because": "So."}
                if word == "edit":
                    more["new_arguments"] = json.dumps({"order": 1, "amount": self.chance.choice([30, 70, 700, 7000])})
                by = person(self.chance.choice(["olga", "omar", "rita"]))
                await self.desk.decide(approval, word, by, **more)
                return

    async def passes(self) -> None:
        self.desk.clock.passes(self.chance.choice([60, 3_601, 86_401]))
        await self.desk.runtime.clock.tick()

    async def drifts(self) -> None:
        self.desk.registry.redefine(*self.chance.choice([TOOLS, DRIFTED]))

    async def policy(self) -> None:
        extra = [{"when": {"tool": "refund"}, "release": "ask", "because": "Not today."}]
        await self.desk.change_policy(*extra[: self.chance.randint(0, 1)])


async def agree(desk: Desk, sessions: list[str]) -> None:
    """The inbox, the rows of calls and the fold of the events say the same, looked at between two commits."""
    commits: list[str] = []
    leave = desk.runtime.log.subscribe(lambda id_, _: commits.append(id_))
    try:
        await _compare(desk, sessions)
    except AssertionError:
        if not commits:
            raise
        await agree(desk, sessions)  # something was recorded while we looked: look again
    finally:
        leave()


async def _compare(desk: Desk, sessions: list[str]) -> None:
    assert await desk.queries.inbox_matches_events() == []
    inbox = {item["id"] for item in await desk.pending()}
    folded = set()
    for session_id in sessions:
        session = await desk.session(session_id)
        folded |= {approval.id for approval in waiting(session)}
        rows = await _states(desk, session_id)
        assert {call.id: rows[call.id] for call in session.calls} == {call.id: call.state for call in session.calls}
        await _waits_truly(desk, session)
    assert inbox == folded


async def _states(desk: Desk, session_id: str) -> dict[str, str]:
    """Call states as the rows have them."""
    sql = "SELECT call_id, state FROM calls WHERE session_id = :id"
    return await desk.runtime.database.read(lambda c: dict(run(c, sql, {"id": session_id}).fetchall()))


async def _waits_truly(desk: Desk, session: Session) -> None:
    """`waiting_approval` means that nothing else in that session can move."""
    if session.status is not Status.WAITING_APPROVAL:
        return
    assert waiting(session)
    assert not [call for call in session.calls if call.state in MOVING_CALLS]
    agent = await desk.runtime.world.agent_of(session)
    assert isinstance(next_move(session, agent, Busy(), desk.clock()), Wait)


async def walk(folder: Path, seed: int, steps: int = 40) -> None:
    chance, sessions, clock = random.Random(seed), list[str](), Clock()
    async with open_desk(folder / "first", configuration(limits={"steps": 8, "tool_calls": 12}), clock=clock) as desk:
        going = Walk(desk, chance, sessions)
        for _ in range(steps):
            await going.step()
            if chance.random() < 0.7:
                await desk.idle()
                await agree(desk, sessions)
        await desk.idle()
        image = crash_image(desk, folder / "again")
    async with open_desk(image, clock=clock, bench=Bench()) as desk:
        await desk.idle()
        await agree(desk, sessions)


async def what_is_withdrawn_leaves_the_inbox(desk: Desk) -> None:
    session = await desk.ask_model((ask("refund", order=1, amount=60), ask("refund", order=2, amount=70)), "Done.")
    assert len(waiting(session)) == 2
    await agree(desk, [session.id])
    await desk.runtime.stop(session.id, by="olga", because="Enough.")
    await desk.idle()
    await agree(desk, [session.id])
    assert await desk.pending() == []


async def test_what_is_withdrawn_leaves_the_inbox(desk: Desk) -> None:
    await what_is_withdrawn_leaves_the_inbox(desk)


@pytest.mark.parametrize("seed", range(6))
async def test_after_anything_that_may_happen_the_inbox_is_right(tmp_path: Path, seed: int) -> None:
    await walk(tmp_path, seed)


async def test_a_released_call_that_has_to_be_asked_about_after_all_is_in_the_inbox(desk: Desk) -> None:
    async def pauses(_: Any) -> Any:
        (session_id,) = [item["id"] for item in (await desk.queries.sessions()).items]
        await desk.runtime.pause(session_id, by="olga", because="Wait.")
        return ask("refund", order=1, amount=20)

    desk.models.script = lambda messages: pauses(messages) if len(messages) == 2 else "Done."
    session_id = await desk.start()
    await desk.until(session_id, lambda s: bool(s.calls))
    await desk.change_policy({"when": {"tool": "refund"}, "release": "ask_two", "because": "Not today."})
    await desk.runtime.resume(session_id, by="olga", because="Go.")
    session = await desk.until(session_id, lambda s: bool(waiting(s)))
    assert waiting(session)[0].required == 2
    await agree(desk, [session_id])
    for name in ("olga", "omar"):
        await desk.decide(waiting(session)[0], by=person(name))
    await desk.until(session_id, lambda s: s.result == "answered")
    assert len(desk.bench.ledger) == 1
    await agree(desk, [session_id])
