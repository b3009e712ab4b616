"""The connector `mail` as an MCP server: two tools, and SMTP behind them."""

import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Any

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from .outbox import PORT_FILE, Outbox

SENDER = "desk@fjell-tarn.example"
SECONDS = 10.0


def build(folder: Path) -> MCPServer:
    server = MCPServer("fjell-tarn-mail", title="Outgoing mail", version="1.0.0", log_level="WARNING")

    async def send_mail(
        to: Annotated[str, Field(description="One e-mail address.", pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")],
        subject: Annotated[str, Field(min_length=1, max_length=200)],
        body: Annotated[str, Field(min_length=1, max_length=20_000, description="Plain text.")],
    ) -> dict[str, Any]:
        """Send an e-mail to any address. It cannot be called back."""
        await anyio.to_thread.run_sync(_send, folder, to, subject, body)
        return {"sent_to": to, "subject": subject}

    async def list_outbox(limit: Annotated[int, Field(ge=1, le=50)] = 10) -> dict[str, Any]:
        """List the letters that have left, newest first."""
        found = await anyio.to_thread.run_sync(Outbox(folder).newest, limit)
        return {"letters": [{"at": one.at, "to": one.recipients, "subject": one.subject} for one in found]}

    sends = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
    server.add_tool(send_mail, annotations=sends)
    server.add_tool(list_outbox, annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
    return server


def _send(folder: Path, to: str, subject: str, body: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = SENDER, to, subject
    letter.set_content(body)
    try:
        port = int((folder / PORT_FILE).read_text())
        with smtplib.SMTP("127.0.0.1", port, timeout=SECONDS) as smtp:
            smtp.send_message(letter)
    except (OSError, ValueError) as error:
        raise ToolError(f"The mail server of this desk does not answer, so nothing was sent ({error}).") from error
