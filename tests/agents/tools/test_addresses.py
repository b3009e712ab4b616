"""Where requests may go: names and numbers of every form, redirects, and names that change their mind."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import httpx
import pytest

from agents.tools.addresses import RefusedAddress, judged, place_of, why_not
from agents.tools.guarded import Guarded

NOT_PUBLIC = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254
169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1
::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 ::10.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1
2002:7f00:1:: 2002:a9fe:a9fe:: 2001:0:4136:e378:8000:63bf:3fff:fdd2
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 172.15.0.1 172.32.0.1 100.128.0.1 2606:4700::1111 64:ff9b::808:808".split()
OTHER_SPELLINGS = (
    "2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 0 localhost LOCALHOST. [::1]".split()
)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert why_not(ipaddress.ip_address(address.partition("%")[0])) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    assert why_not(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("host", OTHER_SPELLINGS)
async def test_every_spelling_of_this_machine_is_seen_through(host: str) -> None:
    with pytest.raises((RefusedAddress, OSError)):
        await judged(host, 80, ())


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "file:///etc/passwd", "http://", "gopher://x/", "http://a:99999/"]
)
def test_what_is_no_http_address_names_no_place(url: str) -> None:
    with pytest.raises(RefusedAddress):
        place_of(url)


async def test_a_host_that_an_admin_entered_is_allowed_on_that_port_only() -> None:
    allowed = [place_of("http://LocalHost.:8123/api")]
    assert await judged("localhost", 8123, allowed) == ["localhost"]
    with pytest.raises(RefusedAddress):
        await judged("localhost", 8124, allowed)


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.7"]

    with pytest.raises(RefusedAddress, match="private network"):
        await judged("rebind.example", 80, (), both)


class Noted(httpx.AsyncBaseTransport):
    """The network's edge: notes where a request would have gone, and answers or refuses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.went: list[tuple[str, str, object]] = []
        self.answers = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.went.append((request.url.host, request.headers["host"], request.extensions.get("sni_hostname")))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(noted: Noted, *answers: list[str], **options: object) -> httpx.AsyncClient:
    said = iter(answers)

    async def lookup(host: str, port: int) -> list[str]:
        return next(said)

    return httpx.AsyncClient(transport=Guarded(lookup=lookup, inner=lambda: noted), **options)  # type: ignore[arg-type]


async def test_the_request_goes_to_the_address_that_was_judged_under_the_name_that_was_asked() -> None:
    noted = Noted(httpx.Response(200))
    async with client(noted, ["93.184.216.34"]) as asking:
        response = await asking.get("https://example.org/x")
    assert noted.went == [("93.184.216.34", "example.org", "example.org")]
    assert str(response.url) == "https://example.org/x"


async def test_a_name_that_points_elsewhere_the_second_time_is_looked_up_once_per_request() -> None:
    noted = Noted(httpx.Response(200), httpx.Response(200))
    async with client(noted, ["93.184.216.34"], ["127.0.0.1"]) as asking:
        await asking.get("http://rebind.example/")
        with pytest.raises(RefusedAddress):
            await asking.get("http://rebind.example/")
    assert len(noted.went) == 1


async def test_each_redirect_is_judged_anew() -> None:
    to_metadata = httpx.Response(302, headers={"location": "http://metadata.example/latest/"})
    noted = Noted(to_metadata)
    async with client(noted, ["93.184.216.34"], ["169.254.169.254"], follow_redirects=True) as asking:
        with pytest.raises(RefusedAddress, match="link-local"):
            await asking.get("http://example.org/")
    assert len(noted.went) == 1


async def test_the_next_address_is_tried_when_one_cannot_be_reached() -> None:
    noted = Noted(httpx.ConnectError("no route"), httpx.Response(200))
    async with client(noted, ["2606:4700::1111", "1.1.1.1"]) as asking:
        assert (await asking.get("http://example.org/")).status_code == 200
    assert [address for address, _, _ in noted.went] == ["2606:4700::1111", "1.1.1.1"]


@pytest.fixture
async def here() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_on_this_machine_only_what_was_entered_is_really_reached(here: int) -> None:
    async with httpx.AsyncClient(transport=Guarded([("127.0.0.1", here)])) as asking:
        assert (await asking.get(f"http://127.0.0.1:{here}/")).text == "ok"
        with pytest.raises(RefusedAddress):
            await asking.get(f"http://127.1:{here}/")
