"""The socket through which the command line asks a running server for a token."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.command_line import parser
from console.token_socket import FILE_NAME, TokenRefused, request_token, serve_tokens
from store.database import Database
from store.people import People, Role


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    database = Database.open(tmp_path / "data")
    yield People(database)
    database.close()


async def test_a_running_server_hands_out_a_token_that_works(tmp_path: Path, people: People) -> None:
    tokens = await serve_tokens(tmp_path, people)
    token = await request_token(tmp_path, "nightly", "operator")
    await tokens.close()
    assert token is not None
    holder = await people.token_holder(token)
    assert holder is not None and (holder.name, holder.role) == ("nightly", Role.OPERATOR)


async def test_without_a_server_there_is_no_answer(tmp_path: Path, people: People) -> None:
    assert await request_token(tmp_path, "nightly", "operator") is None
    assert await request_token(tmp_path / "nowhere", "nightly", "operator") is None
    tokens = await serve_tokens(tmp_path, people)
    await tokens.close()
    assert not (tmp_path / FILE_NAME).exists()


async def test_a_socket_left_behind_by_a_crash_is_no_server_and_in_nobodys_way(tmp_path: Path, people: People) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / FILE_NAME))
    left.close()
    assert await request_token(tmp_path, "nightly", "operator") is None
    tokens = await serve_tokens(tmp_path, people)
    assert await request_token(tmp_path, "nightly", "operator")
    await tokens.close()


async def test_only_its_owner_may_use_it(tmp_path: Path, people: People) -> None:
    tokens = await serve_tokens(tmp_path, people)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    await tokens.close()


async def test_a_folder_with_a_long_name_works_too(tmp_path: Path, people: People) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    tokens = await serve_tokens(folder, people)
    assert await request_token(folder, "nightly", "operator")
    await tokens.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "role"), [("", "operator"), ("x" * 101, "operator"), ("a\nb", "viewer"), ("a", "captain")]
)
async def test_a_bad_wish_is_refused_with_a_sentence(tmp_path: Path, people: People, name: str, role: str) -> None:
    tokens = await serve_tokens(tmp_path, people)
    with pytest.raises(TokenRefused, match=r"name of 1 to 100|no role 'captain'"):
        await request_token(tmp_path, name, role)
    await tokens.close()
    assert await people.tokens() == []


async def test_garbage_on_the_socket_is_answered_and_survived(tmp_path: Path, people: People) -> None:
    tokens = await serve_tokens(tmp_path, people)
    for garbage in (b"\xff\n", b"[]\n", b"x" * 10_000 + b"\n"):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / FILE_NAME))
        writer.write(garbage)
        assert "error" in json.loads(await reader.readline())
        writer.close()
    assert await request_token(tmp_path, "nightly", "viewer")
    await tokens.close()


async def test_a_token_that_expires_and_is_for_some_agents_only(tmp_path: Path, people: People) -> None:
    tokens = await serve_tokens(tmp_path, people)
    token = await request_token(tmp_path, "nightly", "viewer", 30, ("Refund clerk",))
    assert token is not None
    (listed,) = await people.tokens()
    assert listed.expires_at is not None
    assert listed.agents == ("Refund clerk",)
    for days, agents in ((0, ()), (4_000, ()), (7, ("",))):
        with pytest.raises(TokenRefused, match="expires after|list of their names"):
            await request_token(tmp_path, "nightly", "viewer", days, agents)
    await tokens.close()


@pytest.mark.parametrize("more", [["--days", "0"], ["--days", "x"], ["--agents", " , "]])
def test_the_command_line_refuses_a_term_or_a_scope_that_is_none(
    more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["token", "nightly", *more])
    assert "no number of days" in (said := capsys.readouterr().err) or "name at least one agent" in said


def test_the_command_line_takes_a_term_and_a_scope() -> None:
    given = parser().parse_args(["token", "nightly", "--days", "30", "--agents", "A, B"])
    assert (given.days, given.agents) == (30, ("A", "B"))
