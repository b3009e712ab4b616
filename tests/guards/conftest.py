"""The fake server with the module's own SCRIPT."""

from collections.abc import Iterator

import pytest

from tests.fakes.processes import OpenAIServer, openai_server


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[OpenAIServer]:
    with openai_server(request.module.SCRIPT) as running:
        yield running
