"""What the agent's form says about its guards."""

from console.pages.agent_guards import effective, in_words


def test_a_preset_names_what_it_switches_on_and_what_lacks_a_model() -> None:
    words = in_words(effective({}, "back_office", {"judge": ["strict"]}))
    assert "a judge checks writes" in words and "compares 3 replies" in words
    assert "The vote on destructive calls is left out: the agent has no model in the role vote." in words


def test_what_the_document_names_itself_counts_beside_the_preset() -> None:
    words = in_words(effective({"guards": {"input_check": False}}, "user_facing", {}))
    assert "stops when it goes round in circles" in words and "what is missing" not in words


def test_without_a_preset_only_the_rules_stand() -> None:
    assert "nothing beyond the policy" in in_words(effective({}, None, {}))
