"""Leaving the demo behind, by the forms alone: a model, an MCP server, an agent of two tools, and a session with it."""

import asyncio
import json
import re
import shlex
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from store.database import Database
from store.people import People, Role
from tests.browser.app import PASSWORD, Console, close, ready, running
from tests.fakes.processes import ROOT, OpenAIServer, openai_server

FAKES = ROOT / "tests" / "fakes"
KEY = "sk-a-key-for-the-house"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """With an admin and a viewer, each with a link to come in by."""
    data: Path = tmp_path_factory.mktemp("desk")
    with ThreadPoolExecutor() as aside:  # Playwright has a loop of its own running here
        (data / "link-of-vera").write_text(aside.submit(lambda: asyncio.run(add_people(data))).result())
    with running(data) as started:
        yield started


async def add_people(data: Path) -> str:
    """Returns the viewer's one-time link."""
    database = Database.open(data)
    people = People(database)
    await people.create("admin", "Admin", Role.ADMIN, None, by="test")
    await people.create("vera", "Vera Viewer", Role.VIEWER, None, by="test")
    link = await people.make_link("vera")
    database.close()
    return f"/link/{link}"


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenAIServer]:
    with openai_server() as server:
        yield server


@pytest.fixture(scope="module")
def viewer(browser: Browser, console: Console) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=console.url)
    page = context.new_page()
    page.goto((console.data / "link-of-vera").read_text())
    page.get_by_role("button", name="Sign in to Quarterdeck").click()
    page.wait_for_url("**/welcome")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form button").click()
    page.wait_for_url("**/inbox")
    close(page)
    yield context
    context.close()


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def fill_model(page: Page, provider: OpenAIServer, name: str, model: str = "fake-1") -> None:
    go(page, "/models/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Address").fill(provider.base_url)
    page.get_by_label("Model", exact=True).fill(model)


def add_server(page: Page, name: str, script: Path, *arguments: str) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Command").fill(sys.executable)
    page.get_by_label("Arguments").fill(shlex.join([str(script), *arguments]))
    page.get_by_label("Environment").fill(f"PYTHONPATH={ROOT}")


def card(page: Page, name: str) -> "Page":
    return page.locator("section.qd-card").filter(has=page.get_by_role("heading", name=name, exact=True))  # type: ignore


def test_a_model_is_tried_with_a_typed_key_before_anything_is_saved_and_the_key_is_kept_as_a_secret(
    page: Page, provider: OpenAIServer
) -> None:
    fill_model(page, provider, "house")
    page.get_by_label("How the key is given").click()
    page.get_by_role("option", name="Typed here, kept encrypted").click()
    page.get_by_label("API key", exact=True).fill(KEY)
    press(page, "Test it")
    expect(page.get_by_text("and called the test tool.")).to_be_visible()
    expect(page.locator(".qd-facts")).to_contain_text("Cost of the testunknown")
    assert provider.requests()[-1]["_authorization"] == f"Bearer {KEY}"
    go_on = page.context.new_page()
    go(go_on, "/models")
    expect(go_on.get_by_text("house", exact=True)).to_have_count(0)
    close(go_on)

    press(page, "Save")
    page.wait_for_url("**/models")
    row = page.get_by_role("row").filter(has_text="house")
    expect(row).to_contain_text("openai/fake-1")
    expect(row).to_contain_text("secret:house-key")
    expect(row).not_to_contain_text("missing")
    assert KEY not in page.content()


def test_a_model_that_refuses_says_why_and_a_mistake_is_named_beside_its_field_with_all_input_kept(
    page: Page, provider: OpenAIServer
) -> None:
    fill_model(page, provider, "-wrong", "status-401")
    page.get_by_label("Context window").fill("12")
    press(page, "Save")
    expect(page.locator(".qd-f", has=page.get_by_label("Context window"))).to_contain_text("It has to be at least 256.")
    expect(page.locator(".qd-f", has=page.get_by_label("Name"))).to_contain_text("Up to 64 letters")
    expect(page.get_by_label("Address")).to_have_value(provider.base_url)
    page.get_by_label("Name").fill("wrong")
    page.get_by_label("Context window").fill("")
    page.get_by_label("Context window").press("Tab")  # it is read when it is left
    expect(page.get_by_label("Context window")).to_have_value("")
    press(page, "Test it")
    expect(page.locator(".qd-note.qd-bad")).to_contain_text("401")


def test_a_test_that_takes_too_long_can_be_cancelled(page: Page, provider: OpenAIServer) -> None:
    fill_model(page, provider, "slow", "hang")
    press(page, "Test it")
    press(page, "Cancel")
    expect(page.get_by_text("Cancelled. Nothing was saved.")).to_be_visible()


def test_a_server_lists_its_tools_before_it_is_saved_and_says_why_when_it_cannot_start(page: Page) -> None:
    add_server(page, "desk", Path("/no/such/file.py"))
    press(page, "Connect and list tools")
    expect(page.locator(".qd-note.qd-bad")).to_contain_text("desk is not connected")
    expect(page.get_by_label("Last lines on stderr")).to_contain_text("No such file")
    page.get_by_label("Arguments").fill(shlex.quote(str(FAKES / "mcp_desk.py")))
    page.get_by_label("Environment").fill(f"PYTHONPATH={ROOT}\nAPI_TOKEN=plain")
    expect(page.get_by_text("API_TOKEN looks like a secret")).to_be_visible()
    page.get_by_label("Environment").fill(f"PYTHONPATH={ROOT}")
    press(page, "Connect and list tools")
    expect(page.get_by_text("It offers 7 tools")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="look_up")).to_contain_text("The server calls it read-only.")
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "desk")).to_contain_text("Connected: 7 tools.")


def test_an_agent_is_made_from_two_picked_tools_and_its_session_calls_one(page: Page) -> None:
    go(page, "/agents/new")
    expect(page.get_by_label("Give look_up")).to_be_attached()
    press(page, "Save")
    expect(page.locator(".qd-f", has=page.get_by_label("Name"))).to_contain_text("An agent needs a name.")
    page.get_by_label("Name").fill("Order clerk")
    page.get_by_label("Instructions").fill("Look orders up.")
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="house").click()
    press(page, "Add a scenario")
    page.get_by_label("Request", exact=True).fill("Where is order 1?")
    page.get_by_label("What should come of it").fill("Says where it is")
    for tool in ("look_up", "measure"):
        page.get_by_label("Search tools").fill(tool)
        page.get_by_label(f"Give {tool}").check()
    expect(page.locator(".qd-tt-meters")).to_contain_text(re.compile(r"2of \d+ tools"))
    expect(page.get_by_label("Risk of measure")).to_have_value("unknown")
    press(page, "Save")
    page.wait_for_url("**/agents")
    row = page.get_by_role("row").filter(has_text="Order clerk")
    expect(row).to_contain_text("2 tools")
    expect(row).to_contain_text("Order clerk policy")

    row.get_by_role("link", name="New session").click()
    page.wait_for_url("**/sessions/new?*")
    ready(page)
    page.get_by_text("Where is order 1?").click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    expect(page.get_by_text("desk.look_up")).to_be_visible()
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()


def test_changing_one_thing_of_an_agent_leaves_the_rest_of_its_document_alone(page: Page, console: Console) -> None:
    before = configuration(page, console)
    go(page, "/agents/Refund%20clerk")
    expect(page.locator(".qd-tt-row.qd-on")).to_have_count(8)
    page.get_by_label("What it does").fill("Refunds orders.")
    press(page, "Save")
    page.wait_for_url("**/agents")
    after = configuration(page, console)
    clerk = next(one for one in after["agents"] if one["name"] == "Refund clerk")
    assert clerk.pop("description") == "Refunds orders."
    original = next(one for one in before["agents"] if one["name"] == "Refund clerk")
    original.pop("description")
    assert clerk == original
    assert after["toolsets"] == before["toolsets"]


def configuration(page: Page, console: Console) -> dict:
    answer = page.context.request.get(f"{console.url}/api/v1/configuration", headers={"Accept": "application/json"})
    return json.loads(answer.text())


def test_what_is_in_use_is_not_deleted_and_the_refusal_says_by_whom(page: Page) -> None:
    go(page, "/models/house")
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“house” is still in use")).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text("agent “Order clerk”")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    go(page, "/connectors")
    card(page, "desk").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("toolset “Order clerk tools”")


def test_a_server_that_does_not_connect_is_saved_only_when_that_is_meant_and_its_traceback_stays_on_its_card(
    page: Page,
) -> None:
    add_server(page, "broken", Path("-c"), "raise RuntimeError('no such desk')")
    press(page, "Connect and list tools")
    expect(page.locator(".qd-note.qd-bad")).to_contain_text("is not connected")
    press(page, "Save")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Save it although it does not connect?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("broken")
    press(page, "Save")
    dialog.get_by_role("button", name="Save it all the same").click()
    page.wait_for_url("**/connectors")
    expect(card(page, "broken").locator(".qd-more")).to_contain_text("no such desk")
    go(page, "/agents/new")
    told = page.locator(".qd-note").filter(has_text="broken")
    expect(told).to_contain_text("is not connected")
    expect(told).not_to_contain_text(re.compile("Traceback|RuntimeError"))
    go(page, "/connectors")
    card(page, "broken").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing was deleted")).to_have_count(0)
    expect(card(page, "broken")).to_have_count(0)


def test_an_agent_without_tools_is_asked_about_before_it_is_made(page: Page) -> None:
    go(page, "/agents/new")
    page.get_by_label("Name").fill("Talker")
    page.get_by_label("Instructions").fill("Talk.")
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="house").click()
    press(page, "Save")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Save an agent without tools?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    press(page, "Save")
    dialog.get_by_role("button", name="Save without tools").click()
    page.wait_for_url("**/agents")
    expect(page.get_by_role("row").filter(has_text="Talker")).to_contain_text("0 tools")


@pytest.mark.parametrize(
    ("path", "theirs", "mine"),
    [
        ("/agents/Talker", ("What it does", "Chats."), ("Instructions", "Talk well.")),
        ("/models/house", ("Context window", "9000"), ("Longest answer", "700")),
        ("/connectors/desk", ("Longest call", "44"), ("Environment", f"PYTHONPATH={ROOT}\nMINE=1")),
    ],
)
def test_the_second_of_two_who_save_the_same_form_is_told_who_was_first_and_loses_nothing(
    page: Page, path: str, theirs: tuple[str, str], mine: tuple[str, str]
) -> None:
    go(page, path)
    first = page.context.new_page()
    go(first, path)
    first.get_by_label(theirs[0], exact=True).fill(theirs[1])
    press(first, "Save")
    asked = first.get_by_role("button", name="Save without tools")
    if path.startswith("/agents"):
        expect(asked).to_have_count(0)  # it had none before
    first.wait_for_url(re.compile(r"/(agents|models|connectors)$"))

    page.get_by_label(mine[0], exact=True).fill(mine[1])
    press(page, "Save")
    said = page.locator(".qd-list-err")
    expect(said).to_contain_text("admin changed the")
    expect(said).to_contain_text("What you typed is still here.")
    expect(said.locator(".qd-add")).to_contain_text([theirs[1]])
    expect(page.get_by_label(mine[0], exact=True)).to_have_value(mine[1])
    press(page, "Save my changes on top")
    page.wait_for_url(re.compile(r"/(agents|models|connectors)$"))
    go(page, path)
    expect(page.get_by_label(mine[0], exact=True)).to_have_value(mine[1])
    expect(page.get_by_label(theirs[0], exact=True)).to_have_value(theirs[1])
    close(first)


def test_guards_are_folded_and_say_what_they_switch_on(page: Page, console: Console) -> None:
    go(page, "/agents/Talker")
    fold = page.locator("details.qd-guards")
    expect(page.get_by_label("Guards", exact=True)).not_to_be_visible()
    fold.locator("> summary").press("Enter")
    page.get_by_label("Guards", exact=True).click()
    page.get_by_role("option", name="Back office").click()
    expect(fold).to_contain_text("a mistake costs more than a few further model calls")
    expect(fold).to_contain_text("The vote on destructive calls is left out")
    expect(fold.locator("> summary")).to_contain_text("Back office · 3 left out for want of a model")
    page.get_by_label("Judge", exact=True).click()
    page.get_by_role("option", name="house").click()
    page.keyboard.press("Escape")
    expect(fold.locator("> summary")).to_contain_text("1 left out")
    press(page, "Save")
    page.wait_for_url("**/agents")
    made = next(one for one in configuration(page, console)["agents"] if one["name"] == "Talker")
    assert (made["profile"], made["models"]["judge"]) == ("back_office", ["house"])


def test_what_the_drafts_of_people_and_tokens_lack_is_said_beside_them_and_enter_adds_them(page: Page) -> None:
    go(page, "/people")
    page.get_by_label("Sign-in name").fill("Not a name!")
    page.get_by_label("Sign-in name").press("Enter")
    expect(page.locator(".qd-f", has=page.get_by_label("Sign-in name"))).to_contain_text("1 to 40 letters")
    page.get_by_label("Sign-in name").fill("zoe")
    page.get_by_label("Full name").fill("Zoë <b>Zander</b> " + "x" * 60)
    page.get_by_label("Full name").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("/link/")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Zoë <b>Zander</b>")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("Sign-in link: zoe", "Disable: zoe"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Disable: zoe").click()
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("row").filter(has_text="Zoë")).to_contain_text("disabled")


def test_ones_own_role_is_given_away_only_when_that_is_meant(page: Page) -> None:
    go(page, "/people")
    page.get_by_label("Role of admin").click()
    page.get_by_role("option", name="Viewer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You cannot take it back yourself")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("tr", has_text="you").locator(".q-field__native")).to_contain_text("Admin")


def test_a_changed_definition_is_shown_as_a_difference_and_accepted(page: Page, console: Console) -> None:
    path = console.data / "words.txt"
    path.write_text("Counts sheep.")
    add_server(page, "shepherd", FAKES / "mcp_words.py", str(path))
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "shepherd")).to_contain_text("Connected: 1 tool.")
    make_and_start(page, "Shepherd", "count")

    path.write_text("Counts wolves.")
    go(page, "/connectors")
    card(page, "shepherd").get_by_role("button", name="Restart").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    changed = page.locator(".qd-drift")
    expect(changed.locator(".qd-del").filter(has_text="sheep")).to_be_visible()
    expect(changed.locator(".qd-add").filter(has_text="wolves")).to_be_visible()
    go(page, "/agents")
    expect(page.get_by_role("row").filter(has_text="Shepherd")).to_contain_text("1 held back")
    go(page, "/connectors")
    changed.get_by_role("button", name="Accept new").click()
    expect(changed).to_have_count(0)


def make_and_start(page: Page, name: str, tool: str) -> None:
    """A definition is pinned when it is first offered to a model."""
    go(page, "/agents/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Instructions").fill("Count.")
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="house").click()
    page.get_by_label(f"Give {tool}", exact=True).check()
    press(page, "Save")
    page.wait_for_url("**/agents")
    go(page, f"/sessions/new?agent={name}")
    page.get_by_label("What do you want?").fill("Count them.")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    expect(page.locator(".qd-top").get_by_text(re.compile("Done|Waits"))).to_be_visible()


def test_a_secret_is_set_by_name_and_never_shown(page: Page) -> None:
    go(page, "/connectors")
    page.get_by_label("Name of the secret").fill("crm-token")
    page.get_by_label("Value of the secret").fill("s3cret-words")
    press(page, "Keep it")
    expect(page.locator(".qd-line").filter(has_text="crm-token")).to_contain_text("nothing refers to it")
    expect(page.locator(".qd-line").filter(has_text="house-key")).to_contain_text("model “house”")
    page.reload()
    assert "s3cret-words" not in page.content()


@pytest.mark.parametrize(
    "path", ["/models", "/models/demo", "/connectors", "/connectors/crm", "/agents", "/agents/Refund%20clerk"]
)
def test_a_viewer_looks_and_finds_nothing_that_acts(viewer: BrowserContext, path: str) -> None:
    page = viewer.new_page()
    go(page, path)
    expect(page.locator(".qd-top h1")).to_be_visible()
    for words in (
        "Save",
        "Delete",
        "Test it",
        "Refresh tools",
        "Restart",
        "Keep it",
        "Connect and list tools",
        "Accept new",
    ):
        expect(page.get_by_role("button", name=words, exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Add|Make an agent|New session"))).to_have_count(0)
    expect(
        page.locator(".qd-doc input:not([readonly]):not([disabled]):not(.qd-search):not([type=radio])")
    ).to_have_count(0)
    close(page)


def test_a_viewer_sees_no_value_that_is_written_out_in_a_connector(viewer: BrowserContext, page: Page) -> None:
    add_server(page, "keyed", FAKES / "mcp_desk.py")
    page.get_by_label("Environment").fill(f"PYTHONPATH={ROOT}\nAPI_TOKEN=written-out-key")
    press(page, "Save")
    page.wait_for_url("**/connectors")
    looking = viewer.new_page()
    go(looking, "/connectors/keyed")
    expect(looking.get_by_label("Environment")).to_have_value(re.compile(r"API_TOKEN=\(hidden: only admins read it\)"))
    assert "written-out-key" not in looking.content()
    close(looking)


def test_a_secret_is_replaced_only_through_its_own_button(page: Page) -> None:
    go(page, "/connectors")
    page.get_by_label("Name of the secret").fill("crm-token")
    page.get_by_label("Value of the secret").fill("another")
    page.get_by_label("Value of the secret").press("Enter")
    expect(page.get_by_text("Press Replace beside it")).to_be_visible()
    page.get_by_role("button", name="Replace: crm-token").click()
    expect(page.get_by_label("Value of the secret")).to_be_focused()
    page.get_by_label("Value of the secret").press("Enter")
    expect(page.get_by_text("crm-token is replaced.")).to_be_visible()


def test_three_hundred_tools_are_filtered_in_the_browser(page: Page, console: Console) -> None:
    path = console.data / "many.txt"
    path.write_text("300")
    add_server(page, "many", FAKES / "mcp_words.py", str(path))
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(card(page, "many")).to_contain_text("Connected: 300 tools.")
    go(page, "/agents/new")
    page.get_by_label("Search tools").fill("tool_29")
    expect(page.locator(".qd-tt-row:visible").filter(has_text="tool_29")).to_have_count(11)
