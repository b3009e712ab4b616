"""The billing service over HTTP: which request is which operation, and what is answered."""

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .books import Books, Ledger, Refusal

DESCRIPTION = Path(__file__).parents[3] / "assets" / "demo" / "billing.yaml"
BODY_BYTES_AT_MOST = 100_000
HERE = ("127.0.0.1", "localhost")
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
Given = dict[str, str]
Operation = Callable[[Ledger, Given], dict[str, Any]]

ROUTES: tuple[tuple[str, str, Operation], ...] = (
    ("GET", "/v1/balance", lambda books, given: books.balance()),
    ("GET", "/v1/charges", lambda books, given: books.charges(given.get("customer"), _limit(given))),
    ("GET", "/v1/charges/{charge}", lambda books, given: books.charge(given["charge"])),
    (
        "POST",
        "/v1/charges/{charge}",
        lambda books, given: books.describe(given["charge"], _needed(given, "description")),
    ),
    ("GET", "/v1/refunds", lambda books, given: books.refunds(given.get("charge"), _limit(given))),
    (
        "POST",
        "/v1/refunds",
        lambda books, given: books.refund(_needed(given, "charge"), _amount(given), _reason(given)),
    ),
    ("GET", "/v1/refunds/{refund}", lambda books, given: books.one_refund(given["refund"])),
    (
        "GET",
        "/v1/invoices",
        lambda books, given: books.invoices(given.get("customer"), given.get("status"), _limit(given)),
    ),
    ("GET", "/v1/invoices/{invoice}", lambda books, given: books.invoice(given["invoice"])),
    ("POST", "/v1/invoices/{invoice}/void", lambda books, given: books.void(given["invoice"])),
)


def build(books: Books, port: int) -> ThreadingHTTPServer:
    """Bound to this machine; raises OSError when the port is taken."""

    class Handler(_Handler):
        kept = books

    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer.daemon_threads = True
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


class _Handler(BaseHTTPRequestHandler):
    kept: Books
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/openapi.yaml":
            self._send(200, DESCRIPTION.read_bytes(), "application/yaml")
        else:
            self._answer("")

    def do_POST(self) -> None:
        size = self.headers.get("content-length") or "0"
        if not size.isdecimal() or int(size) > BODY_BYTES_AT_MOST:
            self.close_connection = True
            self._send(413, b"{}", "application/json")
            return
        self._answer(self.rfile.read(int(size)).decode("utf-8", "replace"))

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in the ledger; a terminal is no place for them."""

    def _answer(self, body: str) -> None:
        try:
            status, answer = self._done(body)
        except Refusal as refusal:
            said = {"error": {"code": refusal.code, "message": str(refusal)}}
            status, answer = refusal.status, json.dumps(said)
        self._send(status, answer.encode(), "application/json")

    def _done(self, body: str) -> tuple[int, str]:
        self._check_origin()
        parts = urlsplit(self.path)
        operation, given = _found(self.command, parts.path)
        given |= {name: values[-1] for name, values in parse_qs(f"{parts.query}&{body}").items()}
        key = self.headers.get("idempotency-key") if self.command == "POST" else None
        asked = f"{parts.path}?{json.dumps(given, sort_keys=True)}"
        with self.kept.open() as books:
            before = books.answered_before(key) if key else None
            if before is not None:
                if before[0] != asked:
                    raise Refusal(400, "idempotency_key_in_use", "This key was used for another request.")
                return before[1], before[2]
            answer = json.dumps(operation(books, given), ensure_ascii=False)
            if key:
                books.keep(key, asked, 200, answer)
            return 200, answer

    def _check_origin(self) -> None:
        """A web page in the operator's browser could reach us, too; it has an Origin, or another name for us."""
        if self.headers.get("origin") or urlsplit(f"//{self.headers.get('host', '')}").hostname not in HERE:
            raise Refusal(403, "not_for_browsers", "This service answers programs on its own machine only.")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _found(method: str, path: str) -> tuple[Operation, Given]:
    for wanted, template, operation in ROUTES:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if wanted == method and (hit := re.fullmatch(pattern, path)):
            return operation, {name: unquote(value) for name, value in hit.groupdict().items()}
    raise Refusal(404, "no_such_operation", f"There is nothing at {method} {path[:100]}.")


def _needed(given: Given, name: str) -> str:
    if not given.get(name):
        raise Refusal(400, "parameter_missing", f"“{name}” is missing.")
    return given[name]


def _limit(given: Given) -> int:
    return max(1, min(100, _whole(given, "limit") or 10))


def _amount(given: Given) -> int | None:
    return _whole(given, "amount")


def _whole(given: Given, name: str) -> int | None:
    if name not in given:
        return None
    if not re.fullmatch(r"-?\d{1,12}", given[name]):
        raise Refusal(400, "parameter_invalid", f"“{name}” is a whole number, not {given[name][:40]}.")
    return int(given[name])


def _reason(given: Given) -> str | None:
    reason = given.get("reason")
    if reason is not None and reason not in REASONS:
        raise Refusal(400, "parameter_invalid", f"“reason” is one of {', '.join(REASONS)}.")
    return reason
