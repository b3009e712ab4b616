"""Settings: the emergency stop on every page, budgets, old texts, the configuration as a file, and the outbox."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.app import Console, close, ready, running, sign_in

BANNER = ".qd-held"


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def stored(console: Console, *, by: str) -> tuple[httpx.Client, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {console.token(by, 'admin')}"}
    client = httpx.Client(base_url=console.url, headers=headers, timeout=60)
    return client, client.get("/api/v1/configuration").json()


def test_on_a_fresh_desk_the_second_of_two_admins_is_told_and_both_budgets_are_kept(
    page: Page, console: Console
) -> None:
    """The first of the file: nobody has saved any settings yet."""
    go(page, "/settings")
    client, whole = stored(console, by="ben")
    assert "settings" not in whole
    theirs = {"name": "desk", "budget_usd_per_day": 9, "agent_budgets_usd": {"Mail clerk": 3}}
    assert client.put("/api/v1/configuration", json=whole | {"settings": [theirs]}).status_code == 200
    page.get_by_label("Budget of Refund clerk").fill("2.5")
    press(page, "Save")
    expect(page.locator(".qd-list-err")).to_contain_text("ben changed the settings “desk” after you opened it")
    press(page, "Save my changes on top")
    expect(page.get_by_text("Refund clerk has spent")).to_be_visible()
    [settings] = client.get("/api/v1/configuration").json()["settings"]
    assert settings == theirs | {"agent_budgets_usd": {"Mail clerk": 3, "Refund clerk": 2.5}}
    client.close()


def test_a_letter_is_approved_leaves_by_smtp_and_stands_in_the_outbox_as_text(page: Page) -> None:
    outbox = page.context.new_page()
    go(outbox, "/outbox")
    expect(outbox.get_by_text("Nothing has been sent yet")).to_be_visible()
    go(page, "/sessions/new?agent=Mail+clerk")
    page.get_by_label("What do you want?").fill(
        "Write to orders@tentpoles.example that we need 40 <b>spare</b> poles by Friday."
    )
    page.get_by_role("button", name="Start").first.click()
    page.wait_for_url("**/sessions/S-*")
    go(page, "/inbox")
    page.get_by_role("button", name="Approve").first.click()
    letter = outbox.get_by_role("article")
    expect(letter).to_contain_text("To orders@tentpoles.example")
    expect(letter).to_contain_text("<b>spare</b>")
    expect(letter.locator("b")).to_have_count(0)
    close(outbox)


def test_the_emergency_stop_is_pulled_by_keyboard_shown_on_every_page_and_lifted_with_one_click(page: Page) -> None:
    other = page.context.new_page()
    go(other, "/sessions")
    go(page, "/settings")
    expect(page.locator(BANNER)).to_be_hidden()
    page.get_by_label("Why (it stays in the record)").focus()
    page.keyboard.type("It smells of smoke.")
    press(page, "Stop now")
    for one in (page, other):
        expect(one.locator(BANNER)).to_contain_text("Emergency stop: admin stopped everything")
        expect(one.locator(BANNER)).to_contain_text("It smells of smoke.")
    go(other, "/sessions/new?agent=Refund+clerk")
    other.get_by_label("What do you want?").fill("What is the status of order 1755?")
    other.get_by_role("button", name="Start").first.click()
    expect(other.get_by_text("It smells of smoke.").nth(1)).to_be_visible()
    press(page, "Lift: everything")
    for one in (page, other):
        expect(one.locator(BANNER)).to_be_hidden()
    expect(page.get_by_text("Nothing is stopped.")).to_be_visible()
    close(other)


def test_one_tool_is_found_by_typing_and_stopped(page: Page) -> None:
    go(page, "/settings")
    page.get_by_label("What to stop").click()
    page.get_by_role("option", name="One tool").click()
    page.get_by_label("Why (it stays in the record)").fill("It refunds too much.")
    press(page, "Stop now")
    expect(page.get_by_text("Nothing was stopped: choose what is to stop.")).to_be_visible()
    page.get_by_label("Which one").press_sequentially("refund_o")
    page.get_by_role("option", name="crm/refund_order").click()
    press(page, "Stop now")
    expect(page.locator(BANNER)).to_contain_text("It refunds too much.")
    page.get_by_role("button", name="Lift: ").click()
    expect(page.locator(BANNER)).to_be_hidden()


def test_without_a_reason_nothing_is_stopped(page: Page) -> None:
    go(page, "/settings")
    press(page, "Stop now")
    expect(page.get_by_text("A stop needs a reason")).to_be_visible()
    expect(page.get_by_text("Nothing is stopped.")).to_be_visible()


def test_budgets_and_retention_are_saved_and_say_what_they_would_do(page: Page) -> None:
    go(page, "/settings")
    page.get_by_label("Budget per day", exact=True).fill("5")
    page.get_by_label("Budget of Refund clerk").fill("2.5")
    page.get_by_label("Keep texts for").fill("30")
    page.get_by_label("Keep texts for").press("Tab")
    expect(page.get_by_text("Would erase the texts of 0 sessions")).to_be_visible()
    press(page, "Save")
    expect(page.get_by_text("of $5.00 today.").first).to_be_visible()
    expect(page.get_by_text("Refund clerk has spent")).to_be_visible()
    expect(page.get_by_label("Keep texts for")).to_have_value("30")
    press(page, "Erase now")
    page.get_by_role("dialog").get_by_role("button", name="Erase", exact=True).click()
    expect(page.get_by_text("The texts of 0 sessions are erased.")).to_be_visible()
    go(page, "/activity?action=old+texts+erased")
    expect(page.locator("main, body").first).to_contain_text("ended more than 30 days ago")
    go(page, "/settings")
    page.get_by_label("Warn from").fill("200")
    page.get_by_label("Warn from").press("Tab")
    press(page, "Save")
    wrong = page.locator(".qd-f", has=page.get_by_label("Warn from"))
    expect(wrong).to_contain_text("It has to be more than 0 and at most 100.")
    page.get_by_label("Warn from").fill("80")
    page.get_by_label("Budget per day", exact=True).fill("-5")
    press(page, "Save")
    expect(page.get_by_label("Budget per day", exact=True)).to_have_value("-5")
    expect(page.locator(".qd-f", has=page.get_by_label("Budget per day", exact=True))).to_contain_text("more than 0")


def test_the_configuration_is_downloaded_changed_looked_at_and_taken_over(page: Page, tmp_path: Path) -> None:
    go(page, "/settings")
    with page.expect_download() as download:
        press(page, "Download the configuration")
    file = tmp_path / "configuration.yaml"
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert "name: Refund clerk" in text
    page.get_by_label("Configuration as YAML").fill(text)
    press(page, "Look at the changes")
    expect(page.get_by_text("there is nothing to change")).to_be_visible()
    file.write_text(text.replace("description: Looks up orders", "description: Reads orders"), encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("1 document would change")).to_be_visible()
    page.locator(".qd-changes summary").click()
    expect(page.locator(".qd-changes .qd-add")).to_contain_text("Reads orders")
    press(page, "Apply to 1 document")
    expect(page.get_by_text("1 document changed.")).to_be_visible()


def test_a_file_with_mistakes_changes_nothing_and_names_each_path(page: Page) -> None:
    go(page, "/settings")
    page.get_by_label("Configuration as YAML").fill("agents: [{name: A, toolset: none}]")
    press(page, "Look at the changes")
    expect(page.get_by_text("/agents/0/instructions: Field required")).to_be_visible()
    page.get_by_label("Configuration as YAML").fill("modles: []\nmodels: none")
    press(page, "Look at the changes")
    expect(page.get_by_text("/modles: nothing of this name is known here")).to_be_visible()
    expect(page.get_by_text("/models: it has to be a list")).to_be_visible()
    picture = FilePayload(name="desk.png", mimeType="image/png", buffer=b"\x89PNG")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_text("choose a file that ends in .yaml, .yml or .json")).to_be_visible()
    page.get_by_label("Configuration as YAML").fill("agents: [")
    press(page, "Look at the changes")
    expect(page.locator(".qd-changes .qd-bad")).to_be_visible()


@pytest.mark.parametrize("value", ["!!binary gA==", ".nan", "2026-01-01"])
def test_a_value_that_the_api_refuses_is_refused_here_with_the_same_sentence(
    page: Page, console: Console, value: str
) -> None:
    go(page, "/settings")
    agent = f"agents: [{{name: A, instructions: x, toolset: t, policy: p, models: {{act: [m]}}, inputs: {{default: {value}}}}}]"
    head = {"Authorization": f"Bearer {console.token('nina', 'admin')}", "Content-Type": "application/yaml"}
    refused = httpx.put(f"{console.url}/api/v1/configuration", content=agent, headers=head)
    assert refused.status_code == 422
    page.get_by_label("Configuration as YAML").fill(agent)
    press(page, "Look at the changes")
    expect(page.locator(".qd-changes")).to_contain_text(refused.json()["detail"])


def test_an_import_that_would_lift_a_stop_is_refused(page: Page, console: Console) -> None:
    go(page, "/settings")
    page.get_by_label("Why (it stays in the record)").fill("Smoke again.")
    press(page, "Stop now")
    expect(page.locator(BANNER)).to_contain_text("Smoke again.")
    page.get_by_label("Configuration as YAML").fill("settings: []")
    press(page, "Look at the changes")
    expect(page.get_by_text("it would lift an emergency stop")).to_be_visible()
    press(page, "Lift: everything")
    expect(page.locator(BANNER)).to_be_hidden()


def test_on_a_fresh_desk_a_budget_is_saved_after_a_stop_was_pulled_there_and_the_stop_stays(
    browser: Browser, tmp_path: Path
) -> None:
    with running(tmp_path) as fresh:
        context = sign_in(browser, fresh)
        page = context.new_page()
        go(page, "/settings")
        page.get_by_label("Why (it stays in the record)").fill("Smoke.")
        press(page, "Stop now")
        expect(page.locator(BANNER)).to_contain_text("Smoke.")
        page.get_by_label("Budget per day", exact=True).fill("12")
        press(page, "Save")
        expect(page.get_by_text("of $12.00 today.").first).to_be_visible()
        expect(page.locator(BANNER)).to_contain_text("Smoke.")
        client, whole = stored(fresh, by="ben")
        [settings] = whole["settings"]
        assert (settings["budget_usd_per_day"], [one["because"] for one in settings["halts"]]) == (12, ["Smoke."])
        press(page, "Lift: everything")
        expect(page.locator(BANNER)).to_be_hidden()
        page.get_by_label("Keep texts for").fill("30")
        with page.expect_navigation():
            press(page, "Save")
        expect(page.get_by_label("Keep texts for")).to_have_value("30")
        client.close()
        context.close()
