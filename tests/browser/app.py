"""Starts the real program for browser tests, signs in by its link, and hands out pages."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, BrowserContext, Error, Page, StorageState

ROOT = Path(__file__).parents[2]
PASSWORD = "a quiet harbour at dawn"
NOT_OURS = ("PYTEST_CURRENT_TEST", "NICEGUI_USER_SIMULATION", "NICEGUI_SCREEN_TEST_PORT", "NICEGUI_STORAGE_PATH")


@dataclass
class Console:
    """A running Quarterdeck and its one-time link."""

    process: subprocess.Popen[str]
    url: str
    link: str
    data: Path
    lines: list[str]
    signed_in: StorageState | None = None
    """The cookies of a browser that has used the link."""

    def token(self, name: str, role: str) -> str:
        command = [sys.executable, "main.py", "--data", str(self.data), "token", name, "--role", role]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def running(data: Path, *arguments: str, **environment: str) -> Iterator[Console]:
    """The program on a free port with this data folder."""
    env = {name: value for name, value in os.environ.items() if name not in NOT_OURS} | environment
    command = [sys.executable, "main.py", "--port", "0", "--no-browser", "--data", str(data), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    lines: list[str] = []
    url = link = ""
    for line in process.stdout:
        lines.append(line)
        if found := re.search(r"is at (http://\S+)", line):
            url = found[1]
        if found := re.search(r"(http://\S+/link/\S+)", line):
            link = found[1]
        if url and (link or _has_been_used(data)):
            break
    assert url, f"it did not start:\n{''.join(lines)}"
    Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True).start()
    try:
        yield Console(process=process, url=url, link=link, data=data, lines=lines)
    finally:
        process.terminate()
        process.wait(20)


def _has_been_used(data: Path) -> bool:
    """Then no link is printed: somebody can sign in without one."""
    return (data / "signed-in").exists()


def sign_in(browser: Browser, console: Console, **options: object) -> BrowserContext:
    """A browser that has used the link and chosen a password, or has the cookies of one that had."""
    options |= {"base_url": console.url, "viewport": {"width": 1280, "height": 800}, "storage_state": console.signed_in}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    if console.signed_in:
        return context
    page = context.new_page()
    page.goto(console.link)
    page.get_by_role("button", name="Sign in to Quarterdeck").click()
    page.wait_for_url("**/welcome")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form button").click()
    page.wait_for_url("**/inbox")
    (console.data / "signed-in").touch()
    console.signed_in = context.storage_state()
    close(page)
    return context


def close(page: Page) -> None:
    """Close it for certain. Chromium acknowledges and forgets a close that meets a navigation's commit
    (crbug.com/536385539), and Playwright's own `close` then waits for ever: so it is asked until the page is gone."""
    browser = page.context.browser
    if browser is None or page.is_closed():
        return
    info = page.context.new_cdp_session(page).send("Target.getTargetInfo")
    whole = browser.new_browser_cdp_session()
    while not page.is_closed():
        with suppress(Error), page.expect_event("close", timeout=300):
            whole.send("Target.closeTarget", {"targetId": info["targetInfo"]["targetId"]})
    whole.detach()


def ready(page: Page) -> Page:
    """Wait until the page's socket is connected, so that keys and clicks arrive, and a first view has given way."""
    page.wait_for_function("window.did_handshake === true && !document.getElementById('qd-first')")
    return page
