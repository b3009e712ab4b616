"""Attacks on the websocket, each refused by our guards and each shown to work without them."""

import pytest
from socketio.exceptions import ConnectionError as Refused

from .conftest import Served, settle

EVIL = "http://evil.example"


async def test_a_page_presses_its_own_button(console: Served) -> None:
    page = await console.open_page(console.tokens["viewer"])
    before = len(await console.pressed())
    async with console.socket(page, token=console.tokens["viewer"]) as socket:
        await socket.emit("event", page.press("viewer"))
        await settle(socket)
    assert (await console.pressed())[before:] == ["viewer by viewer"]


async def test_a_page_may_shake_hands_after_it_has_connected(console: Served) -> None:
    page = await console.open_page(console.tokens["viewer"])
    async with console.socket(page, token=console.tokens["viewer"], implicit=False) as socket:
        assert await socket.call("handshake", page.handshake) is True


async def test_a_websocket_from_another_site_is_refused(console: Served) -> None:
    page = await console.open_page(console.tokens["operator"])
    with pytest.raises(Refused):
        async with console.socket(page, token=console.tokens["operator"], origin=EVIL):
            pass


async def test_a_websocket_from_another_site_is_let_in_without_the_guard(unguarded: Served) -> None:
    page = await unguarded.open_page(unguarded.tokens["operator"])
    async with unguarded.socket(page, token=unguarded.tokens["operator"], origin=EVIL) as socket:
        assert socket.connected


async def _press_the_button_of_somebody_else(console: Served) -> list[str]:
    victims = await console.open_page(console.tokens["admin"])
    attackers = await console.open_page(console.tokens["viewer"])
    before = len(await console.pressed())
    async with (
        console.socket(victims, token=console.tokens["admin"]),
        console.socket(attackers, token=console.tokens["viewer"]) as attacker,
    ):
        await attacker.emit("event", victims.press("admin"))
        await settle(attacker)
        return (await console.pressed())[before:]


async def test_nobody_presses_a_button_on_a_page_of_somebody_else(console: Served) -> None:
    assert await _press_the_button_of_somebody_else(console) == []


async def test_a_button_of_somebody_else_can_be_pressed_without_the_guard(unguarded: Served) -> None:
    assert await _press_the_button_of_somebody_else(unguarded) == ["admin by admin"]


@pytest.mark.parametrize("cookie", ["none", "another person's"])
@pytest.mark.parametrize("implicit", [True, False])
async def test_nobody_shakes_hands_for_a_page_of_somebody_else(console: Served, cookie: str, implicit: bool) -> None:
    token = None if cookie == "none" else console.tokens["viewer"]
    page = await console.open_page(console.tokens["admin"])
    async with console.socket(page, token=console.tokens["admin"]):
        if implicit:
            with pytest.raises(Refused):
                async with console.socket(page, token=token):
                    pass
        else:
            async with console.socket(page, token=token, implicit=False) as second:
                assert await second.call("handshake", page.handshake) is False


async def test_a_socket_without_cookie_shakes_hands_for_anybody_without_the_guard(unguarded: Served) -> None:
    page = await unguarded.open_page(unguarded.tokens["admin"])
    before = len(await unguarded.pressed())
    async with (
        unguarded.socket(page, token=unguarded.tokens["admin"]),
        unguarded.socket(page, token=None) as second,
    ):
        await second.emit("event", page.press("admin"))
        await settle(second)
    assert (await unguarded.pressed())[before:] == ["admin by admin"]


async def test_a_message_of_the_wrong_shape_does_nothing(console: Served) -> None:
    page = await console.open_page(console.tokens["viewer"])
    async with console.socket(page, token=console.tokens["viewer"]) as socket:
        for name in ("event", "javascript_response", "ack", "log", "handshake"):
            for message in (None, [], "text", {}, {"client_id": None}, {"client_id": ["x"]}):
                await socket.emit(name, message)
        await settle(socket)
        assert socket.connected
