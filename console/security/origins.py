"""Which requests come from our own pages, and where somebody may be sent after signing in. Pure."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

DEFAULT_PORTS = {"http": "80", "https": "443"}
HOME = "/inbox"
NEVER_NEXT = ("/signin", "/signout", "/link/", "/welcome", "/api/")


def from_our_page(scope: Scope, *, https: bool) -> bool:
    """Origin, or else Referer, names the host this request was sent to. Neither: False, a browser always says one."""
    headers = Headers(scope=scope)
    source = headers.get("origin") or headers.get("referer")
    return source is not None and same_origin(source, headers.get("host", ""), https=https)


def same_origin(source: str, host: str, *, https: bool) -> bool:
    """A page loaded without encryption must not speak for one loaded with it."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    if parts.scheme not in DEFAULT_PORTS or (https and parts.scheme != "https"):
        return False
    port = DEFAULT_PORTS[parts.scheme]
    return bool(host) and _bare(parts.netloc, port) == _bare(host, port)


def _bare(host: str, default_port: str) -> str:
    return host.lower().removesuffix(f":{default_port}")


def safe_next(wanted: str | None) -> str:
    """Only a path on this host. Browsers drop tabs and take backslashes for slashes, so none may be in it."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or wanted.startswith(NEVER_NEXT):
        return HOME
    if "\\" in wanted or any(character <= " " or character == "\x7f" for character in wanted):
        return HOME
    return wanted
