"""Nobody makes the bot connect to where it has no business: addresses in every form, redirects."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.discord_io.attachments import AttachmentReader
from bot.discord_io.public_only import is_public, open_connector
from bot.domain.incoming import FileKind, FileRef
from bot.errors import AttachmentError

CDN = "cdn.discordapp.com"
ANYWHERE = "0.0.0.0"  # noqa: S104 - nobody listens there

NOT_PUBLIC = [
    "127.0.0.1", "127.1.2.3", ANYWHERE, "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "::127.0.0.1",
    "fe80::1%lo", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2002:a9fe:a9fe::", "2001::1", "2001:0:7f00:1::1", "2001:0:53aa:64c::1", "localhost", "",
]  # fmt: skip
PUBLIC = ["162.159.130.233", "2606:4700::6812:1", "64:ff9b::a29f:82e9", "::ffff:162.159.130.233"]

WRITTEN = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
    "https://[0:0:0:0:0:ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[2001::1]/", "https://localhost/", "https://LOCALHOST./", "https://169.254.169.254/",
    "https://metadata.google.internal/", "https://127.0.0.1.nip.io/", "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/", "https://cdn.discordapp.com.evil.example/",
    "https://evil.example/cdn.discordapp.com", "https://cdn.discordapp.com@127.0.0.1/",
    "https://127.0.0.1#@cdn.discordapp.com/", "https://127.0.0.1?@cdn.discordapp.com/",
    "https://127.0.0.1\\@cdn.discordapp.com/", "https://cdn.discordapp.com:22@127.0.0.1/",
    "https://cdn.discordapp.com%2e127.0.0.1/", "https://cdn.discordapp.com\t.evil.example/",
    "https://cdn.discordapp.com%00.evil.example/", "http://cdn.discordapp.com/",
    "ftp://cdn.discordapp.com/", "file://cdn.discordapp.com/etc/passwd", "file:///etc/passwd",
    "gopher://127.0.0.1/", "data:audio/ogg,x", "//cdn.discordapp.com/", "/attachments/1/2/a.ogg",
    "https:cdn.discordapp.com", "https:///cdn.discordapp.com/", "https://[::1%25lo]/",
    "https://user:word@cdn.discordapp.com/",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_on_the_internet_is_none_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@dataclass
class Names(AbstractResolver):
    """A name server that leads to wherever it is told to."""

    address: str
    port: int
    asked: list[str] = field(default_factory=list)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        of = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host, host=self.address, port=self.port, family=of, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Door:
    """A port of this machine at which nobody may knock."""

    listening: socket.socket

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def was_knocked_at(self) -> bool:
        with suppress(BlockingIOError):
            self.listening.accept()[0].close()
            return True
        return False


@pytest.fixture
def door() -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield Door(listening)


@asynccontextmanager
async def reader(names: Names, *, http: bool = False) -> AsyncIterator[AttachmentReader]:
    async with aiohttp.ClientSession(connector=open_connector(names), trust_env=False) as session:
        yield AttachmentReader(session, frozenset({CDN}), plain_http=http, pauses_s=(0,))


async def refusal(files: AttachmentReader, url: str) -> str:
    ref = FileRef(
        id=1, kind=FileKind.SOUND, filename="a.ogg", content_type=None, size_bytes=5, url=url
    )
    with pytest.raises(AttachmentError) as caught:
        await files.read(ref, limit_bytes=100)
    return caught.value.code


async def test_no_address_in_a_link_is_connected_to_but_the_file_stores(door: Door) -> None:
    names = Names("127.0.0.1", door.port)
    async with reader(names) as files:
        for url in WRITTEN:
            assert await refusal(files, url) == "file_host", url
    assert names.asked == []
    assert not door.was_knocked_at()


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", ANYWHERE])
async def test_a_name_that_leads_to_this_machine_is_not_followed(door: Door, address: str) -> None:
    names = Names(address, door.port)
    async with reader(names) as files:
        assert await refusal(files, f"https://{CDN}/a.ogg") == "file_unreachable"
    assert names.asked == [CDN]
    assert not door.was_knocked_at()


async def test_the_door_would_have_told(door: Door) -> None:
    connector = aiohttp.TCPConnector(resolver=Names("127.0.0.1", door.port))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(TimeoutError):
            await session.get(f"http://{CDN}/", timeout=aiohttp.ClientTimeout(total=0.3))
    assert door.was_knocked_at()


CHAINS = [
    [301], [302], [303], [307], [308], [302, 302], [307, 301, 308], [302] * 5, [308] * 10,
    [300, 303],
]  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS, ids=str)
async def test_no_redirect_is_followed(door: Door, chain: list[int]) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        place = len(seen)
        last = place >= len(chain)
        target = f"http://127.0.0.1:{door.port}/" if last else f"/{place}"
        return web.Response(status=chain[min(place, len(chain)) - 1], headers={"Location": target})

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        store = f"127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as session:
            files = AttachmentReader(session, frozenset({store}), plain_http=True, pauses_s=(0,))
            assert await refusal(files, f"http://{store}/a.ogg") == "file_refused"
    finally:
        await runner.cleanup()
    assert seen == ["/a.ogg"]
    assert not door.was_knocked_at()
