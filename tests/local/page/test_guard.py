"""Whom the page's server answers."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.local.discord_server.drafts import Draft, Upload
from bot.local.discord_server.messages import post
from bot.local.page.own_files import OwnFiles
from tests.local.page.browser import Browser, Got

FOREIGN = "http://evil.example"


async def ask(browser: Browser, method: str, path: str, **headers: str) -> Got:
    """Ask with the cookie, under whatever headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with browser.session.request(method, browser.origin + path, headers=sent) as response:
        return Got(response.status, response.headers, await response.read())


async def without_cookie(browser: Browser, path: str) -> Got:
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as stranger,
        stranger.get(browser.origin + path, allow_redirects=False) as response,
    ):
        return Got(response.status, response.headers, await response.read())


async def test_the_printed_address_gives_a_cookie_that_no_script_and_no_other_site_gets(
    browser: Browser,
) -> None:
    path = f"/?token={browser.page.guard.token}"
    let_in = await without_cookie(browser, path)
    assert (let_in.status, let_in.headers["Location"]) == (303, "/")
    cookie = let_in.headers["Set-Cookie"]
    port = browser.page.address.rpartition(":")[2]
    assert cookie.startswith(f"demo-{port}={browser.page.guard.token}")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/?token=%C3%A9", "/api/world"])
async def test_without_the_token_there_is_a_page_that_says_what_to_do(
    browser: Browser, path: str
) -> None:
    refused = await without_cookie(browser, path)
    assert refused.status == 401
    assert b"Please open the address that was printed" in refused.raw
    assert "Set-Cookie" not in refused.headers


async def test_files_and_events_need_the_cookie_too(browser: Browser) -> None:
    alice = browser.person("Alice")
    for path in ("/files/1/a.ogg", "/static/index.html", f"/api/as/{alice.id}/events"):
        assert (await without_cookie(browser, path)).status == 401


async def test_another_host_name_is_misdirected(browser: Browser) -> None:
    port = browser.page.address.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", f"localhost:{port}", "127.0.0.1"):
        assert (await ask(browser, "GET", "/api/world", Host=host)).status == 421


async def test_changes_are_taken_from_our_own_origin_only(browser: Browser) -> None:
    path = f"/api/as/{browser.person('Alice').id}/channels/{browser.channel('general').id}/typing"
    assert (await ask(browser, "POST", path)).status == 403
    assert (await ask(browser, "POST", path, Origin=FOREIGN)).status == 403
    assert (await ask(browser, "POST", path, Origin="null")).status == 403
    same = {"Origin": browser.origin}
    assert (await ask(browser, "POST", path, Sec_Fetch_Site="same-site", **same)).status == 403
    assert (await ask(browser, "POST", path, Sec_Fetch_Site="none", **same)).status == 403
    assert (await ask(browser, "POST", path, Sec_Fetch_Site="same-origin", **same)).status == 204


async def test_other_sites_cannot_read_even_with_the_cookie(browser: Browser) -> None:
    assert (await ask(browser, "GET", "/api/world", Sec_Fetch_Site="cross-site")).status == 403
    assert (await ask(browser, "GET", "/api/world", Sec_Fetch_Site="same-site")).status == 403
    assert (await ask(browser, "GET", "/api/world", Origin=FOREIGN)).status == 403
    assert (await ask(browser, "GET", "/api/world", Sec_Fetch_Site="none")).status == 200


@pytest.mark.parametrize("origin", [FOREIGN, None])
async def test_events_are_for_our_own_page_only(browser: Browser, origin: str | None) -> None:
    url = f"{browser.origin}/api/as/{browser.person('Alice').id}/events"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.session.ws_connect(url, headers={"Origin": origin} if origin else {})
    assert refused.value.status == 403


async def test_every_response_forbids_what_a_page_could_be_tricked_into(browser: Browser) -> None:
    strange = await without_cookie(browser, "/")
    for got in (strange, await browser.get("/api/world"), await browser.get("/nothing")):
        policy = got.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'" in policy
        assert "unsafe" not in policy
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert got.headers["Permissions-Policy"].startswith("microphone=(self)")


async def test_a_body_beyond_the_cap_is_refused_before_it_is_read(browser: Browser) -> None:
    tab = browser.tab("Alice")
    path = f"/channels/{browser.channel('general').id}/messages"
    got = await tab.send_files(path, {}, [("big.ogg", bytes(31 * 2**20), "audio/ogg")])
    assert (got.status, got.json["code"]) == (413, 40005)
    got = await tab.send_files(path, {}, [("big.ogg", bytes(26 * 2**20), "audio/ogg")])
    assert (got.status, got.json["code"]) == (413, 40005)
    assert await tab.history(browser.channel("general")) == []


async def test_a_body_nested_too_deeply_is_refused(browser: Browser) -> None:
    path = f"{browser.origin}/api/as/{browser.person('Alice').id}/interactions"
    headers = {"Origin": browser.origin, "Content-Type": "application/json"}
    async with browser.session.post(path, data="[" * 200_000, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_a_body_of_unknown_length_is_refused(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"{}"

    path = f"/api/as/{browser.person('Alice').id}/channels/1/messages"
    asking = browser.session.post(
        browser.origin + path, data=endless(), headers={"Origin": browser.origin}
    )
    async with asking as response:
        assert response.status == 411


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("evil.html", "text/html"),
        ("evil.svg", "image/svg+xml"),
        ("evil.js", "text/javascript"),
        ("evil.txt", "text/plain"),
        ("evil.ogg", "audio/ogg\u00a0<"),
    ],
)
async def test_what_a_browser_could_run_is_only_ever_downloaded(
    browser: Browser, name: str, kind: str
) -> None:
    world, alice = browser.world, browser.person("Alice")
    upload = Upload(name, b"<script>alert(1)</script>", kind)
    message = post(world, browser.channel("general"), alice.id, Draft(uploads=(upload,)))
    got = await browser.get(f"/files/{message.attachments[0].id}/{name}")
    assert got.status == 200
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment; ")


async def test_no_path_leads_out_of_the_pages_own_files(browser: Browser) -> None:
    assert (await browser.get("/")).headers["Content-Type"] == "text/html; charset=utf-8"
    host, _, port = browser.page.address.partition(":")
    cookie = f"{browser.page.guard.cookie}={browser.page.guard.token}"
    for path in (
        "/static/../server.py",
        "/static/../../../../../../etc/hostname.svg",
        "/static/%2e%2e/guard.js",
        "/static/..%2f..%2fdemo.js",
        "/static/%00.js",
        "/static//etc/passwd.js",
        "/static/server.py",
    ):
        assert await asyncio.to_thread(_raw_get, host, int(port), path, cookie) == 404, path


def _raw_get(host: str, port: int, path: str, cookie: str) -> int:
    connection = http.client.HTTPConnection(host, port)
    try:
        connection.request("GET", path, headers={"Cookie": cookie, "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


async def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text("secret")
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    assert (await OwnFiles(folder)._serve("link.js")).status == 404
    (folder / "own.js").write_text("own")
    assert (await OwnFiles(folder)._serve("own.js")).body == b"own"
