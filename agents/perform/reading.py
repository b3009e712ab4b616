"""How a proposed call is read: stand-ins become values, each value's origin is traced, repeats are recognised."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from store.events import Evidence

from .. import arguments, context, evidence, masking
from ..arguments import BadArguments, CallDetails
from ..evidence import Source
from ..guards.intents import same_intent
from ..proposals import Offered, Reading
from .work import Work

log = logging.getLogger(__name__)
SHOWN = {"user": "user", "recall": "recall", "summary": "summary", "system": "configuration"}
"""Kinds of prompt parts whose own words a value may come from; of a reply only the tools' results count."""


async def reading(work: Work, built: context.Built) -> Reading:
    """For the calls of the reply to this prompt."""
    vault = await work.vault()
    rejected = await _rejected(work)

    def reveal(values: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        return masking.reveal(values, vault) if vault else (values, ())

    def veil(words: str) -> str:
        return masking.mask_words(words, vault) if vault else words

    def trace(tool: Offered, values: dict[str, Any]) -> tuple[Evidence, ...] | None:
        try:
            _learn(work, built, vault)
            return evidence.trace(values, work.index, schema=tool.definition.input_schema, pinned=tool.entry.pinned)
        except Exception:  # then nobody knows where the values come from, and rules about that match
            log.exception("The origin of a call's values could not be traced")
            return None

    def repeated(tool: Offered, values: dict[str, Any]) -> str | None:
        shared = (same_intent(before, values) for name, before in rejected if name != tool.name)
        return next((words for words in shared if words), None)

    return Reading(reveal=reveal, veil=veil, trace=trace, repeated=repeated)


def masked(text: str, vault: dict[str, str]) -> str:
    return masking.mask(text, vault) if vault else text


def _learn(work: Work, built: context.Built, vault: dict[str, str]) -> None:
    """Index what this prompt says that is not in the index yet; only for calls whose values are traced at all."""
    if not work.indexed:  # so that what is due "tomorrow" can be told from what is made up
        today = datetime.now(UTC).date().isoformat()
        work.index.add(Source(origin="configuration", seq=None, text=f"Today is {today}."))
    for part in built.parts:
        key = (part.entry, part.kind if part.entry else part.text)
        if key in work.indexed or (part.entry is None and part.kind not in SHOWN):
            continue
        work.indexed.add(key)
        for text, origin in _texts(part):
            whole = masking.reveal(text, vault)[0] if vault else text
            work.index.add(Source(origin=origin, seq=part.entry, text=whole))


def _texts(part: context.Part) -> list[tuple[str, Any]]:
    messages = json.loads(part.text)
    if part.kind == "reply":
        return [(message["content"], "tool") for message in messages if message["role"] == "tool"]
    origin = SHOWN.get(part.kind)
    return [(message["content"], origin) for message in messages] if origin else []


async def _rejected(work: Work) -> list[tuple[str, dict[str, Any]]]:
    """The calls people turned down in this session: tool and arguments."""
    refs = [ref for _, ref in work.session.rejected]
    await work.read(set(refs))
    found = []
    for tool, ref in work.session.rejected:
        try:
            details = CallDetails.model_validate_json(work.texts.get(ref) or "{}")
            found.append((tool, arguments.parse(details.arguments_json or "")))
        except (BadArguments, ValueError):
            continue
    return found
