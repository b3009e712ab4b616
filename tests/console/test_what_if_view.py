"""What a draft would have done, as a person reads it, and which calls a standing approval is said to have released."""

from typing import Any

from agents.what_if import WhatIf
from console.components.what_if_view import lists, nothing, summary
from console.pages.policy_standing import used
from store.events import Release, Verify
from tests.agents.test_what_if import compared, draft, recorded

ALLOW = {"release": "allow"}
CHECKED: dict[str, Any] = {"release": Release.ALLOW, "verify": Verify.CONSENSUS}


def listed(found: WhatIf) -> str:
    return "".join(lists(found, "/base"))


def test_a_call_that_would_run_without_its_check_is_warned_of_and_says_how_it_was() -> None:
    held = recorded(1, **CHECKED, decision="rejected", decided_because="Not <b>this</b> one.")
    found = compared(draft(ALLOW), held, recorded(2, **CHECKED, decision=None))
    assert "2</span> now run with less of a check" in summary(found)
    assert "A person had rejected 1 of the 2 you would let run." in summary(found)
    said = listed(found)
    assert "A person had said no; now they run" in said and "Now run with less of a check" in said
    assert said.count("consensus, then allow → allow") == said.count('href="/base/sessions/s"') == 2
    assert "Was checked, " in said and "Not &lt;b&gt;this&lt;/b&gt; one." in said


def test_every_changed_call_is_listed_once_with_what_it_was_and_what_it_would_be() -> None:
    calls = (
        recorded(1, release=Release.ASK_TWO),
        recorded(2, release=Release.ALLOW, decision=None),
        recorded(3, release=Release.DENY, verify=Verify.CHECK, decision=None),
        recorded(4, verify=Verify.CHECK),
    )
    found = compared(draft({"release": "ask"}), *calls)
    said = listed(found)
    for change in ("ask two → ask", "allow → ask", "deny → ask", "check, then ask → ask"):
        assert said.count(f">{change}<") == 1
    assert said.index("deny → ask") < said.index("Now asked of fewer people") < said.index("ask two → ask")
    assert "2</span> now asked," in summary(found) and "2</span> now asked less strictly" in summary(found)
    more = compared(draft({"release": "ask", "verify": "unanimous"}), calls[3])
    assert "check, then ask → unanimous, then ask" in listed(more) and "now checked more" in summary(more)


def test_calls_of_all_agents_are_not_passed_off_as_those_of_the_policy() -> None:
    nobodys, theirs = compared(draft(), recorded()), compared(draft(), recorded(), agents=("Clerk",))
    assert "No agent uses it yet; against the calls of all agents:" in summary(nobodys)
    assert "No agent" not in summary(theirs)
    assert "No agent uses it yet" in nothing(compared(draft()))
    assert "No agent with this policy" in nothing(compared(draft(), agents=("Clerk",)))


def test_a_standing_approval_is_not_said_to_have_released_what_was_asked_about() -> None:
    asked = recorded(1, standing="usual", imposed=True)
    run = recorded(2, standing="usual", release=Release.ALLOW)
    assert used([asked]) == {}
    assert (used([asked, run])["usual"].times, used([asked, run])["usual"].last) == (1, run)
