"""The link in a document's top bar to its versions. Pure."""

from html import escape
from urllib.parse import quote

from ..icons import icon


def versions_path(kind: str, name: str) -> str:
    """Without the base path of a proxy."""
    return f"/versions/{quote(kind, safe='')}/{quote(name, safe='')}"


def versions_link(kind: str, name: str, base: str = "", words: str = "Versions") -> str:
    """HTML; `base` is frame.base_path()."""
    address = escape(f"{base}{versions_path(kind, name)}")
    return f'<a class="qd-btn qd-g" href="{address}">{icon("recall", "md")}{escape(words)}</a>'
