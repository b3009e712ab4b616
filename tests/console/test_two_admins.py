"""Two admins at one document: what a form saves on top of what somebody else saved meanwhile."""

from console import agent_draft
from console.components.differences import difference, on_top, pretty


def test_only_what_was_changed_here_is_put_on_top_of_theirs() -> None:
    opened = {"name": "a", "x": 1, "y": 1, "gone": 1, "dropped": 1}
    mine = {"name": "a", "x": 2, "y": 1, "gone": 1, "new": 5}
    theirs = {"name": "a", "x": 1, "y": 3, "dropped": 1, "their": 7}
    assert on_top(mine, opened, theirs) == {"name": "a", "x": 2, "y": 3, "their": 7, "new": 5}


def test_where_nobody_was_first_a_document_keeps_its_order() -> None:
    opened = {"b": 1, "a": 1}
    assert list(on_top({"a": 2, "b": 1}, opened, dict(opened))) == ["a", "b"]


def test_ticks_are_put_on_top_of_theirs() -> None:
    opened = {"crm/read": "read", "crm/refund": "write", "crm/old": "read"}
    mine = {"crm/read": "write", "crm/refund": "write", "crm/mine": "read"}
    theirs = {"crm/read": "read", "crm/old": "read", "crm/their": "write"}
    assert agent_draft.picks(opened, mine, theirs) == {"crm/read": "write", "crm/their": "write", "crm/mine": "read"}
    assert agent_draft.picks(opened, mine, opened) == mine
    assert agent_draft.picks({}, mine, {}) == mine


def test_a_toolset_says_what_it_picks() -> None:
    toolset = {"tools": [{"connector": "crm", "tool": "a", "risk": "read"}, {"connector": "crm", "tool": "b"}]}
    assert agent_draft.picked(toolset) == {"crm/a": "read", "crm/b": "unknown"}
    assert agent_draft.picked({}) == {}


def test_a_difference_shows_long_texts_by_their_lines_and_escapes_them() -> None:
    shown = difference(pretty({"text": "one\ntwo"}), pretty({"text": "one\n<b>three"}), 'a "label"')
    assert "two" in shown and "&lt;b&gt;three" in shown and "<b>" not in shown
    assert 'aria-label="a &quot;label&quot;"' in shown
    assert not any(line.startswith("+") and "one" in line for line in shown.splitlines())
