"""The players alone: play, pause, seek, speed; one is heard at a time; all of it by keyboard."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.page.browser import Complaints, visit
from tests.page.modules import empty_page
from tests.page.spoken import encoded, spoken_seconds

TIMES = "\N{MULTIPLICATION SIGN}"
_SHOW = """async (seconds) => {
  const { voicePlayer, cardPlayer } = await import("/js/sound/player.js");
  const waveform = btoa(Array.from({ length: 40 }, (_, n) => String.fromCharCode(n * 6)).join(""));
  document.body.append(
    voicePlayer({ url: "/voice.ogg", seconds, waveform, label: "Voice message of Ada" }),
    cardPlayer({ url: "/answer.mp3", filename: "answer.mp3", label: "answer.mp3" }),
    voicePlayer({ url: "/broken.ogg", seconds: 2, waveform: "?", label: "Broken" }),
  );
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    sounds = {
        "voice.ogg": ("audio/ogg", encoded("ogg")),
        "answer.mp3": ("audio/mpeg", encoded("mp3", codec="mp3")),
        "broken.ogg": ("audio/ogg", b"OggS, but no more"),
    }
    async with visit(browser, complaints) as context:
        page = await empty_page(context, sounds)
        await page.evaluate(_SHOW, spoken_seconds())
        yield page


def bubble(page: Page) -> Locator:
    return page.get_by_role("group", name="Voice message of Ada")


def card(page: Page) -> Locator:
    return page.get_by_role("group", name="answer.mp3")


async def test_a_bubble_plays_pauses_and_starts_anew_at_its_end(page: Page) -> None:
    await bubble(page).get_by_role("button", name="Play").click()
    seek = bubble(page).get_by_role("slider", name="Seek")
    await expect(seek).to_have_attribute("aria-valuenow", "1")
    await bubble(page).get_by_role("button", name="Pause").click()
    await expect(bubble(page)).to_contain_text("0:01 / 0:03")
    await bubble(page).get_by_role("button", name="Play").click()
    await expect(bubble(page).get_by_role("button", name="Play")).to_be_visible()
    await expect(seek).to_have_attribute("aria-valuetext", "0:00 of 0:03")


async def test_only_one_sound_is_heard_at_a_time(page: Page) -> None:
    await bubble(page).get_by_role("button", name="Play").click()
    await expect(bubble(page).get_by_role("button", name="Pause")).to_be_visible()
    await card(page).get_by_role("button", name="Play").click()
    await expect(card(page).get_by_role("button", name="Pause")).to_be_visible()
    await expect(bubble(page).get_by_role("button", name="Play")).to_be_visible()


async def test_keys_move_through_a_sound_before_it_was_ever_played(page: Page) -> None:
    seek = bubble(page).get_by_role("slider", name="Seek")
    await seek.focus()
    for key, position in [
        ("ArrowRight", "0:01"), ("ArrowUp", "0:02"), ("ArrowLeft", "0:01"), ("PageUp", "0:03"),
        ("Home", "0:00"), ("End", "0:03"), ("PageDown", "0:00"),
    ]:  # fmt: skip
        await page.keyboard.press(key)
        await expect(seek).to_have_attribute("aria-valuetext", f"{position} of 0:03")


async def test_a_click_on_the_waveform_plays_on_from_there(page: Page) -> None:
    seek = bubble(page).get_by_role("slider", name="Seek")
    box = await seek.bounding_box()
    assert box is not None
    await seek.click(position={"x": box["width"] * 0.67, "y": box["height"] / 2})
    await expect(seek).to_have_attribute("aria-valuetext", "0:02 of 0:03")
    await bubble(page).get_by_role("button", name="Play").click()
    await expect(seek).to_have_attribute("aria-valuetext", "0:03 of 0:03")


async def test_the_speed_goes_round_and_holds_when_playing_begins(page: Page) -> None:
    for speed in ("1", "1.5", "2", "1", "1.5"):
        button = bubble(page).get_by_role("button", name=f"Speed {speed}{TIMES}", exact=True)
        await expect(button).to_have_text(f"{speed}{TIMES}")
        if speed != "2":
            await button.click()
        else:
            await button.press("Enter")
    await bubble(page).get_by_role("button", name="Play").press("Space")
    await expect(bubble(page).get_by_role("button", name="Pause")).to_be_visible()
    await expect(bubble(page).get_by_role("button", name=f"Speed 2{TIMES}")).to_be_visible()


async def test_a_card_learns_its_length_from_the_file_and_can_be_taken_home(page: Page) -> None:
    await card(page).get_by_role("button", name="Play").click()
    await expect(card(page)).to_contain_text("/ 0:03")
    async with page.expect_download() as download:
        await card(page).get_by_role("link", name="Download answer.mp3").click()
    assert (await download.value).suggested_filename == "answer.mp3"


async def test_a_broken_sound_says_so_and_is_fetched_anew_when_asked_again(page: Page) -> None:
    broken = page.get_by_role("group", name="Broken")
    for _ in range(2):
        async with page.expect_request("**/broken.ogg"):
            await broken.get_by_role("button", name="Play").click()
        await expect(broken).to_contain_text("cannot be played")


async def test_a_bubble_that_leaves_the_page_falls_silent(page: Page) -> None:
    await bubble(page).get_by_role("button", name="Play").click()
    await expect(bubble(page).get_by_role("button", name="Pause")).to_be_visible()
    taken = await bubble(page).element_handle()
    await page.evaluate("(bubble) => bubble.remove()", taken)
    await page.wait_for_function("(bubble) => bubble.dataset.state === 'paused'", arg=taken)
