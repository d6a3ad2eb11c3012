"""The panel of settings, personas and previews in the page: selects, buttons, modals, sound."""

import re

from playwright.async_api import Locator, expect

from bot.local.discord_server import building
from tests.page.visitor import ANSWER_MS, Visitor
from tests.page.world import Demo


async def send(you: Visitor, command: str) -> None:
    """Send a command without options."""
    await you.composer.press_sequentially(f"{command} ")
    await you.page.get_by_role("button", name="Send", exact=True).click()


async def run(you: Visitor, command: str) -> Locator:
    """Send a command, and give its answer."""
    count = await you.answers.count()
    await send(you, command)
    await expect(you.answers).to_have_count(count + 1, timeout=ANSWER_MS)
    return await you.pinned(you.answers.last)


async def choose(you: Visitor, message: Locator, menu: str, option: str) -> None:
    """Choose one option of a menu."""
    await message.get_by_role("combobox", name=menu).click()
    await you.page.get_by_role("option", name=re.compile(f"^{option}")).click()


async def test_settings_are_chosen_typed_reset_and_undone(you: Visitor) -> None:
    await you.become("Mira")
    panel = await run(you, "/settings panel")
    await expect(panel).to_contain_text("Settings: this channel")
    await choose(you, panel, "Which setting?", "Voice the")
    await choose(you, panel, "Voice: choose", "coral")
    await expect(panel).to_contain_text("Voice is now: coral.")
    await choose(you, panel, "Which setting?", "Speed")
    await expect(panel.get_by_role("combobox", name="Voice: choose")).to_have_count(0)
    await panel.get_by_role("button", name="Type a value").click()
    dialog = you.page.get_by_role("dialog", name="Speed")
    await dialog.get_by_role("textbox", name="Speed").fill("1.3")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("Speed is now: 1.3×.")  # noqa: RUF001 - meant
    await panel.get_by_role("button", name="Reset").click()
    await expect(panel).to_contain_text("Speed is no longer set there.")
    await panel.get_by_role("button", name="Undo: Speed").click()
    await expect(panel).to_contain_text("Undone: Speed is 1.3× again.")  # noqa: RUF001 - meant
    await choose(you, panel, "Whose settings?", "mine alone")
    await expect(panel).to_contain_text("Settings: mine alone")


async def test_roles_are_chosen_from_those_of_the_server(you: Visitor, demo: Demo) -> None:
    await you.become("Mira")
    panel = await run(you, "/settings panel")
    await panel.get_by_role("button", name="More").first.click()
    await expect(panel).to_contain_text("Page 2 of 3")
    await choose(you, panel, "Which setting?", "Roles allowed")
    await panel.get_by_role("combobox", name="Roles allowed: choose").click()
    await you.page.get_by_role("option", name=re.compile("voicebot")).click()
    await you.page.keyboard.press("Escape")
    await expect(panel).to_contain_text("Roles allowed is now:")
    role = building.bot_role(demo.discord.world, demo.discord.guild)
    await expect(panel).to_contain_text(f"@{role.name}")
    menu = panel.get_by_role("combobox", name="Roles allowed: choose")
    await expect(menu).to_contain_text(role.name)


async def test_a_persona_is_written_in_a_modal(you: Visitor) -> None:
    await you.open_dm()
    await send(you, "/persona add")
    dialog = you.page.get_by_role("dialog", name="A new persona")
    await dialog.get_by_role("textbox", name=re.compile("^Name")).fill("Pirate")
    await dialog.get_by_role("textbox", name=re.compile("^Who it is")).fill("You sail.")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(you.answers.last).to_contain_text("There is a persona Pirate now.")
    await expect(dialog).to_have_count(0)


async def test_voices_are_heard_one_after_the_other(you: Visitor) -> None:
    heard = await run(you, "/voice preview")
    await expect(heard).to_contain_text("alloy says: Hello!", timeout=ANSWER_MS)
    await choose(you, heard, "Hear another voice", "onyx")
    await expect(heard).to_contain_text("onyx says: Hello!", timeout=ANSWER_MS)
    await expect(heard.get_by_role("group", name=re.compile(r"^Sound onyx\.mp3"))).to_have_count(1)


async def test_help_and_about_are_read(you: Visitor) -> None:
    await expect(await run(you, "/help")).to_contain_text("/settings panel")
    await expect(await run(you, "/about")).to_contain_text("I am an AI")
