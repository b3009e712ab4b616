"""The panel: all chairs at once, one verdict, and a chair that breaks is no consent."""

import asyncio
import json
from typing import Any

import pytest

from agents.asking import SideQuestion
from agents.guards import panel, verdicts
from agents.guards.panel import Chair, Said
from store.events import Seat
from tests.fakes.room import Room

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"because": {"type": "string"}},
    "required": ["because"],
    "additionalProperties": False,
}
QUESTION = SideQuestion(name="judgement", task="Judge.", about={"request": "Refund 40"}, schema=SCHEMA)
SCRIPT: dict[str, Any] = {
    "one": [{"json": {"because": "First."}, "together": 3}],
    "two": [{"json": {"because": "Second."}, "together": 3}],
    "three": [{"json": {"because": "Third."}, "together": 3}],
    "strange": [{"text": "no"}, {"json": {"because": "Words\n\twith \u0000 and " + "x" * 2_000}}],
}


def chair(name: str, answer: Any) -> Chair[str]:
    return Chair(kind="vote", profile=name, model=f"openai/{name}", answer=answer)


async def allows(question: str) -> Said:
    return Said(seat=Seat(kind="vote", profile="ada", model="openai/ada", verdict="allow", because=question))


async def breaks(question: str) -> Said:
    raise ZeroDivisionError("half \ud800 a pair")


async def test_three_chairs_are_asked_at_the_same_time(room: Room) -> None:
    """The server answers none of them before it has all three requests at once: one after the other never ends."""
    chairs = [panel.judge(room.models, room.chain(name), 30) for name in ("one", "two", "three")]
    heard = await panel.ask(QUESTION, chairs, verdicts.unanimous)
    assert heard.verdict.verdict == "allow"
    assert [(seat.profile, seat.because) for seat in heard.seats] == [
        ("one", "First."),
        ("two", "Second."),
        ("three", "Third."),
    ]


async def test_a_chair_that_breaks_is_a_seat_that_failed_and_the_others_still_count() -> None:
    chairs = [chair("ada", allows), chair("bob", breaks), chair("cy", allows)]
    heard = await panel.ask("Fine.", chairs, verdicts.majority)
    broken = heard.seats[1]
    assert (broken.profile, broken.model, broken.verdict) == ("bob", "openai/bob", "failed")
    assert broken.because == "ZeroDivisionError: half \\ud800 a pair"
    assert heard.verdict.verdict == "allow"
    assert (await panel.ask("Fine.", chairs, verdicts.unanimous)).verdict.verdict == "ask"


async def test_a_panel_without_chairs_releases_nothing() -> None:
    heard = await panel.ask("Fine.", [], verdicts.one)
    assert (heard.verdict.verdict, heard.seats, heard.asked) == ("ask", (), "[]")


async def test_what_every_seat_was_asked_and_what_it_replied_is_on_record(room: Room) -> None:
    heard = await panel.ask(QUESTION, [panel.judge(room.models, room.chain("strange"), 30)], verdicts.one)
    (record,) = json.loads(heard.asked)
    assert (record["kind"], record["profile"], record["model"]) == ("judge", "strange", "openai/strange")
    (asked,) = record["questions"]
    assert asked["name"] == "judgement"
    assert asked["messages"] == room.asked("strange")[-1]["messages"]
    assert asked["replies"][0] == "no" and len(asked["replies"][1]) > 2_000


async def test_a_judges_words_are_cut_to_a_line_in_the_seat(room: Room) -> None:
    (seat,) = (await panel.ask(QUESTION, [panel.judge(room.models, room.chain("strange"), 30)], verdicts.one)).seats
    assert seat.because.startswith("Words with") and len(seat.because) == 600 and "\n" not in seat.because
    assert seat.usage.output > 0 and seat.cost_usd and seat.latency_ms > 0


async def test_whoever_stops_the_panel_stops_its_seats() -> None:
    stopped: list[str] = []

    async def waits(question: str) -> Said:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(question)
        raise AssertionError

    asking = asyncio.create_task(panel.ask("x", [chair("ada", waits), chair("bob", waits)], verdicts.majority))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert stopped == ["x", "x"]


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ("/amount", "/amount"),
        ("amount", "/amount"),
        ("/arguments/amount", "/amount"),
        ("arguments/lines/0", "/lines/0"),
        ("/lines/0/sku", "/lines/0/sku"),
        ("/lines/7", None),
        ("/nothing/here", None),
        ("the amount", None),
        ("/bad~escape", None),
        ("", None),
        ("/", None),
    ],
)
def test_a_disputed_argument_is_named_by_a_path_that_exists_or_not_at_all(told: str, path: str | None) -> None:
    assert panel.disputed_path(told, {"amount": 310, "lines": [{"sku": "A-1"}]}) == path


def test_arguments_that_are_no_object_have_no_paths() -> None:
    assert panel.disputed_path("/amount", "raw text") is None
