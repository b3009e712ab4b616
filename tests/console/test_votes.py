"""The history of votes on the models page."""

from console.components.votes import table_of

VOTED = {"kind": "vote", "profile": "<b>strict</b>", "model": "m", "votes": 8, "allow": 5, "ask": 0, "deny": 2}
VOTED |= {"abstain": 1, "failed": 0, "dissented": 2, "outvoted": 2}


def test_a_voter_shows_how_often_the_others_saw_it_otherwise() -> None:
    html = table_of([VOTED])
    assert "2 (25%)" in html and "1 abstained, 0 failed" in html


def test_a_models_name_never_becomes_markup() -> None:
    assert "<b>strict" not in table_of([VOTED])


def test_before_anybody_was_asked_there_is_nothing_to_show() -> None:
    assert table_of([]) == ""
