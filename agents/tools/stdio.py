"""How an MCP server is started as a child process: its command, its environment, its end."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client

from agents.config import Connector

from .errors import CannotStart
from .references import resolved
from .stderr_tail import StderrTail
from .wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp.client._transport import TransportStreams

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launcher.py")
INHERITED = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
"""All that a server gets of our environment: nothing that is known to carry credentials."""


def open_stdio(
    connector: Connector, resolve: Callable[[str], str], tail: StderrTail, junk: Callable[[Exception], None]
) -> Wire:
    """Raises CannotStart when the command or a secret is missing."""
    own, secrets = resolved(connector.env, resolve)
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | own
    program = _program(connector, environment)
    command, args = _launched(program, connector)
    server = StdioServerParameters(command=command, args=args, env=environment, cwd=ROOT)
    return Wire(_process(server, tail, secrets), junk)


@asynccontextmanager
async def _process(
    server: StdioServerParameters, tail: StderrTail, secrets: tuple[str, ...]
) -> "AsyncIterator[TransportStreams]":
    try:
        async with stdio_client(server, errlog=tail.open(secrets)) as streams:
            tail.started()
            yield streams
    finally:
        tail.close()


def _program(connector: Connector, environment: dict[str, str]) -> str:
    """The file to run. `python` means the interpreter we run in, so that our own packages are there."""
    command = (connector.command or "").strip()
    if not command:
        raise CannotStart(f"The connector {connector.name} names no command to start.")
    if command == "python" and sys.executable:
        return sys.executable
    sought = str(ROOT / command) if os.sep in command else command
    found = shutil.which(sought, path=environment.get("PATH"))
    if found is None:
        raise CannotStart(f"The command “{command}” of connector {connector.name} was not found on this machine.")
    return found


def _launched(program: str, connector: Connector) -> tuple[str, list[str]]:
    if sys.platform != "linux" or not sys.executable:
        return program, list(connector.args)  # there, a server that ignores the end of its stdin may outlive us
    own = ["-I", "-S", str(LAUNCHER), str(os.getpid()), program]
    return sys.executable, [*own, program, *connector.args]
