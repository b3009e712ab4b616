"""The embedded SMTP server: on a free port of this machine alone, it takes every letter and delivers none."""

import asyncio
import email
import email.policy
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope

from .outbox import PORT_FILE, Outbox, outbox_in

LARGEST_BYTES = 1_000_000


class MailServer:
    """Open it inside a running event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        taking = _Taking(outbox_in(self.folder))
        self._server = await loop.create_server(
            lambda: SMTP(taking, hostname="quarterdeck", data_size_limit=LARGEST_BYTES, loop=loop), "127.0.0.1", 0
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        (self.folder / PORT_FILE).write_text(str(self.port))

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                (self.folder / PORT_FILE).unlink(missing_ok=True)


class _Taking:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        content = cast(bytes, envelope.content)
        letter: EmailMessage = email.message_from_bytes(content, policy=email.policy.default)
        await asyncio.to_thread(
            self.outbox.add,
            at=datetime.now(UTC).isoformat(),
            sender=str(envelope.mail_from or ""),
            recipients=", ".join(envelope.rcpt_tos),
            subject=str(letter["subject"] or ""),
            body=_text(letter),
        )
        self.outbox.tell()
        return "250 Taken, and kept in the outbox"


def _text(letter: EmailMessage) -> str:
    """The plain text; of a letter without one, whatever it says, as text."""
    body = letter.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""
