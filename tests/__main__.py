"""The one test command: `python -m tests` checks style, types and imports, then runs every test.

Arguments go to pytest (`python -m tests -k inbox`). A browser is found, or installed where that is possible.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKS = (
    ("style", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("imports", ["lint-imports", "--no-cache"]),
)


def find_browser() -> str | None:
    """QUARTERDECK_BROWSER, or the first Chromium on the path."""
    named = os.environ.get("QUARTERDECK_BROWSER")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def install_browser() -> None:
    """With the system's own packages, if we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("No Chromium found; installing it with apt-get …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=False, **quiet)


def main(arguments: list[str]) -> int:
    if find_browser() is None:
        install_browser()
    browser = find_browser()
    if browser is None:
        print("No Chromium was found and it could not be installed. Install it (Debian: apt install chromium) or name")
        print("one in QUARTERDECK_BROWSER. Without it the browser tests are left out; in CI that is a failure.")
        if os.environ.get("CI"):
            return 1
    failed = [] if arguments else [name for name, command in CHECKS if not check(name, command)]
    environment = {**os.environ, "QUARTERDECK_BROWSER": browser or ""}
    tests = [
        sys.executable,
        "-m",
        "pytest",
        *(arguments or ["-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]),
    ]
    code = subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode
    if failed:
        print(f"These checks failed: {', '.join(failed)} (see above).")
    return code or bool(failed)


def check(name: str, command: list[str]) -> bool:
    tool = Path(sys.executable).parent / command[0]
    print(f"{name}: {' '.join(command)}", flush=True)
    return subprocess.run([str(tool), *command[1:]], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
