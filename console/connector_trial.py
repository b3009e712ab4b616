"""Trying a connector before it is saved: secrets as typed are used for this one test and kept nowhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.administration import Administration
from agents.runtime import Runtime
from agents.tools.definition import ToolDefinition


async def try_connector(
    runtime: Runtime, document: dict[str, Any], typed: Mapping[str, str]
) -> Sequence[ToolDefinition]:
    """`typed`: reference → value, for secrets that are not kept yet. Raises BadRequest, or ToolFailure."""

    def resolve(reference: str) -> str:
        return typed[reference] if reference in typed else runtime.secrets.resolve(reference)

    whole = runtime.administration
    once = Administration(whole.store, whole.world, whole.registry.like(resolve), whole.models)
    return await once.probe(document)
