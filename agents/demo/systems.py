"""The demo's systems that run beside us, as long as their connectors are as the demo set them up."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..config import Connector
from ..runtime import Runtime
from .billing.process import BillingProcess, note_port, port_of
from .mail.smtp import MailServer

log = logging.getLogger(__name__)
BILLING = "billing"
MAIL = "agents.demo.mail"
"""A connector with this among its arguments sends by our SMTP server."""
BY = "quarterdeck"


class Systems:
    """Open it after the configuration is there; close it with the program."""

    def __init__(self, runtime: Runtime, data: Path) -> None:
        self._runtime = runtime
        self._data = data.resolve()
        self._billing: BillingProcess | None = None
        self._mail: MailServer | None = None

    async def open(self) -> None:
        if self._is_ours():
            self._billing = BillingProcess(self._data, self._found_billing)
        connectors = self._runtime.administration.documents("connector").values()
        if any(MAIL in one.args for one in connectors):
            self._mail = MailServer(self._data)
            try:
                await self._mail.open()
            except OSError as error:  # the demo's own; the rest of the program goes on without it
                log.warning("The demo's mail server cannot be used: %s", error)

    async def close(self) -> None:
        if self._billing is not None:
            await self._billing.close()
        if self._mail is not None:
            await self._mail.close()

    def _document(self) -> dict[str, Any] | None:
        found = self._runtime.administration.documents("connector").get(BILLING)
        if not isinstance(found, Connector) or found.kind != "openapi":
            return None
        return found.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def _is_ours(self) -> bool:
        """An admin may have pointed the connector at a service of their own; then ours is not needed."""
        document = self._document()
        return document is not None and urlsplit(document.get("spec") or "").netloc == _here(port_of(self._data))

    async def _found_billing(self, port: int) -> None:
        """Its port was taken by somebody else: the connector follows, and keeps whatever else was changed in it."""
        before, document = port_of(self._data), self._document()
        if port == before or document is None or not self._is_ours():
            return
        moved = {key: _moved(value, before, port) for key, value in document.items()}
        note_port(self._data, port)
        await self._runtime.administration.save("connector", moved, by=BY)


def _here(port: int) -> str:
    return f"127.0.0.1:{port}"


def _moved(value: Any, before: int, port: int) -> Any:
    is_address = isinstance(value, str) and urlsplit(value).netloc == _here(before)
    return value.replace(_here(before), _here(port), 1) if is_address else value
