"""Budgets per day: what is spent is counted, and at the whole of it sessions wait for a person or the next day."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents import budgets
from agents.budgets import Spending
from agents.config import Settings
from agents.schedule import RETRY_SECONDS
from store.day_costs import DayCosts
from store.errors import StoreUnavailable
from store.events import SessionResumed, Status
from tests.agents.test_schedules import At
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import Desk, configuration, open_desk


def limited(**settings: Any) -> dict[str, Any]:
    return configuration() | {"settings": [{"name": "desk", **settings}]}


@pytest.mark.parametrize(
    ("spent", "budget", "expected"),
    [
        (0.0, None, "none"),
        (9e9, None, "none"),
        (0.79, 1.0, "ok"),
        (0.8, 1.0, "warn"),
        (1.0, 1.0, "over"),
        (2.0, 1.0, "over"),
    ],
)
def test_a_budget_warns_at_its_share_and_is_over_at_the_whole(
    spent: float, budget: float | None, expected: str
) -> None:
    assert budgets.level(spent, budget, 0.8) == expected


def test_unknown_costs_are_said_and_never_counted_as_nothing() -> None:
    spending = Spending()
    spending.add("Clerk", 0.5)
    spending.add("Clerk", None)
    (desk, clerk) = budgets.standings(Settings(agent_budgets_usd={"Clerk": 1}), spending)
    assert (desk.spent_usd, desk.unknown, desk.level) == (0.5, 1, "none")
    assert budgets.sentence(desk) == "All agents together have spent $0.50 today, and 1 model call of unknown price."
    assert budgets.sentence(clerk) == (
        "Clerk has spent $0.50 of $1.00 today, and 1 model call of unknown price, which this budget cannot hold back."
    )


def test_a_budget_of_less_than_a_cent_is_not_said_to_be_nothing() -> None:
    spending = Spending()
    spending.add("Clerk", 0.0013)
    settings = Settings(budget_usd_per_day=0.001, agent_budgets_usd={"Clerk": 0.0001, "Other": 0.05})
    desk, clerk, other = budgets.standings(settings, spending)
    assert budgets.sentence(desk) == "All agents together have spent $0.0013 of $0.0010 today."
    assert budgets.sentence(clerk) == "Clerk has spent $0.00130 of $0.00010 today."
    assert budgets.sentence(other) == "Other has spent $0.00 of $0.05 today."


def test_a_day_begins_and_ends_by_the_clock_of_its_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins, ends = budgets.day_of(datetime(2026, 3, 29, 12, tzinfo=UTC), berlin)
    assert (begins, ends) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert (ends - begins).total_seconds() == 23 * 3600


async def two_steps(desk: Desk) -> str:
    desk.models.script = in_turn(ask("look_up", order=1), "Done.")
    return await desk.start()


@pytest.mark.parametrize("settings", [{"budget_usd_per_day": 0.01}, {"agent_budgets_usd": {"Clerk": 0.01}}])
async def test_at_the_whole_of_it_a_session_waits_with_the_reason_and_goes_on_when_it_is_raised(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    async with open_desk(tmp_path, limited(**settings)) as desk:
        session_id = await two_steps(desk)
        session = await desk.rests(session_id)
        assert session.status is Status.PAUSED
        assert session.because.startswith("Budget reached:") and "$0.01 of $0.01 today" in session.because
        assert [one.kind for one in desk.runtime.holds.notices()] == ["over"]
        raised = {"budget_usd_per_day": 5.0, "agent_budgets_usd": {}}
        await desk.runtime.administration.save("settings", {"name": "desk"} | raised, by="ada")
        session = await desk.until(session_id, lambda one: one.result == "answered")
        (resumed,) = await desk.events(session_id, SessionResumed)
        assert (resumed.by, resumed.because) == ("quarterdeck", "There is budget for it again.")
        assert desk.runtime.holds.notices() == ()


async def test_it_goes_on_when_the_day_ends(tmp_path: Path) -> None:
    clock = At()
    document = limited(budget_usd_per_day=0.01, timezone="America/New_York")
    async with open_desk(tmp_path, document, clock=clock) as desk:
        session_id = await two_steps(desk)
        await desk.rests(session_id)
        assert desk.runtime.clock._next == datetime(2026, 3, 29, 4, tzinfo=UTC)
        clock.set(2026, 3, 29, 3, 59)
        await desk.runtime.clock.tick()
        assert (await desk.session(session_id)).status is Status.PAUSED
        clock.set(2026, 3, 29, 4, 0)
        await desk.runtime.clock.tick()
        await desk.until(session_id, lambda one: one.result == "answered")


async def test_a_day_that_ended_while_nothing_ran_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(budget_usd_per_day=0.01), clock=clock) as desk:
        session_id = await two_steps(desk)
        await desk.rests(session_id)
    clock.set(2026, 3, 30, 8)
    async with open_desk(tmp_path, clock=clock) as desk:
        await desk.until(session_id, lambda one: one.result == "answered")


@pytest.fixture
def unreadable_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time somebody asks for the sessions that a budget has paused, the disk says no."""
    read, asked = DayCosts.paused_by, []

    async def paused_by(self: DayCosts, by: str, mark: str) -> list[tuple[str, str]]:
        if mark == budgets.MARK and not asked:
            asked.append(mark)
            raise StoreUnavailable("The disk is full.")
        return await read(self, by, mark)

    monkeypatch.setattr(DayCosts, "paused_by", paused_by)


async def test_what_could_not_go_on_as_the_day_ended_goes_on_when_the_disk_is_well_again(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(budget_usd_per_day=0.01), clock=clock) as desk:
        session_id = await two_steps(desk)
        await desk.rests(session_id)
        request.getfixturevalue("unreadable_once")
        await again(desk, session_id, 29)


async def test_what_could_not_go_on_at_a_start_goes_on_when_the_disk_is_well_again(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(budget_usd_per_day=0.01), clock=clock) as desk:
        session_id = await two_steps(desk)
        await desk.rests(session_id)
    request.getfixturevalue("unreadable_once")
    clock.set(2026, 3, 30)
    async with open_desk(tmp_path, clock=clock) as desk:
        await again(desk, session_id, 30)


async def again(desk: Desk, session_id: str, day: int) -> None:
    """The first try at this midnight fails, and is repeated a few seconds later."""
    assert isinstance(desk.clock, At)
    desk.clock.set(2026, 3, day)
    if desk.runtime.clock._next == desk.clock():
        await desk.runtime.clock.tick()
    assert (await desk.session(session_id)).status is Status.PAUSED
    assert desk.runtime.clock._next == datetime(2026, 3, day, 0, 0, RETRY_SECONDS, tzinfo=UTC)
    desk.clock.set(2026, 3, day, 0, 0, RETRY_SECONDS)
    await desk.runtime.clock.tick()
    await desk.until(session_id, lambda one: one.result == "answered")
    assert desk.runtime.clock._next == datetime(2026, 3, day + 1, tzinfo=UTC)


async def test_a_midnight_between_ringing_and_setting_the_next_alarm_is_not_missed(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(budget_usd_per_day=0.01), clock=clock) as desk:
        session_id = await two_steps(desk)
        await desk.rests(session_id)
        await desk.runtime.stops.ring()
        clock.set(2026, 3, 29)
        assert await desk.runtime.stops.next_due() == clock()
        await desk.runtime.clock.tick()
        await desk.until(session_id, lambda one: one.result == "answered")


async def test_what_is_spent_by_a_session_nobody_has_read_yet_counts_against_its_own_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(agent_budgets_usd={"Clerk": 0.02}), clock=clock) as desk:
        session_id = await desk.start()
        await desk.rests(session_id)
    clock.set(2026, 3, 29, 12)
    async with open_desk(tmp_path, clock=clock) as desk:  # it does not know whose the session of yesterday is
        read = desk.runtime.holds.costs.since

        async def since(moment: datetime) -> list[Any]:
            rows = await read(moment)
            if not desk.models.prompts:
                await desk.runtime.send(session_id, "And now?", by="rita")
                await desk.until(session_id, lambda one: one.turn == 2 and one.result == "answered")
            return rows

        monkeypatch.setattr(desk.runtime.holds.costs, "since", since)
        monkeypatch.setattr(desk.runtime.world, "held_back", None)  # asking it would wait for the reading
        clock.set(2026, 3, 30, 12)
        await desk.runtime.holds.fresh()
        _, clerk = await desk.runtime.holds.standings()
        assert round(clerk.spent_usd, 2) == 0.01


async def test_what_was_spent_today_is_known_after_a_restart_and_what_others_spent_does_not_count(
    tmp_path: Path,
) -> None:
    clock = At()
    document = limited(agent_budgets_usd={"Clerk": 0.02})
    document["agents"].append(document["agents"][0] | {"name": "Other"})
    async with open_desk(tmp_path, document, clock=clock) as desk:
        await desk.rests(await desk.start(agent="Other"))
        await desk.rests(await desk.start(agent="Other"))
        await desk.rests(await desk.start())
    async with open_desk(tmp_path, clock=clock) as desk:
        whole, clerk = await desk.runtime.holds.standings()
        assert (round(whole.spent_usd, 2), round(clerk.spent_usd, 2), clerk.level) == (0.03, 0.01, "ok")
        assert (await desk.rests(await desk.start())).status is Status.COMPLETED
        assert (await desk.rests(await desk.start())).status is Status.PAUSED
        assert (await desk.rests(await desk.start(agent="Other"))).status is Status.COMPLETED


@pytest.mark.parametrize(("spent", "expected"), [(0.0, "warn"), (1.0, "over")])
def test_a_call_of_unknown_price_is_enough_for_a_warning(spent: float, expected: str) -> None:
    assert budgets.level(spent, 1.0, 0.8, unknown=1) == expected
    assert budgets.level(spent, None, 0.8, unknown=1) == "none"


async def test_every_page_says_that_a_budget_cannot_hold_back_a_model_of_unknown_price(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(budget_usd_per_day=1)) as desk:
        told: list[str] = []
        desk.runtime.holds.subscribe(lambda: told.extend(one.words for one in desk.runtime.holds.notices()))
        desk.models.cost_usd = None  # type: ignore[assignment]
        assert (await desk.rests(await desk.start())).status is Status.COMPLETED
        (words,) = told
        assert words.endswith("and 1 model call of unknown price, which this budget cannot hold back.")


async def test_calls_of_unknown_cost_are_counted_apart(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(budget_usd_per_day=1)) as desk:
        desk.models.cost_usd = None  # type: ignore[assignment]
        await desk.rests(await desk.start())
        (whole,) = await desk.runtime.holds.standings()
        assert (whole.spent_usd, whole.unknown) == (0, 1)


async def test_pages_are_told_when_a_budget_comes_near_its_end(tmp_path: Path) -> None:
    async with open_desk(tmp_path, limited(budget_usd_per_day=0.05, alert_at=0.1)) as desk:
        told: list[str] = []
        desk.runtime.holds.subscribe(lambda: told.extend(one.kind for one in desk.runtime.holds.notices()))
        await desk.rests(await desk.start())
        assert told == ["warn"]


async def test_a_session_of_yesterday_that_goes_on_today_is_counted_from_today(tmp_path: Path) -> None:
    clock = At()
    async with open_desk(tmp_path, limited(budget_usd_per_day=1), clock=clock) as desk:
        session_id = await desk.start()
        await desk.rests(session_id)
        clock.set(2026, 3, 29, 12)
        await desk.runtime.send(session_id, "And now?", by="rita")
        await desk.until(session_id, lambda one: one.turn == 2 and one.result == "answered")
        (whole,) = await desk.runtime.holds.standings()
        assert round(whole.spent_usd, 2) == 0.01
