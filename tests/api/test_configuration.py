"""The configuration over the API: JSON and YAML say the same, a bad one changes nothing, tags guard against others."""

import copy
from typing import Any

import httpx
import pytest
import yaml

from console.api import shapes, yaml_reading
from console.api.configuration import prefers_yaml
from console.api.yaml_reading import BadYaml

from .desk_work import is_problem

PATH = "/api/v1/configuration"
YAML = {"Content-Type": "application/yaml"}


def read(client: httpx.Client) -> tuple[dict[str, Any], str]:
    answer = client.get(PATH)
    assert answer.headers["content-type"] == "application/json"
    return answer.json(), answer.headers["etag"]


def test_yaml_and_json_are_the_same_configuration(viewer: httpx.Client) -> None:
    whole, etag = read(viewer)
    assert set(whole) == {"models", "connectors", "toolsets", "policies", "agents", "schedules"}
    for kind in ("application/yaml", "text/yaml"):
        answer = viewer.get(PATH, headers={"Accept": kind})
        assert answer.headers["content-type"].startswith("application/yaml")
        assert answer.headers["etag"] == etag
        assert yaml.safe_load(answer.text) == whole


def test_putting_back_what_was_read_changes_nothing_in_either_form(admin: httpx.Client) -> None:
    whole, etag = read(admin)
    answer = admin.put(PATH, json=whole, headers={"If-Match": etag})
    assert answer.status_code == 200 and answer.json() == {"changes": []}
    text = admin.get(PATH, headers={"Accept": "application/yaml"}).text
    answer = admin.put(PATH, content=text, headers=YAML | {"If-Match": answer.headers["etag"]})
    assert answer.json() == {"changes": []}
    assert read(admin) == (whole, etag)


def test_a_put_lists_its_changes_and_references_to_secrets_stay_references(admin: httpx.Client) -> None:
    whole, etag = read(admin)
    model = {"name": "other", "model": "openai/gpt-x", "api_key": "env:NOT_A_REAL_KEY", "parameters": {"n": 2**70}}
    wider = {**whole, "models": [*whole["models"], model]}
    answer = admin.put(PATH, content=yaml.safe_dump(wider), headers=YAML | {"If-Match": etag})
    shapes.Changes.model_validate(answer.json())
    assert [(one["kind"], one["name"], one["from_version"]) for one in answer.json()["changes"]] == [
        ("model", "other", None)
    ]
    now, tag = read(admin)
    assert model in now["models"] and tag == answer.headers["etag"] != etag
    is_problem(admin.put(PATH, json=whole, headers={"If-Match": etag}), 412)
    assert read(admin) == (now, tag)
    back = admin.put(PATH, json=whole, headers={"If-Match": f"W/{tag}"})
    assert [one["to_version"] for one in back.json()["changes"]] == [None]
    assert read(admin)[0] == whole


def test_a_bad_put_names_every_bad_path_and_changes_nothing(admin: httpx.Client) -> None:
    before = read(admin)
    bad = copy.deepcopy(before[0])
    bad["agents"][0]["toolset"] = "gone"
    plain = next(at for at, one in enumerate(bad["agents"]) if at and "guards" not in one)
    bad["agents"][plain]["models"] = {"act": ["nobody"]}
    bad["toolsets"][0]["tools"][0]["connector"] = "nowhere"
    problem = is_problem(admin.put(PATH, json=bad), 422)
    assert {one.split(":")[0] for one in problem["problems"]} == {
        "/agents/0/toolset",
        f"/agents/{plain}/models/act",
        "/toolsets/0/tools/0/connector",
    }
    bad["models"][0]["odd"] = 1
    bad["models"][0]["api_key"] = "the key itself"
    del bad["agents"][0]["instructions"]
    problem = is_problem(admin.put(PATH, content=yaml.safe_dump(bad), headers=YAML), 422)
    assert {one.split(":")[0] for one in problem["problems"]} == {
        "/models/0/odd",
        "/models/0/api_key",
        "/agents/0/instructions",
    }
    assert read(admin) == before


def test_values_written_out_are_read_by_admins_only_and_hidden_ones_are_never_saved(
    admin: httpx.Client, operator: httpx.Client, viewer: httpx.Client
) -> None:
    whole, etag = read(admin)
    keyed = {
        "name": "keyed",
        "kind": "mcp_http",
        "url": "http://127.0.0.1:9/mcp?key=in-the-address",
        "headers": {"Authorization": "Bearer written-out", "X-Other": "secret:other"},
    }
    wider = {**whole, "connectors": [*whole["connectors"], keyed]}
    assert admin.put(PATH, json=wider, headers={"If-Match": etag}).status_code == 200
    assert keyed in read(admin)[0]["connectors"]
    for client in (operator, viewer):
        for accept in ("application/json", "application/yaml"):
            text = client.get(PATH, headers={"Accept": accept}).text
            assert "secret:other" in text and "only admins read it" in text
            assert "written-out" not in text and "in-the-address" not in text
    assert "Authorization" in viewer.get(PATH).headers["vary"]
    problem = is_problem(admin.put(PATH, json=read(viewer)[0]), 422)
    at = [one["name"] for one in read(viewer)[0]["connectors"]].index("keyed")
    assert {one.split(":")[0] for one in problem["problems"]} == {
        f"/connectors/{at}/url",
        f"/connectors/{at}/headers/Authorization",
    }
    assert keyed in read(admin)[0]["connectors"]
    assert admin.put(PATH, json=whole).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("", "application/json", 422),
        ("  ", "application/yaml", 422),
        ("# nothing", "application/yaml", 422),
        ("[]", "application/json", 422),
        ("- a", "application/yaml", 422),
        ("{", "application/json", 422),
        ("a: [", "application/yaml", 422),
        ("a: !!python/object:os.system {}", "application/yaml", 422),
        ("models: 2026-01-01", "application/yaml", 422),
        ("models: .nan", "application/yaml", 422),
        ("1: 2", "application/yaml", 422),
        ("models: []\nmodels: []", "application/yaml", 422),
        ('{"models": [], "models": []}', "application/json", 422),
        ("models: []", "text/plain", 415),
        (" " * 2_000_001, "application/yaml", 413),
    ],
)
def test_what_cannot_be_a_configuration_is_refused_with_a_sentence(
    admin: httpx.Client, body: str, kind: str, status: int
) -> None:
    before = read(admin)
    assert is_problem(admin.put(PATH, content=body, headers={"Content-Type": kind}), status)["detail"].endswith(".")
    assert read(admin) == before


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{inner}'] * 9)}]\n" for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]", "[" * 100_000, "a: *gone", "- &a {k: 1}\n- {<<: *a, k: 2, k: 3}"])
def test_yaml_that_explodes_or_repeats_is_refused_before_it_is_built(text: str) -> None:
    with pytest.raises(BadYaml):
        yaml_reading.read(text)


def test_yaml_with_a_few_aliases_is_fine() -> None:
    text = "base: &base {k: 1}\nx: {<<: *base, j: 2}\ny: [*base, *base]\nz: {a: &b {<<: *base, k: 3}}\nw: {<<: *b}"
    assert yaml_reading.read(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/yaml", True),
        ("text/yaml;q=0.5, application/json", False),
        ("application/json;q=0.5, text/yaml", True),
        ("application/yaml;q=odd", False),
    ],
)
def test_the_more_welcome_form_is_sent(accept: str, expected: bool) -> None:
    assert prefers_yaml(accept) is expected


def test_settings_and_standing_approvals_a_document_does_not_mention_stay_as_they_are(admin: httpx.Client) -> None:
    before, _ = read(admin)
    approval = {"name": "small", "connector": "crm", "tool": "get_order", "because": "It only reads."}
    with_both = before | {"settings": [{"name": "desk", "retention_days": 90}], "standing_approvals": [approval]}
    assert admin.put(PATH, json=with_both).status_code == 200
    assert admin.put(PATH, json=before).json() == {"changes": []}
    assert read(admin)[0]["settings"] == [{"name": "desk", "retention_days": 90}]
    assert admin.put(PATH, json=before | {"settings": [], "standing_approvals": []}).status_code == 200
    assert "settings" not in read(admin)[0]
