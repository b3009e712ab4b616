"""What a tool is and what it answers: the value types every kind of connector shares. Pure."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .errors import ConnectorDown, ToolFailure

__all__ = ["ConnectorDown", "ToolDefinition", "ToolFailure", "ToolOutput"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """A tool exactly as its server describes it; nothing in here is trusted, only compared."""

    connector: str
    name: str
    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None = None
    annotations: dict[str, Any] = field(default_factory=dict)
    wire: str = ""
    """What a call becomes on its way, where the description says so and not we: method, address, where each value goes."""
    hash: str = field(init=False)
    """sha256 (hex) over all of them: what an admin accepts, and what drift is measured against."""

    def __post_init__(self) -> None:
        said = [self.connector, self.name, self.description, self.input_schema, self.output_schema, self.annotations]
        if self.wire:
            said.append(self.wire)
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        object.__setattr__(self, "hash", hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutput:
    """What came back. `is_error`: the tool ran (or refused) and says that it failed."""

    text: str
    structured: Any | None = None
    is_error: bool = False
