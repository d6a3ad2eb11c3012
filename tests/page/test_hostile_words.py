"""What members write and attach is shown as what it is, and never becomes part of the page."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.page.visitor import Visitor, id_of
from tests.page.world import Demo

SCRIPTS = [
    '<img src="x" onerror="window.harmed = 1">',
    "<script>window.harmed = 1</script>",
    '**<svg onload="window.harmed = 1">**',
]
LINKS = [
    "[press](javascript:window.harmed=1)",
    "<javascript:window.harmed=1>",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("written", SCRIPTS)
async def test_markup_in_a_message_is_words(you: Visitor, written: str) -> None:
    words = written.strip("*")
    await you.composer.fill(written)
    await you.page.keyboard.press("Enter")
    await expect(you.messages.last).to_contain_text(words)
    assert await you.messages.last.locator(".markup img, .markup svg, script").count() == 0
    assert await you.page.evaluate("() => window.harmed") is None


@pytest.mark.parametrize("written", LINKS)
async def test_a_link_that_is_a_script_is_no_link(you: Visitor, written: str) -> None:
    await you.composer.fill(written)
    await you.page.keyboard.press("Enter")
    await expect(you.messages.last).to_contain_text("javascript:")
    assert await you.messages.last.locator(".markup a").count() == 0


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "page.xhtml"])
async def test_an_attached_page_is_downloaded_and_never_opened(
    you: Visitor, demo: Demo, tmp_path: Path, name: str
) -> None:
    hostile = tmp_path / name
    hostile.write_text('<svg xmlns="http://www.w3.org/2000/svg" onload="window.harmed = 1"/>')
    async with you.page.expect_file_chooser() as chooser:
        await you.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(hostile)
    message = demo.posted(await id_of(await you.say("a file")))
    address = f"/files/{message.attachments[0].id}/{name}"
    async with you.page.expect_download() as download:
        await you.page.evaluate("(address) => { location = address; }", address)
    assert (await download.value).suggested_filename == name
    assert await you.messages.last.locator("img, iframe, object, embed").count() == 0
