"""Sets up the demo desk in an empty data folder: its configuration, and nothing else (its systems seed themselves)."""

from pathlib import Path
from typing import Any

from .. import configure
from ..runtime import Runtime
from .billing.process import port_of

CONFIGURATION = Path(__file__).parents[2] / "assets" / "demo" / "configuration.yaml"


async def set_up(runtime: Runtime, data: Path) -> None:
    await runtime.administration.replace(configuration(data), by="quarterdeck")


def configuration(data: Path) -> Any:
    """The demo's configuration document for this data folder."""
    document = configure.read_yaml(CONFIGURATION.read_text(encoding="utf-8"))
    places = {"{data}": str(data.resolve()), "{billing_port}": str(port_of(data))}
    for connector in document["connectors"]:
        for key, value in connector.items():
            connector[key] = _placed(value, places)
    return document


def _placed(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_placed(one, places) for one in value]
    if isinstance(value, dict):
        return {key: _placed(one, places) for key, one in value.items()}
    for name, place in places.items():
        value = value.replace(name, place) if isinstance(value, str) else value
    return value
