"""What these tests share: real services in their own processes, and connectors to them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.config import Auth, Connector

FAKES = Path(__file__).parents[3] / "fakes"


class Running:
    """A service in its own process, found by the port it prints."""

    def __init__(self, *command: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, env=env)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def workshop() -> Iterator[Running]:
    running = Running(str(FAKES / "openapi_service.py"))
    yield running
    running.stop()


@pytest.fixture
def own_workshop() -> Iterator[Running]:
    """One that may be ended."""
    running = Running(str(FAKES / "openapi_service.py"))
    yield running
    running.stop()


@pytest.fixture
def billing(tmp_path: Path) -> Iterator[Running]:
    running = Running("-m", "agents.demo.billing", "--database", str(tmp_path / "billing.db"))
    yield running
    running.stop()


@pytest.fixture
def connect() -> Callable[..., Connector]:
    def made(at: str, auth: dict[str, Any] | None = None, **fields: Any) -> Connector:
        given = {"spec": f"{at}/openapi.json"} | fields
        return Connector(name="shop", kind="openapi", auth=Auth(**auth) if auth else None, **given)

    return made
