"""A foreign MCP server in a virtual environment of its own, and a git repository for it to work on."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ENVIRONMENT = ROOT / ".venv" / "foreign"
NOBODYS_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
SOMEBODY = ("-c", "user.name=Ada Lindqvist", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on disk; git itself says what is in it."""

    path: Path

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, **NOBODYS_SETTINGS}
        command = ["git", *SOMEBODY, *arguments]
        return subprocess.run(
            command, cwd=self.path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()


@pytest.fixture(scope="session")
def git() -> None:
    if shutil.which("git") is None:
        _missing("git is not installed, and this test judges by what git itself says")


@pytest.fixture
def repository(git: None, tmp_path: Path) -> Repository:
    """One commit on `main`, and a change that nobody has committed."""
    made = Repository(tmp_path / "leaflets")
    made.path.mkdir()
    made.git("init", "--quiet", "--initial-branch=main")
    (made.path / "winter.md").write_text("Snowshoes are back in stock.\n")
    made.git("add", "winter.md")
    made.git("commit", "--quiet", "--message", "Announce the snowshoes")
    (made.path / "spring.md").write_text("Tents, soon.\n")
    return made


@pytest.fixture(scope="session")
def foreign_python(git: None) -> Path:
    """The interpreter that has mcp-server-git; installed once, and again when its requirements change."""
    python, marker = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "made-from"
    wanted = f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} {sys.version}"
    with ENVIRONMENT.with_name("foreign.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in other processes want it, too: one of them makes it
        if not (marker.exists() and marker.read_text() == wanted):
            _run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
            _run(
                str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
                "--requirement", str(REQUIREMENTS),
            )  # fmt: skip
            marker.write_text(wanted)
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).splitlines()[-5:])
        pytest.fail(
            f"mcp-server-git could not be installed; pip needs to reach a package index:\n{said}", pytrace=False
        )


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI that is a failure", pytrace=False)
    pytest.skip(reason)
