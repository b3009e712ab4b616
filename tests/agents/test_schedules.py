"""Schedules that run: one tick is one run, across restarts, crashes, daylight saving and clocks that are set."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.errors import BadRequest, NotAllowed
from agents.scheduling.runner import session_of
from store.configuration import Change
from store.events import MessageReceived, SessionStarted
from store.schedule_runs import CLOCK, Run
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import POLICY, Clock, Desk, configuration, crash_image, open_desk, person, the_waiting

pytestmark = pytest.mark.asyncio
NIGHTLY = {
    "name": "Nightly",
    "agent": "Clerk",
    "message": "It is {weekday}, {date}, {time}.",
    "cron": "30 2 * * *",
    "timezone": "Europe/Berlin",
}


@dataclass
class At(Clock):
    """A clock that stands still until it is set."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 28, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at + self.ahead

    def set(self, *when: int) -> None:
        self.at, self.ahead = datetime(*when, tzinfo=UTC), timedelta(0)  # type: ignore[misc,arg-type]


def scheduled(**changes: Any) -> dict[str, Any]:
    return configuration() | {"schedules": [NIGHTLY | changes]}


async def tick(desk: Desk) -> None:
    await desk.runtime.clock.tick()
    await desk.idle()


async def history(desk: Desk, name: str = "Nightly") -> list[Run]:
    return await desk.runtime.runs.history(name)


async def sessions(desk: Desk) -> list[dict[str, Any]]:
    return (await desk.queries.sessions(limit=1000)).items


async def runs_until(folder: Path, clock: At, *moments: tuple[int, ...], **changes: Any) -> list[Run]:
    """What the history holds when the clock rang at each of these moments."""
    async with open_desk(folder, scheduled(**changes), clock=clock) as desk:
        for moment in moments:
            clock.set(*moment)
            await tick(desk)
        found = await history(desk)
        assert len(await sessions(desk)) == sum(one.outcome == "started" for one in found)
        return found


async def test_a_tick_starts_a_session_by_the_schedule_with_its_message(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        await tick(desk)
        assert await history(desk) == []
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        (run,) = await history(desk)
        assert (run.outcome, run.by, run.because) == ("started", CLOCK, "")
        assert run.session_id == session_of("Nightly", run.tick_at)
        started, received = (await desk.events(run.session_id or "", SessionStarted, MessageReceived))[:2]
        assert started.by == received.by == "schedule:Nightly"
        said = await desk.text(run.session_id or "", received.text)
        assert said == "It is Sunday, 2026-03-29, 03:00."


async def test_the_night_without_half_past_two_has_one_run(tmp_path: Path) -> None:
    moments = [(2026, 3, 29, 0, 59), (2026, 3, 29, 1, 0), (2026, 3, 29, 1, 30), (2026, 3, 30, 0, 29)]
    found = await runs_until(tmp_path, At(), *moments)
    assert [one.tick_at for one in found] == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


async def test_the_night_with_two_half_past_two_has_one_run(tmp_path: Path) -> None:
    clock = At()
    clock.set(2026, 10, 24, 12)
    moments = [(2026, 10, 25, 0, 30), (2026, 10, 25, 1, 30), (2026, 10, 25, 2, 30)]
    found = await runs_until(tmp_path, clock, *moments)
    assert [one.tick_at for one in found] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


async def test_a_clock_that_is_set_back_runs_nothing_twice(tmp_path: Path) -> None:
    moments = [(2026, 3, 29, 1, 0), (2026, 3, 29, 0, 30), (2026, 3, 29, 1, 0), (2026, 3, 29, 1, 0, 30)]
    assert len(await runs_until(tmp_path, At(), *moments)) == 1


async def test_a_clock_that_was_a_year_ahead_for_a_moment_silences_nothing(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        clock.set(2027, 3, 29, 1, 0, 0)
        await tick(desk)
        clock.set(2026, 3, 28, 12)
        assert await desk.runtime.schedules.next_due() == datetime(2026, 3, 29, 1, tzinfo=UTC)
        for day in (29, 30):
            clock.set(2026, 3, day, 1, 0, 5)
            await tick(desk)
        assert {(one.tick_at.month, one.tick_at.day) for one in await history(desk) if one.tick_at.year == 2026} == {
            (3, 29),
            (3, 30),
        }


@pytest.mark.parametrize("why", ["budget", "deleted"])
async def test_a_run_that_began_before_a_crash_is_told_as_begun_whatever_holds_it_back_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    async def never(*_: Any) -> None: ...

    async def spent(_: str) -> str:
        return "The budget of the day is spent."

    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        with monkeypatch.context() as crash:
            crash.setattr(desk.runtime.runs, "finish", never)
            clock.set(2026, 3, 29, 1, 0, 1)
            await tick(desk)
        if why == "budget":
            monkeypatch.setattr(desk.runtime.schedules, "_held", spent)
        else:
            await desk.runtime.administration.delete("schedule", "Nightly", by="ada")
        await tick(desk)
        assert [run.outcome for run in await history(desk)] == ["started"]
        assert len(await sessions(desk)) == 1


async def test_one_schedule_that_cannot_run_keeps_no_other_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = At()
    both = configuration() | {"schedules": [NIGHTLY, NIGHTLY | {"name": "Other"}]}
    async with open_desk(tmp_path, both, clock=clock) as desk:
        start = desk.runtime.schedules._start

        async def breaks(agent: str, message: str, **words: Any) -> object:
            if words["by"] == "schedule:Nightly":
                raise RuntimeError("It breaks.")
            return await start(agent, message, **words)

        monkeypatch.setattr(desk.runtime.schedules, "_start", breaks)
        for day in (29, 30):
            clock.set(2026, 3, day, 1, 0, 1)
            await tick(desk)
        assert [run.outcome for run in await history(desk, "Other")] == ["started", "started"]


async def test_a_message_that_was_saved_before_anybody_checked_it_is_refused_in_words(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        old = NIGHTLY | {"message": "A report on {customer}"}
        await desk.runtime.configuration.change([Change(kind="schedule", name="Nightly", document=old)], by="ada")
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        (run,) = await history(desk)
        assert (run.outcome, "as it is written" in run.because) == ("refused", True)


async def test_a_clock_that_is_set_forward_counts_what_it_jumped_over_as_missed(tmp_path: Path) -> None:
    found = await runs_until(tmp_path, At(), (2026, 4, 2, 12))
    assert [one.outcome for one in found] == ["started", "skipped", "skipped", "skipped", "skipped"]
    assert found[0].because == "One run for 5 that were missed."


async def test_missed_runs_can_be_left_out(tmp_path: Path) -> None:
    found = await runs_until(tmp_path, At(), (2026, 4, 2, 12), missed="skip")
    assert {one.outcome for one in found} == {"skipped"}
    assert "left out" in found[0].because


async def test_a_restart_in_the_middle_runs_no_tick_again_and_makes_up_for_what_was_missed(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        clock.set(2026, 3, 29, 1, 0, 5)
        await tick(desk)
    clock.set(2026, 3, 29, 1, 0, 20)
    async with open_desk(tmp_path, clock=clock) as desk:
        await desk.idle()
        assert len(await history(desk)) == len(await sessions(desk)) == 1
    clock.set(2026, 3, 31, 9)
    async with open_desk(tmp_path, clock=clock) as desk:
        await desk.idle()
        outcomes = [one.outcome for one in await history(desk)]
        assert outcomes == ["started", "skipped", "started"]
        assert len(await sessions(desk)) == 2


@pytest.mark.parametrize("before_the_start", [True, False])
async def test_a_claim_whose_session_is_not_known_after_a_crash_is_finished_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before_the_start: bool
) -> None:
    clock = At()
    async with open_desk(tmp_path / "one", scheduled(), clock=clock) as desk:
        images: list[Path] = []
        schedules = desk.runtime.schedules
        start, finish = schedules._start, schedules.runs.finish

        async def dies_before(*args: Any, **more: Any) -> object:
            images.append(crash_image(desk, tmp_path / "two"))
            return await start(*args, **more)

        async def dies_after(*args: Any) -> None:
            images.append(crash_image(desk, tmp_path / "two"))
            await finish(*args)

        if before_the_start:
            monkeypatch.setattr(schedules, "_start", dies_before)
        else:
            monkeypatch.setattr(schedules.runs, "finish", dies_after)
        clock.set(2026, 3, 29, 1, 0, 5)
        await tick(desk)
    for _ in range(2):
        async with open_desk(images[0], clock=clock) as desk:
            await desk.idle()
            (run,) = await history(desk)
            assert run.outcome == "started"
            assert [one["id"] for one in await sessions(desk)] == [run.session_id]
            assert len(await desk.events(run.session_id or "", SessionStarted)) == 1


async def test_two_wake_ups_at_once_run_a_tick_once(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        clock.set(2026, 3, 29, 1, 0, 5)
        ring = desk.runtime.schedules.ring
        await asyncio.gather(ring(), ring(), ring())
        assert len(await history(desk)) == len(await sessions(desk)) == 1


async def test_a_paused_schedule_runs_nothing_and_makes_up_for_nothing_when_it_goes_on(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(enabled=False), clock=clock) as desk:
        clock.set(2026, 3, 31, 12)
        await tick(desk)
        await desk.runtime.administration.save("schedule", NIGHTLY | {"enabled": True}, by="ada")
        await tick(desk)
        assert await history(desk) == []
        clock.set(2026, 4, 1, 0, 30)
        await tick(desk)
        assert [one.outcome for one in await history(desk)] == ["started"]


async def test_a_run_by_hand_is_one_of_its_own_and_the_clock_still_runs_its_tick(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        clock.set(2026, 3, 29, 1, 0, 1)
        run = await desk.runtime.schedules.run_now("Nightly", by="olga")
        assert (run.outcome, run.by, run.because) == ("started", "olga", "olga started it by hand.")
        await tick(desk)
        assert [one.by for one in await history(desk)] == ["olga", CLOCK]
        assert len(await sessions(desk)) == 2


async def test_what_cannot_be_started_is_refused_with_the_reason(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, scheduled(), clock=clock) as desk:
        await desk.runtime.stops.pull("agent", "Clerk", by="olga", because="It writes nonsense.")
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        (run,) = await history(desk)
        assert run.outcome == "refused"
        assert "olga stopped the agent Clerk" in run.because and "It writes nonsense." in run.because
        assert await sessions(desk) == []


async def test_over_budget_nothing_is_started_by_the_clock(tmp_path: Path) -> None:
    clock = At()
    document = scheduled() | {"settings": [{"name": "desk", "agent_budgets_usd": {"Clerk": 0.01}}]}
    async with open_desk(tmp_path, document, clock=clock) as desk:
        clock.set(2026, 3, 29, 0, 30)
        await desk.rests(await desk.start())
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        (run,) = await history(desk)
        assert run.outcome == "refused" and run.because.startswith("Budget reached: Clerk has spent $0.01 of $0.01")


async def test_an_agent_that_needs_inputs_refuses_a_schedule(tmp_path: Path) -> None:
    clock = At()
    inputs = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
    document = configuration(inputs=inputs) | {"schedules": [NIGHTLY]}
    async with open_desk(tmp_path, document, clock=clock) as desk:
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        (run,) = await history(desk)
        assert (run.outcome, run.because) == ("refused", "The inputs do not fit what the agent needs.")


async def test_any_person_but_nobody_less_may_decide_what_a_schedule_asked_for(tmp_path: Path) -> None:
    clock = At()
    rules = [rule | {"approver": "not_requester"} for rule in POLICY["rules"]]
    document = scheduled() | {"policies": [{"name": "rules", "rules": rules}]}
    async with open_desk(tmp_path, document, clock=clock) as desk:
        desk.models.script = in_turn(ask("refund", order=1, amount=60), "Done.")
        clock.set(2026, 3, 29, 1, 0, 1)
        await tick(desk)
        session = await desk.rests((await history(desk))[0].session_id or "")
        with pytest.raises(NotAllowed):
            await desk.decide(the_waiting(session), by=person("schedule:Nightly"))
        await desk.decide(the_waiting(session), by=person("olga"))
        await desk.rests(session.id)
        assert desk.bench.ran("refund") == [{"order": 1, "amount": 60}]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cron": "0 0 30 2 *"}, "/schedules/0/cron: “0 0 30 2 *” never comes true"),
        ({"cron": "every day"}, "/schedules/0/cron: A cron line has five fields"),
        ({"timezone": "Europe/Atlantis"}, "/schedules/0/timezone: There is no time zone"),
        ({"message": "Dear {name}"}, "/schedules/0/message: “{name}” cannot be filled in"),
        ({"agent": "Nobody"}, "/schedules/0/agent: there is no agent 'Nobody'"),
    ],
)
async def test_a_schedule_that_cannot_work_is_not_saved(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.idle()
        with pytest.raises(BadRequest) as refused:
            await desk.runtime.administration.save("schedule", NIGHTLY | changes, by="ada")
        assert refused.value.problems[0].startswith(problem)
        assert desk.runtime.administration.documents("schedule") == {}


async def test_the_clock_wakes_for_a_schedule_as_soon_as_it_is_saved(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, clock=clock) as desk:
        await desk.idle()
        assert desk.runtime.clock._next is None
        await desk.runtime.administration.save("schedule", NIGHTLY, by="ada")
        await desk.idle()
        assert desk.runtime.clock._next == datetime(2026, 3, 29, 1, tzinfo=UTC)
