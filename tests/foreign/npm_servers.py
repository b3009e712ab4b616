"""MCP servers that others wrote in JavaScript, installed once by their lock file, beside the virtual environment."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = Path(__file__).with_name("npm")
PLACE = ROOT / ".venv" / "foreign-npm"
NEEDED = "Node.js 18 or newer with npm is needed for the foreign MCP servers (Debian: apt install nodejs npm)"


def script(server: str) -> Path:
    """The program of `filesystem` or `everything`, to be started by node."""
    return PLACE / "node_modules" / "@modelcontextprotocol" / f"server-{server}" / "dist" / "index.js"


def install() -> None:
    """As locked, every package by its hash; again only when the lock changes."""
    lock = (LOCKED / "package-lock.json").read_bytes()
    wanted, marker = hashlib.sha256(lock).hexdigest(), PLACE / "made-from"
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE.parent / "foreign-npm.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if marker.exists() and marker.read_text() == wanted:
            return
        for file in ("package.json", "package-lock.json"):
            shutil.copy(LOCKED / file, PLACE / file)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=PLACE, capture_output=True, text=True)
        if done.returncode:
            said = "\n".join(done.stderr.splitlines()[-5:])
            pytest.fail(
                f"npm could not install the foreign servers; it needs to reach a registry:\n{said}", pytrace=False
            )
        marker.write_text(wanted)


@pytest.fixture(scope="session")
def npm_servers() -> None:
    """Without Node.js the test is left out; in CI that is a failure."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"{NEEDED}; in CI that is a failure", pytrace=False)
        pytest.skip(NEEDED)
    install()
