"""The two places under Policies: what rules say, and what people said in advance. Pure."""

from ..frame import base_path

PLACES = (("policies", "/policies", "Rules"), ("standing", "/policies/standing", "Standing approvals"))


def tabs(shown: str) -> str:
    """HTML; `shown` is the one that is open."""
    links = "".join(
        f'<a href="{base_path()}{path}"{" class=qd-on aria-current=page" if key == shown else ""}>{words}</a>'
        for key, path, words in PLACES
    )
    return f'<nav class="qd-tabs" aria-label="Under Policies">{links}</nav>'
