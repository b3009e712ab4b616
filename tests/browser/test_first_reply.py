"""What a person sees while a slow model thinks about its first reply: that the session is at work, and on what."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, ready, running
from tests.browser.test_story import start
from tests.fakes.processes import OpenAIServer, openai_server

HANG = "hang"
"""The fake server never answers a model of this name."""


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    with openai_server() as server:
        yield server


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer) -> Iterator[Console]:
    data: Path = tmp_path_factory.mktemp("slow")
    with running(data, "--empty") as started:
        profile = {"name": "slow", "model": f"openai/{HANG}", "api_base": model.base_url, "timeout_seconds": 600}
        agent = {"name": "Thinker", "instructions": "Think.", "toolset": "none", "policy": "plain"}
        headers = {"Authorization": f"Bearer {started.token('ci', 'admin')}"}
        document = {
            "models": [profile],
            "toolsets": [{"name": "none", "tools": []}],
            "policies": [{"name": "plain"}],
            "agents": [agent | {"models": {"act": ["slow"]}}],
        }
        put = httpx.put(f"{started.url}/api/v1/configuration", json=document, headers=headers, timeout=30)
        assert put.status_code == 200, put.text
        yield started


def test_a_session_whose_model_has_not_answered_yet_is_running_on_every_page(page: Page) -> None:
    session = start(page, "How deep is the harbour?", agent="Thinker")
    head = page.locator(".qd-top")
    expect(head.get_by_text("Running", exact=True)).to_be_visible()
    expect(head.get_by_text("Waiting for the model's first reply.")).to_be_visible()
    worked = page.locator(".qd-rail qd-time")
    seen = worked.inner_text()
    expect(worked).not_to_have_text(seen)  # its working time counts on
    page.goto("/sessions")
    ready(page)
    expect(page.get_by_role("row").filter(has_text="How deep is the harbour?")).to_contain_text("Running")
    page.goto("/")
    ready(page)
    expect(page.locator(f"a[href='/sessions/{session}']").first).to_contain_text("running")
    page.goto(f"/sessions/{session}")  # and at once where the page is loaded anew
    expect(head.first.get_by_text("Running", exact=True)).to_be_visible()
    ready(page)
    head.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_placeholder("Why?").fill("it takes too long")
    dialog.get_by_role("button", name="Stop").click()
    expect(head.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(head.get_by_text("Waiting for the model's first reply.")).to_have_count(0)
