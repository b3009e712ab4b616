"""Connecting systems by the forms: from the library, by keyboard alone, with keys that nobody reads again, by sign-in."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.app import Console, ready
from tests.fakes.mcp_raw_http import serving
from tests.fakes.processes import ROOT
from tests.foreign.npm_servers import npm_servers, script

__all__ = ["npm_servers"]
FAKES = ROOT / "tests" / "fakes"
PETS = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example/v1"}],
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getPet", "summary": "One pet.", "responses": {"200": {"description": "It"}}},
            "delete": {"operationId": "deletePet", "responses": {"204": {"description": "Gone"}}},
        }
    },
}


@pytest.fixture(scope="module")
def console(used_console: Console) -> Console:
    return used_console


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def card(page: Page, name: str) -> Page:
    return page.locator("section.qd-card").filter(has=page.get_by_role("heading", name=name, exact=True))  # type: ignore


def beside(page: Page, label: str) -> Page:
    """The field with this input, and the sentence beside it."""
    return page.locator(".qd-f", has=page.get_by_label(label, exact=True)).last  # type: ignore


def configuration(page: Page, console: Console) -> dict:
    answer = page.context.request.get(f"{console.url}/api/v1/configuration", headers={"Accept": "application/json"})
    return json.loads(answer.text())


def connector(page: Page, console: Console, name: str) -> dict | None:
    return next((one for one in configuration(page, console)["connectors"] if one["name"] == name), None)


def saved(page: Page, console: Console, name: str) -> dict:
    found = connector(page, console, name)
    assert found is not None
    return found


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until what has the focus is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.innerText || '' }"
        )
        if called.strip().startswith(words):
            return
    raise AssertionError(f"Tab never came to {words!r}")


def test_the_filesystem_server_is_connected_from_the_library_by_keyboard_alone(
    page: Page, console: Console, npm_servers: None, tmp_path: Path
) -> None:
    folder = tmp_path / "files for agents"
    folder.mkdir()
    go(page, "/connectors")
    page.get_by_role("link", name="Add a connector").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/connect")
    ready(page)
    tab_to(page, "Filesystem")
    page.keyboard.press("Enter")
    page.wait_for_url("**/connectors/new?preset=filesystem")
    ready(page)
    expect(page.get_by_label("Command")).to_have_value("npx")
    tab_to(page, "Connect and list tools")
    page.keyboard.press("Enter")
    expect(beside(page, "Arguments")).to_contain_text("The one folder agents may use: fill it in above.")
    page.get_by_label("Name").focus()
    tab_to(page, "The one folder agents may use")
    page.keyboard.type(str(folder))
    expect(page.get_by_label("Arguments")).to_have_value(re.compile(re.escape(f"'{folder}'") + "$"))
    tab_to(page, "Command")
    page.keyboard.press("Control+a")
    page.keyboard.type("node")
    tab_to(page, "Arguments")
    page.keyboard.press("Control+a")
    page.keyboard.type(shlex.join([str(script("filesystem")), str(folder)]))
    tab_to(page, "Connect and list tools")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It offers 14 tools")).to_be_visible()
    expect(page.locator(".qd-picks li")).to_have_count(6)
    tab_to(page, "Save with this toolset")
    page.keyboard.press("Enter")
    page.wait_for_url("**/connectors")
    expect(card(page, "filesystem")).to_contain_text("Connected: 14 tools.")
    made = configuration(page, console)
    toolset = next(one for one in made["toolsets"] if one["name"] == "filesystem tools")
    assert {one["tool"]: one["risk"] for one in toolset["tools"]}["write_file"] == "destructive"
    assert len(toolset["tools"]) == 6


def test_a_connector_that_a_toolset_uses_is_not_deleted_and_the_refusal_names_it(page: Page, npm_servers: None) -> None:
    go(page, "/connectors/filesystem")
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("toolset “filesystem tools”")


def test_a_typed_token_reaches_the_server_is_kept_encrypted_and_is_on_no_page(page: Page, console: Console) -> None:
    token = "a-token-only-the-server-knows"
    with serving() as server:
        go(page, "/connectors/new?kind=mcp_http")
        page.get_by_label("Name").fill("remote")
        page.get_by_label("Address", exact=True).fill(server.url)
        page.get_by_label("How it is told who asks").click()
        page.get_by_role("option", name="Bearer token").click()
        press(page, "Connect and list tools")
        expect(beside(page, "Token")).to_contain_text("Give it, or choose another way.")
        page.get_by_label("Token", exact=True).fill(token)
        press(page, "Connect and list tools")
        expect(page.get_by_text("It offers 1 tool")).to_be_visible()
        assert server.seen[-1]["authorization"] == f"Bearer {token}"
        assert connector(page, console, "remote") is None
        press(page, "Save")
        page.wait_for_url("**/connectors")
        expect(card(page, "remote")).to_contain_text("Connected: 1 tool.")
        assert saved(page, console, "remote")["auth"] == {"kind": "bearer", "value": "secret:remote-token"}
        for path in ("/connectors", "/connectors/remote"):
            go(page, path)
            assert token not in page.content()
        expect(page.get_by_label("How the token is given")).to_have_value("A secret that is already kept")
    assert token not in "".join(console.lines)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('CRM_KEY is not set')", "CRM_KEY is not set"),
        ("pass", "its process ended before it answered"),
    ],
)
def test_a_server_that_exits_at_once_or_misses_a_key_says_so_and_nothing_is_saved(
    page: Page, console: Console, code: str, said: str
) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill("quitter")
    page.get_by_label("Command").fill(sys.executable)
    page.get_by_label("Arguments").fill(shlex.join(["-c", code]))
    press(page, "Connect and list tools")
    expect(page.locator(".qd-trial")).to_contain_text("quitter is not connected")
    expect(page.locator(".qd-trial")).to_contain_text(said)
    assert connector(page, console, "quitter") is None


def test_a_server_that_never_answers_is_cancelled(page: Page) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill("sleeper")
    page.get_by_label("Command").fill(sys.executable)
    page.get_by_label("Arguments").fill(shlex.join(["-c", "import signal; signal.pause()"]))
    press(page, "Connect and list tools")
    press(page, "Cancel")
    expect(page.get_by_text("Cancelled; nothing is left running.")).to_be_visible()


def test_what_a_server_prints_is_seen_live_with_its_errors_and_it_is_reconnected(page: Page) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill("chatty")
    page.get_by_label("Command").fill(sys.executable)
    code = "import sys; print('warming <b>up</b>', file=sys.stderr, flush=True); sys.stdin.readline(); sys.exit(3)"
    page.get_by_label("Arguments").fill(shlex.join(["-c", code]))
    press(page, "Save")
    page.wait_for_url("**/connectors")
    go(page, "/connectors/chatty")
    live = page.locator(".qd-live")
    expect(live).to_contain_text("Now: down")
    expect(live.get_by_label("Last lines on stderr")).to_contain_text("warming <b>up</b>")
    expect(live.locator(".qd-faults")).to_contain_text("chatty is not connected")
    page.get_by_label("Arguments").fill(shlex.quote(str(FAKES / "mcp_desk.py")))
    page.get_by_label("Environment").fill(f"PYTHONPATH={ROOT}")
    press(page, "Save")
    page.wait_for_url("**/connectors")
    go(page, "/connectors/chatty")
    expect(live).to_contain_text("Now: up")
    press(page, "Reconnect")
    page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    expect(live).to_contain_text("Now: up")


def test_what_a_preset_needs_fills_the_form_and_its_key_is_kept_as_a_secret(page: Page, console: Console) -> None:
    go(page, "/connectors/new?preset=gitlab")
    press(page, "Connect and list tools")
    expect(beside(page, "Environment")).to_contain_text("It needs GITLAB_API_URL")
    page.get_by_label("Address of its API").fill("https://gitlab.example/api/v4")
    expect(page.get_by_label("Environment")).to_have_value("GITLAB_API_URL=https://gitlab.example/api/v4")
    page.get_by_label("Access token").fill("glpat-nobody-reads-this")
    page.get_by_label("Command").fill(sys.executable)
    page.get_by_label("Arguments").fill(shlex.quote(str(FAKES / "mcp_desk.py")))
    page.get_by_label("Environment").fill(f"GITLAB_API_URL=https://gitlab.example/api/v4\nPYTHONPATH={ROOT}")
    press(page, "Connect and list tools")
    expect(page.get_by_text("It offers 7 tools")).to_be_visible()
    expect(page.get_by_role("button", name="Save with this toolset")).to_have_count(0)  # it has none of them
    press(page, "Save")
    page.wait_for_url("**/connectors")
    reference = saved(page, console, "gitlab")["env"]["GITLAB_PERSONAL_ACCESS_TOKEN"]
    assert reference == "secret:gitlab-gitlab_personal_access_token"
    expect(card(page, "gitlab")).to_contain_text("Connected: 7 tools.")
    go(page, "/connectors/gitlab")
    assert "glpat" not in page.content()


def test_a_server_that_prints_junk_is_used_and_the_junk_is_named(page: Page) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill("noisy")
    page.get_by_label("Command").fill(sys.executable)
    page.get_by_label("Arguments").fill(shlex.join([str(FAKES / "mcp_raw.py"), "junk"]))
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "noisy")).to_contain_text("it prints text to stdout that is not MCP")


def upload(page: Page, name: str, content: bytes) -> None:
    file = FilePayload(name=name, mimeType="application/json", buffer=content)
    page.locator(".q-uploader input[type=file]").set_input_files(file)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.json", b'{"hello": "world"}', "has no key “openapi”"),
        ("old.json", b'{"swagger": "2.0", "paths": {}}', "Swagger 2.0"),
        ("page.yaml", b"<!doctype html>", "This is a web page"),
        ("picture.json", b"\xff\xfe\x00\x01", "no text in UTF-8"),
        ("round.yaml", b"openapi: 3.0.0\npaths: &again\n  /x: *again\n", "contains itself"),
        ("huge.json", b" " * 20_000_000, "larger than 16 MB"),
    ],
)
def test_a_file_that_is_no_description_is_refused_beside_its_field(
    page: Page, name: str, content: bytes, said: str
) -> None:
    go(page, "/connectors/new?kind=openapi")
    upload(page, name, content)
    expect(beside(page, "Description")).to_contain_text(said)
    press(page, "Connect and list tools")
    expect(beside(page, "Description")).to_contain_text("Give the address of the description, or a file.")


@pytest.fixture
def somewhere() -> Iterator[str]:
    """A service that is there; nothing of it is called."""
    with serving() as server:
        yield server.url


def test_an_uploaded_description_becomes_tools_with_risks_by_their_methods(
    page: Page, console: Console, somewhere: str
) -> None:
    go(page, "/connectors/new?kind=openapi")
    page.get_by_label("Name").fill("pets")
    page.get_by_label("Base address").fill(somewhere)
    upload(page, "pets.json", json.dumps(PETS).encode())
    expect(page.get_by_text("“pets.json” was taken")).to_be_visible()
    press(page, "Connect and list tools")
    expect(page.get_by_text("It offers 2 tools")).to_be_visible()
    rows = page.locator(".qd-trial tbody tr")
    expect(rows.filter(has_text="getPet").locator(".qd-risk").first).to_contain_text("Read")
    expect(rows.filter(has_text="deletePet").locator(".qd-risk").first).to_contain_text("Destructive")
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "pets")).to_contain_text("2 tools")
    assert json.loads(saved(page, console, "pets")["spec_text"]) == PETS
    go(page, "/connectors/pets")
    press(page, "Save")  # what was uploaded stays, though no page holds it
    page.wait_for_url("**/connectors")
    assert json.loads(saved(page, console, "pets")["spec_text"]) == PETS


def test_hosts_that_http_get_may_ask_are_hosts_and_no_addresses(page: Page, console: Console) -> None:
    go(page, "/connectors/new?kind=builtin")
    page.get_by_label("Name").fill("web")
    page.get_by_label("Hosts that HTTP GET may ask").fill("https://example.org/path")
    press(page, "Save")
    expect(beside(page, "Hosts that HTTP GET may ask")).to_contain_text("is no host")
    page.get_by_label("Hosts that HTTP GET may ask").fill("example.org\n*.example.com")
    press(page, "Save")
    page.wait_for_url("**/connectors")
    assert saved(page, console, "web")["allow"] == ["example.org", "*.example.com"]


@pytest.fixture(scope="module")
def office() -> Iterator[str]:
    """A remote MCP server with a sign-in page of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.mcp_oauth"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.wait()


def test_a_remote_server_is_connected_by_signing_in_at_its_own_page(page: Page, console: Console, office: str) -> None:
    go(page, "/connectors/new?kind=mcp_http")
    page.get_by_label("Name").fill("pages")
    page.get_by_label("Address", exact=True).fill(f"{office}/mcp")
    page.get_by_label("How it is told who asks").click()
    page.get_by_role("option", name="OAuth, a person signs in").click()
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "pages")).to_contain_text("pages needs a sign-in: nobody has signed in yet.")

    go(page, "/connectors/pages")
    press(page, "Sign in to pages")
    page.get_by_role("link", name="Deny").click()
    page.wait_for_url("**/oauth/callback?*")
    expect(page.get_by_text("The sign-in to pages was not agreed to there. Nothing changed.")).to_be_visible()

    go(page, "/connectors/pages")
    press(page, "Sign in to pages")
    page.get_by_role("link", name="Agree").click()
    page.wait_for_url("**/connectors/pages")
    ready(page)
    expect(page.locator(".qd-live")).to_contain_text("Connected: 1 tool.")
    tokens = httpx.get(f"{office}/issued", trust_env=False).json()["tokens"]
    go(page, "/connectors")
    shown = page.content() + json.dumps(configuration(page, console)) + "".join(console.lines)
    assert not [token for token in tokens if token in shown]
    assert "oauth.pages" not in page.locator("#secrets").inner_text()

    go(page, "/connectors/pages")
    press(page, "Sign out there")
    page.get_by_role("dialog").get_by_role("button", name="Sign out there").click()
    expect(page.locator(".qd-live")).to_contain_text("signed out. An admin signs in on its page under Connectors.")
    expect(page.get_by_role("button", name="Sign in to pages")).to_be_visible()


def test_a_sign_in_to_a_connector_that_was_deleted_meanwhile_says_so(page: Page, console: Console, office: str) -> None:
    headers = {"Authorization": f"Bearer {console.token('otto', 'admin')}"}
    gone = {"name": "gone", "kind": "mcp_http", "url": f"{office}/mcp", "auth": {"kind": "oauth"}}
    with httpx.Client(base_url=f"{console.url}/api/v1", headers=headers, timeout=30, trust_env=False) as api:
        before = api.get("/configuration").json()
        wanted = {**before, "connectors": [*before["connectors"], gone]}
        assert api.put("/configuration", json=wanted).status_code == 200
        go(page, "/connectors/gone")
        press(page, "Sign in to gone")
        agree = page.get_by_role("link", name="Agree")
        expect(agree).to_be_visible()
        assert api.put("/configuration", json=before).status_code == 200
    agree.click()
    expect(page.get_by_text("gone was deleted or changed meanwhile; no sign-in to it was kept.")).to_be_visible()


def test_a_callback_that_nobody_here_began_changes_nothing(page: Page) -> None:
    page.goto("/oauth/callback?state=made-up&code=mine")
    expect(page.get_by_text("was not begun in this browser")).to_be_visible()
