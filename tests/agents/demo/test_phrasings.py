"""What people type at the demo's desk reaches the right call or a plain question, and never a wrong change."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agents.demo.crm.seed import seed
from agents.demo.crm.testing import TODAY, running
from tests.agents.demo.phrasing_desk import Desk, Outcome
from tests.agents.demo.phrasings import Scenario
from tests.agents.demo.phrasings_more import (
    BEYOND,
    BEYOND_PRIVACY,
    ERASURE_MENTIONS,
    LOOK_UPS,
    REFUND_MENTIONS,
    SCENARIOS,
)

SEEDS = (1, 2)
MISSES_AT_MOST = 0.1
CHANGES = {"support-desk": "refund_order", "privacy-desk": "delete_customer"}
SAYS_NO = re.compile(
    r"\b(can(no|['’])t|can only|not able to|unable to|nothing i can|did not understand)\b", re.IGNORECASE
)

Desks = dict[int, Desk]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    with ExitStack() as stack:
        yield {number: stack.enter_context(_desk(tmp_path_factory.mktemp("crm"), number)) for number in SEEDS}


class _desk:
    """A CRM over data of its own seed, and the desk in front of it."""

    def __init__(self, folder: Path, number: int) -> None:
        path = folder / "crm.db"
        seed(path, number=number, today=date.fromisoformat(TODAY))
        self.process = running(path)

    def __enter__(self) -> Desk:
        return Desk(self.process.__enter__())

    def __exit__(self, *raised: Any) -> None:
        self.process.__exit__(*raised)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_phrasing_leads_to_a_wrong_change(desks: Desks, scenario: Scenario) -> None:
    wanted = [(row[:2], row[2:]) for row in (*scenario.clear, *scenario.or_ask)] + [(r, ()) for r in scenario.ask]
    wrong = []
    for (number, said), values in wanted:
        outcome = _last(desks[number], scenario, said)
        if outcome.change and not (values and _right(scenario, outcome, values)):
            wrong.append(f"{said!r} → {outcome}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.clear], ids=lambda scenario: scenario.name)
def test_clear_phrasings_reach_the_right_call(desks: Desks, scenario: Scenario) -> None:
    missed = []
    for number, said, *values in scenario.clear:
        outcome = _last(desks[number], scenario, said)
        if not _right(scenario, outcome, values):
            missed.append(f"{said!r} → {outcome}")
    assert len(missed) <= len(scenario.clear) * MISSES_AT_MOST, "\n".join(missed)


@pytest.mark.parametrize("scenario", [REFUND_MENTIONS, ERASURE_MENTIONS], ids=lambda scenario: scenario.name)
def test_what_is_only_mentioned_is_looked_up_and_asked_about(desks: Desks, scenario: Scenario) -> None:
    said = [(number, words) for number, words in scenario.ask if isinstance(words, str)]
    outcomes = [(words, _last(desks[number], scenario, words)) for number, words in said]
    silent = [f"{words!r} → {outcome}" for words, outcome in outcomes if "Shall I" not in outcome.text]
    assert len(silent) <= len(said) * MISSES_AT_MOST, "\n".join(silent)


def test_look_ups_are_answered_without_changing_anything(desks: Desks) -> None:
    missed = []
    for number, said, *facts in LOOK_UPS:
        (outcome,) = desks[number].talk("support-desk", (said,))
        assert not outcome.change, (said, outcome)
        if not all(fact in outcome.text.replace(",", "").replace("\N{NARROW NO-BREAK SPACE}", "") for fact in facts):
            missed.append(f"{said!r} → {outcome}")
    assert len(missed) <= len(LOOK_UPS) * MISSES_AT_MOST, "\n".join(missed)


@pytest.mark.parametrize(("toolset", "rows"), [("support-desk", BEYOND), ("privacy-desk", BEYOND_PRIVACY)])
def test_what_the_desk_cannot_do_is_said_and_not_done(desks: Desks, toolset: str, rows: tuple[Any, ...]) -> None:
    missed = []
    for number, said in rows:
        (outcome,) = desks[number].talk(toolset, (said,))
        assert not outcome.change, (said, outcome)
        if not SAYS_NO.search(outcome.text):
            missed.append(f"{said!r} → {outcome}")
    assert len(missed) <= len(rows) * MISSES_AT_MOST, "\n".join(missed)


def _last(desk: Desk, scenario: Scenario, said: str | tuple[str, ...]) -> Outcome:
    *earlier, last = desk.talk(scenario.toolset, (said,) if isinstance(said, str) else said)
    assert scenario.acts_first or not any(outcome.change for outcome in earlier), (said, *earlier)
    return last


def _right(scenario: Scenario, outcome: Outcome, values: Any) -> bool:
    """Right tool, right order and amount, or right customer."""
    if outcome.change != CHANGES[scenario.toolset]:
        return False
    keys = ("order_id", "amount") if outcome.change == "refund_order" else ("customer_id",)
    return tuple(outcome.arguments[key] for key in keys) == tuple(values)
