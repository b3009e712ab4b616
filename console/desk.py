"""What pages and the API are given: the services of the rooms below, and a few facts of this start."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.runtime import Runtime
from store.audit import Audit
from store.idempotency import Idempotency
from store.people import People
from store.queries import Queries
from store.queries.pages import Page
from store.secrets import Secrets

from .live import Feeds
from .shared import Shared

VERSION = "0.3.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in main.py and handed to every page."""

    runtime: Runtime
    people: People
    queries: Queries
    secrets: Secrets
    idempotency: Idempotency
    audit: Audit
    feeds: Feeds
    counts: Shared[dict[str, Any]]
    waiting: Shared[Page]
    data: Path
    version: str = VERSION
