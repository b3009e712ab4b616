"""People and tokens by keyboard: an invitation, a browser signed out, a token that expires and is limited to an agent."""

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.app import Console, close, ready
from tests.browser.test_elicitation import reach


@pytest.fixture(scope="module")
def console(used_console: Console) -> Console:
    return used_console


def go(page: Page) -> Page:
    page.goto("/people")
    return ready(page)


def pick(page: Page, label: str, option: str) -> None:
    """Opens the choice with the keyboard and goes down to the option."""
    reach(page, label)
    page.keyboard.press("ArrowDown")
    wanted = page.get_by_role("option", name=option, exact=True)
    wanted.wait_for()
    for _ in range(12):
        if "q-manual-focusable--focused" in (wanted.get_attribute("class") or ""):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def secret(page: Page) -> str:
    text = page.get_by_role("dialog").locator(".qd-secret").inner_text()
    page.get_by_role("dialog").get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return text.strip()


def test_an_invited_person_comes_in_and_is_signed_out_again(page: Page, browser: Browser, console: Console) -> None:
    go(page)
    page.get_by_label("Sign-in name").focus()
    page.keyboard.type("ben")
    page.keyboard.press("Tab")
    page.keyboard.type("Ben Beck")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Ben Beck comes in as an operator and signs in as “ben”")
    expect(dialog).to_contain_text("within 24 hours")
    expect(dialog.get_by_role("button", name="Copy")).to_be_visible()
    link = secret(page)

    theirs = browser.new_context(base_url=console.url)
    other = theirs.new_page()
    other.goto(link)
    other.get_by_role("button", name="Sign in to Quarterdeck").click()
    other.wait_for_url("**/welcome")
    go(page)
    out = page.get_by_role("button", name="Sign out: ben,")
    expect(out).to_have_count(1)
    out.focus()
    page.keyboard.press("Enter")
    expect(out).to_have_count(0)
    other.goto("/inbox")
    other.wait_for_url("**/signin**")
    theirs.close()


def test_a_token_for_one_agent_is_made_shown_once_used_and_revoked(page: Page, console: Console) -> None:
    go(page)
    page.get_by_label("What it is for").focus()
    page.keyboard.type("nightly <b>report</b>")
    pick(page, "Agents of the token", "Refund clerk")
    page.keyboard.press("Escape")
    pick(page, "Expires after", "30 days")
    page.get_by_role("button", name="Make a token").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("It works for 30 days")
    expect(page.get_by_role("dialog")).to_contain_text("only Refund clerk")
    token = secret(page)
    row = page.get_by_role("row").filter(has_text="nightly <b>report</b>")
    expect(row).to_contain_text("Operator for Refund clerk")
    expect(row).to_contain_text("never")
    head = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{console.url}/api/v1/sessions", headers=head).status_code == 200
    assert httpx.get(f"{console.url}/api/v1/configuration", headers=head).status_code == 403
    go(page)
    expect(row).not_to_contain_text("never")
    page.get_by_role("button", name="Revoke: nightly <b>report</b>").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    assert httpx.get(f"{console.url}/api/v1/sessions", headers=head).status_code == 401


def test_on_a_phone_nothing_has_to_be_moved_sideways(signed_in: BrowserContext, console: Console) -> None:
    console.token("phone", "viewer")
    page = signed_in.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    go(page)
    for button in [
        *page.get_by_role("button").filter(has_text="Sign out").all(),
        page.get_by_role("button", name="Revoke: phone"),
    ]:
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    close(page)


def test_disabling_somebody_ends_their_tokens_and_says_so_before(page: Page, console: Console) -> None:
    go(page)
    page.get_by_label("Sign-in name").fill("clock")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("is what Quarterdeck calls itself in the record")).to_be_visible()
    page.get_by_label("Sign-in name").fill("cleo")
    page.get_by_role("button", name="Invite", exact=True).click()
    secret(page)
    api = {"Authorization": f"Bearer {console.token('cleo', 'operator')}"}
    assert httpx.get(f"{console.url}/api/v1/sessions", headers=api).status_code == 200
    page.get_by_role("button", name="Disable: cleo").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 API token made by cleo, or in that name")
    dialog.get_by_role("button", name="Disable", exact=True).click()
    expect(page.get_by_role("button", name="Enable: cleo")).to_be_visible()
    assert httpx.get(f"{console.url}/api/v1/sessions", headers=api).status_code == 401
