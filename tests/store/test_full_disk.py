"""A real disk that fills up and is then mounted read-only: what was acknowledged stays, the rest is refused in words."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.commands.conversation import ReceiveMessage, StartSession
from store.audit import verify
from store.database import FILE_NAME, Database
from store.errors import StoreUnavailable
from store.event_log import EventLog

MOST_MESSAGES = 400


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)):
        pytest.skip("mounting a small tmpfs needs root, and a kernel that lets it")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def message() -> ReceiveMessage:
    return ReceiveMessage(text="wind " * 8000, by="me")


async def test_a_disk_that_fills_up_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    database = Database.open(small_disk)
    log = EventLog(database)
    await log.append("S-1", StartSession(agent="a", pins={}, title="t", message="m", inputs=None, by="me"))
    acknowledged = 2
    with pytest.raises(StoreUnavailable, match="disk is full"):
        for _ in range(MOST_MESSAGES):
            await log.append("S-1", message())
            acknowledged += 1
    assert acknowledged > 2
    assert [each.seq for each in await log.read("S-1")] == list(range(1, acknowledged + 1))
    assert mount("-o", "remount,size=16m", str(small_disk))
    await log.append("S-1", message())  # the same writer goes on
    database.close()
    assert verify(small_disk / FILE_NAME).problems == []


async def test_a_disk_mounted_read_only_is_refused_in_words_and_its_record_still_verified(small_disk: Path) -> None:
    database = Database.open(small_disk)
    log = EventLog(database)
    await log.append("S-1", StartSession(agent="a", pins={}, title="t", message="m", inputs=None, by="me"))
    database.close()
    assert mount("-o", "remount,ro", str(small_disk))
    with pytest.raises(StoreUnavailable, match="disk"):
        Database.open(small_disk)
    assert verify(small_disk / FILE_NAME).problems == []
