"""How the page looks: readable for everybody, on a desk and on a phone, in the light and the dark.

The pictures that these tests look at are kept in `test-artefacts/`.
"""

import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ViewportSize, expect

from tests.page.browser import Complaints, visit
from tests.page.visitor import ANSWER_MS, DESKTOP, PHONE, Visitor, arrive
from tests.page.world import Demo

ARTEFACTS = Path(__file__).parent.parent.parent / "test-artefacts"
Theme = Literal["light", "dark"]
SCREENS = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_nothing_bars_anybody_and_nothing_juts_out(
    browser: Browser, complaints: Complaints, demo: Demo, theme: Theme, screen: str
) -> None:
    is_phone = screen == "phone"
    async with visit(
        browser,
        complaints,
        viewport=SCREENS[screen],
        color_scheme=theme,
        has_touch=is_phone,
        is_mobile=is_phone,
        device_scale_factor=1,
    ) as context:
        you = await arrive(context, demo)
        look = Look(you, f"{screen}-{theme}", SCREENS[screen])
        await converse(you)
        await look.at("channel")
        await open_actions(you)
        await look.at("menu")
        await you.page.keyboard.press("Escape")
        await begin_command(you)
        await look.at("command")
        await you.page.get_by_role("button", name="Leave the command").click()
        await inspect(you)
        await look.at("wire")
        await you.page.get_by_role("button", name="Close the wire panel").click()
        await you.page.get_by_role("button", name="Record voice message").click()
        await look.at("recording")
        await you.page.keyboard.press("Escape")
        if is_phone:
            await you.page.get_by_role("button", name="Show channels").click()
            await look.at("channels")
        assert look.found == []


async def test_the_theme_is_switched_by_hand_and_stays_so(you: Visitor) -> None:
    shown = await you.page.evaluate(_THEME)
    await you.page.get_by_role("button", name="Toggle theme").click()
    switched = await you.page.evaluate(_THEME)
    assert switched != shown
    await you.page.reload()
    await expect(you.composer).to_be_visible()
    assert await you.page.evaluate(_THEME) == switched


_SETTLED = """() => Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished))"""
_THEME = "() => getComputedStyle(document.body).backgroundColor"


class Look:
    """Takes pictures of the page, and notes what is wrong with it."""

    def __init__(self, you: Visitor, name: str, screen: ViewportSize) -> None:
        self._page = you.page
        self._name = name
        self._screen = screen
        self.found: list[str] = []

    async def at(self, state: str) -> None:
        """Look at what is shown now."""
        await self._page.evaluate(_SETTLED)
        ARTEFACTS.mkdir(exist_ok=True)
        await self._page.screenshot(path=ARTEFACTS / f"{self._name}-{state}.png")
        width = await self._page.evaluate("() => document.documentElement.scrollWidth")
        if width > self._screen["width"]:
            self.found.append(f"{state}: {width} pixels wide")
        results = await Axe().run(self._page)
        self.found += [
            f"{state}: {each['id']}: {node['target']} {node['failureSummary']}"
            for each in results.response["violations"]
            for node in each["nodes"]
        ]


async def converse(you: Visitor) -> None:
    """Fill the room: a card, a reply, a voice message, a table of words."""
    await you.say("https://example.org tells more")
    card = await you.ask("My name is Ada.")
    await card.get_by_role("button", name="Play").click()
    await expect(card.get_by_role("button", name="Pause")).to_be_visible()
    await reply_by_voice(you)


async def reply_by_voice(you: Visitor) -> None:
    """Reply to the newest answer by what the microphone hears."""
    await open_actions(you)
    await you.page.get_by_role("menuitem", name="Reply", exact=True).click()
    record = you.page.get_by_role("button", name="Record voice message")
    await record.click()
    await expect(you.page.get_by_role("timer", name="Recorded")).to_have_text("0:02")
    await record.click()
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)


async def open_actions(you: Visitor) -> None:
    """Open the menu of the newest answer."""
    await you.answers.last.locator(".markup").first.click(button="right")
    await expect(you.page.get_by_role("menu")).to_be_visible()


async def begin_command(you: Visitor) -> None:
    """Choose a command and look at its first option."""
    await you.composer.press_sequentially("/voice set ")
    await expect(you.page.get_by_role("combobox", name="voice")).to_be_focused()
    await you.page.keyboard.type("a")
    await expect(you.page.get_by_role("listbox", name="Completions")).to_be_visible()


async def inspect(you: Visitor) -> None:
    """Open the panel about the newest answer."""
    await open_actions(you)
    await you.page.get_by_role("menuitem", name="Inspect").click()
    wire = you.page.get_by_role("complementary", name="Wire")
    await expect(wire).to_contain_text(re.compile("Request|Nothing went over"))
