"""What tests of guards share: the fake server with the module's own SCRIPT, and a models room that asks it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.fakes.processes import OpenAIServer, openai_server
from tests.fakes.room import Room


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[OpenAIServer]:
    with openai_server(request.module.SCRIPT) as running:
        yield running


@pytest_asyncio.fixture
async def room(server: OpenAIServer) -> AsyncIterator[Room]:
    room = Room(server)
    yield room
    await room.models.close()
