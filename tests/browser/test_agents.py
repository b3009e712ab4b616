"""Agents and models through their forms: every part comes back as it was saved, and what is missing is said and linked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, close, ready, running
from tests.fakes.processes import OpenAIServer, openai_server


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenAIServer]:
    with openai_server() as server:
        yield server


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data, MISTRAL_API_KEY="sk-a-value-nobody-sees") as started:
        yield started


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).click()


def unfold(page: Page, title: str) -> None:
    """By its link in the index, as the keyboard does it."""
    link = page.get_by_role("navigation", name="Parts of this form").get_by_role("link", name=title)
    link.focus()
    page.keyboard.press("Enter")


def agent(page: Page, console: Console, name: str) -> dict[str, Any]:
    answer = page.context.request.get(f"{console.url}/api/v1/configuration", headers={"Accept": "application/json"})
    return next(one for one in json.loads(answer.text())["agents"] if one["name"] == name)


def save(page: Page) -> None:
    press(page, "Save")
    page.wait_for_url(re.compile(r"/(agents|models)$"))


def test_saving_asks_nothing_and_leaving_unsaved_words_asks_and_says_what_is_still_here(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    go(page, "/agents/Mail clerk")
    page.get_by_label("What it does").press_sequentially("Writes letters. ")
    save(page)
    assert asked == []
    go(page, "/agents/Mail clerk")
    page.get_by_label("What it does").press_sequentially("Unsaved. ")
    page.evaluate("window.socket.disconnect(); location.reload()")  # as the page does when its server was started anew
    notice = page.get_by_role("alert").filter(has_text="This page has lost Quarterdeck")
    expect(notice).to_contain_text("What you typed is still here")
    expect(notice.get_by_role("link", name="Open it anew")).to_have_attribute("target", "_blank")
    assert asked == ["beforeunload"]
    assert "Unsaved." in page.get_by_label("What it does").input_value()


def test_a_name_that_cannot_be_is_said_once_though_toolset_and_policy_are_called_after_it(page: Page) -> None:
    go(page, "/agents/new")
    page.get_by_label("Name", exact=True).fill("Returns / helper?")
    page.get_by_label("Instructions").fill("You take things back.")
    choose(page, "Model", "demo")
    page.get_by_label("Search tools").fill("find_customer")
    page.get_by_label("Give find_customer", exact=True).check()
    press(page, "Save")
    expect(page.get_by_text("Up to 64 letters")).to_have_count(1)
    expect(page.get_by_text("1 field below needs another look.")).to_be_visible()


def test_a_new_session_offers_the_requests_of_its_agent_first(page: Page) -> None:
    go(page, "/sessions/new?agent=Mail+clerk")
    expect(page.get_by_role("heading", name="Try: ").first).to_have_text("Try: Mail clerk")


def test_every_part_of_an_agent_is_set_through_its_form(page: Page, console: Console) -> None:
    before = agent(page, console, "Privacy officer")
    go(page, "/agents/Privacy%20officer")
    unfold(page, "Inputs and answer")
    press(page, "Add an input")
    page.get_by_label("Input: key").fill("customer_id")
    page.get_by_label("Input: meaning").fill("Who wants to be forgotten")
    page.get_by_role("checkbox", name="needed").click()
    unfold(page, "Workflow")
    press(page, "Add a stage")
    page.get_by_label("Stage", exact=True).fill("Find")
    page.get_by_label("Goal", exact=True).fill("Find the customer.")
    press(page, "Add a stage")
    page.get_by_label("Stage", exact=True).nth(1).fill("Erase")
    page.get_by_label("Goal", exact=True).nth(1).fill("Erase them.")
    page.get_by_role("button", name="Up: stage 2").click()
    expect(page.get_by_label("Stage", exact=True).first).to_have_value("Erase")
    page.get_by_role("button", name="Down: stage 1").click()
    unfold(page, "Approvals")
    choose(page, "How many people", "Two")
    page.get_by_label("Hours to decide").fill("48")
    page.get_by_label("Hours until it stands out").fill("2")
    unfold(page, "Limits and fallback")
    page.get_by_label("Cost of a session, USD").fill("3")
    choose(page, "And then", "Hand the session to a person")
    unfold(page, "Memory")
    page.get_by_label("Summarise when so full, %").fill("80")
    page.get_by_label("Turns in the prompt").fill("12")
    expect(page.locator("#context summary")).to_contain_text("summarised at 80 % down to 70 %, 12 turns")
    page.get_by_role("checkbox", name="It may look up").click()
    page.get_by_role("checkbox", name="Nothing leaves our machines").click()
    save(page)

    after = agent(page, console, "Privacy officer")
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {"inputs", "workflow", "approval", "limits", "fallback", "context", "local_only"}
    assert after["inputs"] == {
        "type": "object",
        "properties": {"customer_id": {"type": "string", "description": "Who wants to be forgotten"}},
        "required": ["customer_id"],
    }
    assert [one["stage"] for one in after["workflow"]] == ["Find", "Erase"]
    assert (after["approval"]["people"], after["approval"]["decide_seconds"]) == (2, 172_800)
    assert (after["approval"]["escalate_seconds"], after["limits"]["session_cost_usd"]) == (7200, 3)
    assert (after["fallback"]["hand_over"], after["local_only"]) == (True, True)
    context = after["context"]
    assert (context["summarize_at"], context["window_turns"], context["recall"]) == (0.8, 12, True)


def test_what_is_wrong_in_a_folded_part_opens_it_and_everything_typed_is_kept(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    unfold(page, "Memory")
    page.get_by_label("Down to, %").fill("95")
    unfold(page, "Workflow")
    press(page, "Add a stage")
    page.get_by_label("Goal", exact=True).fill("Something.")
    page.locator("#context > summary").click()
    press(page, "Save")
    expect(page.locator(".qd-list-err")).to_contain_text("2 fields below need another look.")
    expect(page.locator(".qd-f", has=page.get_by_label("Down to, %")).last).to_contain_text("It has to be less")
    expect(page.locator("#workflow")).to_contain_text("Every stage needs a name and a goal")
    expect(page.get_by_label("Goal", exact=True)).to_have_value("Something.")


def test_who_types_on_while_a_row_is_added_is_not_carried_off_into_it(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    unfold(page, "Scenarios")
    words = page.get_by_label("Instructions")
    words.fill("Look first.")
    rows = page.get_by_label("Request", exact=True)
    before = rows.count()
    page.evaluate(
        """() => {
          const add = [...document.querySelectorAll("button")].find((one) => one.innerText.includes("Add a scenario"));
          add.focus();
          add.click();
          document.querySelector("[aria-label=Instructions]").focus();
        }"""
    )
    page.keyboard.press("End")
    page.keyboard.type(" Then ask whoever knows.", delay=40)
    expect(rows).to_have_count(before + 1)
    expect(words).to_have_value("Look first. Then ask whoever knows.")
    expect(rows.last).to_have_value("")


def test_who_types_already_is_not_carried_off_to_the_part_that_unfolds(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    words = page.get_by_label("Instructions")
    words.evaluate("(place) => { location.hash = '#approvals'; place.focus(); }")
    expect(page.locator("#approvals")).to_have_attribute("open", "")
    expect(words).to_be_focused()


def test_a_schema_that_is_no_json_is_said_where_it_is_typed(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    unfold(page, "Inputs and answer")
    page.locator("#inputs summary").filter(has_text="The rest, as JSON").first.click()
    page.get_by_label("Inputs: the rest, as JSON").fill("{no")
    page.get_by_label("Inputs: the rest, as JSON").press("Tab")
    expect(page.locator("#inputs")).to_contain_text("This is not JSON")


def test_instructions_are_shown_as_they_read_and_nothing_in_them_runs(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    page.get_by_label("Instructions").fill("# Steps\n\n- *look*\n\n<img src=x onerror=alert(1)>")
    press(page, "Preview")
    shown = page.locator(".qd-preview")
    expect(shown.locator("h1")).to_have_text("Steps")
    expect(shown.locator("em")).to_have_text("look")
    expect(shown.locator("img")).to_have_count(0)
    press(page, "Preview")
    expect(page.get_by_label("Instructions")).to_be_visible()


def test_a_scenario_is_tried_with_one_click(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Try it: Refund 15 euros").click()
    opened.value.wait_for_url("**/sessions/S-*")
    ready(opened.value)
    expect(opened.value.locator(".qd-top").get_by_text("Done")).to_be_visible()
    close(opened.value)


def test_a_request_that_nobody_takes_stands_out_in_the_inbox(page: Page) -> None:
    go(page, "/agents/Refund%20clerk")
    unfold(page, "Approvals")
    page.get_by_label("Hours until it stands out").fill("0.0003")  # a second
    save(page)
    go(page, "/sessions/new?agent=Refund%20clerk")
    page.get_by_label("What do you want?").fill("Please refund order 1755 in full, the goods arrived damaged.")
    press_start(page)
    go(page, "/inbox")
    late = page.get_by_role("option").filter(has_text="389")
    expect(late).to_contain_text("nobody has taken it")


def press_start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    expect(page.locator(".qd-top").get_by_text(re.compile("Waits|Waiting"))).to_be_visible()


def test_what_an_agent_lacks_is_said_in_the_list_and_on_its_page_with_the_way_there(page: Page) -> None:
    go(page, "/models/new")
    page.get_by_role("radio", name="A hosted provider").click()
    expect(page.get_by_label("Provider", exact=True)).to_be_visible()
    page.get_by_label("Name").fill("keyless")
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    choose(page, "Where it lives", "On our side")  # what this agent reads may not leave the house
    choose(page, "How the key is given", "From an environment variable")
    page.get_by_role("textbox", name="Variable").fill("NOT_THERE_KEY")
    save(page)
    go(page, "/agents/Refund%20clerk")
    choose(page, "Model", "keyless")
    save(page)
    row = page.get_by_role("row").filter(has_text="Refund clerk")
    expect(row.get_by_role("link", name="key missing")).to_have_attribute("href", "/models/keyless")
    row.get_by_role("link", name="Refund clerk").click()
    strip = page.get_by_role("region", name="Readiness")
    strip.locator("summary").click()
    expect(strip).to_contain_text("The key of the model keyless is not there.")
    expect(strip.get_by_role("link", name="Versions")).to_have_attribute("href", "/versions/agent/Refund%20clerk")


def test_what_was_ticked_is_there_again_when_its_toolset_is_chosen_again(page: Page, console: Console) -> None:
    mine, theirs = (agent(page, console, name)["toolset"] for name in ("Refund clerk", "Guarded clerk"))
    go(page, "/agents/Refund%20clerk")
    picked = page.locator(".qd-tt-row.qd-on")
    expect(picked.first).to_be_visible()
    before = picked.count()
    gone = page.get_by_role("checkbox", name=re.compile("^Give "), checked=True).first
    name = str(gone.get_attribute("aria-label"))
    gone.uncheck()
    expect(picked).to_have_count(before - 1)
    choose(page, "Toolset", "A new one of its own")
    expect(picked).to_have_count(0)
    page.get_by_label(name, exact=True).check()
    expect(picked).to_have_count(1)
    choose(page, "Toolset", theirs)
    expect(picked).to_have_count(11)
    choose(page, "Toolset", "A new one of its own")
    expect(picked).to_have_count(1)
    expect(page.get_by_label(name, exact=True)).to_be_checked()
    choose(page, "Toolset", mine)
    expect(picked).to_have_count(before - 1)
    expect(page.get_by_label(name, exact=True)).not_to_be_checked()


def test_another_toolset_is_chosen_and_its_picks_are_shown(page: Page, console: Console) -> None:
    go(page, "/agents/Refund%20clerk")
    mine = agent(page, console, "Refund clerk")["toolset"]
    theirs = agent(page, console, "Guarded clerk")["toolset"]
    assert mine != theirs
    choose(page, "Toolset", theirs)
    expect(page.locator(".qd-tt-row.qd-on")).to_have_count(11)
    save(page)
    assert agent(page, console, "Refund clerk")["toolset"] == theirs


def test_a_key_in_the_environment_offers_its_provider_and_is_never_shown(page: Page) -> None:
    go(page, "/models")
    offer = page.locator(".qd-offer").filter(has_text="MISTRAL_API_KEY")
    expect(offer).to_contain_text("Mistral")
    assert "sk-a-value-nobody-sees" not in page.content()
    offer.click()
    page.wait_for_url("**/models/new?*")
    ready(page)
    expect(page.locator(".qd-f", has=page.get_by_label("Provider", exact=True))).to_contain_text("Mistral")
    expect(page.get_by_role("textbox", name="Variable")).to_have_value("MISTRAL_API_KEY")
    assert "sk-a-value-nobody-sees" not in page.content()


def test_what_is_looked_up_moves_nothing_away_from_under_a_pressed_pointer(page: Page) -> None:
    go(page, "/models/new")
    page.get_by_label("Model", exact=True).fill("a-name-that-takes-two-lines-to-say-nobody-knows-it")
    where = page.get_by_label("Where it lives", exact=True)
    where.hover()
    page.mouse.down()  # leaves the field above, which is looked up
    expect(page.locator(".qd-modelcard")).to_contain_text("is not in litellm's list")
    page.mouse.up()
    expect(page.get_by_role("option", name="On our side")).to_be_visible()


def test_limits_and_prices_come_from_the_list_and_can_be_written_over(page: Page) -> None:
    go(page, "/models/new?key=MISTRAL_API_KEY")
    page.get_by_label("Model", exact=True).fill("mistral-large-latest")
    page.get_by_label("Model", exact=True).press("Tab")
    card = page.locator(".qd-modelcard")
    expect(card).to_contain_text("mistral/mistral-large-latest")
    expect(page.locator("datalist option[value=mistral-large-latest]")).to_be_attached()
    expect(page.get_by_label("Context window")).to_have_attribute("placeholder", re.compile(r"^\d{5,}$"))
    press(page, "Fill these in")
    expect(page.get_by_label("Context window")).to_have_value(re.compile(r"^\d{5,}$"))
    page.get_by_label("Model", exact=True).fill("nobody-knows-this")
    page.get_by_label("Model", exact=True).press("Tab")
    expect(card).to_contain_text("is not in litellm's list")


def test_a_price_that_cannot_be_is_refused_at_its_own_field_and_kept_as_typed(page: Page, console: Console) -> None:
    go(page, "/models/demo")
    page.get_by_label("In", exact=True).fill("5")
    page.get_by_label("Out", exact=True).fill("9")
    page.get_by_label("In, from the cache").fill("-1")
    press(page, "Test it")
    expect(page.get_by_text("Not asked.")).to_be_visible()
    press(page, "Save")
    wrong = page.locator(".qd-err", has_text="It has to be at least 0.")
    expect(wrong).to_have_count(1)
    field = page.locator(".qd-pair.qd-three .qd-f", has=page.get_by_label("In, from the cache"))
    expect(field).to_contain_text("It has to be at least 0.")
    expect(page.get_by_label("In, from the cache")).to_have_value("-1")
    answer = page.request.get(f"{console.url}/api/v1/configuration", headers={"Accept": "application/json"})
    assert "prices" not in next(one for one in answer.json()["models"] if one["name"] == "demo")


def test_a_servers_models_are_listed_one_is_chosen_and_each_thing_it_can_do_is_found_out(
    page: Page, provider: OpenAIServer
) -> None:
    go(page, "/models/new")
    page.get_by_label("Address").fill(provider.base_url.removesuffix("/v1"))
    press(page, "List its models")
    press(page, "fake-1")
    expect(page.get_by_label("Address")).to_have_value(provider.base_url)
    expect(page.get_by_label("Model", exact=True)).to_have_value("fake-1")
    expect(page.get_by_label("Name")).to_have_value("fake-1")
    expect(page.get_by_label("Where it lives")).to_have_value(re.compile("On our side"))
    press(page, "Test it")
    rows = page.locator(".qd-traits tr")
    for what in ("Answers", "Streams", "Calls tools", "Structured output", "Reports cached tokens"):
        expect(rows.filter(has_text=what)).to_contain_text("yes")
    expect(page.get_by_text("and called the test tool.")).to_be_visible()


def test_an_address_where_no_model_server_answers_is_said_to_be_none(page: Page, console: Console) -> None:
    go(page, "/models/new")
    page.get_by_label("Address").fill(console.url)
    press(page, "List its models")
    expect(page.locator(".qd-servermodels .qd-note")).to_contain_text("What answered there is not a model server")


def test_what_models_were_used_for_is_drawn_by_day(page: Page) -> None:
    go(page, "/models")
    expect(page.locator(".qd-plot canvas")).to_have_count(2)
    expect(page.locator(".qd-usage tr").filter(has_text="offline/operator")).to_contain_text("$")


def test_an_agent_is_made_with_the_keyboard_alone(page: Page, console: Console) -> None:
    go(page, "/agents/new")
    keys = page.keyboard
    page.get_by_label("Name").focus()
    keys.type("Keyed clerk")
    keys.press("Tab")
    keys.type("Made without a mouse")
    keys.press("Tab")
    keys.type("Look things up.")
    tab_to(page, "Model")
    keys.press("Enter")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    tab_to(page, "Search tools")
    keys.type("find_customer")
    expect(page.get_by_label("Give find_customer")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Space")
    expect(page.get_by_label("Give find_customer")).to_be_checked()
    tab_to_text(page, "Add a scenario")
    keys.press("Enter")
    expect(page.get_by_label("Request", exact=True)).to_be_focused()
    keys.type("Who is Ada?")
    page.locator(".qd-top").get_by_role("button", name="Save").focus()
    keys.press("Enter")
    page.wait_for_url("**/agents")
    made = agent(page, console, "Keyed clerk")
    assert (made["description"], made["scenarios"][0]["given"]) == ("Made without a mouse", "Who is Ada?")


def tab_to(page: Page, label: str) -> None:
    here = "document.activeElement"
    field = f"{here}?.closest('.q-field')?.querySelector(`[aria-label=\"${{wanted}}\"]`)"
    _tab(page, f"{here}?.getAttribute('aria-label') === wanted || !!{field}", label)


def tab_to_text(page: Page, words: str) -> None:
    _tab(page, "document.activeElement?.innerText?.trim() === wanted", words)


def _tab(page: Page, where: str, wanted: str) -> None:
    for _ in range(150):
        if page.evaluate(f"(wanted) => {where}", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {wanted}")
