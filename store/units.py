"""Pieces of writing on their way to the writer thread, and their answers on the way back to the event loop."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Unit:
    """One caller's piece of writing: all of it is committed, or nothing."""

    work: Callable[[sa.Connection], Any]
    then: Callable[[Any], object] | None
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: Exception | None = None

    def deliver(self) -> None:
        """On the event loop, after the commit: listeners first, so that whoever awaited sees them done."""
        if self.error is None and self.then is not None:
            try:
                self.then(self.result)
            except Exception:  # a broken listener must not keep the answer back
                log.exception("a listener failed after a commit")
        if self.future.done():  # the caller was cancelled; what it wrote stays written
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def deliver(batch: Sequence[Unit]) -> None:
    """One wake-up of each event loop per batch, not one per unit."""
    for loop in {unit.loop for unit in batch}:
        mine = [unit for unit in batch if unit.loop is loop]
        try:
            loop.call_soon_threadsafe(_deliver_all, mine)
        except RuntimeError:  # that loop is closed: nobody is left to tell
            log.warning("%d answers came after their event loop had closed", len(mine))


def _deliver_all(units: Sequence[Unit]) -> None:
    for unit in units:
        unit.deliver()
