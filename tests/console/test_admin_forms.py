"""What the plain forms of models, MCP servers and agents mean as documents."""

import pytest

from console import agent_draft, connector_form, model_form, problems

TOOLSET = {
    "name": "desk tools",
    "limit": 9,
    "tools": [
        {"connector": "crm", "tool": "get_order", "risk": "read", "idempotent": True},
        {"connector": "crm", "tool": "refund", "as": "refund_order", "pinned": {"currency": "EUR"}},
    ],
}


def test_a_server_of_ones_own_speaks_openai_and_others_keep_their_provider() -> None:
    assert model_form.model_string(model_form.SERVER, "", " llama3.1:8b ") == "openai/llama3.1:8b"
    assert model_form.model_string(model_form.HOSTED, "anthropic", "claude-3") == "anthropic/claude-3"
    assert model_form.model_string(model_form.OTHER, "", "bedrock/x/y") == "bedrock/x/y"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"model": "openai/llama", "api_base": "http://localhost/v1"}, model_form.SERVER),
        ({"model": "openai/gpt-4o"}, model_form.HOSTED),
        ({"model": "offline/operator"}, model_form.OTHER),
        ({"model": "ollama/llama", "api_base": "http://localhost"}, model_form.OTHER),
    ],
)
def test_the_kind_of_a_stored_model_is_read_from_its_document_and_its_name_survives(document: dict, kind: str) -> None:
    assert model_form.kind_of(document) == kind
    provider, bare = document["model"].partition("/")[0], model_form.bare_name(kind, document["model"])
    assert model_form.model_string(kind, provider, bare) == document["model"]


def test_a_typed_key_never_takes_the_name_of_somebody_elses_secret() -> None:
    assert model_form.secret_name("My model", {}, []) == "My-model-key"
    assert model_form.secret_name("My model", {}, ["My-model-key"]) == "My-model-key-2"
    assert model_form.secret_name("My model", {"api_key": "secret:My-model-key"}, ["My-model-key"]) == "My-model-key"


def test_what_the_form_does_not_show_stays_in_the_document() -> None:
    stored = {
        "name": "a",
        "model": "openai/x",
        "parameters": {"seed": 1},
        "prices": {"input": 1, "output": 2, "cache_write": 3},
    }
    prices = model_form.prices(stored, {"input": 5.0, "output": 2.0, "cache_read": None})
    changed = model_form.changed(stored, {"api_base": None, "prices": prices})
    assert changed == {**stored, "prices": {"cache_write": 3, "input": 5.0, "output": 2.0}}
    assert model_form.prices(stored, {"input": None, "output": None, "cache_read": None}) is None


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "http://127.0.0.1/v1", "http://gpu-box:8000/v1"])
def test_servers_on_this_network_count_as_near(url: str) -> None:
    assert model_form.is_near(url)
    assert not model_form.is_near("https://api.example.com/v1")


def test_arguments_are_split_as_a_shell_does_over_lines_and_unclosed_quotes_are_a_sentence() -> None:
    assert connector_form.words("-m server\n'two words' \"a b\"") == ["-m", "server", "two words", "a b"]
    with pytest.raises(connector_form.Unreadable, match="no closing quotation"):
        connector_form.words("'open")


def test_pairs_are_read_a_line_each_and_a_line_without_one_is_named() -> None:
    assert connector_form.pairs("A=1=2\n\nB=", "=") == {"A": "1=2", "B": ""}
    assert connector_form.pairs("Authorization: secret:x", ":") == {"Authorization": "secret:x"}
    with pytest.raises(connector_form.Unreadable, match="Line 2"):
        connector_form.pairs("A=1\nnonsense", "=")


def test_values_written_out_that_sound_secret_are_pointed_out() -> None:
    assert connector_form.plain_secrets({"API_TOKEN": "abc", "PASSWORD": "secret:x", "HOME": "/root"}) == ["API_TOKEN"]


def test_what_belongs_to_the_other_kind_of_server_leaves_the_document() -> None:
    stored = {"name": "a", "kind": "mcp_stdio", "command": "npx", "args": ["x"], "sensitivity": "normal"}
    changed = connector_form.changed(
        stored, connector_form.HTTP, {"url": "https://x/mcp", "env": {"A": "1"}, "headers": {}}
    )
    assert changed == {"name": "a", "kind": "mcp_http", "sensitivity": "normal", "url": "https://x/mcp"}


def test_the_address_shown_of_a_server_leaves_out_what_may_be_a_key() -> None:
    assert (
        connector_form.target({"kind": "mcp_http", "url": "https://me:pw@x.example:99/mcp?key=1"})
        == "https://x.example:99/mcp"
    )


def test_others_than_admins_read_references_and_no_values() -> None:
    stored = {
        "name": "a",
        "env": {"KEY": "written out", "OTHER": "secret:other", "HOME": "env:HOME"},
        "args": ["-m", "server", "--token", "abc", "--api-key=def", "--token", "--verbose", "x"],
        "headers": {"Authorization": "Bearer abc"},
        "url": "https://me:pw@x.example:99/mcp?key=1",
    }
    hidden = connector_form.HIDDEN
    shown = connector_form.for_others(stored)
    assert shown["env"] == {"KEY": hidden, "OTHER": "secret:other", "HOME": "env:HOME"}
    assert shown["args"] == ["-m", "server", "--token", hidden, f"--api-key={hidden}", "--token", "--verbose", "x"]
    assert shown["headers"] == {"Authorization": hidden}
    assert shown["url"] == f"https://x.example:99/mcp?{hidden}"
    assert connector_form.hidden_in(shown) == ["url", "args/3", "args/4", "env/KEY", "headers/Authorization"]
    assert connector_form.hidden_in(stored) == []
    assert connector_form.for_others({"name": "b", "api_base": "http://x/v1"}) == {
        "name": "b",
        "api_base": "http://x/v1",
    }


@pytest.mark.parametrize("odd", [{"env": 1}, {"args": 5}, {"url": ["x"]}, {"headers": {"a": 1}}, {}])
def test_nonsense_holds_nothing_hidden(odd: dict) -> None:
    assert connector_form.hidden_in(odd) == []


def test_why_a_server_is_down_is_a_sentence_and_its_own_lines() -> None:
    because = "x is not connected: it ended. It last said: Traceback / KeyError"
    assert connector_form.last_words(because) == ("x is not connected: it ended.", ["Traceback", "KeyError"])
    assert connector_form.last_words("x is down.") == ("x is down.", [])


def test_entries_that_stay_keep_all_they_say_and_only_a_changed_risk_is_written() -> None:
    picks = {"crm/refund": "unknown", "crm/get_order": "write", "mail/send": "write"}
    made = agent_draft.toolset(TOOLSET, "desk tools", picks)
    assert made["limit"] == 9
    assert made["tools"] == [
        {"connector": "crm", "tool": "get_order", "risk": "write", "idempotent": True},
        {"connector": "crm", "tool": "refund", "as": "refund_order", "pinned": {"currency": "EUR"}},
        {"connector": "mail", "tool": "send", "risk": "write"},
    ]


def test_two_systems_with_a_tool_of_the_same_name_are_told_apart() -> None:
    made = agent_draft.toolset({}, "t", {"one/search": "read", "the two/search": "read"})
    assert [one.get("as") for one in made["tools"]] == [None, "the_two_search"]


def test_an_agent_changes_only_where_it_differs_from_what_was_shown() -> None:
    stored = {
        "name": "a",
        "instructions": "x",
        "models": {"act": ["m"], "small": ["s"]},
        "workflow": [1],
        "limits": {"seconds": 9},
    }
    shown = {"name": "a", "instructions": "x", "models": {"act": ["m"]}, "limits": {"steps": None}, "description": None}
    values = {**shown, "models": {"act": ["n"]}, "limits": {"steps": 3}}
    assert agent_draft.agent(stored, shown, values) == {
        **stored,
        "models": {"act": ["n"], "small": ["s"]},
        "limits": {"seconds": 9, "steps": 3},
    }
    assert agent_draft.agent(stored, shown, shown) == stored


def test_a_name_that_is_taken_gets_a_number_and_a_long_one_is_cut() -> None:
    assert agent_draft.name_for("Clerk", "tools", {"Clerk tools"}) == "Clerk tools 2"
    assert len(agent_draft.name_for("x" * 64, "policy", set())) <= 64


def test_scenarios_and_stages_come_back_from_their_rows_as_they_were_stored() -> None:
    scenarios = [{"given": "Where is 1?", "expect": "Says where"}, {"given": "Go", "expect": "", "title": "Going"}]
    rows = agent_draft.scenario_rows(scenarios)
    assert agent_draft.scenarios([*rows, agent_draft.fresh_scenario()]) == scenarios
    stages = [
        {"stage": "Look", "goal": "See.", "tools": [], "done_when": "Seen"},
        {"stage": "Do", "goal": "Act.", "tools": ["pay"], "critical": True},
        {"stage": "Tell", "goal": "Say."},
    ]
    assert agent_draft.stages(agent_draft.stage_rows(stages)) == stages


def test_a_schema_that_lost_something_is_replaced_as_a_whole() -> None:
    stored = {"name": "a", "inputs": {"type": "object", "properties": {"x": {}}, "required": ["x"]}}
    now = {"type": "object", "properties": {"x": {}}}
    assert agent_draft.agent(stored, {"inputs": stored["inputs"]}, {"inputs": now})["inputs"] == now


def test_a_complaint_finds_its_field_and_the_rest_is_said_on_top() -> None:
    found, others = problems.by_field(
        [
            "/models/3/prices/output: Field required",
            "/models/3/name: too long",
            "/agents/0/policy: there is no policy 'x'",
            "odd",
        ],
        {"models/prices", "models/name"},
    )
    assert found == {"models/prices": "This is needed.", "models/name": "Too long."}
    assert others == ["There is no policy 'x'.", "odd"]


def test_the_validators_words_are_said_plainly() -> None:
    found, _ = problems.by_field(
        [
            "/models/0/name: String should match pattern '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$'",
            "/models/0/context_window: Input should be greater than or equal to 256",
        ],
        {"models/name", "models/context_window"},
    )
    assert found["models/name"].startswith("Up to 64 letters") and found["models/name"].endswith("digit.")
    assert found["models/context_window"] == "It has to be at least 256."


def test_who_uses_what_cannot_be_deleted_is_named_once_each() -> None:
    whole = {"agents": [{"name": "Clerk"}], "toolsets": [{"name": "desk"}, {"name": "other"}]}
    said = ["/agents/0/models/act: no", "/agents/0/models/plan: no", "/toolsets/1/tools/0/connector: no"]
    assert problems.users(said, whole) == ["agent “Clerk”", "toolset “other”"]


def test_a_standing_approval_that_still_needs_a_connector_is_named_in_words() -> None:
    whole = {"standing_approvals": [{"name": "Small refunds"}], "settings": [{"name": "desk"}]}
    said = [
        "/standing_approvals/0/connector: there is no connector 'crm'",
        "/settings/0/agent_budgets_usd/A: there is no agent 'A'",
    ]
    assert problems.users(said, whole) == ["standing approval “Small refunds”", "settings “desk”"]
    found, others = problems.by_field(
        ["/standing_approvals/0/expires_at: it needs a time zone"], {"standing_approvals/expires_at"}
    )
    assert (found, others) == ({"standing_approvals/expires_at": "It needs a time zone."}, [])
