"""Keeps the last lines a child process wrote to stderr; they never reach our own output."""

import asyncio
import os
from collections import deque
from collections.abc import Iterable
from typing import TextIO

LINES_AT_MOST = 200
LINE_CHARACTERS_AT_MOST = 500
HIDDEN = "•••"


class StderrTail:
    """One per connector; `open` gives the next process a pipe of its own to write to."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LINES_AT_MOST)
        self._rest = b""
        self._reader: int | None = None
        self._writer: TextIO | None = None
        self._hide: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def open(self, hide: Iterable[str]) -> TextIO:
        """`hide`: secrets given to the process, to be blanked should it print them."""
        self.close()
        self._hide = tuple(value for value in hide if len(value) >= 4)
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._writer = os.fdopen(writer, "w")
        asyncio.get_running_loop().add_reader(self._reader, self._read)
        return self._writer

    def started(self) -> None:
        """The child has its copy; closing ours lets the pipe end with the child."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def add(self, line: str) -> None:
        """One line, printable and short."""
        for value in self._hide:
            line = line.replace(value, HIDDEN)
        line = "".join(letter if letter.isprintable() or letter == "\t" else "\ufffd" for letter in line.rstrip())
        if len(line) > LINE_CHARACTERS_AT_MOST:
            line = line[: LINE_CHARACTERS_AT_MOST - 1] + "…"
        if line:
            self._lines.append(line)

    def close(self) -> None:
        self.started()
        if self._reader is None:
            return
        reader = self._reader
        for _ in range(64):  # a surviving grandchild may write for ever
            if not self._read():
                break
        self._forget(reader)

    def _read(self) -> bool:
        """Reads what is there; False when there is no more for now."""
        if self._reader is None:
            return False
        try:
            chunk = os.read(self._reader, 65_536)
        except BlockingIOError:
            return False
        if not chunk:
            self._forget(self._reader)
            return False
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self.add(line.decode("utf-8", "replace"))
        # A line that never ends is cut rather than collected.
        self._rest = self._rest[: LINE_CHARACTERS_AT_MOST * 4]
        return True

    def _forget(self, reader: int) -> None:
        if self._rest:
            self.add(self._rest.decode("utf-8", "replace"))
            self._rest = b""
        if self._reader == reader:
            self._reader = None
            asyncio.get_running_loop().remove_reader(reader)
            os.close(reader)
