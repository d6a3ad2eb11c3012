"""Voice messages in the page: recorded, posted as Discord's clients post them, heard, answered."""

import re

import pytest
from playwright.async_api import expect

from bot.local.speech.engines import installed
from tests.page.sound import open_sound
from tests.page.spoken import SPOKEN, spoken_seconds
from tests.page.visitor import ANSWER_MS, Visitor, id_of
from tests.page.waveforms import waveforms_agree
from tests.page.world import Demo

RECORD = "Record voice message"


async def record(you: Visitor) -> None:
    """Speak a whole question: press to begin, and again to send."""
    button = you.page.get_by_role("button", name=RECORD)
    await button.click()
    await all_said(you)
    await button.click()


async def all_said(you: Visitor) -> None:
    """Wait until the recording is longer than what is spoken into the microphone."""
    least = int(spoken_seconds()) + 1
    enough = "|".join(f"0:{seconds:02}" for seconds in range(least, 60))
    await expect(you.page.get_by_role("timer", name="Recorded")).to_have_text(re.compile(enough))


async def test_a_recording_is_posted_as_discords_clients_post_it(you: Visitor, demo: Demo) -> None:
    await you.open_dm()
    await record(you)
    await expect(you.bubbles.first).to_be_visible()
    message = demo.posted(await id_of(you.messages.first))
    sound = open_sound(demo.file_of(message))
    [attachment] = message.attachments
    assert message.is_voice
    assert attachment.content_type == "audio/ogg"
    assert (sound.container, sound.codec) == ("ogg", "opus")
    assert (sound.channels, sound.rate_hz) == (1, 48_000)
    assert attachment.duration_s == pytest.approx(sound.seconds, abs=0.1)
    assert sound.seconds > spoken_seconds()
    assert waveforms_agree(attachment.waveform or "", demo.file_of(message))


async def test_a_recording_is_heard_and_answered_by_a_voice_message(
    you: Visitor, demo: Demo
) -> None:
    await you.open_dm()
    await record(you)
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)
    answer = you.log.get_by_role("group", name=re.compile("^Voice message of voicebot, 0:"))
    await answer.get_by_role("button", name="Play").click()
    await expect(answer.get_by_role("slider", name="Seek")).to_have_attribute("aria-valuenow", "1")
    await expect(you.answers.last).to_contain_text(re.compile(r"\w{3}"), timeout=ANSWER_MS)


@pytest.mark.skipif(installed().hears is None, reason="no speech recognition is installed")
async def test_what_was_spoken_is_understood_word_by_word(you: Visitor, demo: Demo) -> None:
    await you.open_dm()
    await record(you)
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)
    said, heard = (words_of(text) for text in (SPOKEN, " ".join(demo.ears.heard)))
    assert len([word for word in said if word in heard]) >= 0.8 * len(said)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


async def test_holding_the_button_records_and_letting_go_sends(you: Visitor) -> None:
    await you.open_dm()
    button = you.page.get_by_role("button", name=RECORD)
    await button.hover()
    await you.page.mouse.down()
    await all_said(you)
    await you.page.mouse.up()
    await expect(you.bubbles.first).to_be_visible()


async def test_escape_throws_a_recording_away(you: Visitor) -> None:
    await you.open_dm()
    await you.page.get_by_role("button", name=RECORD).click()
    await expect(you.page.get_by_role("timer", name="Recorded")).to_have_text("0:01")
    await you.page.keyboard.press("Escape")
    await expect(you.page.get_by_role("timer", name="Recorded")).to_be_hidden()
    await you.say("nothing was sent before this")
    await expect(you.bubbles).to_have_count(0)


async def test_a_voice_reply_to_an_answer_goes_on_with_the_conversation(
    you: Visitor, demo: Demo
) -> None:
    card = await you.ask(SPOKEN)
    await you.use(card, "Reply")
    await record(you)
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)
    spoken = demo.posted(await id_of(you.spoken.first))
    assert spoken.reference
    assert str(spoken.reference.message_id) == await id_of(card)
