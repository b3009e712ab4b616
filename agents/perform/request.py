"""Checks whether the person has said enough to act, before anything depends on it."""

import json
from typing import Any

from ..commands.guards import RecordInputCheck
from ..guards.input_check import Checked, input_check
from .reading import masked
from .work import Work


async def check_input(work: Work) -> None:
    """Asks the person for exactly what is missing; that it could not be checked is put to them as well."""
    session, desk = work.session, work.desk
    situation = await desk.world.situation(session)
    found = await input_check(
        desk.models,
        situation.small or situation.judge or situation.models,
        masked(await _asked(work), await work.vault()),
        situation.agent,
        await _inputs(work),
        list(situation.tools),
        situation.guards.seconds,
    )
    await work.insist(
        RecordInputCheck(
            known=session,
            turn=session.turn,
            verdict=found.verdict,
            because=found.because,
            question=found.question or _unchecked(found),
            asked=found.asked,
            seat=found.seat,
            latency_ms=found.latency_ms,
        )
    )


async def _asked(work: Work) -> str:
    before, now = await work.exchange_before(), await work.request()
    return f"{now}\n\n[Said before that]\n{before}" if before else now


def _unchecked(found: Checked) -> str | None:
    if found.verdict != "failed":
        return None
    return (
        f"It could not be checked whether your request says enough to act. {found.because} "
        "Write again to go on without the check, and add whatever may be missing."
    )


async def _inputs(work: Work) -> dict[str, Any] | None:
    ref = work.session.inputs
    if ref is None:
        return None
    await work.read({ref})
    inputs: dict[str, Any] = json.loads(work.texts.get(ref) or "{}")
    return inputs
