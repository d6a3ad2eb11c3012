"""A hostile page in another tab of the same browser: it gets nothing, and changes nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page

from tests.page.browser import Complaints
from tests.page.visitor import Visitor
from tests.page.world import Demo

REFUSED_IN_THE_CONSOLE = [
    "blocked by CORS policy",
    "net::ERR_FAILED",
    "net::ERR_BLOCKED_BY_RESPONSE",
    "WebSocket connection to",
    "frame-ancestors",
    "X-Frame-Options",
    "status of 403",
    "Refused to frame",
    "Framing '",
    "favicon.ico",  # of the refusal that stands in its tab
]


@pytest_asyncio.fixture(loop_scope="session")
async def hostile(you: Visitor, complaints: Complaints) -> AsyncIterator[Page]:
    """Another site, open beside the demo: it shares the browser, cookies and all."""
    complaints.expected += REFUSED_IN_THE_CONSOLE
    app = web.Application()
    app.router.add_get("/{path:.*}", _empty)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tab = await you.page.context.new_page()
    await tab.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    yield tab
    await runner.cleanup()


async def _empty(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Hostile</title>", content_type="text/html")


def messages_of(demo: Demo) -> tuple[str, int]:
    """Where the first of the demo's people reads #general, and how much is written there."""
    world = demo.discord.world
    alice = next(user for user in world.state.users.values() if user.name == "alice")
    general = demo.discord.general
    path = f"/api/as/{alice.id}/channels/{general.id}/messages"
    return f"http://{demo.page.address}{path}", len(list(world.messages_in(general.id)))


@pytest.mark.parametrize("path", ["/api/world", "/static/js/main.js", "/"])
async def test_it_cannot_read(hostile: Page, demo: Demo, path: str) -> None:
    url = f"http://{demo.page.address}{path}"
    assert await hostile.evaluate(_FETCHED, [url, {"credentials": "include"}]) == "refused"
    opaque = {"credentials": "include", "mode": "no-cors"}
    assert await hostile.evaluate(_FETCHED, [url, opaque]) in ("refused", "")


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_it_cannot_post(hostile: Page, demo: Demo, kind: str) -> None:
    url, count = messages_of(demo)
    post = {
        "method": "POST",
        "credentials": "include",
        "mode": "cors" if kind == "application/json" else "no-cors",
        "headers": {"content-type": kind},
        "body": '{"content": "I am not Alice"}',
    }
    assert await hostile.evaluate(_FETCHED, [url, post]) in ("refused", "")
    assert messages_of(demo)[1] == count


async def test_it_cannot_post_by_a_form(hostile: Page, demo: Demo) -> None:
    url, count = messages_of(demo)
    async with hostile.expect_response(url) as answered:
        await hostile.evaluate(_FORM, url)
    assert (await answered.value).status == 403
    assert messages_of(demo)[1] == count


async def test_it_cannot_open_the_events(hostile: Page, demo: Demo) -> None:
    url = messages_of(demo)[0].partition("/channels")[0].replace("http:", "ws:") + "/events"
    assert await hostile.evaluate(_SOCKET, url) == "refused"


async def test_it_cannot_frame_the_page(hostile: Page, demo: Demo) -> None:
    await hostile.evaluate(_FRAME, f"http://{demo.page.address}/")
    await hostile.wait_for_function("() => frames.length === 1 && window.loaded")
    [frame] = hostile.main_frame.child_frames
    assert await frame.get_by_role("textbox").count() == 0
    assert "demo" not in await frame.title()


async def test_it_cannot_reach_the_page_by_a_window_it_opened(hostile: Page, demo: Demo) -> None:
    async with hostile.context.expect_page() as opening:
        await hostile.evaluate("(url) => { window.theirs = open(url); }", demo.page.url)
    opened = await opening.value
    await opened.wait_for_load_state()
    assert await opened.evaluate("() => window.opener") is None


_FETCHED = """([url, how]) =>
  fetch(url, how).then((response) => response.text(), () => "refused")"""
_SOCKET = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve("opened");
  socket.onerror = () => resolve("refused");
})"""
_FORM = """(url) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, enctype: "text/plain" });
  document.body.append(form);
  form.submit();
}"""
_FRAME = """(url) => {
  const frame = document.createElement("iframe");
  frame.onload = () => (window.loaded = true);
  frame.src = url;
  document.body.append(frame);
}"""
