"""Trying a model before it is saved: the key as typed is used for this one test and kept nowhere."""

from collections.abc import Callable
from typing import Any

from agents.administration import Administration
from agents.model_calls import TestResult, Trait
from agents.models import Models
from agents.runtime import Runtime


async def try_model(
    runtime: Runtime,
    document: dict[str, Any],
    typed: str | None,
    on_trait: Callable[[Trait], None] = lambda trait: None,
) -> TestResult:
    """`typed` stands for the secret that `document` refers to. Raises BadRequest for a document that cannot be used."""
    whole = runtime.administration
    if typed is None:
        return await whole.test_model(document, on_trait)

    def resolve(reference: str) -> str:
        return typed if reference == document["api_key"] else runtime.secrets.resolve(reference)

    models = Models(resolve)  # never closed: it shares litellm's clients
    once = Administration(whole.store, whole.world, whole.registry, models)
    return await once.test_model(document, on_trait)
