"""The library of ready connectors: each is whole, becomes a valid document, and promises no more than was tried."""

import re

import pytest

from agents import configure
from agents.tools.presets import BY_KEY, PRESETS, Preset, recommended

NAMED = "filesystem git GitHub GitLab Atlassian Slack Notion e-mail calendar ServiceNow".lower().split()


def test_every_system_that_was_promised_is_there() -> None:
    assert [one.title.lower() for one in PRESETS] == NAMED
    assert len(BY_KEY) == len(PRESETS)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.key)
def test_a_preset_becomes_a_valid_connector_with_what_it_needs_filled_in(preset: Preset) -> None:
    given = {one.name: one.example or "x" for one in preset.needed}
    document = {**preset.document(given), "name": preset.key}
    made = configure.parse({"connectors": [document]}).connectors[0]
    assert made.kind == preset.kind
    assert not [arg for arg in made.args if re.search(r"\{\w+\}", arg)]
    said = f"{preset.sentence} {preset.where} " + " ".join(one.what for one in preset.needed)
    assert preset.sentence.endswith(".") and not re.search(r"registry\.|pypi\.|npmjs", said + preset.line)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.key)
def test_its_secrets_are_never_written_into_the_document(preset: Preset) -> None:
    given = {one.name: f"s3cret-{one.name}" if one.secret else "plain" for one in preset.needed}
    assert "s3cret" not in str(preset.document(given))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.key)
def test_its_toolset_is_small_and_nothing_that_changes_something_is_called_read(preset: Preset) -> None:
    assert 3 <= len(preset.tools) <= 6
    changing = re.compile(r"create|send|post|write|delete|^merge|update|commit|edit|transition|add", re.IGNORECASE)
    assert not [tool for tool, risk in preset.tools if risk == "read" and changing.search(tool)]


def test_only_what_our_own_tests_connect_to_is_called_tried() -> None:
    assert [one.key for one in PRESETS if one.tried] == ["filesystem", "git"]


def test_of_the_small_toolset_only_those_tools_are_recommended_that_the_server_has() -> None:
    assert recommended(BY_KEY["git"], {"git_log", "git_commit", "git_push"}) == [
        ("git_log", "read"),
        ("git_commit", "write"),
    ]
