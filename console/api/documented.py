"""What routes say about themselves: the refusals each may answer with. Pure."""

from typing import Any

from .problems import MEDIA_TYPE

WHY = {
    401: "No token, or one that is not valid.",
    403: "Your role is not enough.",
    404: "There is no such thing.",
    409: "It came too late, or the session is in no state for it.",
    412: "The configuration was changed since you read it.",
    413: "The body is too large.",
    415: "The body is of a kind that is not understood here.",
    422: "Something in it cannot be used; `problems` names each part.",
    503: "Nothing can be recorded just now; try again after Retry-After seconds.",
}
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`; 401, 403 and 503 may come from each."""
    return {
        status: {"description": WHY[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for status in sorted({401, 403, 503, *statuses})
    }
