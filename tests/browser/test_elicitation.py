"""A server asks in the middle of a call: its form stands in the inbox, in its own words, and is answered by keyboard."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from agents.forms import Form, Question, form_of
from store.database import Database
from store.event_log import EventLog
from store.events import CallState, InputRequired, MessageReceived, SessionStarted, Status
from store.payloads import Payload, seal
from store.people import People, Role
from store.times import utc_now
from tests.agents.test_elicitation import with_the_asking_server
from tests.browser.app import PASSWORD, Console, close, ready, running
from tests.browser.records import details
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import open_desk, the_waiting, waiting
from tests.store import scenes

VISIT = form_of((Question(key="go", message="Agree to the terms.", url="https://evil.example/terms"),))
DEEP = form_of((Question(key="deep", message="Who?", fields={"type": "object", "properties": {"who": {}}}),))


def write(folder: Path) -> None:
    """In a thread: the browser's driver has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_write(folder))).result()


async def _write(folder: Path) -> None:
    """A session that a real server has asked in, and two records of questions that cannot be answered in the form."""
    async with open_desk(folder, with_the_asking_server(folder / "ledger")) as desk:
        await desk.runtime.registry.definitions("asks", wait_seconds=60)
        desk.models.script = in_turn(ask("deliver", parcel=7), "Done.")
        session_id = await desk.start()
        session = await desk.until(session_id, lambda s: bool(waiting(s)))
        await desk.decide(the_waiting(session))
        await desk.until(session_id, lambda s: any(one.kind == "input" for one in waiting(s)))
        await desk.idle()
        (folder / "asked").write_text(session_id)
        people = People(desk.runtime.database)
        await people.create("olga", "Olga", Role.ADMIN, PASSWORD, "test")
        (folder / "link").write_text(await people.make_link("olga"))
    database = Database.open(folder)
    for name, form in (("visit", VISIT), ("deep", DEEP)):
        await _ask(EventLog(database), f"S-{name}", form)
    database.close()


async def _ask(log: EventLog, id_: str, form: Form) -> None:
    title, text, asked = seal(f"Deliver {id_}"), seal("Deliver it."), seal(form.model_dump_json())
    output, call = seal('{"text": "", "calls": []}'), details("Deliver parcel 7", '{"parcel":7}')
    because, expires = "parcels asks for something before it goes on.", utc_now() + timedelta(days=3)
    request = scenes.requested(
        call, approval_id=f"{id_}.1.1", call_id="1.1", kind="input", because=because, expires_at=expires
    ).model_copy(update={"connector": "parcels"})
    pins = {"agent": 1, "toolset": 1, "policy": 1}
    facts: list[tuple[Any, tuple[Payload, ...]]] = [
        (SessionStarted(agent="Clerk", pins=pins, title=title.ref, by="ann"), (title,)),
        (MessageReceived(text=text.ref, turn=1, opens_turn=True, by="Ann"), (text,)),
        (scenes.replied(1, output, output), (output,)),
        (
            scenes.proposed(call, call_id="1.1", state=CallState.ALLOWED).model_copy(update={"connector": "parcels"}),
            (call,),
        ),
        (scenes.started(approval_id=None, call_id="1.1"), ()),
        (InputRequired(call_id="1.1", attempt=1, form=asked.ref), (asked,)),
        (request, ()),
    ]
    for event, payloads in facts:
        await scenes.record(log, id_, event, status=Status.WAITING_APPROVAL, payloads=payloads)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    data = tmp_path_factory.mktemp("asking")
    write(data)
    (data / "signed-in").touch()  # somebody has a password, so no link is printed
    with running(data) as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser, console: Console) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=console.url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"/link/{(console.data / 'link').read_text()}")
    page.get_by_role("button", name="Sign in to Quarterdeck").click()
    page.wait_for_url(lambda url: "/link/" not in url)
    close(page)
    yield context
    context.close()


def opened(page: Page, approval_id: str) -> Page:
    page.goto(f"/inbox/{approval_id}")
    return ready(page)


def reach(page: Page, label: str) -> None:
    """Goes on with Tab until the field of that name has the focus."""
    for _ in range(30):
        if page.evaluate("document.activeElement.closest('[aria-label]')?.getAttribute('aria-label')") == label:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {label}")


@pytest.fixture
def asked(console: Console) -> str:
    """The session in which the real server asks."""
    return (console.data / "asked").read_text()


def test_the_question_is_shown_in_the_servers_own_words_and_never_as_markup(page: Page, asked: str) -> None:
    opened(page, f"{asked}.1.1.2")
    expect(page.get_by_role("heading", name="asks asks", exact=True)).to_be_visible()
    expect(page.get_by_text("Where does parcel 7 go? <b>Please</b>")).to_be_visible()
    expect(page.get_by_text("Never type a password")).to_be_visible()
    assert page.locator(".qd-question p b").count() == 0
    expect(page.get_by_role("option", selected=True)).to_contain_text("asks asks something")


def test_an_address_to_visit_is_plain_text_and_no_link(page: Page) -> None:
    opened(page, "S-visit.1.1")
    expect(page.get_by_text("https://evil.example/terms")).to_be_visible()
    assert page.locator(".qd-question a").count() == 0


def test_a_form_that_cannot_be_filled_in_can_only_be_declined(page: Page) -> None:
    opened(page, "S-deep.1.1")
    expect(page.get_by_text("only declined")).to_be_visible()
    expect(page.get_by_role("button", name="Decline")).to_be_visible()
    expect(page.get_by_role("button", name="Send the answer")).to_have_count(0)


def test_the_timeline_shows_what_was_asked(page: Page, asked: str) -> None:
    page.goto(f"/sessions/{asked}")
    ready(page)
    expect(page.get_by_text("A question in the middle of the call")).to_be_visible()


def test_it_is_filled_in_and_answered_by_keyboard(page: Page, asked: str, console: Console) -> None:
    opened(page, f"{asked}.1.1.2")
    page.get_by_label("Building").focus()
    page.keyboard.type("North")
    page.keyboard.press("Tab")
    page.keyboard.type("four")
    send = page.get_by_role("button", name="Send the answer")
    send.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("This has to be a number")).to_be_visible()
    page.get_by_label("Floor").fill("41")
    send.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("41 is greater than the maximum of 40")).to_be_visible()
    page.get_by_label("Floor").fill("4")
    reach(page, "Call First")
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="Yes", exact=True).wait_for()
    page.keyboard.press("ArrowUp")  # from the default, which is No
    page.keyboard.press("Enter")
    expect(page.get_by_role("option", name="Yes", exact=True)).to_have_count(0)
    send.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("answered the server", exact=True)).to_be_visible()
    page.goto(f"/sessions/{asked}")
    ready(page)
    expect(page.get_by_role("log").get_by_text('"building":"North"')).to_be_visible()
    expect(page.get_by_text("parcel 7 to North, floor 4, this week, True").first).to_be_visible()
    lines = (console.data / "ledger").read_text().splitlines()
    assert [line for line in lines if line.startswith("parcel")] == ["parcel 7 to North, floor 4, this week, True"]


def test_it_is_readable_at_390_pixels(browser: Browser, signed_in: BrowserContext) -> None:
    page = signed_in.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, "S-visit.1.1")
    expect(page.get_by_role("button", name="Decline")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    close(page)
