"""The side panel: what went over the wire for an answer."""

from playwright.async_api import Locator, expect

from tests.page.test_voice import record
from tests.page.visitor import ANSWER_MS, Visitor


async def inspect(you: Visitor, answer: Locator) -> Locator:
    """Open the panel about an answer."""
    await you.use(answer, "More")
    await you.page.get_by_role("menuitem", name="Inspect").click()
    wire = you.page.get_by_role("complementary", name="Wire")
    await expect(wire.get_by_role("tab", name="Request")).to_be_visible()
    return wire


async def test_the_request_and_the_answer_of_a_card_are_shown_without_their_sound(
    you: Visitor,
) -> None:
    wire = await inspect(you, await you.ask("My name is Ada."))
    await expect(wire).to_contain_text("My name is Ada.")
    await wire.get_by_role("tab", name="Answer").click()
    await expect(wire).to_contain_text("Nice to meet you, Ada.")
    await expect(wire).to_contain_text("bytes")


async def test_history_names_earlier_answers_by_their_audio_id(you: Visitor) -> None:
    card = await you.ask("My name is Ada.")
    await you.use(card, "Reply")
    await you.say("What is my name?")
    await expect(you.cards).to_have_count(2, timeout=ANSWER_MS)
    wire = await inspect(you, you.cards.last)
    await wire.get_by_role("tab", name="History").click()
    await expect(wire).to_contain_text("audio id")
    await expect(wire).to_contain_text("Nice to meet you, Ada.")


async def test_the_panel_follows_the_newest_answer(you: Visitor) -> None:
    await inspect(you, await you.ask("My name is Ada."))
    await you.open_dm()
    await record(you)
    wire = you.page.get_by_role("complementary", name="Wire")
    await expect(wire).to_contain_text("input_audio", timeout=ANSWER_MS)
