"""The first steps of an empty desk, each a link, ticked once done. Values in, HTML out."""

from collections.abc import Collection, Mapping
from html import escape

from ..icons import icon

STEPS = (
    ("connector", "Connect a system", "Its tools become what agents can do.", "/connect"),
    (
        "toolset",
        "Pick the tools that matter",
        "Few tools, well described: models choose better among them.",
        "/toolsets",
    ),
    ("model", "Add a model", "A server of your own, or a provider you have a key for.", "/models/new"),
    ("agent", "Make an agent", "Instructions, its tools, and the rules it works under.", "/agents/new"),
    ("session", "Start a session", "Ask it for something; what could do harm waits for you.", "/sessions/new"),
)


def undone(documents: Mapping[str, Collection[str]], *, has_sessions: bool) -> list[str]:
    done = {kind for kind, named in documents.items() if named} | ({"session"} if has_sessions else set())
    return [key for key, *_ in STEPS if key not in done]


def steps(left: Collection[str], base: str) -> str:
    rows = "".join(_step(n, key, words, why, path, left, base) for n, (key, words, why, path) in enumerate(STEPS, 1))
    return f'<header><h2>First steps</h2><span class="qd-hint qd-n">{len(STEPS) - len(left)} of {len(STEPS)} done</span></header>{rows}'


def _step(n: int, key: str, words: str, why: str, path: str, left: Collection[str], base: str) -> str:
    is_done = key not in left
    sign = icon("check", "md") if is_done else str(n)
    said = f'<span class="qd-{"i3" if is_done else "b"}">{words}</span> <span class="qd-s qd-i3">{escape(why)}</span>'
    label = f' aria-label="{words}{", done" if is_done else ""}"'
    return (
        f'<a class="qd-lr qd-lr-step" href="{base}{path}"{label}><span class="qd-stepno{" qd-on" if is_done else ""}">{sign}</span>'
        f'<span class="qd-el">{said}</span>{icon("chevron", "sm")}</a>'
    )
