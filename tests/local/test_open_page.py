"""`python -m bot demo` as a process: it opens, keeps what was said, and stops."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.__main__ import main
from bot.local import open_page

ROOT = Path(__file__).parent.parent.parent
SECRET = "sk-real-and-never-sent"


@asynccontextmanager
async def demo(folder: Path, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run it in a folder of its own."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--tiny", "--no-open", *more,
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def address(process: asyncio.subprocess.Process) -> str:
    """Wait for the address that it prints."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if line.startswith(b"Open "):
                return line.split()[1].decode()
    raise AssertionError("it printed no address")


async def stopped(process: asyncio.subprocess.Process) -> int:
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(60):
        return await process.wait()


async def failed(folder: Path, *more: str) -> str:
    """Run it where it cannot start, and read what it says."""
    async with demo(folder, *more) as process:
        _, said = await process.communicate()
        assert process.returncode == 1
        return said.decode()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    origin = url.partition("/?")[0]
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Origin": origin}) as session:
        async with session.get(url) as page:
            assert page.status == 200
        async with session.get(f"{origin}/api/world") as answer:
            me = (await answer.json())["people"][0]["user"]["id"]
        yield session, f"{origin}/api/as/{me}"


async def general(session: aiohttp.ClientSession, api: str) -> str:
    async with session.get(f"{api}/ready") as answer:
        channels = (await answer.json())["guilds"][0]["channels"]
    channel = next(channel for channel in channels if channel["name"] == "general")
    return f"{api}/channels/{channel['id']}/messages"


async def test_what_was_said_is_there_after_a_restart_and_no_second_demo_disturbs_it(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={SECRET}\n")
    async with demo(tmp_path) as first:
        async with opened(await address(first)) as (session, api):
            path = await general(session, api)
            async with session.post(path, json={"content": "Remember this"}) as answer:
                assert answer.status == 200
        assert "Another demo works in" in await failed(tmp_path)
        assert await stopped(first) == 0
    async with demo(tmp_path) as second:
        async with opened(await address(second)) as (session, api):
            path = await general(session, api)
            async with session.get(path) as answer:
                assert [each["content"] for each in await answer.json()] == ["Remember this"]
        assert await stopped(second) == 0
    folder = tmp_path / "data/demo/page"
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert all(SECRET.encode() not in path.read_bytes() for path in kept)


async def test_addresses_that_are_none_or_all_are_refused(tmp_path: Path) -> None:
    assert "not all of them at once" in await failed(tmp_path, "--host", "0.0.0.0")  # noqa: S104
    assert "must be an address" in await failed(tmp_path, "--host", "example.org")


async def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert "The demo cannot go on" in await failed(tmp_path, "--port", str(port))
    server.close()


async def test_live_without_a_key_says_what_is_missing(tmp_path: Path) -> None:
    assert "OPENAI_API_KEY" in await failed(tmp_path, "--live")


def test_ctrl_c_while_the_demo_is_still_being_read_in_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def interrupted(_opening: open_page.Opening) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(open_page, "run", interrupted)
    assert main(["demo", "--no-open", "--live"]) == 130
    assert capsys.readouterr().err == ""
