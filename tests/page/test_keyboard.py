"""The page without a pointer."""

import re

from playwright.async_api import expect

from tests.page.spoken import spoken_seconds
from tests.page.visitor import ANSWER_MS, Visitor


async def tab_to(you: Visitor, name: str, *, backwards: bool = False) -> None:
    """Press Tab until something of this name has the focus."""
    passed = []
    for _ in range(60):
        await you.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        passed.append(await you.page.evaluate(_FOCUSED))
        if passed[-1] == name:
            return
    raise AssertionError(f"Tab never came to {name!r}: {passed}")


async def test_the_first_tab_offers_to_skip_to_the_conversation(you: Visitor) -> None:
    await you.page.reload()
    await expect(you.composer).to_be_visible()
    await you.page.evaluate("() => document.activeElement.blur()")
    await tab_to(you, "Skip to the conversation")
    await you.page.keyboard.press("Enter")
    await expect(you.composer).to_be_focused()


async def test_one_asks_and_listens_by_keyboard_alone(you: Visitor) -> None:
    await you.composer.focus()
    await you.page.keyboard.type("@voice")
    await expect(you.page.get_by_role("listbox", name="Completions")).to_be_visible()
    await you.page.keyboard.press("Tab")
    await you.page.keyboard.type("Is a golden retriever a good family dog?")
    await you.page.keyboard.press("Enter")
    await expect(you.cards).to_have_count(1, timeout=ANSWER_MS)
    await tab_to(you, "Play", backwards=True)
    await you.page.keyboard.press("Enter")
    sound = you.cards.last.get_by_role("group", name=re.compile("^Sound "))
    await expect(sound.get_by_role("button", name="Pause")).to_be_focused()
    await tab_to(you, "Seek")
    await you.page.keyboard.press("End")
    await expect(sound.get_by_role("button", name="Play")).to_be_visible()


async def test_one_records_and_sends_by_keyboard_alone(you: Visitor) -> None:
    await you.open_dm()
    await you.composer.focus()
    await tab_to(you, "Record voice message")
    await you.page.keyboard.press("Space")
    until = f"0:{int(spoken_seconds()) + 1:02}"
    await expect(you.page.get_by_role("timer", name="Recorded")).to_have_text(until)
    await you.page.keyboard.press("Enter")
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)


async def test_arrows_walk_the_messages_and_their_tools_are_within_reach(you: Visitor) -> None:
    await you.say("first")
    await you.say("second")
    await tab_to(you, "Messages", backwards=True)
    await you.page.keyboard.press("ArrowDown")
    await expect(you.saying("second")).to_be_focused()
    await you.page.keyboard.press("ArrowUp")
    await expect(you.saying("first")).to_be_focused()
    await tab_to(you, "Reply")
    await you.page.keyboard.press("Enter")
    await expect(you.composer).to_be_focused()
    await you.page.keyboard.press("Escape")


_FOCUSED = """() => {
  const { activeElement: focused } = document;
  return focused.getAttribute("aria-label") ?? focused.textContent;
}"""
