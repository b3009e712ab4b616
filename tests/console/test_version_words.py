"""What a version changed, what uses a document, and what stands in a rollback's way: in sentences."""

from typing import Any

import pytest

from console import version_words
from console.components.differences import difference, line_by_line, pretty, yaml_lines
from console.components.versions_link import versions_link
from store.configuration import Stored

AGENT = {"name": "clerk", "toolset": "six", "policy": "rules", "models": {"act": ["big"], "judge": ["small"]}}
WHOLE: dict[str, dict[str, Any]] = {
    "agent": {"clerk": AGENT, "other": {"name": "other", "fallback": {"agent": "clerk"}, "models": {"act": ["big"]}}},
    "schedule": {"nightly": {"agent": "clerk"}},
    "toolset": {"six": {"tools": [{"connector": "crm", "tool": "a"}]}},
    "policy": {
        "rules": {"rules": [{"when": {"connector": "crm"}}, {"when": {"tool": "*", "agent": "cle*"}}]},
        "any": {"rules": [{"when": {"agent": "*"}}, {}]},
    },
    "standing_approval": {"small": {"connector": "crm", "tool": "refund", "agent": "clerk"}, "all": {"connector": "x"}},
    "settings": {"desk": {"agent_budgets_usd": {"clerk": 2}}},
}


def stored(*documents: Any) -> list[Stored]:
    return [Stored(version=n, document=one, by="ann", at="") for n, one in enumerate(documents, 1)]


def test_each_version_says_what_it_did() -> None:
    first, second = {"name": "a", "x": 1}, {"name": "a", "x": 2}
    history = stored(first, second, None, second, first)
    said = [version_words.sentence(history, n) for n in range(5)]
    assert said == ["Made.", "X from 1 to 2.", "Deleted.", "As version 2 again.", "As version 1 again."]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"text": "a"}, {"text": "a\nb"}, "Written policy changed."),
        ({}, {"limits": {"steps": 3}}, "Limits added."),
        ({"api_key": "env:A"}, {}, "Key taken out."),
        ({"rules": [1, 2]}, {"rules": [1, 3, 4]}, "Rules: 1 added, 1 changed."),
        ({"rules": [1, 2]}, {"rules": [2]}, "Rules: 1 taken out."),
        ({"rules": [1, 2]}, {"rules": [2, 1]}, "Rules in another order."),
        ({"enabled": True}, {"enabled": False}, "Enabled from on to off."),
        ({"a": 1, "b": 1}, {"b": 1, "a": 1}, "Only the order of its fields changed."),
        ({}, dict.fromkeys("abcdef", 1), "A added; b added; c added; d added and 2 more."),
    ],
)
def test_a_change_is_a_sentence(before: dict[str, Any], now: dict[str, Any], words: str) -> None:
    assert version_words.changed(before, now) == words


@pytest.mark.parametrize(
    ("kind", "name", "users"),
    [
        ("model", "big", [("agent", "clerk"), ("agent", "other")]),
        ("model", "small", [("agent", "clerk")]),
        ("toolset", "six", [("agent", "clerk")]),
        ("policy", "rules", [("agent", "clerk")]),
        (
            "agent",
            "clerk",
            [
                ("schedule", "nightly"),
                ("agent", "other"),
                ("policy", "rules"),
                ("standing_approval", "small"),
                ("settings", "desk"),
            ],
        ),
        ("connector", "crm", [("toolset", "six"), ("policy", "rules"), ("standing_approval", "small")]),
        ("settings", "desk", []),
    ],
)
def test_what_uses_a_document_is_found(kind: str, name: str, users: list[tuple[str, str]]) -> None:
    assert version_words.users(kind, name, WHOLE) == users


@pytest.mark.parametrize(
    ("kind", "address"),
    [("settings", "/settings"), ("standing_approval", "/policies/standing/a%2Fb"), ("agent", "/agents/a%2Fb")],
)
def test_each_user_links_to_a_page_that_is_there(kind: str, address: str) -> None:
    assert version_words.address_of(kind, "a/b") == address


def test_a_refusal_names_the_document_it_is_about() -> None:
    whole = version_words.put_in("agent", {"name": "new"}, {"agents": [{"name": "old"}, {"name": "new", "was": 1}]})
    assert whole == {"agents": [{"name": "old"}, {"name": "new"}]}
    found = ["/agents/1/models/act: there is no model 'x'", "/agents/1/models/act: there is no model 'x'", "odd"]
    assert version_words.refusals(found, whole) == ["Agent “new”, models act: there is no model 'x'.", "odd"]


def test_a_text_of_megabytes_is_compared_by_its_digest_and_a_short_one_in_full() -> None:
    old, new = ({"name": "crm", "spec_text": f"{tag} line\n" * 200_000, "url": "https://x"} for tag in ("a", "b"))
    shown = line_by_line(yaml_lines(old), yaml_lines(new), "")
    assert shown.count("(1.4 MB, sha256 ") == 2 and len(shown) < 2_000
    assert pretty(old) != pretty(new) and len("".join(pretty(old))) < 2_000
    assert yaml_lines({"t": "a" * 190_000}) == [f"t: {'a' * 190_000}"]


def test_a_difference_of_many_rows_ends_with_how_many_more_there_are() -> None:
    old, new = ([f"{tag}{n}" for n in range(6_000)] for tag in "ab")
    for shown in (line_by_line(old, new, ""), difference(old, new, "")):
        assert "… and 7,001 more" in shown
    same = [f"{n}" for n in range(30_000)]
    assert "10,000 more lines" in line_by_line(same, [*same[:-1], "x"], "")


def test_a_text_of_several_lines_is_compared_line_by_line_and_escaped() -> None:
    old, new = ({"text": text, "n": 1} for text in ("one\ntwo\n", "one\n<b>three"))
    shown = line_by_line(yaml_lines(old), yaml_lines(new), 'a "label"')
    assert shown.count("qd-addline") == shown.count("qd-delline") == 1
    assert "&lt;b&gt;three" in shown and "<b>" not in shown and "a &quot;label&quot;" in shown
    assert "Only line breaks" in line_by_line(yaml_lines({"t": "a\nb"}), yaml_lines({"t": "a\nb\n"}), "")
    assert yaml_lines(None) == []


def test_a_link_to_versions_survives_any_name() -> None:
    assert 'href="/base/versions/policy/a%2F%22%3Cb%3E"' in versions_link("policy", 'a/"<b>', "/base")
