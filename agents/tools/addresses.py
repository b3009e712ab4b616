"""Which addresses a request of ours may go to: public ones, and the host that an admin typed for this very entry.

A name is looked up once and the request goes to the address that was judged, so a name that changes its mind in
between gains nothing. Pure but for the look-up.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

Place = tuple[str, int]
"""Host (lower case, no trailing dot) and port."""
Lookup = Callable[[str, int], Awaitable[list[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
DEFAULT_PORTS = {"http": 80, "https": 443}
_TRANSLATED = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48"))


class RefusedAddress(Exception):
    """A request that is not made because of where it would go; the message is one sentence."""


def place_of(url: str) -> Place:
    """Raises RefusedAddress for what is no http(s) address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise RefusedAddress("The address cannot be read.") from error
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise RefusedAddress("An address begins with http:// or https:// and names a host.")
    return host.lower(), port or DEFAULT_PORTS[parts.scheme]


def why_not(address: Address) -> str | None:
    """What kind of place it is, where that is no public one."""
    address = _innermost(address)
    if address.is_loopback or address.is_unspecified:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address, where machines keep their credentials"
    if address.is_multicast:
        return "many machines at once"
    if not address.is_global or getattr(address, "is_site_local", False):
        return "a private network"
    return None


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, long deprecated
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner or address


async def look_up(host: str, port: int) -> list[str]:
    """As the system resolves it, which also turns 0x7f000001, 2130706433 and 127.1 into what they are."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def judged(host: str, port: int, allowed: Iterable[Place], lookup: Lookup = look_up) -> list[str]:
    """The addresses to connect to, all of them fit. Raises RefusedAddress, or OSError when there is no such host."""
    if (host.lower().rstrip("."), port) in frozenset(allowed):
        return [host]
    found = await lookup(host.strip("[]"), port)
    for one in found:
        if because := why_not(ipaddress.ip_address(one.partition("%")[0])):
            raise RefusedAddress(
                f"{host} is not asked: it is {because}, and only an address that an admin entered may be that."
            )
    if not found:
        raise OSError(f"{host} has no address")
    return found
