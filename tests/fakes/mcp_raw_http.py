"""The hand-written MCP server over HTTP on a free port, in a thread: it misbehaves in `tools/call` as `mode` says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .mcp_raw import answer, refuses


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mode: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = mode
        self.elsewhere = ""
        self.seen: list[dict[str, str]] = []
        self.called = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/mcp"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"])).decode()
        message = json.loads(raw)
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()})
        if self.server.mode.startswith("all_") or message.get("method") == "tools/call":
            self.server.called.set()
            if self._misbehave(self.server.mode.removeprefix("all_")):
                return
        if "id" not in message:
            self._send(202, b"")
        elif error := refuses(message, self.server.mode):
            self._say({"error": error}, message["id"])
        else:
            self._say({"result": answer(message, raw, self.server.mode)}, message["id"])

    def do_GET(self) -> None:
        self._send(405, b"")

    do_DELETE = do_GET

    def _misbehave(self, mode: str) -> bool:
        match mode:
            case "401" | "503":
                self._send(int(mode), b"go away", "text/plain")
            case "redirect":
                self._send(307, b"", location=self.server.elsewhere)
            case "drop":
                self.close_connection = True
                self.connection.close()
            case "half":
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "1000")
                self.end_headers()
                self.wfile.write(b'{"jsonrpc"')
                self.close_connection = True
            case "wait":
                self.server.released.wait(20)
                self.close_connection = True
            case _:
                return False
        return True

    def _say(self, outcome: dict[str, object], id_: object) -> None:
        self._send(200, json.dumps({"jsonrpc": "2.0", "id": id_, **outcome}).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str = "text/plain", location: str | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if self.server.mode == "brief":  # no connection outlives its answer
            self.send_header("connection", "close")
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            pass  # tests break connections on purpose

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(mode: str = "") -> Iterator[Server]:
    server = Server(mode)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
