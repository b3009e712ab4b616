"""Says in one sentence why a connection failed. Pure."""

from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from pydantic import ValidationError

from .errors import CannotStart, UnreadableTools

LAST_WORDS = 3


def sentence(connector: str, error: BaseException, stderr: tuple[str, ...]) -> str:
    """With the last lines of the server's stderr, where the reason usually is."""
    error = innermost(error)
    if isinstance(error, CannotStart):
        return str(error)
    last = f" It last said: {' / '.join(stderr[-LAST_WORDS:])}" if stderr else ""
    return f"{connector} is not connected: {_reason(error)}.{last}"


def innermost(error: BaseException) -> BaseException:
    """Task groups wrap what went wrong; the first real cause speaks."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _reason(error: BaseException) -> str:
    match error:
        case MCPError() if error.code == CONNECTION_CLOSED and error.message == "Connection closed":
            return "its process ended before it answered"
        case MCPError() if error.code == REQUEST_TIMEOUT:
            return "it did not answer in time"
        case ValidationError():
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            return f"its answer is not as the protocol says (at {where or 'its root'}: {error.errors()[0]['msg']})"
        case UnreadableTools():
            return str(error)
        case TimeoutError():
            return str(error) or "it did not answer in time"
        case _:
            return str(error).rstrip(".") or type(error).__name__
