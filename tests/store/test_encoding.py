"""Stored events keep loading: one golden file per type, and tolerance for what is not known."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from store.encoding import KNOWN, decode
from store.events import Event, UnknownEvent

GOLDEN = Path(__file__).parent / "golden"
KINDS = {kind.__name__: kind for kind in get_args(get_args(Event)[0])}


def load(type_: str, v: int, data: dict[str, Any]) -> Any:
    return decode("s1", 1, type_, v, "2026-03-02T12:00:00.000000Z", "running", json.dumps(data)).event


@pytest.mark.parametrize("name", KINDS)
def test_every_type_has_a_golden_file_that_names_every_field(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert set(golden) == set(KINDS[name].model_fields)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_what_was_once_written_keeps_loading_unchanged(path: Path) -> None:
    golden = json.loads(path.read_text())
    event = load(golden["type"], golden["v"], golden)
    assert not isinstance(event, UnknownEvent)
    assert json.loads(event.model_dump_json()) == golden


GAINED = {
    "ApprovalRequested": {"checks": ()},
    "CallProposed": {"approver": "anyone"},
    "ModelReplied": {"role": "act", "leading": 1},
    "ToolFinished": {"repeats": 1, "masks": None},
}
"""Fields that came later, with what they say of events from before."""


@pytest.mark.parametrize("name", GAINED)
def test_an_event_from_before_a_field_existed_keeps_loading(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    event = load(name, 1, {key: value for key, value in golden.items() if key not in GAINED[name]})
    assert not isinstance(event, UnknownEvent)
    assert {key: getattr(event, key) for key in GAINED[name]} == GAINED[name]


@pytest.mark.parametrize(("type_", "v"), [("ShipSailed", 1), ("SessionPaused", 99)])
def test_an_unknown_type_or_version_is_readable_as_unknown(type_: str, v: int) -> None:
    data = {"type": type_, "v": v, "wind": "north"}
    assert load(type_, v, data) == UnknownEvent(type=type_, v=v, data=data)


def test_a_field_from_a_newer_program_makes_the_event_unknown_not_unreadable() -> None:
    data = {"type": "SessionPaused", "v": 1, "by": "ann", "because": "lunch", "mood": "good"}
    assert isinstance(load("SessionPaused", 1, data), UnknownEvent)


def test_each_type_is_known_in_its_newest_version() -> None:
    assert {type_ for type_, _ in KNOWN} == set(KINDS)
