"""What a server asks for in the middle of a call, read from its answer and sent back with what people said.

Of the newer protocol the server hands back its questions and a note of where it stands, and the call goes on whenever
they are answered. The older one keeps the call open and asks over the connection: nobody can hold that open for days,
so it is declined, and the call's output says so.
"""

from collections import deque
from typing import Any

from mcp.client import ClientRequestContext
from mcp.types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    InputRequiredResult,
)

from agents.forms import Question, Responses, form_of

from .errors import InputNeeded, ToolFailure

STATE_CHARACTERS_AT_MOST = 1_000_000
QUESTION_CHARACTERS_AT_MOST = 300
DECLINED = (
    "[{connector} asked a person in the middle of the call: “{message}” It uses an older protocol that cannot wait for "
    "an answer, so Quarterdeck declined.]"
)


def needed(connector: str, result: InputRequiredResult) -> InputNeeded:
    """Raises ToolFailure where it asks for what nobody here can give."""
    if not result.input_requests:
        raise ToolFailure(f"{connector} wants the call to be sent again without saying why.", "unknown")
    if len(result.request_state or "") > STATE_CHARACTERS_AT_MOST:
        raise ToolFailure(f"{connector} asked for input with a note that is too long to keep.", "unknown")
    questions = []
    for key, request in result.input_requests.items():
        if not isinstance(request, ElicitRequest):
            raise ToolFailure(f"{connector} asks for {request.method} in the middle of the call.", "unknown")
        questions.append(_question(key, request.params))
    return InputNeeded(form_of(tuple(questions)), result.request_state)


def _question(key: str, params: ElicitRequestParams) -> Question:
    if isinstance(params, ElicitRequestFormParams):
        return Question(key=key, message=params.message, fields=dict(params.requested_schema))
    return Question(key=key, message=params.message, url=params.url)


def params_of(tool: str, arguments: dict[str, Any], said: Responses | None) -> CallToolRequestParams:
    if said is None:
        return CallToolRequestParams(name=tool, arguments=arguments)
    answers = {key: ElicitResult.model_validate(one) for key, one in said.by_key.items()}
    return CallToolRequestParams(
        name=tool, arguments=arguments, input_responses=dict(answers), request_state=said.request_state
    )


class Declining:
    """Answers the older protocol's questions, and remembers that it did."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._notes: deque[str] = deque(maxlen=100)
        self.total = 0

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        message = " ".join(params.message.split())[:QUESTION_CHARACTERS_AT_MOST]
        self._notes.append(DECLINED.format(connector=self._connector, message=message))
        self.total += 1
        return ElicitResult(action="decline")

    def since(self, total: int) -> list[str]:
        """A sentence for each since then: which of the calls under way it was for, the older protocol does not say."""
        return list(self._notes)[len(self._notes) - min(self.total - total, len(self._notes)) :]
