"""The command line: what can be asked of `main.py` besides serving, and how it answers."""

import argparse
import asyncio
import sys
from pathlib import Path

from store.audit import verify
from store.database import FILE_NAME, Database
from store.errors import StoreError
from store.people import People, Role

from .token_socket import MOST_DAYS, request_token

EPILOG = "Without a command it serves the console. The data folder holds everything; copy it to move house."


def parser() -> argparse.ArgumentParser:
    """The arguments of main.py."""
    top = argparse.ArgumentParser(prog="main.py", description="Quarterdeck, the operator console", epilog=EPILOG)
    top.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    top.add_argument("--port", type=int, default=8080, help="default 8080; 0 picks a free one")
    top.add_argument("--data", type=Path, default=Path("data"), help="the data folder (default ./data)")
    top.add_argument("--database", metavar="URL", help="not available yet: SQLite in the data folder is used")
    top.add_argument("--empty", action="store_true", help="a first start sets up no demo desk")
    top.add_argument("--no-browser", action="store_true", help="do not open a browser")
    top.add_argument("--behind-proxy", action="store_true", help="believe X-Forwarded-* of the reverse proxy in front")
    commands = top.add_subparsers(dest="command", title="commands")
    token = commands.add_parser("token", help="print a new API token")
    token.add_argument("name", help="what the token is called in the record")
    token.add_argument("--role", choices=[role.value for role in Role], default=Role.OPERATOR.value)
    token.add_argument("--days", type=_days, help="until it expires (default: never)")
    token.add_argument("--agents", type=_names, default=(), metavar="A,B", help="the only agents it is for")
    commands.add_parser("check", help="verify the audit chain, read-only")
    link = commands.add_parser(
        "link", help="print a new one-time sign-in link for a person (the server must be stopped)"
    )
    link.add_argument("name", help="the person's sign-in name")
    for one in commands.choices.values():  # before or after the command: people try both
        one.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="the data folder (default ./data)")
    return top


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text} is no number of days from 1 to {MOST_DAYS:,}")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("name at least one agent, or leave --agents out")
    return names


def new_token(data: Path, name: str, role: str, days: int | None = None, agents: tuple[str, ...] = ()) -> int:
    """Ask the running server for a token, or make one ourselves when none is running."""
    try:
        token = asyncio.run(request_token(data, name, role, days, agents))
        token = token or asyncio.run(_made_here(data, name, Role(role), days, agents))
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(token)
    return 0


async def _made_here(data: Path, name: str, role: Role, days: int | None, agents: tuple[str, ...]) -> str:
    database = Database.open(data)
    try:
        return await People(database).make_token(name, role, by="command line", days=days, agents=agents)
    finally:
        database.close()


def new_link(data: Path, name: str) -> int:
    """A way back in for somebody who lost the first link."""

    async def make() -> str:
        database = Database.open(data)
        try:
            return await People(database).make_link(name, by="command line")
        finally:
            database.close()

    try:
        print(f"Open this path at the console's address, once and within 24 hours: /link/{asyncio.run(make())}")
    except StoreError as error:
        print(error)
        return 1
    return 0


def check(data: Path) -> int:
    """Verify the whole record; 0 when it holds."""
    path = data / FILE_NAME
    if not path.exists():
        print(f"There is no record in {data}.")
        return 1
    report = verify(path)
    for problem in report.problems:
        print(problem)
    erased = f", {report.erased} erased payloads" if report.erased else ""
    print(f"{report.events} events of {report.sessions} sessions, {report.seals} seals{erased}: ", end="")
    print("the chain holds." if report.ok else f"{len(report.problems)} problems.")
    return 0 if report.ok else 1
