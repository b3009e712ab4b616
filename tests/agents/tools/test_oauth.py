"""Signing in to a remote MCP server: a real authorization server in a process of its own, and what is kept of it."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from agents.config import Auth, Connector
from agents.tools.errors import CannotStart, ToolFailure
from agents.tools.references import resolved
from agents.tools.registry import Registry
from agents.tools.sign_ins import SignInFailed, SignIns, secret_name
from tests.fakes.processes import ROOT

from .conftest import make_registry, until

THE_BROWSERS_OWN = ("httpx", "httpcore")
"""What plays the person's browser in these tests; the program itself speaks to MCP servers with httpx2."""
BACK = "http://127.0.0.1:1/oauth/callback"


class MemoryVault:
    """What store.secrets does, without a disk."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.by: list[str] = []

    def names(self) -> list[str]:
        return sorted(self.values)

    def resolve(self, reference: str) -> str:
        return self.values[reference.partition(":")[2]]

    async def set(self, name: str, value: str, by: str) -> None:
        self.values[name] = value
        self.by.append(by)

    async def delete(self, name: str, by: str) -> None:
        del self.values[name]


@dataclass(frozen=True)
class Office:
    base: str

    @property
    def url(self) -> str:
        return f"{self.base}/mcp"

    def issued(self) -> dict:
        return dict(httpx.get(f"{self.base}/issued", trust_env=False).json())

    def post(self, path: str) -> None:
        assert httpx.post(f"{self.base}{path}", trust_env=False).status_code == 204

    def answers(self, page: str, say: str = "Agree") -> dict[str, str]:
        """What a person's browser brings back from the sign-in page."""
        with httpx.Client(trust_env=False) as browser:
            consent = browser.get(page, follow_redirects=True)
            assert "May Quarterdeck read your pages?" in consent.text
            ticket = parse_qs(urlsplit(str(consent.url)).query)["ticket"][0]
            back = browser.get(f"{self.base}/answer", params={"ticket": ticket, "say": say})
        given = parse_qs(urlsplit(back.headers["location"]).query)
        names = {"state": "state", "code": "code", "error": "error", "error_description": "words"}
        return {names[key]: values[0] for key, values in given.items() if key in names}


@pytest.fixture
def office() -> Iterator[Office]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.mcp_oauth"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield Office(f"http://127.0.0.1:{int(process.stdout.readline())}")
    process.kill()
    process.wait()


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest_asyncio.fixture
async def signed(vault: MemoryVault) -> AsyncIterator[Registry]:
    registry = make_registry(wait_seconds=3)
    registry.signs = SignIns(vault)
    yield registry
    await registry.signs.close()
    await registry.close()


def pages(url: str) -> Connector:
    return Connector(name="pages", kind="mcp_http", url=url, auth=Auth(kind="oauth"))


async def begun(registry: Registry, connector: Connector, browser: str = "ada's browser") -> str:
    assert registry.signs is not None
    return await registry.signs.begin(connector, str, redirect_uri=BACK, by="ada", browser=browser)


async def signed_in(registry: Registry, office: Office) -> None:
    assert registry.signs is not None
    page = await begun(registry, pages(office.url))
    given = await asyncio.to_thread(office.answers, page)
    assert await registry.signs.finish(browser="ada's browser", **given) == "pages"


async def test_after_a_sign_in_the_server_is_connected_and_called_and_no_token_is_told_to_anybody(
    signed: Registry, vault: MemoryVault, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await signed.apply([pages(office.url)])
    health = await until(signed, "pages", "down")
    assert "pages needs a sign-in: nobody has signed in yet" in health.because
    await signed_in(signed, office)
    await signed.reconnect("pages")
    assert [one.name for one in await signed.definitions("pages")] == ["get_page"]
    output = await signed.call("pages", "get_page", '{"title": "Winter"}', timeout_seconds=5)
    assert output.text == "The page Winter"
    assert vault.names() == ["oauth.pages"] and vault.by == ["ada"]
    logged = [str(one.getMessage()) for one in caplog.records if one.name.partition(".")[0] not in THE_BROWSERS_OWN]
    told = "\n".join(logged) + repr(signed.health("pages")) + repr(signed.signs.kept(pages(office.url)))
    assert not [token for token in office.issued()["tokens"] if token in told]


async def test_an_ended_token_is_renewed_before_it_is_used_and_a_refused_one_once(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    office.post("/seconds/10")  # less than the margin, so it counts as ended at once
    await signed_in(signed, office)
    office.post("/seconds/3600")
    await signed.apply([pages(office.url)])
    assert await signed.definitions("pages")
    assert office.issued()["renewals"] == 1
    office.post("/forget")
    calls = [signed.call("pages", "get_page", '{"title": "x"}', timeout_seconds=5) for _ in range(5)]
    assert {one.text for one in await asyncio.gather(*calls)} == {"The page x"}
    assert office.issued()["renewals"] == 2, "five calls at once renew it once"
    assert vault.by == ["ada", "quarterdeck", "quarterdeck"]


async def test_a_sign_in_that_the_server_no_longer_takes_is_given_up_and_the_call_was_not_sent(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    await signed_in(signed, office)
    await signed.apply([pages(office.url)])
    assert await signed.definitions("pages")
    office.post("/forget?all=1")
    with pytest.raises(ToolFailure, match="needs a sign-in: the server no longer accepts the last one") as raised:
        await signed.call("pages", "get_page", '{"title": "x"}', timeout_seconds=5)
    assert raised.value.outcome == "not_sent"
    assert vault.names() == []
    assert signed.signs is not None and signed.signs.is_needed(pages(office.url))


async def test_another_browser_or_a_wrong_state_finishes_nothing(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    assert signed.signs is not None
    given = await asyncio.to_thread(office.answers, await begun(signed, pages(office.url)))
    for wrong in ({"browser": "bob's browser"}, {"state": "made-up"}):
        with pytest.raises(SignInFailed, match="was not begun in this browser"):
            await signed.signs.finish(**{"browser": "ada's browser", **given, **wrong})
    assert vault.names() == []
    assert await signed.signs.finish(browser="ada's browser", **given) == "pages"
    with pytest.raises(SignInFailed, match="was not begun in this browser"):
        await signed.signs.finish(browser="ada's browser", **given)


async def test_a_denied_consent_says_so_and_changes_nothing(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    assert signed.signs is not None
    given = await asyncio.to_thread(office.answers, await begun(signed, pages(office.url)), "Deny")
    with pytest.raises(SignInFailed, match="was not agreed to there. Nothing changed."):
        await signed.signs.finish(browser="ada's browser", **given)
    assert vault.names() == [] and signed.signs.under_way == {}


async def test_a_wrong_code_is_refused_by_the_server_and_its_words_carry_no_code(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    assert signed.signs is not None
    given = await asyncio.to_thread(office.answers, await begun(signed, pages(office.url)))
    with pytest.raises(SignInFailed, match="The sign-in to pages failed") as raised:
        await signed.signs.finish(browser="ada's browser", **{**given, "code": "code-of-my-own"})
    assert "code-of-my-own" not in str(raised.value)
    assert vault.names() == []


async def test_a_token_stays_with_the_address_it_was_given_by(signed: Registry, office: Office) -> None:
    await signed_in(signed, office)
    assert signed.signs is not None
    assert signed.signs.kept(pages(office.url)) is not None
    assert signed.signs.kept(pages("https://elsewhere.example/mcp")) is None


async def test_with_the_connector_goes_the_sign_in(signed: Registry, vault: MemoryVault, office: Office) -> None:
    await signed_in(signed, office)
    await signed.apply([pages(office.url)])
    assert vault.names() == ["oauth.pages"]
    await signed.apply([])
    assert vault.names() == []


async def test_a_connector_that_is_deleted_during_the_sign_in_leaves_no_token_for_one_of_the_same_name(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    assert signed.signs is not None
    await signed.apply([pages(office.url)])
    given = await asyncio.to_thread(office.answers, await begun(signed, pages(office.url)))
    await signed.apply([])
    with pytest.raises(SignInFailed, match="pages was deleted or changed meanwhile; no sign-in to it was kept"):
        await signed.signs.finish(browser="ada's browser", **given)
    assert vault.names() == []
    await signed.apply([pages(office.url)])
    assert signed.signs.is_needed(pages(office.url))


async def test_a_token_that_is_being_stored_while_its_connector_is_deleted_goes_with_it(
    signed: Registry, vault: MemoryVault, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed.signs is not None
    await signed.apply([pages(office.url)])
    given = await asyncio.to_thread(office.answers, await begun(signed, pages(office.url)))
    storing, stored, put = asyncio.Event(), asyncio.Event(), vault.set

    async def slow(name: str, value: str, by: str) -> None:
        storing.set()
        await stored.wait()
        await put(name, value, by)

    monkeypatch.setattr(vault, "set", slow)
    finishing = asyncio.create_task(signed.signs.finish(browser="ada's browser", **given))
    await storing.wait()
    deleting = asyncio.create_task(signed.apply([]))
    signed.subscribe(lambda _: stored.set())
    await asyncio.gather(finishing, deleting)
    assert vault.names() == []


async def test_a_sign_in_whose_connector_was_deleted_before_is_gone_at_the_next_start_and_other_secrets_are_not(
    signed: Registry, vault: MemoryVault, office: Office
) -> None:
    await signed_in(signed, office)
    vault.values |= {"oauth.typed": "by an admin", "key": "of a service"}
    await signed.apply([Connector(name="own", kind="builtin")])
    assert vault.names() == ["key", "oauth.typed"]


async def test_no_other_connector_may_use_a_sign_in_as_its_secret(signed: Registry) -> None:
    with pytest.raises(CannotStart, match="which no other connector may use"):
        resolved({"Authorization": "secret:oauth.pages"}, str)
    assert secret_name("pages") == "oauth.pages"
    assert secret_name("my pages") != secret_name("my-pages")


class Elsewhere(BaseHTTPRequestHandler):
    """Asks for a sign-in at an authorization server inside the network."""

    def do_POST(self) -> None:
        where = f"http://127.0.0.1:{self.server.server_port}/.well-known/oauth-protected-resource"  # type: ignore[attr-defined]
        self.send_response(401)
        self.send_header("WWW-Authenticate", f'Bearer resource_metadata="{where}"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        own = f"http://127.0.0.1:{self.server.server_port}/mcp"  # type: ignore[attr-defined]
        body = json.dumps({"resource": own, "authorization_servers": ["http://169.254.169.254"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


async def test_a_server_cannot_send_us_to_addresses_inside_the_network(signed: Registry) -> None:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(SignInFailed, match="a link-local address"):
            await begun(signed, pages(f"http://127.0.0.1:{server.server_port}/mcp"))
    finally:
        server.shutdown()
        server.server_close()


async def test_a_server_that_asks_for_no_sign_in_says_so(signed: Registry) -> None:
    from .test_http import real_server

    async with real_server() as url:
        with pytest.raises(SignInFailed, match="asked for no sign-in"):
            await begun(signed, pages(url))
