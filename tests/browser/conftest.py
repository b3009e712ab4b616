"""A real Chromium, and one running Quarterdeck per test file, or one for all files that do not need it fresh."""

import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.__main__ import find_browser
from tests.browser.app import Console, close, running, sign_in

expect.set_options(timeout=30_000)  # patience for a busy machine; what is there is seen at once
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails says what stood on its pages: on the machine where it failed nobody can look."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.failed and isinstance(browser, Browser):
        for page in [page for context in browser.contexts for page in context.pages]:
            with suppress(Error):
                said = [f"{one.type}: {one.text}" for one in page.console_messages(filter="all")[-20:]]
                stood = page.locator("body").aria_snapshot(timeout=2000)
                report.sections.append((f"page {page.url}", "\n".join([*said, stood])))
    return report


@pytest.fixture(scope="package")  # while it is open no other event loop can run in this process
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium, and in CI that is a failure")
        pytest.skip("there is no Chromium; install it, or name one in QUARTERDECK_BROWSER")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A fresh one; a file that can do with a used one says so with a `console` of its own."""
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data) as started:
        yield started


@pytest.fixture(scope="package")
def used_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """For files that find what they look for whatever others have left there, in any order: each start costs seconds."""
    with running(tmp_path_factory.mktemp("used")) as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser, console: Console) -> Iterator[BrowserContext]:
    context = sign_in(browser, console)
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """A page on which any error in the browser, or a request to another host, fails the test."""
    page = signed_in.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url) if _is_foreign(request.url) else None)
    yield page
    close(page)
    assert not wrong, wrong


def _is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:"))
