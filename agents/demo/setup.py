"""Sets up the demo desk in an empty data folder: its configuration, and nothing else (the CRM seeds itself)."""

from pathlib import Path
from typing import Any

from .. import configure
from ..runtime import Runtime

CONFIGURATION = Path(__file__).parents[2] / "assets" / "demo" / "configuration.yaml"


async def set_up(runtime: Runtime, data: Path) -> None:
    await runtime.administration.replace(configuration(data), by="quarterdeck")


def configuration(data: Path) -> Any:
    """The demo's configuration document for this data folder."""
    document = configure.read_yaml(CONFIGURATION.read_text(encoding="utf-8"))
    for connector in document["connectors"]:
        connector["args"] = [arg.replace("{data}", str(data.resolve())) for arg in connector["args"]]
    return document
