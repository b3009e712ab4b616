"""Keeps the billing service running beside us, on a port that stays the same for a data folder while it is free."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = ROOT / "agents" / "tools" / "launcher.py"
START_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0
AGAIN_SECONDS = 1.0
END_SECONDS = 5.0


def port_of(data: Path) -> int:
    """The port noted in the data folder, else a free one, which is noted."""
    with suppress(OSError, ValueError):
        noted = int(_note(data).read_text())
        if 0 < noted < 65_536:
            return noted
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    note_port(data, port)
    return port


def note_port(data: Path, port: int) -> None:
    _note(data).write_text(str(port))


def _note(data: Path) -> Path:
    return data / "billing.port"


class BillingProcess:
    """`found` is called with the port each time the service has started; a service that ends is started again."""

    def __init__(self, data: Path, found: Callable[[int], Awaitable[None]]) -> None:
        self._data = data
        self._found = found
        self._process: asyncio.subprocess.Process | None = None
        self._keeper = asyncio.create_task(self._keep(), name="billing service")

    async def close(self) -> None:
        self._keeper.cancel()
        await asyncio.wait([self._keeper])
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), END_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _keep(self) -> None:
        pause = AGAIN_SECONDS
        while True:
            self._process = await asyncio.create_subprocess_exec(
                *_command(self._data), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
            )
            assert self._process.stdout is not None
            try:
                await self._found(int(await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)))
                pause = AGAIN_SECONDS
            except Exception as error:  # the demo's own; the rest of the program goes on without it
                log.warning("The demo's billing service cannot be used: %s", error or type(error).__name__)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                if isinstance(error, TimeoutError):
                    with suppress(ProcessLookupError):
                        self._process.kill()
            await self._process.wait()
            await asyncio.sleep(pause)


def _command(data: Path) -> list[str]:
    own = ["-m", "agents.demo.billing", "--database", str(data / "billing.db"), "--port", str(port_of(data))]
    if sys.platform != "linux":
        return [sys.executable, *own]
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), sys.executable, sys.executable, *own]
