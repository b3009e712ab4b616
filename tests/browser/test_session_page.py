"""The session page in a real browser: its tail, its gaps, what it makes of hostile text, and what its buttons do."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from console.components.first_view import merged
from console.components.timeline_rows import row_html
from tests.benchmarks.live_server import OLD
from tests.benchmarks.processes import ask, started
from tests.browser import guard_records, records
from tests.browser.app import NOT_OURS, Console, close, ready, running, sign_in
from tests.browser.test_story import start

EVENTS = 600
LIVE = "getElement(+document.querySelector('.qd-tl[role=log]').id.slice(1))"
KEYS = f"() => {LIVE}.rows.map((row) => row.key)"
AT_END = """() => {
  const list = document.querySelector(".qd-tl-list");
  return list.scrollHeight - list.scrollTop - list.clientHeight < 40;
}"""
LOADED = f"() => ({KEYS})()[0] === 'turn-1'"
CUT_OFF = """() => {
  window.socket.once("disconnect", () => { window.broken = true; });
  window.socket.io.engine.close();
}"""
LOSE_ONE = f"""() => {{
  const context = {LIVE}.$.ctx, push = context.push;
  context.push = () => {{ context.push = push; window.lost = true; }};
}}"""
DRAWN_ANEW = "(place) => { place.innerHTML = place.innerHTML; }"
UNFOLD = "document.querySelectorAll('.qd-fold[aria-expanded=false]').forEach((button) => button.click())"
SCROLL_TO = """(list, top) => new Promise((done) => {
  list.scrollTop = top;
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""
MERGED = """async ({ source, patches, cuts }) => {
  const { fold, joined, mergeOne } = await import(source);
  const plain = (record) => JSON.stringify(record.rows.map((row) => Object.entries(row).sort()));
  const whole = plain(fold(patches));
  return cuts.every(([first, second]) => {
    const record = joined(fold(patches.slice(0, first)), fold(patches.slice(first, second)));
    for (const patch of patches.slice(second)) mergeOne(record, patch);
    return plain(record) === whole;
  });
}"""

SEEN_AND_DRAWN = """async (drawn) => {
  const words = (row) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll("qd-countdown, time").forEach((one) => one.remove());
    return copy.textContent.replace(/\\s+/g, "");
  };
  const page = new DOMParser().parseFromString(drawn, "text/html"), list = document.querySelector(".qd-tl-list");
  const first = Object.fromEntries([...page.querySelectorAll(".qd-e")].map((row) => [row.dataset.key, words(row)]));
  const seen = {};
  // the list draws only what is near the reader, and not at once
  const covered = () => {
    const top = list.getBoundingClientRect().top, boxes = [...list.querySelectorAll(".qd-e, .qd-day")].map((r) => r.getBoundingClientRect());
    return boxes.some((box) => box.top <= top + 8 && box.bottom > top);
  };
  for (let top = 0; top <= list.scrollHeight; top += 300) {
    list.scrollTop = top;
    do await new Promise(requestAnimationFrame); while (!covered());
    list.querySelectorAll(".qd-e").forEach((row) => { seen[row.id] = words(row); });
  }
  return [seen, first];
}"""


@dataclass
class Live:
    """A console whose long session grows when told to."""

    process: subprocess.Popen[str]
    context: BrowserContext

    def grow(self, events: int) -> int:
        return int(ask(self.process, session=OLD, grow=events)["head"])

    def open(self, page: Page, path: str) -> Page:
        page.goto(path)
        ready(page)
        page.wait_for_selector(".qd-e")
        return page


@pytest.fixture(scope="module")
def live(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("live")
    records.write(folder)
    guard_records.write(folder)
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            for name in NOT_OURS:
                environment.delenv(name, raising=False)
            process = stack.enter_context(started("live_server", str(folder), str(EVENTS)))
        assert process.stdout
        found: dict[str, Any] = json.loads(process.stdout.readline())
        context = browser.new_context(base_url=found["url"], viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "qd_session", "value": found["token"], "url": found["url"]}])
        yield Live(process, context)
        context.close()


@pytest.fixture
def signed_in(live: Live) -> BrowserContext:
    """The pages of this file are of the live console; `page` comes from conftest."""
    return live.context


@pytest.fixture
def console() -> None:
    return None


def expected_keys(events: int) -> int:
    """Rows of so many events, all there once: see tests/benchmarks/live_work.py."""
    turn = 1 + 4 * 10 + 1
    whole, rest = divmod(events - 1, turn)
    calls = max(0, rest - 1)
    steps, part = divmod(calls, 4)
    return whole * (2 + 2 * 10 + 1) + (2 if rest else 0) + steps * 2 + min(part, 2)


def all_rows_once(page: Page, events: int) -> None:
    page.wait_for_function(f"(count) => ({KEYS})().length >= count", arg=expected_keys(events))
    keys = page.evaluate(KEYS)
    assert len(keys) == len(set(keys)) == expected_keys(events)


def test_a_long_session_opens_at_its_tail_and_follows_it(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}")
    page.wait_for_function(LOADED)
    page.wait_for_function(AT_END)
    head = live.grow(9)
    all_rows_once(page, head)
    page.wait_for_function(AT_END)


def test_who_scrolls_up_stays_there_and_gets_back_by_a_button(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}")
    page.wait_for_function(LOADED)
    page.locator(".qd-tl-list").hover()
    page.mouse.wheel(0, -3000)
    back = page.get_by_role("button", name="To the newest")
    expect(back).to_be_visible()
    page.wait_for_timeout(200)  # the browser's own smooth scrolling, which has no event to wait for
    place = page.evaluate("document.querySelector('.qd-tl-list').scrollTop")
    all_rows_once(page, live.grow(12))
    assert abs(page.evaluate("document.querySelector('.qd-tl-list').scrollTop") - place) < 5
    back.click()
    page.wait_for_function(AT_END)
    expect(back).to_be_hidden()
    all_rows_once(page, live.grow(3))
    page.wait_for_function(AT_END)


def test_a_link_opens_at_its_call_however_old(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}?at=7.0")
    here = page.locator(".qd-e.qd-here")
    expect(here).to_be_in_viewport()
    assert here.get_attribute("id") == "call-7.0"
    page.wait_for_function(LOADED)
    expect(here).to_be_in_viewport()


def test_the_newest_rows_are_there_before_any_script_runs(browser: Browser, live: Live) -> None:
    answer = live.context.request.get(f"/console/sessions/{OLD}/rows?tail=40").json()
    newest = [patch["key"] for patch in answer["rows"] if patch.get("kind", "turn") != "turn"][-5:]
    without = browser.new_context(storage_state=live.context.storage_state(), java_script_enabled=False)
    page = without.new_page()
    page.goto(live.context.request.get("/healthz").url.replace("/healthz", f"/sessions/{OLD}"))
    shown = page.locator("#qd-first .qd-e")
    assert [row.get_attribute("data-key") for row in shown.all()][-len(newest) :] == newest
    expect(shown.last).to_be_in_viewport()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    without.close()


def test_the_first_view_gives_way_to_the_timeline(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}")
    expect(page.locator("#qd-first")).to_have_count(0)
    expect(page.locator(".qd-tl-list .qd-e").last).to_be_in_viewport()


@pytest.mark.parametrize("session", [records.EVERY, guard_records.GUARDED, guard_records.ASKING])
def test_the_first_view_says_word_for_word_what_the_timeline_says(page: Page, live: Live, session: str) -> None:
    live.open(page, f"/sessions/{session}")
    expect(page.locator("#qd-first")).to_have_count(0)
    patches = page.request.get(f"/console/sessions/{session}/rows?tail=1000").json()["rows"]
    drawn = "".join(map(row_html, merged(patches)))
    seen, first = page.evaluate(SEEN_AND_DRAWN, drawn)
    assert first and first == seen


def test_what_guards_say_unfolds_as_plain_text(page: Page, live: Live) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    live.open(page, f"/sessions/{guard_records.GUARDED}?at=8.1")
    call = page.locator("#call-8\\.1")
    expect(call).to_contain_text("order_id 1043")
    expect(call).to_contain_text("the user wrote 1034")
    call.get_by_role("button", name="1 deny").click()
    for words in ("Disputes order_id", guard_records.POLICY, "No answer within 20 s.", "count as"):
        expect(call).to_contain_text(words)
    timeline = page.locator(".qd-tl-list")
    for top in range(0, 2000, 300):
        timeline.evaluate(SCROLL_TO, top)
        page.evaluate(UNFOLD)
    assert page.locator(".qd-shell img, .qd-shell script").count() == 0


def test_a_link_opens_at_the_row_of_any_event(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{guard_records.GUARDED}?event=2")
    assert page.locator(".qd-e.qd-here").get_attribute("id") == "e2"


def test_a_session_that_asks_shows_its_question_and_takes_the_answer_in_the_same_place(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{guard_records.ASKING}")
    expect(page.locator(".qd-top")).to_contain_text("Which order is it")
    expect(page.locator(".qd-rail")).to_contain_text("It waits for an answer: Which order is it")
    expect(page.get_by_placeholder("Answer the agent.")).to_be_visible()
    page.goto("/sessions?status=waiting_input")
    expect(page.get_by_role("row").filter(has_text=guard_records.ASKING)).to_contain_text("Which order is it")


def test_an_approval_shows_where_values_came_from_and_who_objects(page: Page, live: Live) -> None:
    page.goto(f"/inbox/{guard_records.APPROVAL}")
    ready(page)
    invented = page.get_by_role("row").filter(has_text="order_id")
    expect(invented).to_contain_text("the user wrote 1034")
    expect(invented).to_contain_text("Invented?")
    expect(page.get_by_role("row").filter(has_text="internal_note")).to_contain_text("outside text")
    expect(page.locator(".qd-look")).to_contain_text("2 values have no source")
    expect(page.locator(".qd-look")).to_contain_text("1 of 3 votes says no")
    expect(page.locator("aside .qd-vt > div").first).to_contain_text("harbor-large")
    page.get_by_role("row").filter(has_text="notify").get_by_role("link").click()
    page.wait_for_url(f"**/sessions/{guard_records.GUARDED}?event=2")
    assert page.locator(".qd-shell img, .qd-shell script").count() == 0


def test_a_connection_that_breaks_loses_and_doubles_no_row(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}")
    page.wait_for_function(LOADED)
    page.evaluate(CUT_OFF)
    live.grow(20)
    page.wait_for_function("window.broken && window.socket.connected")
    all_rows_once(page, live.grow(5))


def test_a_batch_that_never_came_is_fetched(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{OLD}")
    page.wait_for_function(LOADED)
    page.evaluate(LOSE_ONE)
    live.grow(2)
    page.wait_for_function("window.lost")
    all_rows_once(page, live.grow(4))


def test_rows_are_the_same_however_the_record_is_cut_up(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{records.EVERY}")
    source = page.evaluate(
        "performance.getEntriesByType('resource').map((r) => r.name).find((n) => /transcript/.test(n))"
    )
    answer = page.request.get(f"/console/sessions/{records.EVERY}/rows?tail=1000")
    patches = answer.json()["rows"]
    count = len(patches)
    cuts = [(first, second) for first in range(count) for second in range(first, count, 7)]
    assert page.evaluate(MERGED, {"source": source, "patches": patches, "cuts": cuts})


def test_no_text_of_a_record_becomes_markup(page: Page, live: Live) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    live.open(page, f"/sessions/{records.EVERY}")
    timeline = page.locator(".qd-tl-list")
    for top in range(0, 4000, 300):
        timeline.evaluate(SCROLL_TO, top)
        page.evaluate(UNFOLD)
    assert page.locator(".qd-shell img, .qd-shell script, .qd-shell a[href^=javascript]").count() == 0
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")


def test_the_whole_record_of_a_call_is_uncut_and_plain_text(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{records.EVERY}?at=1.1")
    page.locator("#call-1\\.1").get_by_role("button", name="Whole record").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("CallProposed")
    text = dialog.inner_text()
    assert records.LONG.strip() in text and "ToolFinished" in text and records.LONG[:3000].strip() in text
    assert dialog.locator("img").count() == 0


def test_every_state_of_a_call_is_named(page: Page, live: Live) -> None:
    live.open(page, f"/sessions/{records.EVERY}?at=6.1")
    expect(page.locator("#call-6\\.1")).to_contain_text("rejected by ben")
    expect(page.locator("#call-7\\.1")).to_contain_text("expired")
    expect(page.locator("#call-8\\.1")).to_contain_text("cancelled")
    expect(page.locator("#call-9\\.1")).to_contain_text("changed and approved by ben")


@pytest.fixture(scope="module")
def slow(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, BrowserContext]]:
    """The demo desk with a model that writes slowly enough to be watched."""
    with running(tmp_path_factory.mktemp("desk"), QUARTERDECK_OFFLINE_WORD_MS="40") as console:
        context = sign_in(browser, console)
        yield console, context
        context.close()


KEEP_WHAT_IS_WRITTEN = """
window.written = [];
new MutationObserver(() => {
  const words = document.querySelector(".qd-words")?.innerText;
  if (words && words !== window.written.at(-1)?.words)
    window.written.push({ words, isSaid: document.body.innerText.includes("writing…") });
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""What stands there for a second only is noted by the page itself: a busy machine looks too late."""


def test_words_appear_while_they_are_written_and_the_answer_takes_their_place(
    slow: tuple[Console, BrowserContext],
) -> None:
    page = slow[1].new_page()
    page.add_init_script(KEEP_WHAT_IS_WRITTEN)
    start(page, "What is the status of order 1756?")
    expect(page.locator(".qd-prose")).to_be_visible()
    written = page.evaluate("window.written")
    words = [one["words"] for one in written]
    assert len(words) > 1, "the words came at once"
    assert all(later.startswith(earlier.strip()) for earlier, later in pairwise(words))
    assert all(one["isSaid"] for one in written)
    expect(page.locator(".qd-words")).to_have_count(0)
    expect(page.get_by_text("writing…")).to_have_count(0)
    expect(page.locator(".qd-rail").get_by_text("first word")).to_be_visible()
    close(page)


def test_pausing_resuming_and_stopping_take_a_reason_and_show(slow: tuple[Console, BrowserContext]) -> None:
    page = slow[1].new_page()
    start(page, "Please refund order 1755 in full, the goods arrived damaged.")
    chip = page.locator(".qd-top .qd-chip")
    expect(chip.filter(has_text="Waits for approval")).to_be_visible()
    for button, reason, shown in (
        ("Pause", "I look at it first", "Paused"),
        ("Resume", "all clear", "Waits for approval"),
        ("Stop", "not needed", "Stopped"),
    ):
        page.locator(".qd-top").get_by_role("button", name=button).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_placeholder("Why?").fill(reason)
        dialog.get_by_role("button", name=button).click()
        expect(chip.filter(has_text=shown)).to_be_visible()
        expect(page.locator(".qd-band").filter(has_text=reason)).to_be_visible()
    expect(page.locator(".qd-top").get_by_role("button")).to_have_count(0)
    close(page)


def test_a_reason_that_is_being_written_stays_whatever_others_do_meanwhile(
    slow: tuple[Console, BrowserContext],
) -> None:
    page, other = slow[1].new_page(), slow[1].new_page()
    session = start(page, "Please refund order 1755 in full, the goods arrived damaged.")
    page.locator(".qd-top").get_by_role("button", name="Stop").click()
    why = page.get_by_role("dialog").get_by_placeholder("Why?")
    why.fill("The customer withdrew")
    other.goto(f"/sessions/{session}")
    ready(other).locator(".qd-top").get_by_role("button", name="Pause").click()
    other.get_by_role("dialog").get_by_placeholder("Why?").fill("I look at it first")
    other.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.locator(".qd-top .qd-chip").filter(has_text="Paused")).to_be_visible()
    expect(why).to_have_value("The customer withdrew")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.locator(".qd-band").filter(has_text="The customer withdrew")).to_be_visible()
    close(other)
    close(page)


def test_a_press_still_arrives_when_what_is_pressed_is_drawn_anew(slow: tuple[Console, BrowserContext]) -> None:
    page = slow[1].new_page()
    start(page, "Please refund order 1755 in full, the goods arrived damaged.")
    pause = page.locator(".qd-top").get_by_role("button", name="Pause")
    pause.hover()
    page.mouse.down()
    pause.evaluate(DRAWN_ANEW)  # as a live page does it at any time: here what stands in the button
    page.mouse.up()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    link = page.locator(".qd-rail").get_by_role("link", name="Open approval")
    link.hover()
    page.mouse.down()
    page.locator(".qd-rail").evaluate(DRAWN_ANEW)  # and here all that is around the link, with the link
    page.mouse.up()
    page.wait_for_url("**/inbox/S-*")
    close(page)


def test_a_button_stays_itself_while_the_session_goes_on(slow: tuple[Console, BrowserContext]) -> None:
    page = slow[1].new_page()
    start(page, "Please refund order 1755 in full, the goods arrived damaged.")
    buttons = page.locator(".qd-top").get_by_role("button")
    expect(buttons).to_have_count(3)
    drawn = buttons.evaluate_all("(all) => { window.drawn = all; return all.map((one) => one.innerText.trim()); }")
    expect(page.locator(".qd-top .qd-chip").filter(has_text="Waits for approval")).to_be_visible()
    assert page.evaluate("window.drawn.every((one) => one.isConnected)"), f"{drawn} were drawn anew"
    close(page)
