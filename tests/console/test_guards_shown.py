"""Where values came from, what models said, and what it all cost, as an operator sees it."""

from typing import Any

import pytest

from console.components import meters
from console.components.approval_checks import checks_html, findings
from console.components.evidence import chip, is_invented, near
from tests.browser.records import EVIL


def evidence(origin: str, **changes: Any) -> dict[str, Any]:
    found = {"path": "/order", "value": "1043", "origin": origin, "seq": None, "quote": None, "near": None}
    return {**found, "trusted": True, **changes}


def seat(verdict: str, kind: str = "vote", **changes: Any) -> dict[str, Any]:
    said = {"kind": kind, "profile": f"{kind}-{verdict}", "model": "m", "verdict": verdict, "because": f"why {verdict}"}
    rest = {"clause": None, "supports": None, "path": None, "cost_usd": 0.001, "latency_ms": 600.0}
    return {**said, **rest, **changes}


@pytest.mark.parametrize(
    ("origin", "word"),
    [("user", "User"), ("tool", "Tool result"), ("recall", "Recall"), ("configuration", "Configuration")],
)
def test_a_known_value_names_its_origin_quietly_and_links_to_its_event(origin: str, word: str) -> None:
    html = chip(evidence(origin, seq=6, quote="order 1043"), "/desk/sessions/S-1")
    assert word in html and 'href="/desk/sessions/S-1?event=6"' in html and "“order 1043”" in html
    assert "qd-none" not in html and "qd-weak" not in html


def test_an_invented_value_is_red_and_says_what_it_is_almost() -> None:
    one = evidence("nowhere", near="the user wrote 1034")
    assert "qd-none" in chip(one, "") and "Invented?" in chip(one, "") and is_invented(one)
    assert "the user wrote 1034" in near(one)


def test_a_value_only_outside_text_names_is_marked() -> None:
    html = chip(evidence("tool", trusted=False), "")
    assert "qd-weak" in html and "outside text" in html


def test_a_letter_is_the_models_own_text_and_a_sum_shows_how_it_was_made() -> None:
    assert "Model’s text" in chip(evidence("computed"), "")
    assert "412.00 × 100" in chip(evidence("computed", quote="412.00 × 100"), "")


def test_no_quote_and_no_verdict_becomes_markup() -> None:
    html = chip(evidence("user", seq=1, quote=f'"{EVIL}', near=EVIL), "/s") + near(evidence("nowhere", near=EVIL))
    html += checks_html([seat("deny", because=EVIL, profile=EVIL, path=f"/{EVIL}", clause=EVIL)], None)
    assert "<img" not in html and "<script" not in html and 'title="“"' not in html


def test_dissent_comes_first_and_names_the_disputed_argument() -> None:
    html = checks_html(
        [seat("allow"), seat("ask", "policy_check", clause="§3.2"), seat("deny", path="/order_id")], None
    )
    assert html.index("why deny") < html.index("why ask") < html.index("why allow")
    assert "Disputes" in html and "order_id" in html and "§3.2" in html and "600 ms" in html


def test_a_failed_vote_has_no_price() -> None:
    assert "$" not in checks_html([seat("failed", cost_usd=None)], None)


def test_votes_of_alike_models_say_how_many_they_count_as() -> None:
    assert "3 votes" in checks_html([seat("allow")] * 3, 1.36) and "1.4" in checks_html([seat("allow")] * 3, 1.36)


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ([seat("allow"), seat("deny"), seat("allow")], [("1 of 3 votes says no", True)]),
        ([seat("ask"), seat("ask"), seat("allow")], [("2 of 3 votes say no", False)]),
        ([seat("deny", "policy_check")], [("Against the written policy", True)]),
        ([seat("failed", "policy_check")], [("The policy check gave no verdict", False)]),
        ([seat("failed"), seat("allow")], [("1 of 2 votes missing", False)]),
        (
            [seat("failed"), seat("allow"), seat("deny", "policy_check")],
            [("Against the written policy", True), ("1 of 2 votes missing", False)],
        ),
        ([seat("allow")], []),
    ],
)
def test_the_strip_of_findings_says_who_objects(seats: list[dict[str, Any]], words: Any) -> None:
    assert findings(seats) == words


SEGMENTS = [{"name": "system", "tokens": 900}, {"name": "summary", "tokens": 300}, {"name": "recall", "tokens": 80}]


def test_the_mark_stands_where_summarising_begins() -> None:
    html = meters.context_meter(1280, 10_000, SEGMENTS, 0.9)
    assert "--x:90.0%" in html and "summarise at 9.0k" in html and "Summaries" in html and "Recall" in html
    assert "qd-idx" not in meters.context_meter(1280, 10_000, SEGMENTS, None)


def session(**changes: Any) -> dict[str, Any]:
    return {"cost_usd": 0.2, "cost_unknown": 0, "status": "running", "costs": {}, **changes}


def test_cost_is_split_once_it_went_to_more_than_one_thing() -> None:
    alone = meters.cost_block(session(costs={"agent": 0.2}), None, None)
    split = meters.cost_block(session(costs={"agent": 0.15, "vote": 0.0499, "input": 0.0001}), None, None)
    assert "Votes" not in alone and "Votes" in split and "25%" in split and "&lt;1%" in split


def test_what_caches_saved_is_named_where_it_is_known() -> None:
    usage = {"input": 50, "cache_read": 50, "cache_write": 0, "output": 9}
    assert "50%" in meters.cache_block(usage, 0.122) and "saved $0.12" in meters.cache_block(usage, 0.122)
    assert "saved" not in meters.cache_block(usage, 0.0)
