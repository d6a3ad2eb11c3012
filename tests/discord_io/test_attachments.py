"""Members' files over real sockets on this machine."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.discord_io.attachments import AttachmentReader
from bot.domain.incoming import FileKind, FileRef
from bot.errors import AttachmentError


@dataclass
class FileStore:
    """Gives the statuses of its script in turn, then 200; a 302 points at another file."""

    script: list[int] = field(default_factory=list)
    body: bytes = b"sound"
    seen: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        status = self.script.pop(0) if self.script else 200
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(status=status, body=self.body, headers=headers)


@pytest.fixture
async def store() -> AsyncIterator[FileStore]:
    store, app = FileStore(), web.Application()
    app.router.add_get("/{name}", store.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        store.url = f"http://127.0.0.1:{runner.addresses[0][1]}/a.ogg"
        yield store
    finally:
        await runner.cleanup()


async def fetch(
    url: str, *, limit_bytes: int = 100, hosts: tuple[str, ...] = ("127.0.0.1",), http: bool = True
) -> bytes:
    async with aiohttp.ClientSession() as session:
        reader = AttachmentReader(session, frozenset(hosts), plain_http=http, pauses_s=(0, 0))
        return await reader.read(ref(url), limit_bytes=limit_bytes)


async def refusal(
    url: str, *, limit_bytes: int = 100, hosts: tuple[str, ...] = ("127.0.0.1",), http: bool = True
) -> str:
    with pytest.raises(AttachmentError) as caught:
        await fetch(url, limit_bytes=limit_bytes, hosts=hosts, http=http)
    return caught.value.code


def ref(url: str) -> FileRef:
    return FileRef(
        id=1, kind=FileKind.SOUND, filename="a.ogg", content_type="audio/ogg", size_bytes=5, url=url
    )


async def test_a_file_comes_whole_and_is_asked_for_as_it_is(store: FileStore) -> None:
    assert await fetch(store.url, limit_bytes=5) == b"sound"
    assert store.seen[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.ogg",
        "https://cdn.example.evil.example/a.ogg",
        "https://cdn.example@evil.example/a.ogg",
        "https://cdn.example:443@evil.example/a.ogg",
        "https://member@cdn.example/a.ogg",
        "https://:word@cdn.example/a.ogg",
        "https://store.example:444/a.ogg",
        "https://cdn.example:80/a.ogg",
        "https://cdn.example:4433/a.ogg",
        "https://cdn.example:99999/a.ogg",
        "https://[::1/a.ogg",
        "https://[::1]:8@/",
        "http://cdn.example/a.ogg",
        "file:///etc/passwd",
        "",
    ],
)
async def test_what_is_not_kept_with_an_allowed_host_is_not_asked_for(url: str) -> None:
    assert await refusal(url, hosts=("cdn.example", "store.example:443"), http=False) == "file_host"


async def test_redirects_are_not_followed(store: FileStore) -> None:
    store.script = [302]
    assert await refusal(store.url) == "file_refused"
    assert [request.path for request in store.seen] == ["/a.ogg"]


async def test_no_more_is_read_than_was_agreed(store: FileStore) -> None:
    store.body = bytes(200_000)
    assert await refusal(store.url, limit_bytes=1_000) == "file_too_large"
    assert len(store.seen) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "file_gone"), (404, "file_gone"), (410, "file_gone"),
     (400, "file_refused"), (401, "file_refused")],
)  # fmt: skip
async def test_what_asking_again_cannot_mend_is_asked_for_once(
    store: FileStore, status: int, code: str
) -> None:
    store.script = [status]
    assert await refusal(store.url) == code
    assert len(store.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_asked_for_three_times_at_most(
    store: FileStore, status: int
) -> None:
    store.script = [status, status]
    assert await fetch(store.url) == b"sound"
    store.script = [status] * 4
    assert await refusal(store.url) == "file_unreachable"
    assert len(store.seen) == 6
