"""Why a tool did not answer, as one sentence each for model and operator. Pure."""

from typing import Literal

from agents.forms import Form


class ToolFailure(Exception):
    """A call brought no answer. `outcome` says whether it may have reached the server."""

    def __init__(self, because: str, outcome: Literal["not_sent", "unknown"]) -> None:
        super().__init__(because)
        self.outcome: Literal["not_sent", "unknown"] = outcome


class ConnectorDown(ToolFailure):
    """A connector could not be reached, so nothing was sent."""

    def __init__(self, because: str) -> None:
        super().__init__(because, "not_sent")


class InputNeeded(Exception):
    """The call is not finished: the server waits for what people say, for as long as it takes."""

    def __init__(self, form: Form, request_state: str | None) -> None:
        super().__init__(form.message)
        self.form = form
        self.request_state = request_state


class CannotStart(Exception):
    """A connection attempt that waiting will not mend: the configuration or the machine has to change first."""


class UnreadableTools(Exception):
    """A server's list of tools that cannot be used: endless, too long, or not as the protocol says."""
