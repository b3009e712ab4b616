"""How each model has voted over all sessions, and how often it was alone with its word."""

import sqlalchemy as sa

from store.database import run

from .pages import Item

HISTORY = """SELECT kind, profile, model, verdict, COUNT(*), SUM(1 - agreed), SUM(outvoted) FROM votes
    GROUP BY kind, profile, model, verdict ORDER BY kind, profile, model"""
VERDICTS = ("allow", "ask", "deny", "abstain", "failed")


def dissent(connection: sa.Connection) -> list[Item]:
    """{kind, profile, model, votes, allow, ask, deny, abstain, failed, dissented, outvoted} for each model."""
    items: dict[tuple[str, str, str], Item] = {}
    for kind, profile, model, verdict, count, dissented, outvoted in run(connection, HISTORY).fetchall():
        item = items.setdefault((kind, profile, model), _none(kind, profile, model))
        item[verdict] += count
        item["votes"] += count
        item["dissented"] += dissented
        item["outvoted"] += outvoted
    return list(items.values())


def _none(kind: str, profile: str, model: str) -> Item:
    counts = dict.fromkeys(("votes", *VERDICTS, "dissented", "outvoted"), 0)
    return {"kind": kind, "profile": profile, "model": model, **counts}
