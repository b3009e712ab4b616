"""The first start, every start after it, and starts that cannot be."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from console import start
from console.command_line import parser
from console.desk import Desk
from store.errors import DatabaseInUse, UnsupportedDatabase
from store.people import Role

from .conftest import NOT_FOR_IT, ROOT


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = start.open_desk(tmp_path, None)
    yield desk
    desk.runtime.database.close()


async def test_the_first_start_makes_an_admin_who_has_no_password_but_a_link(desk: Desk) -> None:
    link = await start.first_link(desk)
    assert link is not None and link.startswith("/link/")
    (admin,) = await desk.people.list()
    assert admin.role is Role.ADMIN
    assert await desk.people.check_password(admin.name, "") is None
    assert await desk.people.use_link(link.removeprefix("/link/")) == admin


async def test_each_start_prints_a_fresh_link_until_somebody_has_come_in(desk: Desk) -> None:
    first, second = await start.first_link(desk), await start.first_link(desk)
    assert first and second and first != second
    person = await desk.people.use_link(second.removeprefix("/link/"))
    assert person is not None
    await desk.people.sign_in(person, agent="test")
    assert await start.first_link(desk) is None


async def test_somebody_who_signed_out_without_choosing_a_password_can_come_back(desk: Desk) -> None:
    await start.first_link(desk)
    (admin,) = await desk.people.list()
    await desk.people.sign_out(await desk.people.sign_in(admin, agent="test"))
    assert await start.first_link(desk) is not None
    await desk.people.set_password(admin.name, "a long password", by=admin.name)
    assert await start.first_link(desk) is None


async def test_a_folder_in_use_and_another_database_are_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(DatabaseInUse):
        start.open_desk(tmp_path, None)
    with pytest.raises(UnsupportedDatabase):
        start.open_desk(tmp_path / "other", "postgresql://somewhere/desk")


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(start.CannotListen, match=rf"cannot listen on 127\.0\.0\.1, port {port} .*--port"):
            start.free_port("127.0.0.1", port)
    assert start.free_port("127.0.0.1", 0) > 0


@pytest.mark.parametrize("port", [70_000, -1])
def test_a_port_that_cannot_be_is_a_sentence(port: int) -> None:
    with pytest.raises(start.CannotListen):
        start.free_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fe80::1", "http://[fe80::1]:80"),
    ],
)
def test_the_printed_address_opens_on_this_machine(host: str, url: str) -> None:
    assert start.url_of(host, 80) == url


def test_the_program_serves_prints_its_link_and_stops_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "--port", "0", "--data", str(tmp_path), "--empty", "--no-browser"]
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_IT}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    link = re.fullmatch(r"Open (\S+/link/\S+) to sign in \(once, within 24 hours\)\n", process.stdout.readline())
    assert link is not None
    with httpx.Client(base_url=url, headers={"Origin": url}, verify=False) as browser:
        assert browser.get("/").headers["location"] == "/signin"
        assert browser.get("/signin").status_code == 200
        assert browser.post(link[1]).status_code == 303
        assert browser.get("/welcome").status_code == 200
    process.send_signal(signal.SIGTERM)
    assert (process.wait(20), process.stdout.read()) == (0, "")


def test_a_start_that_cannot_be_ends_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "--port", "0", "--data", str(tmp_path), "--database", "postgresql://x/y"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1 and "not supported yet" in ended.stderr


async def test_what_cannot_be_closed_keeps_nothing_else_from_being_closed_and_sealed(tmp_path: Path) -> None:
    desk = start.open_desk(tmp_path, None)
    running = start.Running(desk, empty=True)
    await running.open(lambda: True, lambda link: None)
    closed: list[str] = []

    async def breaks() -> None:
        closed.append("systems")
        raise OSError("The disk is full.")

    close = desk.runtime.database.close
    desk.runtime.database.close = lambda: (closed.append("database"), close())  # type: ignore[method-assign,assignment]
    running._systems.close = breaks  # type: ignore[method-assign]
    with pytest.raises(OSError, match="The disk is full"):
        await running.close()
    assert closed == ["database", "systems"]


@pytest.mark.parametrize("words", [["--data", "here", "check"], ["check", "--data", "here"]])
def test_the_data_folder_is_named_before_or_after_the_command(words: list[str]) -> None:
    assert parser().parse_args(words).data == Path("here")
