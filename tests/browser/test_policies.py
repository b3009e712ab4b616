"""Policies written by the forms: a rule by keyboard alone, what it would have done, a call tried, a word given in advance."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.desk_work import decided, held
from tests.browser.app import Console, ready


@pytest.fixture(scope="module")
def console(used_console: Console) -> Console:
    return used_console


@pytest.fixture(scope="module")
def api(console: Console, signed_in: BrowserContext) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {console.token('test', 'admin')}"}
    with httpx.Client(base_url=console.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def rejected(api: httpx.Client) -> str:
    """A refund of 51 euros to which a person has said no."""
    asked = held(api)
    assert decided(api, asked, "reject", because="second refund for one tent").status_code == 200
    return str(asked["id"])


@pytest.fixture(scope="module")
def approved(api: httpx.Client) -> str:
    asked = held(api)
    assert decided(api, asked, "approve").status_code == 200
    return str(asked["id"])


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def open_rule(page: Page, words: str) -> None:
    line = page.locator("button.qd-rule").filter(has_text=words)
    line.click()
    expect(line).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_label("Because", exact=True)).to_have_count(1)


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the field or button of this name has the focus."""
    wanted = page.get_by_label(label, exact=True).or_(page.get_by_role("button", name=label, exact=True)).first
    expect(wanted).to_be_visible()
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement || element.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached by Tab")


@pytest.mark.usefixtures("rejected", "approved")  # what was recorded is read once a minute
def test_the_list_says_who_uses_a_policy_and_leads_to_it(page: Page) -> None:
    go(page, "/policies")
    row = page.get_by_role("row").filter(has_text="refunds")
    expect(row).to_contain_text("Refund clerk")
    row.get_by_role("link", name="refunds").click()
    page.wait_for_url("**/policies/refunds")
    expect(page.get_by_text("the most restrictive one that matches wins")).to_be_visible()


def test_the_draft_says_which_calls_would_now_run_though_a_person_had_said_no(page: Page, rejected: str) -> None:
    go(page, "/policies/refunds")
    panel = page.get_by_role("region", name="What would have happened")
    expect(panel).to_contain_text("as before")
    open_rule(page, "is at most 50")
    page.get_by_label("Value of condition 3").fill("60")
    expect(page.locator("button.qd-rule").filter(has_text="is at most 60")).to_be_visible()
    open_rule(page, "is more than 50")
    page.get_by_label("Value of condition 3").fill("60")
    expect(page.locator("button.qd-rule").filter(has_text="is more than 60")).to_be_visible()
    expect(panel).to_contain_text("A person had rejected")
    expect(panel).to_contain_text("second refund for one tent")
    session = rejected.split(".")[0]
    expect(panel.locator(f'a[href$="/sessions/{session}"]').first).to_be_visible()


def test_a_rule_is_written_and_saved_by_keyboard_alone(page: Page) -> None:
    go(page, "/policies/refunds")
    tab_to(page, "Rule")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Because", exact=True)).to_be_visible()
    tab_to(page, "Tool of condition 1")
    page.keyboard.type("refund_order")
    tab_to(page, "Condition")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Connector of condition 2")).to_be_visible()
    tab_to(page, "Connector of condition 2")
    page.keyboard.type("crm")
    tab_to(page, "Ask two")
    page.keyboard.press("Space")
    tab_to(page, "Because")
    page.keyboard.type("Two people look at every refund this week")
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    made = page.locator("button.qd-rule").filter(has_text="Two people look at every refund")
    expect(made).to_contain_text("refund_order of crm")
    expect(made).to_contain_text("ask two")
    expect(made).to_contain_text("new")
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/policies")
    go(page, "/policies/refunds")
    expect(page.locator("button.qd-rule").filter(has_text="Two people look at every refund")).to_be_visible()


def test_a_call_is_tried_on_the_draft_and_on_what_is_saved(page: Page) -> None:
    go(page, "/policies/refunds")
    page.get_by_label("Tool to try").click()
    page.get_by_role("option", name="crm/refund_order").click()
    page.get_by_label("Arguments to try, as JSON").fill('{"order_id": 1755, "amount": 20}')
    found = page.locator(".qd-tryfound")
    expect(found).to_contain_text("Would ask two people")
    page.get_by_role("button").filter(has_text="Two people look at every refund").click()
    page.get_by_role("button", name="Remove: rule 5").click()
    expect(found).to_contain_text("Would run")
    expect(found).to_contain_text("today: ask two")
    page.get_by_role("button", name="Undo: removing this rule").click()
    expect(found).to_contain_text("Would ask two people")
    page.get_by_label("Arguments to try, as JSON").fill("{")
    expect(found).to_contain_text("The arguments cannot be read")


def test_a_rule_that_cannot_be_read_is_refused_where_it_stands_and_nothing_is_saved(page: Page) -> None:
    go(page, "/policies/refunds")
    open_rule(page, "is at most 50")
    page.get_by_label("Value of condition 3").fill("fifty")
    expect(page.get_by_text("Finish the rule that is marked; what is here is from before.")).to_be_visible()
    page.get_by_label("Because", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    item = page.locator(".qd-ruleitem.qd-open")
    expect(item).to_contain_text("Condition 3: only a number can be compared by size.")
    expect(item).to_contain_text("Say why, under Because")
    go(page, "/policies/refunds")
    expect(page.locator("button.qd-rule").filter(has_text="is at most 50")).to_be_visible()


def test_a_rule_that_can_never_match_says_so_while_it_is_written(page: Page) -> None:
    go(page, "/policies/refunds")
    open_rule(page, "is at most 50")
    page.get_by_role("button", name="Condition", exact=True).click()
    about = page.get_by_label("Condition 4 is about")
    about.click()
    page.get_by_role("option", name="Argument", exact=True).click()
    page.get_by_label("Argument of condition 4").fill("amount")
    page.get_by_label("Comparison of condition 4").click()
    page.get_by_role("option", name="is more than", exact=True).click()
    page.get_by_label("Value of condition 4").fill("90")
    expect(page.locator(".qd-ruleitem.qd-open .qd-rulewarn").filter(has_text="never").first).to_be_visible()


def test_a_standing_approval_is_given_from_an_approved_call_and_revoked_with_undo(page: Page, approved: str) -> None:
    go(page, f"/inbox/{approved}")
    page.get_by_role("link", name="Allow such calls from now on").click()
    page.wait_for_url(f"**/policies/standing/new?from={approved}")
    ready(page)
    page.get_by_label("Name", exact=True).fill("Small refunds")
    page.get_by_role("button", name="Remove: condition 3").click()
    expect(page.get_by_label("What it releases")).to_contain_text("refund_order of crm where amount is 51")
    page.get_by_label("Last day").fill("2020-01-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("This day is over already")).to_be_visible()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    page.get_by_label("Because", exact=True).fill("Approved every time last month.")
    page.get_by_label("Last day").fill("2199-12-31")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/policies/standing")
    row = page.get_by_role("row").filter(has_text="Small refunds")
    expect(row).to_contain_text("31 Dec 2199")
    expect(row).to_contain_text("never")
    page.get_by_role("button", name="Revoke: Small refunds").click()
    expect(row).to_contain_text("is revoked")
    page.get_by_role("button", name="Undo: revoking Small refunds").click()
    expect(row).to_contain_text("Approved every time last month.")


def test_a_deny_that_another_admin_added_meanwhile_stays_when_the_second_saves_on_top(
    page: Page, api: httpx.Client
) -> None:
    def rules() -> dict[str, str]:
        [found] = [one for one in api.get("/api/v1/configuration").json()["policies"] if one["name"] == "refunds"]
        return {one["because"]: one["release"] for one in found["rules"]}

    before = rules()
    go(page, "/policies/refunds")
    whole = api.get("/api/v1/configuration").json()
    deny = {"when": {"tool": "wipe_*"}, "release": "deny", "because": "Never by an agent."}
    next(one for one in whole["policies"] if one["name"] == "refunds")["rules"].append(deny)
    assert api.put("/api/v1/configuration", json=whole).status_code == 200
    page.get_by_role("button", name="Rule", exact=True).click()
    page.get_by_label("Tool of condition 1").fill("send_letter")
    page.get_by_label("Because", exact=True).fill("Letters are read first.")
    page.get_by_role("button", name="Save", exact=True).click()
    said = page.locator(".qd-list-err")
    expect(said).to_contain_text("changed the policy “refunds” after you opened it")
    would = said.locator("details").filter(has_text="What saving yours on top would change")
    expect(would.locator(".qd-add").filter(has_text="Letters are read first.")).to_have_count(1)
    expect(would.locator(".qd-del").filter(has_text="Never by an agent.")).to_have_count(0)
    page.get_by_role("button", name="Save my changes on top").click()
    page.wait_for_url("**/policies")
    assert rules() == before | {"Never by an agent.": "deny", "Letters are read first.": "ask"}


def test_what_another_admin_changed_meanwhile_is_not_deleted_unseen(page: Page, api: httpx.Client) -> None:
    def put(text: str) -> None:
        whole = api.get("/api/v1/configuration").json()
        others = [one for one in whole["policies"] if one["name"] != "spare"]
        whole["policies"] = [*others, {"name": "spare", "text": text, "rules": []}]
        assert api.put("/api/v1/configuration", json=whole).status_code == 200

    def delete() -> None:
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    put("Old words.")
    go(page, "/policies/spare")
    put("New words.")
    page.get_by_role("button", name="Delete", exact=True).click()
    delete()
    said = page.locator(".qd-list-err")
    expect(said).to_contain_text("after you opened it. Nothing was deleted.")
    expect(said.locator(".qd-add")).to_contain_text(["New words."])
    assert "spare" in {one["name"] for one in api.get("/api/v1/configuration").json()["policies"]}
    page.get_by_role("button", name="Delete it all the same").click()
    delete()
    page.wait_for_url("**/policies")
    assert "spare" not in {one["name"] for one in api.get("/api/v1/configuration").json()["policies"]}
