"""Fakes that run as processes of their own, for the length of a `with` block."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.fakes.openai_replies import Script

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class OpenAIServer:
    """A running fake; `base_url` is what a model profile calls `api_base`."""

    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def requests(self) -> list[dict[str, Any]]:
        """The bodies it received, oldest first; `_authorization` is the header they came with."""
        with urlopen(f"http://127.0.0.1:{self.port}/requests") as answer:
            received: list[dict[str, Any]] = json.load(answer)
        return received

    def hangups(self) -> int:
        """How many callers of `hang` and `stall` have closed their connection."""
        with urlopen(f"http://127.0.0.1:{self.port}/hangups") as answer:
            return int(json.load(answer))


@contextmanager
def openai_server(script: Script | None = None) -> Iterator[OpenAIServer]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.json"
        path.write_text(json.dumps(script or {}))
        command = [sys.executable, "-m", "tests.fakes.openai_server", "--port", "0", "--script", str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield OpenAIServer(int(process.stdout.readline()))
        finally:
            process.kill()
            process.wait()
