"""Servers that ask in the middle of a call: the newer protocol hands the question back, the older one is declined."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.config import Connector
from agents.forms import Responses, checked_answers, responses
from agents.tools.errors import InputNeeded, ToolFailure
from agents.tools.registry import Registry
from tests.agents.tools.conftest import FAKES, make_registry, raw
from tests.fakes.bench import Bench

pytestmark = pytest.mark.asyncio
PROGRAM = str(FAKES / "mcp_asks.py")
PATIENCE_SECONDS = 60
"""For a process to start on a busy machine."""
PLACE = '{"building":"North","floor":3,"urgency":"today"}'


def asking(ledger: Path) -> Connector:
    return Connector(name="asks", kind="mcp_stdio", command="python", args=(PROGRAM,), env={"LEDGER": str(ledger)})


async def connected(registry: Registry, connector: Connector) -> None:
    await registry.apply([connector])
    await registry.definitions(connector.name, wait_seconds=PATIENCE_SECONDS)


async def asked(registry: Registry, tool: str = "deliver", said: Responses | None = None) -> InputNeeded:
    with pytest.raises(InputNeeded) as found:
        await registry.call("asks", tool, '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    return found.value


async def test_the_question_comes_back_with_its_form_and_nothing_has_happened(
    registry: Registry, tmp_path: Path
) -> None:
    await connected(registry, asking(tmp_path / "ledger"))
    question = await asked(registry)
    assert question.form.message == "Where does parcel 7 go? <b>Please</b>"
    assert question.form.refused is None
    assert set(question.form.fields["properties"]) == {"building", "floor", "urgency", "call_first"}
    assert "parcel" not in (tmp_path / "ledger").read_text()


async def test_the_answer_is_understood_by_a_new_process_of_the_server_and_a_new_program(tmp_path: Path) -> None:
    first = make_registry()
    await connected(first, asking(tmp_path / "ledger"))
    question = await asked(first)
    await first.close()
    second = make_registry()
    try:
        await connected(second, asking(tmp_path / "ledger"))
        said = responses(question.form, checked_answers(question.form, PLACE), question.request_state)
        output = await second.call("asks", "deliver", '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    finally:
        await second.close()
    assert output.text == "parcel 7 to North, floor 3, today, False"
    lines = (tmp_path / "ledger").read_text().splitlines()
    assert sum(line.startswith("started") for line in lines) == 2
    assert lines.count(output.text) == 1


async def test_several_questions_come_one_after_another(registry: Registry, tmp_path: Path) -> None:
    await connected(registry, asking(tmp_path / "ledger"))
    first = await asked(registry, "deliver_surely")
    said = responses(first.form, checked_answers(first.form, PLACE), first.request_state)
    second = await asked(registry, "deliver_surely", said)
    assert second.form.message == "Really to North?"
    said = responses(second.form, checked_answers(second.form, '{"sure":true}'), second.request_state)
    output = await registry.call("asks", "deliver_surely", '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    assert output.text == "parcel 7 to North, sure: True"


async def test_whoever_declines_has_the_server_say_what_becomes_of_it(registry: Registry, tmp_path: Path) -> None:
    await connected(registry, asking(tmp_path / "ledger"))
    question = await asked(registry)
    said = responses(question.form, None, question.request_state)
    output = await registry.call("asks", "deliver", '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    assert output.is_error
    assert "parcel 7 to" not in (tmp_path / "ledger").read_text()


async def test_a_note_of_the_server_that_was_tampered_with_is_refused_by_it(registry: Registry, tmp_path: Path) -> None:
    await connected(registry, asking(tmp_path / "ledger"))
    question = await asked(registry)
    said = responses(question.form, checked_answers(question.form, PLACE), "made up")
    output = await registry.call("asks", "deliver", '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    assert output.is_error
    assert "requestState" in output.text


async def test_a_server_of_the_older_protocol_is_declined_and_the_output_says_so(registry: Registry) -> None:
    await connected(registry, raw("well"))
    output = await registry.call("raw", "ask", "{}", timeout_seconds=PATIENCE_SECONDS)
    said, answer = output.text.splitlines()
    assert said == (
        "[raw asked a person in the middle of the call: “How <b>many</b>?” It uses an older protocol that cannot wait "
        "for an answer, so Quarterdeck declined.]"
    )
    assert answer == "said decline"
    assert (await registry.call("raw", "echo", "{}", timeout_seconds=PATIENCE_SECONDS)).text.startswith("{")


async def test_a_connector_that_never_asks_cannot_be_told_answers(registry: Registry) -> None:
    await registry.apply([Connector(name="basics", kind="builtin")])
    with pytest.raises(ToolFailure, match="asks nothing") as failed:
        said = Responses(request_state="s", by_key={})
        await registry.call("basics", "clock", "{}", timeout_seconds=5, said=said)
    assert failed.value.outcome == "not_sent"
    assert hasattr(Bench(), "go_on")


@pytest.fixture
def over_http(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, PROGRAM, str(port)]
    env = {"LEDGER": str(tmp_path / "ledger"), "PATH": ""}
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    assert any("running on" in line for line in process.stderr), "the server ended at once"
    yield f"http://127.0.0.1:{port}/mcp"
    process.kill()
    process.communicate()


async def test_over_http_it_is_the_same(registry: Registry, over_http: str, tmp_path: Path) -> None:
    await connected(registry, Connector(name="asks", kind="mcp_http", url=over_http))
    question = await asked(registry)
    said = responses(question.form, checked_answers(question.form, PLACE), question.request_state)
    output = await registry.call("asks", "deliver", '{"parcel":7}', timeout_seconds=PATIENCE_SECONDS, said=said)
    assert output.text == "parcel 7 to North, floor 3, today, False"
    assert (tmp_path / "ledger").read_text().splitlines().count(output.text) == 1
