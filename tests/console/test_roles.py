"""Role × route × handler, and what becomes of open pages when a role or a sign-in ends."""

import asyncio

import pytest
from socketio.exceptions import ConnectionError as Refused

from .conftest import Served, settle, until_said

ROLES = ("viewer", "operator", "admin")
PAGES = ("/", "/inbox", "/sessions", "/people", "/buttons", "/ids", "/nowhere", "/_nicegui/client/x/upload", "//people")


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_sees_a_page_without_signing_in(console: Served, path: str) -> None:
    async with console.browser() as browser:
        response = await browser.request("GET", console.url + path)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/signin")


async def test_no_page_is_built_for_somebody_who_is_not_signed_in(console: Served) -> None:
    async with console.browser("admin") as admin, console.browser() as stranger:
        before = (await admin.get("/ids")).json()
        assert [(await stranger.get("/buttons")).status_code for _ in range(3)] == [303] * 3
        assert set((await admin.get("/ids")).json()) <= set(before)


async def test_an_unknown_token_is_nobody(console: Served) -> None:
    async with console.browser() as browser:
        assert (await browser.get("/inbox", headers={"Cookie": "qd_session=made-up"})).status_code == 303


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/buttons", ROLES), ("/people", ("admin",)), ("/people/", ("admin",)), ("/people/x", ("admin",))],
)
@pytest.mark.parametrize("role", ROLES)
async def test_a_route_is_open_to_its_roles_only(
    console: Served, path: str, allowed: tuple[str, ...], role: str
) -> None:
    async with console.browser(role) as browser:
        assert ((await browser.get(path)).status_code != 403) == (role in allowed)


@pytest.mark.parametrize("button", ROLES)
@pytest.mark.parametrize("role", ROLES)
async def test_a_handler_runs_for_its_roles_only(console: Served, role: str, button: str) -> None:
    page = await console.open_page(console.tokens[role])
    before = len(await console.pressed())
    async with console.socket(page, token=console.tokens[role]) as socket:
        await socket.emit("event", page.press(button))
        await settle(socket)
    may = ROLES.index(role) >= ROLES.index(button)
    assert (await console.pressed())[before:] == ([f"{button} by {role}"] if may else [])


async def test_a_click_after_a_demotion_is_refused_though_the_page_is_still_open(console: Served) -> None:
    token = await console.sign_in("operator")
    page = await console.open_page(token)
    before = len(await console.pressed())
    async with console.browser("admin") as admin, console.socket(page, token=token) as socket:
        await admin.get("/role/operator/viewer", params={"quietly": True})
        try:
            await socket.emit("event", page.press("operator"))
            await settle(socket)
            assert (await console.pressed())[before:] == []
        finally:
            await admin.get("/role/operator/operator", params={"quietly": True})
        await socket.emit("event", page.press("operator"))
        await settle(socket)
    assert (await console.pressed())[before:] == ["operator by operator"]


async def test_a_demotion_reloads_the_open_page_and_closes_its_socket(console: Served) -> None:
    token = await console.sign_in("operator")
    page = await console.open_page(token)
    async with console.browser("admin") as admin, console.socket(page, token=token) as socket:
        await admin.get("/role/operator/viewer")
        try:
            await asyncio.wait_for(socket.wait(), 10)
            assert "location.reload()" in socket.said
        finally:
            await admin.get("/role/operator/operator")
        assert page.client_id not in (await admin.get("/ids")).json()


async def test_an_open_page_ends_with_its_sign_in_and_watching_for_that_does_not_prolong_it(console: Served) -> None:
    token = await console.sign_in("operator")
    page = await console.open_page(token)
    async with console.browser("admin") as admin, console.socket(page, token=token) as socket:
        await admin.get("/sweep", params={"hours_later": 11})
        assert socket.connected, "after 11 hours it is not idle for 12"
        assert page.client_id in (await admin.get("/ids")).json()
        await admin.get("/sweep", params={"hours_later": 13})
        await asyncio.wait_for(socket.wait(), 10)
        assert "location.reload()" in socket.said
        assert page.client_id not in (await admin.get("/ids")).json()


async def test_find_or_do_finds_nothing_for_somebody_whose_sign_in_is_over(console: Served) -> None:
    token = await console.sign_in("operator")
    page = await console.open_page(token)
    search = {**page.press("search"), "args": ['"refund"']}
    async with console.browser("admin") as admin, console.socket(page, token=token) as socket:
        await socket.emit("event", search)
        await until_said(socket, "found")
        socket.said.clear()
        await admin.get("/forget-newest-sign-in")
        await socket.emit("event", search)
        await until_said(socket, "go(0)")
        assert not any("found" in code for code in socket.said)


async def test_signing_out_takes_the_power_from_open_sockets(console: Served) -> None:
    token = await console.sign_in("operator")
    page, elsewhere = await console.open_page(token), await console.open_page(console.tokens["operator"])
    async with (
        console.socket(page, token=token) as socket,
        console.socket(elsewhere, token=console.tokens["operator"]) as other,
    ):
        async with console.browser() as browser:
            response = await browser.post("/signout", headers={"Cookie": f"qd_session={token}"})
            assert response.headers["location"] == "/signin"
            assert (await browser.get("/inbox", headers={"Cookie": f"qd_session={token}"})).status_code == 303
        await asyncio.wait_for(socket.wait(), 10)
        assert other.connected, "the same person's other browser stays signed in"
    with pytest.raises(Refused):
        async with console.socket(page, token=token):
            pass
