"""Starts a server that must not outlive us: asks Linux for SIGTERM at our death, then becomes the server. Not imported.

Run as `python -I -S launcher.py PARENT_PID PROGRAM NAME ARGUMENTS…`; SIGTERM rather than SIGKILL, so that wrappers
such as npx can pass it on to the process that does the work.
"""

import os
import signal
import sys


def main(parent: int, program: str, arguments: list[str]) -> None:
    _end_with_parent()
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)
    try:
        os.execv(program, arguments)
    except OSError as error:
        sys.exit(f"{program} cannot be run: {error.strerror}")


def _end_with_parent() -> None:
    import ctypes

    pr_set_pdeathsig = 1  # linux/prctl.h
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
