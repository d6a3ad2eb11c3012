"""Slash commands in the page: completed while one types, answered to their reader only."""

import re

from playwright.async_api import Browser, Locator, expect

from tests.page.browser import Complaints, visit
from tests.page.visitor import ANSWER_MS, DESKTOP, Visitor, arrive, id_of
from tests.page.world import Demo

EPHEMERAL = 64


async def choose_voice(you: Visitor, typed: str) -> None:
    """Choose a voice by what its name begins with."""
    await you.composer.press_sequentially("/voice s")
    await completion(you, "/voice set").click()
    await expect(you.page.get_by_role("combobox", name="voice")).to_be_focused()
    await you.page.keyboard.type(typed)
    await completion(you, typed).click()
    await you.page.get_by_role("button", name="Send", exact=True).click()


def completion(you: Visitor, name: str) -> Locator:
    return you.page.get_by_role("listbox", name="Completions").get_by_role("option", name=name)


async def test_a_moderator_chooses_the_voice_that_answers_then_have(
    you: Visitor, demo: Demo
) -> None:
    await you.become("Mira")
    await choose_voice(you, "mar")
    await expect(you.answers.last).to_contain_text(
        re.compile("with the voice marin", re.IGNORECASE), timeout=ANSWER_MS
    )
    await you.ask("Which voice is this?")
    assert demo.chat.completions_seen[-1]["audio"]["voice"] == "marin"


async def test_a_member_who_may_not_choose_is_told_why(you: Visitor) -> None:
    await choose_voice(you, "mar")
    await expect(you.answers.last).to_contain_text("Manage Channels", timeout=ANSWER_MS)
    await expect(you.answers.last).to_contain_text("Only you can see this")


async def test_only_its_reader_sees_an_ephemeral_answer(
    you: Visitor, demo: Demo, browser: Browser, complaints: Complaints
) -> None:
    async with visit(browser, complaints, viewport=DESKTOP) as context:
        other = await arrive(context, demo)
        await other.become("Bo")
        await you.composer.press_sequentially("/voice show ")
        await you.page.get_by_role("button", name="Send", exact=True).click()
        await expect(you.answers.last).to_contain_text("Only you can see this", timeout=ANSWER_MS)
        assert demo.posted(await id_of(you.answers.last)).flags & EPHEMERAL
        await you.say("seen by both")
        await expect(other.saying("seen by both")).to_be_visible()
        await expect(other.answers).to_have_count(0)
        await you.answers.last.get_by_role("button", name="Dismiss message").click()
        await expect(you.answers).to_have_count(0)


async def test_a_wrong_option_is_told_before_anything_is_sent(you: Visitor) -> None:
    await you.composer.press_sequentially("/voice set ")
    await expect(you.page.get_by_role("combobox", name="voice")).to_be_focused()
    await you.page.get_by_role("button", name="Send", exact=True).click()
    await expect(you.alerts).to_contain_text("voice is required.")
    await expect(you.answers).to_have_count(0)
