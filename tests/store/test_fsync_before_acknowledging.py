"""Traced: between two acknowledgements of the store the kernel was asked to put the log on the disk."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void note(const char *word) {
    int to = open(getenv("TRACE"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (to >= 0) { ssize_t n = write(to, word, strlen(word)); (void)n; close(to); }
}
int fsync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fsync"); int r = real(fd); note("sync\n"); return r; }
int fdatasync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync"); int r = real(fd); note("sync\n"); return r; }
"""
PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from store.database import Database
from store.event_log import EventLog
from agents.commands.conversation import ReceiveMessage, StartSession

async def main() -> None:
    database = Database.open(Path(sys.argv[1]))
    log = EventLog(database)
    trace = os.open(os.environ["TRACE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(trace, b"begin\\n")
    start = StartSession(agent="a", pins={}, title="t", message="m", inputs=None, by="me")
    await log.append("S-1", start)
    os.write(trace, b"acknowledged\\n")
    for _ in range(5):
        await log.append("S-1", ReceiveMessage(text="again", by="me"))
        os.write(trace, b"acknowledged\\n")
    database.close()

asyncio.run(main())
"""


def test_nothing_is_acknowledged_before_it_is_on_the_disk(tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("tracing fsync needs a C compiler, and there is none")
    source, shim, trace = tmp_path / "shim.c", tmp_path / "shim.so", tmp_path / "trace"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(shim), "TRACE": str(trace), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "desk")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    written = trace.read_text().split("begin\n")[1]
    stretches = written.split("acknowledged\n")[:-1]
    assert len(stretches) == 6
    assert all("sync\n" in stretch for stretch in stretches), written
