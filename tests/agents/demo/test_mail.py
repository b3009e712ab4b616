"""The demo's outgoing mail: by the MCP server, over SMTP, into the outbox."""

import asyncio
import json
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.demo.mail.outbox import PORT_FILE, outbox_in
from agents.demo.mail.smtp import MailServer
from agents.tools.definition import ToolOutput
from tests.fakes.bench import ask, in_turn
from tests.fakes.desk import configuration, open_desk, the_waiting

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServer]:
    server = MailServer(tmp_path)
    await server.open()
    yield server
    await server.close()


def mailing(data: Path) -> dict[str, Any]:
    document = configuration(toolset="mail-desk", policy="mail")
    document["connectors"].append(
        {
            "name": "mail",
            "kind": "mcp_stdio",
            "command": "python",
            "args": ["-m", "agents.demo.mail", "--data", str(data)],
        }
    )
    tools = [{"connector": "mail", "tool": "send_mail", "risk": "write"}]
    document["toolsets"] = [
        {"name": "mail-desk", "tools": [*tools, {"connector": "mail", "tool": "list_outbox", "risk": "read"}]}
    ]
    document["policies"] = [{"name": "mail", "rules": []}]
    return document


LETTER = ask("send_mail", to="saga@example.org", subject="Grüße", body="Zelt & Stangen\n<b>kommen</b> am Freitag.")


async def test_a_letter_leaves_by_smtp_once_it_is_approved_and_stands_in_the_outbox(
    tmp_path: Path, server: MailServer
) -> None:
    told = asyncio.Event()
    outbox_in(tmp_path).subscribe(told.set)
    async with open_desk(tmp_path / "desk", mailing(tmp_path)) as desk:
        desk.models.script = in_turn(LETTER, ask("list_outbox"), "Sent.")
        session_id = await desk.start()
        session = await desk.until(session_id, lambda one: bool(one.approvals))
        assert outbox_in(tmp_path).newest() == []
        await desk.decide(the_waiting(session))
        await desk.until(session_id, lambda one: one.result == "answered")
        assert "saga@example.org" in desk.models.prompts[-1][-1]["content"]
    (letter,) = outbox_in(tmp_path).newest()
    assert (letter.recipients, letter.subject) == ("saga@example.org", "Grüße")
    assert letter.body.splitlines() == ["Zelt & Stangen", "<b>kommen</b> am Freitag."]
    assert letter.sender == "desk@fjell-tarn.example"
    assert told.is_set()


@pytest.mark.parametrize("change", [{"to": "nobody"}, {"to": "a@b.c, d@e.f"}, {"subject": "x\nBcc: all@example.org"}])
async def test_what_is_no_letter_to_one_address_is_not_sent(
    tmp_path: Path, server: MailServer, change: dict[str, str]
) -> None:
    async with open_desk(tmp_path / "desk", mailing(tmp_path)) as desk:
        await desk.runtime.registry.first_outcome("mail")
        given = {"to": "saga@example.org", "subject": "Hello", "body": "Hello."} | change
        output: ToolOutput = await desk.registry.call("mail", "send_mail", json.dumps(given), timeout_seconds=20)
        assert output.is_error
    assert outbox_in(tmp_path).newest() == []


async def test_without_the_mail_server_the_tool_says_that_nothing_was_sent(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "desk", mailing(tmp_path)) as desk:
        session = await desk.ask_model(LETTER, "It could not be sent.")
        await desk.decide(the_waiting(session))
        await desk.until(session.id, lambda one: one.result == "answered")
        assert "nothing was sent" in str(desk.models.prompts[-1])


async def test_the_port_is_known_only_while_it_listens(tmp_path: Path) -> None:
    server = MailServer(tmp_path)
    await server.open()
    assert (tmp_path / PORT_FILE).read_text() == str(server.port)
    await server.close()
    assert not (tmp_path / PORT_FILE).exists()


async def test_a_letter_of_html_alone_is_kept_as_text(tmp_path: Path, server: MailServer) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Loud"
    letter.set_content("<script>alert(1)</script>", subtype="html")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=20) as smtp:
            smtp.send_message(letter, "a@example.org", ["b@example.org", "c@example.org"])

    await asyncio.to_thread(send)
    (kept,) = outbox_in(tmp_path).newest()
    assert kept.body.strip() == "<script>alert(1)</script>"
    assert kept.recipients == "b@example.org, c@example.org"
