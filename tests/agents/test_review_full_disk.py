"""What a model said, or a tool did, while the disk takes nothing."""

from typing import Any

import pytest

from agents.commands.calls import LoseSightOf
from agents.commands.replies import RecordFailure, RecordReply
from agents.model_calls import ModelsFailed
from agents.perform import work
from agents.tools.errors import ToolFailure
from store.errors import StoreUnavailable
from store.events import OutcomeUnknown
from tests.fakes.bench import ask
from tests.fakes.desk import Desk, the_waiting

pytestmark = pytest.mark.asyncio
TIMES = 3


@pytest.fixture
def refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """The disk refuses these commands three times each; returns what it refused."""
    monkeypatch.setattr(work, "STORE_RETRY_SECONDS", 0)
    seen: list[type] = []
    append = desk.runtime.log.append

    async def refusing(session_id: str, command: Any) -> Any:
        kind = type(command)
        if kind in (RecordReply, RecordFailure, LoseSightOf) and seen.count(kind) < TIMES:
            seen.append(kind)
            raise StoreUnavailable("The disk is full.")
        return await append(session_id, command)

    monkeypatch.setattr(desk.runtime.log, "append", refusing)
    return seen


async def test_a_reply_is_kept_until_the_disk_takes_it_and_not_paid_for_again(desk: Desk, refused: list[type]) -> None:
    session = await desk.ask_model("Done.")
    assert refused == [RecordReply] * TIMES
    assert session.result == "answered"
    assert len(desk.models.prompts) == 1


async def test_a_failure_of_the_models_is_kept_likewise(desk: Desk, refused: list[type]) -> None:
    asked: list[Any] = []

    def fail(messages: list[dict[str, Any]]) -> str:
        asked.append(messages)
        raise ModelsFailed([])

    desk.models.script = fail
    session = await desk.rests(await desk.start())
    assert refused == [RecordFailure] * TIMES
    assert session.result == "error"
    assert len(asked) == 1


async def test_the_reason_why_an_outcome_is_unknown_is_kept_too(desk: Desk, refused: list[type]) -> None:
    def lose(_: Any) -> str:
        raise ToolFailure("The bench went up in smoke.", "unknown")

    desk.bench.on["refund"] = lose
    session = await desk.ask_model(ask("refund", order=1, amount=20), "Done.")
    assert refused == [RecordReply] * TIMES + [LoseSightOf] * TIMES
    (unknown,) = await desk.events(session.id, OutcomeUnknown)
    assert unknown.because == "The bench went up in smoke."
    assert the_waiting(session).kind == "unknown_outcome"
