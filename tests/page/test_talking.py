"""Talking to the bot in the page: text, replies, threads, files, and who sees what."""

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.page.browser import Complaints, visit
from tests.page.visitor import ANSWER_MS, DESKTOP, Visitor, arrive, id_of
from tests.page.world import Demo, demonstrated

GOLDEN = "Is a golden retriever a good family dog?"


async def test_a_question_is_answered_by_words_and_a_sound_that_plays(you: Visitor) -> None:
    card = await you.ask(GOLDEN)
    await expect(card).to_contain_text(re.compile(r"\w{3}"))
    sound = card.get_by_role("group", name=re.compile("^Sound "))
    await sound.get_by_role("button", name="Play").click()
    await expect(sound.get_by_role("button", name="Pause")).to_be_visible()
    await expect(sound.get_by_role("slider", name="Seek")).to_have_attribute("aria-valuenow", "1")


async def test_a_reply_goes_on_from_the_answer_it_replies_to(you: Visitor, demo: Demo) -> None:
    card = await you.ask("My name is Ada.")
    await you.use(card, "Reply")
    await expect(you.composer).to_be_focused()
    count = await you.cards.count()
    reply = await you.say("What is my name?")
    assert (reference := demo.posted(await id_of(reply)).reference)
    assert str(reference.message_id) == await id_of(card)
    await expect(you.cards).to_have_count(count + 1, timeout=ANSWER_MS)
    await expect(you.cards.last).to_contain_text("Ada")


async def test_a_thread_on_an_answer_goes_on_without_a_mention(you: Visitor) -> None:
    card = await you.ask("My name is Ada.")
    await you.use(card, "Start thread")
    dialog = you.page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Thread name").fill("About names")
    await dialog.get_by_role("button", name="Create thread").click()
    await expect(you.page.get_by_role("heading", name="About names", level=1)).to_be_visible()
    await you.say("What is my name?")
    await expect(you.cards.last).to_contain_text("Ada", timeout=ANSWER_MS)


async def test_a_dm_needs_no_mention_and_is_answered_by_a_voice_message(you: Visitor) -> None:
    await you.open_dm()
    await you.say(GOLDEN)
    await expect(you.bubbles).to_have_count(1, timeout=ANSWER_MS)
    await expect(you.answers.last).to_contain_text(re.compile(r"\w{3}"))


async def test_the_history_is_there_again_after_a_reload(you: Visitor) -> None:
    card = await you.ask(GOLDEN)
    before = await you.messages.evaluate_all("(all) => all.map((each) => each.dataset.messageId)")
    words = await card.locator(".markup").inner_text()
    await you.page.reload()
    await expect(you.messages).to_have_count(len(before))
    after = await you.messages.evaluate_all("(all) => all.map((each) => each.dataset.messageId)")
    assert after == before
    await expect(you.cards.last).to_contain_text(words)


async def test_a_conversation_goes_on_after_the_demo_was_stopped_and_started(
    browser: Browser, complaints: Complaints, folder: Path
) -> None:
    complaints.expected += ["ERR_CONNECTION_REFUSED", "WebSocket connection to"]
    async with visit(browser, complaints, viewport=DESKTOP) as context:
        async with demonstrated(folder) as demo:
            await (await arrive(context, demo)).ask("My name is Ada.")
        async with demonstrated(folder) as demo:
            you = await arrive(context, demo)
            await you.use(you.cards.last, "Reply")
            await you.say("What is my name?")
            await expect(you.cards).to_have_count(2, timeout=ANSWER_MS)
            await expect(you.cards.last).to_contain_text("Ada")


async def test_another_member_reads_the_same_room_and_not_my_dm(you: Visitor) -> None:
    await you.say("hello everybody")
    await you.open_dm()
    await you.say("Just between us")
    await you.become("Bo")
    await you.open_dm()
    await expect(you.saying("Just between us")).to_have_count(0)
    await you.page.get_by_role("button", name="Home").click()
    await you.enter("general")
    await expect(you.saying("hello everybody")).to_be_visible()
    written = await you.say("I am Bo")
    await expect(written).to_contain_text("Bo")


async def test_a_room_that_is_closed_to_members_shows_to_moderators_only(you: Visitor) -> None:
    closed = you.page.get_by_role("navigation", name="Channels").get_by_role(
        "link", name="moderators"
    )
    await expect(closed).to_have_count(0)
    await you.become("Mira")
    await expect(closed).to_be_visible()


async def test_a_text_file_is_read_by_the_bot(you: Visitor, demo: Demo, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("My name is Grace.")
    async with you.page.expect_file_chooser() as chooser:
        await you.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(note)
    await you.ask("See the file.")
    assert "My name is Grace." in str(demo.chat.completions_seen[-1]["messages"])


async def test_a_file_may_be_dropped_onto_the_page(you: Visitor, demo: Demo) -> None:
    dropped = await you.page.evaluate_handle(_DROPPED)
    for event in ("dragenter", "dragover", "drop"):
        await you.composer.dispatch_event(event, {"dataTransfer": dropped})
    await expect(you.page.get_by_text("dropped.txt")).to_be_visible()
    written = await you.say("here it is")
    message = demo.posted(await id_of(written))
    assert [each.filename for each in message.attachments] == ["dropped.txt"]
    assert demo.file_of(message) == b"dropped words"


_DROPPED = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["dropped words"], "dropped.txt", { type: "text/plain" }));
  return carried;
}"""
