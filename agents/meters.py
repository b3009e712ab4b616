"""Tokens, context share, cost and projection, computed from recorded facts. Pure."""

from collections.abc import Mapping

from store.events import Segment, Usage

SEGMENTS = ("system", "tools", "summary", "recall", "messages", "results")


def segments(sizes: Mapping[str, int], usage: Usage) -> tuple[Segment, ...]:
    """Split the provider's own token count over the prompt's parts by their size in characters; they sum to it."""
    total, counted = sum(sizes.values()), usage.context
    if not total or not counted:
        return ()
    named = [(name, sizes[name]) for name in SEGMENTS if sizes.get(name)]
    shares = [counted * size // total for _, size in named]
    shares[-1] += counted - sum(shares)
    return tuple(
        Segment.model_construct(name=name, tokens=share) for (name, _), share in zip(named, shares, strict=True)
    )


def projected_cost(spent_usd: float, steps: int, steps_left: int) -> float | None:
    """What the turn will have cost if every step left costs the mean so far; None before the first."""
    return spent_usd + steps_left * spent_usd / steps if steps else None


def hit_rate(usage: Usage) -> float | None:
    """Share of the input that came from the provider's cache, 0 to 1; None where there was no input."""
    return usage.cache_read / usage.context if usage.context else None
