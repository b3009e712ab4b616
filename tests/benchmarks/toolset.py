"""Curating 300 tools in Chromium: first paint, and from a key to the filtered rows. And counting 10,000 recorded calls.

Paint is counted from the start of the navigation, with a warm cache; a key from its event to the next frame after it.
"""

import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from store.database import Database
from store.queries import Queries
from store.tables import CallRow, EventRow, PayloadRow, SessionRow
from store.times import to_text, utc_now
from tests.__main__ import find_browser
from tests.benchmarks.measure import median, table
from tests.browser.app import ROOT, Console, ready, running, sign_in

TOOLS = 300
PAINTS = 5
WORDS = "refund customer"
CALLS = 10_000
CALLS_PER_SESSION = 4
PICKED = 12
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
WATCH = """() => {
  window.painted = window.whole = null;
  const look = () => {
    if (!window.painted && document.querySelectorAll(".qd-tt-item").length >= 20)
      requestAnimationFrame(() => { window.painted ??= performance.now(); });
    if (!window.whole && document.querySelectorAll(".qd-tt-item").length >= 100)
      requestAnimationFrame(() => { window.whole ??= performance.now(); });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  window.keys = [];
  addEventListener("input", () => {
    const began = performance.now();
    requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - began)));
  }, true);
}"""


def main(tools: int = TOOLS, calls: int = CALLS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _counting(Path(folder), calls)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, running(Path(folder)) as console:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        context = sign_in(browser, console)
        _configure(console, context.request, tools)
        context.add_init_script(f"({WATCH})()")
        page = context.new_page()
        paints, wholes = zip(*[_paint(page) for _ in range(PAINTS + 1)][1:], strict=True)
        keys = _typed(page)
        rows = page.locator(".qd-tt-item").count()
        browser.close()
    heads = ("", "median", "worst")
    table(
        f"{rows} tools in one table, ms",
        heads,
        [
            ("navigation to the first rows painted", f"{median(paints):.0f}", f"{max(paints):.0f}"),
            ("navigation to all rows", f"{median(wholes):.0f}", f"{max(wholes):.0f}"),
            ("keystroke to filtered rows", f"{median(keys):.0f}", f"{max(keys):.0f}"),
        ],
    )


def _configure(console: Console, request: Any, tools: int) -> None:
    """The synthetic server, as often as it takes, and a toolset of a few of its tools."""
    import sys

    many = {"kind": "mcp_stdio", "command": sys.executable, "args": ["-m", "tests.fakes.mcp_many"]}
    names = [f"office{number}" for number in range(-(-max(0, tools - 73) // 250))]
    headers = {"Authorization": f"Bearer {console.token('bench', 'admin')}"}
    url = f"{console.url}/api/v1/configuration"
    whole = request.get(url, headers=headers).json()
    whole["connectors"] += [many | {"name": name, "env": {"PYTHONPATH": str(ROOT)}} for name in names]
    assert request.put(url, headers=headers, data=whole).ok


def _paint(page: Page) -> tuple[float, float]:
    """A screenful of rows, and all of them."""
    page.goto("/toolsets/support-desk")
    ready(page)
    page.wait_for_function("window.whole !== null")
    first, whole = page.evaluate("[window.painted, window.whole]")
    return float(first), float(whole)


def _typed(page: Page) -> list[float]:
    page.locator(".qd-search").click()
    for letter in WORDS:
        before = page.evaluate("window.keys.length")
        page.keyboard.type(letter)
        page.wait_for_function("before => window.keys.length > before", arg=before)
    return [float(one) for one in page.evaluate("window.keys")]


def _counting(folder: Path, calls: int) -> None:
    database = Database.open(folder)
    _recorded(folder / "quarterdeck.db", calls)
    took = [_seconds(database) for _ in range(PAINTS)]
    database.close()
    title = f"{calls:,} recorded calls counted by tool, in a reader thread, s"
    table(title, ("first", "median"), [(f"{took[0]:.2f}", f"{median(took):.2f}")])


def _seconds(database: Database) -> float:
    import asyncio

    began = time.perf_counter()
    asyncio.run(Queries(database).tool_use())
    return time.perf_counter() - began


def _recorded(path: Path, calls: int) -> None:
    """Rows as sessions leave them, written past the log: only their reading is measured."""
    at = to_text(utc_now())
    driver = sqlite3.connect(path)
    for n in range(-(-calls // CALLS_PER_SESSION)):
        session = f"S-{n:06}"
        session_row = {"id": session, "hash": b"", "agent": "a", "title": "t", "started_by": "b", "pins": "{}"}
        session_row |= {"created_at": at, "updated_at": at, "status": "completed", "seq": 9}
        _insert(driver, SessionRow, session_row)
        offered = {"tools": [_tool(number) for number in range(PICKED)], "candidates": _candidates()}
        _insert(driver, PayloadRow, {"session_id": session, "ref": "t" * 64, "salt": b"s", "content": _text(offered)})
        for step in range(CALLS_PER_SESSION):
            reply = {"step": step, "prompt": {"tools": "t" * 64}, "filler": "x" * 900}
            event = {"session_id": session, "seq": step, "type": "ModelReplied", "v": 1, "at": at, "status": "running"}
            _insert(driver, EventRow, event | {"data": _text(reply), "hash": b""})
            call = {"session_id": session, "call_id": f"{step}.1", "step": step, "tool": "x", "connector": "crm"}
            call |= {"own_name": f"tool_{step % PICKED}", "risk": "read", "state": "succeeded", "details_ref": "d"}
            _insert(driver, CallRow, call)
    driver.commit()
    driver.close()


def _insert(driver: sqlite3.Connection, kind: Any, values: dict[str, Any]) -> None:
    row = {name: one.default.arg for name, one in kind.__table__.columns.items() if one.default is not None}
    row |= values
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    driver.execute(f"INSERT INTO {kind.__tablename__} ({names}) VALUES ({marks})", list(row.values()))


def _tool(number: int) -> dict[str, Any]:
    return {"type": "function", "function": {"name": f"tool_{number}", "description": "x" * 1_500, "parameters": {}}}


def _candidates() -> list[dict[str, str]]:
    return [{"tool": f"tool_{n}", "connector": "crm", "definition_hash": f"{n:064}"} for n in range(PICKED)]


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
