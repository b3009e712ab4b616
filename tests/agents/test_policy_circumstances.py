"""Rules about who calls, when, and what the session has cost; doubt never allows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.circumstances import UNKNOWN, Circumstances
from agents.config import Hours, Policy
from agents.configure import parse
from agents.errors import BadRequest
from agents.hours import within
from agents.policy import asking_people, judge
from store.events import Release, Risk
from tests.agents.desk_policy import rule

NIGHT = {"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def release(around: Circumstances, release: str = "deny", **when: Any) -> Release:
    policy = Policy(name="desk", rules=(rule(release, **when),))
    about: dict[str, Any] = {"connector": "crm", "tool": "refund", "risk": Risk.WRITE, "arguments": {}}
    return judge(policy, 1, **about, circumstances=around).release


@pytest.mark.parametrize(
    ("moment", "days", "inside"),
    [
        ("2026-01-05T20:59", (), False),  # Berlin is one hour ahead in winter
        ("2026-01-05T21:00", (), True),
        ("2026-01-06T04:59", (), True),
        ("2026-01-06T05:00", (), False),
        ("2026-07-06T20:00", (), True),  # and two in summer
        ("2026-07-07T04:00", (), False),
        ("2026-01-05T23:30", ("mon",), True),  # Monday's night goes on into Tuesday
        ("2026-01-06T03:00", ("mon",), True),
        ("2026-01-06T23:30", ("mon",), False),
        ("2026-01-05T03:00", ("mon",), False),  # that is still Sunday's
    ],
)
def test_a_night_goes_over_midnight_and_belongs_to_the_day_it_began_on(
    moment: str, days: tuple[str, ...], inside: bool
) -> None:
    assert within(Hours.model_validate({**NIGHT, "days": days}), at(moment)) is inside


def test_a_day_has_its_first_minute_and_not_its_last() -> None:
    day = Hours(start="09:00", end="17:00")
    assert [within(day, at(f"2026-01-05T{time}")) for time in ("08:59", "09:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("when", "holds", "misses"),
    [
        ({"agent": "night *"}, Circumstances(agent="night watch"), Circumstances(agent="clerk")),
        ({"hours": NIGHT}, Circumstances(at=at("2026-01-05T23:00")), Circumstances(at=at("2026-01-05T12:00"))),
        (
            {"session_cost_over_usd": 2},
            Circumstances(session_cost_usd=2.01),
            Circumstances(session_cost_usd=2.0),
        ),
    ],
)
def test_what_is_not_known_denies_and_never_allows(when: dict[str, Any], holds: Any, misses: Any) -> None:
    assert release(holds, "deny", **when) is Release.DENY
    assert release(holds, "allow", **when) is Release.ALLOW
    assert release(UNKNOWN, "deny", **when) is Release.DENY
    assert release(UNKNOWN, "allow", **when) is Release.ASK
    assert release(misses, "deny", **when) is Release.ASK
    assert release(misses, "allow", **when) is Release.ASK


def test_an_agent_for_two_people_turns_ask_into_ask_two_and_nothing_else() -> None:
    about: dict[str, Any] = {"connector": "crm", "tool": "refund", "risk": Risk.WRITE, "arguments": {}}
    for given, wanted in (("allow", "allow"), ("ask", "ask_two"), ("ask_two", "ask_two"), ("deny", "deny")):
        ruling = asking_people(judge(Policy(name="d", rules=(rule(given),)), 1, **about), 2)
        assert ruling.release == wanted
        assert asking_people(ruling, 1) == ruling
    assert asking_people(judge(Policy(name="d", rules=(rule("ask"),)), 1, **about), 2).approver == "not_requester"


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ({**NIGHT, "timezone": "Europe/Atlantis"}, "timezone: there is no time zone 'Europe/Atlantis'"),
        ({**NIGHT, "timezone": "../etc"}, "timezone: there is no time zone '../etc'"),
        ({"start": "09:00", "end": "09:00"}, "end: it begins and ends at 09:00, so it never holds"),
    ],
)
def test_hours_that_cannot_hold_are_refused(hours: dict[str, Any], problem: str) -> None:
    policy = {"name": "p", "rules": [{"when": {"hours": hours}, "release": "allow", "because": "So."}]}
    with pytest.raises(BadRequest) as refused:
        parse({"policies": [policy]})
    assert refused.value.problems == (f"/policies/0/rules/0/when/hours/{problem}",)
