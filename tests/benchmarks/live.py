"""The live view of a long session in Chromium, and what fifty watchers cost the server; beside one element per event.

Paint is counted from the start of the navigation, with a warm cache. Event → DOM: from the commit to the change.
"""

import asyncio
import json
import tempfile
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.__main__ import find_browser
from tests.benchmarks.live_server import BARE, OLD, SHORT
from tests.benchmarks.live_watchers import open_all
from tests.benchmarks.measure import median, table
from tests.benchmarks.processes import started

EVENTS = 5_000
WATCHERS = 50
RATE = 10.0
SECONDS = 20.0
PAINTS = 5
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LISTEN = """() => {
  const now = () => performance.timeOrigin + performance.now();
  window.seen = {};
  window.painted = null;
  const look = () => {
    const rows = document.querySelectorAll(".qd-e");
    if (rows.length && !window.painted) window.painted = performance.now();
    for (const row of [...rows].slice(-6))
      for (const [, n] of row.textContent.matchAll(/mark-(\\d+)-/g)) window.seen[n] ??= now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
}"""


def main(events: int = EVENTS, watchers: int = WATCHERS, seconds: float = SECONDS) -> None:
    with tempfile.TemporaryDirectory() as folder, started("live_server", folder, str(events)) as process:
        asyncio.run(Measurement(process, events, watchers, seconds).run())


class Measurement:
    def __init__(self, process: Any, events: int, watchers: int, seconds: float) -> None:
        self.process, self.events, self.watchers, self.seconds = process, events, watchers, seconds

    async def run(self) -> None:
        found = json.loads(await asyncio.to_thread(self.process.stdout.readline))
        self.url, self.token = found["url"], found["token"]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
            context = await self._context(browser)
            await self._crowd(context)
            await self._view(context)
            await browser.close()

    async def _ask(self, **question: Any) -> dict[str, Any]:
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(await asyncio.to_thread(self.process.stdout.readline))
        return answer

    async def _play(self, session: str, seconds: float) -> dict[str, Any]:
        return await self._ask(session=session, rate=RATE, seconds=seconds)

    async def _context(self, browser: Browser) -> BrowserContext:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": "qd_session", "value": self.token, "url": self.url}])
        await context.add_init_script(f"({LISTEN})()")
        return context

    async def _view(self, context: BrowserContext) -> None:
        paths = {"short": f"/sessions/{SHORT}", "long": f"/sessions/{OLD}", "elements": f"/element-per-event/{OLD}"}
        sessions = {"short": SHORT, "long": OLD, "elements": OLD}
        paints: dict[str, list[float]] = {name: [] for name in paths}
        late = {}
        # the baseline comes last: the server works on for its pages for a while after they were closed
        for names in (("short", "long"), ("elements",)):
            for _ in range(PAINTS):
                for name in names:
                    paints[name].append(await self._paint(context, paths[name]))
            for name in names:
                late[name] = await self._late(context, paths[name], sessions[name])
        heads = ["what", "24 events", f"{self.events:,} events", "an element per event", "target"]
        rows = [
            ["first rows, after", *(f"{median(paints[name][1:]):.0f} ms" for name in paths), "≤ 500 ms"],
            ["event → DOM, p50", *(f"{median(late[name]):.0f} ms" for name in paths), "≤ 100 ms"],
            ["event → DOM, p95", *(f"{sorted(late[name])[int(len(late[name]) * 0.95)]:.0f} ms" for name in paths), ""],
            ["marks seen", *(str(len(late[name])) for name in paths), ""],
        ]
        table(f"Live view: a session in Chromium, {RATE:.0f} events/s", heads, rows)

    async def _paint(self, context: BrowserContext, path: str) -> float:
        page = await context.new_page()
        await page.goto(f"{self.url}{path}", wait_until="commit")
        await page.wait_for_function("window.painted", timeout=90_000)
        painted: float = await page.evaluate("window.painted")
        await page.close()
        return painted

    async def _open(self, context: BrowserContext, path: str) -> Page:
        page = await context.new_page()
        await page.goto(f"{self.url}{path}", timeout=90_000)
        await page.wait_for_function("window.did_handshake && window.painted", timeout=90_000)
        await page.wait_for_load_state("networkidle")
        return page

    async def _late(self, context: BrowserContext, path: str, session: str) -> list[float]:
        """Milliseconds from commit to DOM of every event whose mark was seen."""
        page = await self._open(context, path)
        committed = (await self._play(session, self.seconds / 2))["committed"]
        await asyncio.sleep(3)
        seen = await page.evaluate("window.seen")
        await page.close()
        # the first event, SessionStarted, carries no mark: the n-th mark is of event n + 1
        return [at - committed[str(int(n) + 1)] * 1000 for n, at in seen.items() if str(int(n) + 1) in committed]

    async def _crowd(self, context: BrowserContext) -> None:
        alone = await self._play(OLD, self.seconds)
        page = await self._open(context, f"/sessions/{OLD}")
        watchers = await open_all(self.watchers - 1, self.url, self.token, f"/sessions/{OLD}")
        await asyncio.sleep(2)
        idle = await self._ask(rest=self.seconds / 2)
        elsewhere = await self._play(BARE, self.seconds / 2)
        watched = await self._play(OLD, self.seconds)
        reached = min(watcher.received for watcher in watchers)
        await asyncio.gather(*(watcher.close() for watcher in watchers))
        await page.close()
        shares = [
            ("nobody watches", alone),
            (f"{self.watchers} watch a session at rest", idle),
            (f"{self.watchers} watch, the events are another session's", elsewhere),
            (f"{self.watchers} watch", watched),
        ]
        rows = [
            [name, f"{100 * one['cpu'] / one['seconds']:.1f} %", f"{one['megabytes']:.0f} MB"]
            for name, one in shares
            if one
        ]
        extra = 100 * (watched["cpu"] / watched["seconds"] - idle["cpu"] / idle["seconds"])
        rows.append(["the last, less at rest (target ≤ 25 %)", f"{extra:.1f} %", ""])
        table(
            f"Crowd: server's share of a core, {RATE:.0f} events/s (batches at the slowest: {reached})",
            ["who", "core", "size"],
            rows,
        )
