"""What the tests of connectors share: a registry that is closed again, and connectors to real server processes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from agents.config import Connector
from agents.tools.health import Health, Pace
from agents.tools.registry import Registry

FAKES = Path(__file__).parents[2] / "fakes"
SECRETS = {"secret:PASSWORD": "hunter2-and-more", "env:TOKEN": "token-of-the-admin"}


def desk(name: str = "desk", **env: str) -> Connector:
    return Connector(name=name, kind="mcp_stdio", command="python", args=(str(FAKES / "mcp_desk.py"),), env=env)


def raw(mode: str, **env: str) -> Connector:
    args = ("-I", "-S", str(FAKES / "mcp_raw.py"), mode)
    return Connector(name="raw", kind="mcp_stdio", command="python", args=args, env=env)


def web(url: str, **headers: str) -> Connector:
    return Connector(name="web", kind="mcp_http", url=url, headers=headers)


def make_registry(**pace: float) -> Registry:
    return Registry(SECRETS.__getitem__, pace=Pace(**{"first_retry_seconds": 0.05, "wait_seconds": 8} | pace))


@pytest_asyncio.fixture
async def registry() -> AsyncIterator[Registry]:
    made = make_registry()
    yield made
    await made.close()


async def eventually(registry: Registry, holds: Callable[[], bool], seconds: float = 8) -> None:
    """Waits, by the registry's own word of every change, until `holds`."""
    news = asyncio.Event()
    leave = registry.subscribe(lambda name: news.set())
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                news.clear()
                await news.wait()
    finally:
        leave()


async def until(registry: Registry, connector: str, state: str) -> Health:
    await eventually(registry, lambda: registry.health(connector).state == state)
    return registry.health(connector)


async def gone(pid: int, seconds: float = 8) -> None:
    """Waits for the end of a process that is not our child."""
    async with asyncio.timeout(seconds):
        while _runs(pid):
            await asyncio.sleep(0.01)  # nothing announces the end of another's child


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def fakes() -> Path:
    return FAKES
