"""An address as it may be shown: without user, password and query, which can carry secrets. Pure."""

from urllib.parse import urljoin, urlsplit


def shown(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def joined(base: str, location: str) -> str | None:
    """Where a redirect leads; None where what the server says cannot be read as an address."""
    try:
        urlsplit(there := urljoin(base, location))
    except ValueError:
        return None
    return there
